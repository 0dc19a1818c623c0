// Strategies: who decides what a run does next.
//
// Job: the interface between the machine and those who choose. The machine asks whenever more than one context can go
// on; a strategy answers with one of them, and with how long it does not want to be asked again. Whatever else a run leaves
// open is a number of options (choice.h). A strategy belongs to
// one machine's thread, keeps what it learns from run to run, and allocates nothing between begin_run and end_run.
// Equal constructor arguments and equal programs give equal choices.
#pragma once

#include <array>
#include <cstdint>

#include "machine/engine/anchor.h"
#include "machine/engine/choice.h"
#include "machine/engine/context_set.h"
#include "machine/engine/events.h"
#include "machine/engine/step.h"

namespace rcufarm::sim {

// The operation that a context does when it is chosen.
struct Pending {
  Op op = Op::none;
  bool writes = false;            // with an address: it changes the word. Two that touch one word conflict if one does
  const void* address = nullptr;  // null: it touches no word
};

// What a strategy may look at. Valid during the call.
struct Situation {
  ContextSet candidates;  // contexts that can go on; at least two
  ContextId current = idle_context;
  bool current_can_go_on = false;    // current is a candidate, and does not yield
  bool current_yields = false;       // cpu_relax: it could go on, but asks that others do
  bool quiet_is_over = false;        // asked since the last answer's quiet ran out, and not since anything has changed
  std::uint64_t step = 0;            // points passed; of the machine's, those at which it asks (Machine::set_sharing)
  const Pending* pending = nullptr;  // by context index; of candidates
  Anchor anchor;                     // the current context's
};

class Choice {
 public:
  // `quiet`: points for which `next` may go on without asking, should nothing change: the machine asks sooner when the set of
  // candidates changes or next cannot go on. 0: ask at the next point.
  constexpr Choice() = default;
  constexpr Choice(ContextId next, std::uint32_t quiet) : bits_(std::uint64_t{quiet} << 32U | index_of(next)) {}
  // The run is to end here and now, as End::given_up: what could come of it is known, or not wanted.
  static constexpr Choice give_up() { return {idle_context, 0}; }

  constexpr ContextId next() const { return static_cast<ContextId>(bits_ & 0xffU); }
  constexpr std::uint32_t quiet() const { return static_cast<std::uint32_t>(bits_ >> 32U); }
  constexpr bool gives_up() const { return next() == idle_context; }

 private:
  // One word, or it would be written in parts, read as a whole, and waited for at each point.
  std::uint64_t bits_ = index_of(idle_context);
};
inline constexpr std::uint32_t quiet_for_ever = 0xffffffff;
// The same, as an answer to Options.
inline constexpr unsigned give_up_option = ~0U;

// A choice other than who goes on. The context is the one that is running.
struct Options {
  ChoiceKind kind{};
  unsigned count = 0;  // at least two. 0: the plain option
  ContextId context = idle_context;
  Anchor anchor{};  // one may be asked of several times
};

// Choices that a strategy has made before it was asked: who goes on when the last one's quiet is over, and so on, as long as nothing
// has changed. The machine takes them in order and asks no question; where it asks one, those that are left are no longer meant.
class ChoicesAhead {
 public:
  static constexpr unsigned room = 16;
  bool is_empty() const { return first_ == end_; }
  const Choice& first() const { return choices_[first_]; }
  void drop_first() { ++first_; }
  void clear() { first_ = end_ = 0; }
  void add(Choice choice) { choices_[end_++] = choice; }

 private:
  std::array<Choice, room> choices_{};
  unsigned first_ = 0;
  unsigned end_ = 0;
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  // A short name: "random", "pct-3", …
  virtual const char* name() const = 0;
  // Run number `run` (from 0) begins. False: there is nothing left to try (exhaustive search, replay).
  virtual bool begin_run(std::uint64_t run) = 0;
  // Who is asked and told in that run: itself, or another one that it hands the run to. Asked once a run; end_run is its own.
  virtual Strategy& of_run() { return *this; }
  virtual Choice choose(const Situation& situation) = 0;
  // Below options.count, or give_up_option.
  virtual unsigned choose(const Options& options) = 0;
  // Does it want before(), or that and executed()? Asked once a run.
  virtual bool watches_operations() const { return false; }
  virtual bool watches_steps() const { return false; }
  // Each operation, just before it happens, chosen or not; but not where the machine does not ask (Machine::set_sharing). True: at the
  // next point it wants to be asked, whatever it has said of that.
  virtual bool before(ContextId, const Pending&) { return false; }
  // And so before each operation on this word; null: on none. Of who watches operations, and asked once a run.
  virtual const void* word_to_ask_at() const { return nullptr; }
  // Each step that is over, before anybody is asked who comes next. Where the machine does not ask, a step goes on. What the
  // prologue does before its first operation is none.
  virtual void executed(const Step&) {}
  // Asked behind executed(): is the run to end here, as by Choice::give_up()? Where one context alone can go on nobody is asked else.
  virtual bool gives_up() const { return false; }
  virtual void end_run(std::uint64_t /*steps*/, End) {}

  // What choose(situation) has drawn beside its answer, if anything.
  ChoicesAhead ahead;
};

// The plain order's answer.
inline ContextId default_next(const Situation& s) {
  return s.current_can_go_on ? s.current : s.candidates.next_after(s.current);
}

}  // namespace rcufarm::sim
