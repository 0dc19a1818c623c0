// Steps: what a strategy is told of them.
//
// Job: keep the footprint of the step that is going on, and hand it over when it is over. A step is what happens between two
// points, whoever's they are: the one chosen is the step's context, and what it sets off on its way (an irq_work that begins
// where interrupts come on) belongs to it. Where the machine does not ask (sharing.h) a step goes on; so it does from the
// beginning of a program, a callback or a work to its first operation, for which it was chosen with that.
#include <algorithm>

#include "machine/engine/engine.h"

namespace rcufarm::sim {

bool Engine::goes_on_unasked(const Pending& mine) {
  if (learner != nullptr && goes_unasked(mine)) return true;
  if (watches_steps && starter == nullptr) {
    if (footprint.begins) {
      footprint.begins = false;
    } else {
      step_ends();
    }
  }
  return false;
}

void Engine::step_begins(const Context& context, Op op, bool begins) {
  // Opened when it was chosen, or when its context began: this is its first operation.
  if (footprint.is_open) {
    footprint.op = op;
    return;
  }
  footprint.is_open = true;
  footprint.begins = begins;
  footprint.context = context.id;
  footprint.op = op;
  footprint.count = 0;
  footprint.is_everything = false;
  footprint.resources = {};
  const std::uint8_t cpu = context.lane->cpu;
  if (cpu == no_cpu) return;
  footprint.resources = Resources::on_cpu(cpu);
  if (settings.check_order || is_weak) uses(context.lane->state);
}

void Engine::chosen_step_begins(const Context& next) {
  const bool begins = !next.started || (next.kind == ContextKind::program && next.lane->top != &next);
  step_begins(next, begins ? Op::start : pending[index_of(next.id)].op, begins);
}

void Engine::step_ends() {
  if (!footprint.is_open) return;
  footprint.is_open = footprint.begins = false;
  // Who comes to yield goes on when another has: which other, and what that does, does not matter.
  const bool is_everything = footprint.is_everything || footprint.op == Op::cpu_relax || current->yields;
  strategy->executed({footprint.context, footprint.op, footprint.resources,
                      std::span(footprint.words).first(footprint.count), is_everything});
  const bool in_run = engine_of_thread == this;
  if (in_run && strategy->gives_up()) [[unlikely]]
    give_up();
}

void Engine::touches(const void* begin, std::size_t bytes, bool writes) {
  const Touched touched{static_cast<const char*>(begin), static_cast<std::uint32_t>(bytes), writes};
  const auto end = footprint.words.begin() + footprint.count;
  const auto same = std::find_if(footprint.words.begin(), end, [&](const Touched& known) {
    return known.begin == touched.begin && known.bytes == touched.bytes;
  });
  if (same != end) {
    same->writes = same->writes || writes;
  } else if (footprint.count == footprint.words.size()) {
    footprint.is_everything = true;
  } else {
    footprint.words[footprint.count++] = touched;
  }
}

// The word that the address is in. Two places in one word are told apart by nobody here.
void Engine::touches_word(const void* address, bool writes) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  touches(static_cast<const char*>(address) - at % sizeof(Word), sizeof(Word), writes);
}

}  // namespace rcufarm::sim
