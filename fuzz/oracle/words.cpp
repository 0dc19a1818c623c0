#include "oracle/words.h"

#include <array>
#include <cstring>

namespace rcufarm::oracle {

namespace {

struct Phrase {
  const char* kernel;
  const char* user_space;
};

// As oracles and the machine write them.
constexpr std::array phrases = {
    Phrase{"free_rcu", "free_deferred"},
    Phrase{"freed to the slab", "memory freed"},
    Phrase{"alloc gave memory that is back in the slab", "alloc gave memory that had been freed"},
    Phrase{"the slab had memory", "malloc had memory"},
    Phrase{"interrupts were on, nobody used the free list up, and the slab had memory", "malloc had memory"},
    Phrase{"a regular reader", "a reader"},
    Phrase{"no memory of the slab", "none of malloc's memory"},
    Phrase{"faulted", "ended"},  // by a signal, by exit(), by what nobody catches
};

void translate(const char*& text) {
  for (const Phrase& phrase : phrases) {
    if (std::strcmp(text, phrase.kernel) == 0) text = phrase.user_space;
  }
  for (unsigned i = 0; i < sim::op_count; ++i) {
    const auto op = static_cast<sim::Op>(i);
    if (std::strcmp(text, sim::name_of(op)) == 0) text = sim::name_of(op, sim::Vocabulary::user_space);
  }
}

}  // namespace

const char* meaning_in_user_space(Kind kind) {
  switch (kind) {
    case Kind::leak: return "memory is not given back after everything was destroyed";
    case Kind::freed_under_user: return "memory was freed while a user had an object in it";
    case Kind::freed_twice: return "memory was freed twice";
    case Kind::bad_free: return "what was freed is no allocation's start";
    case Kind::reused_under_reader:
      return "an object freed by free_deferred was handed out again while an older reader was inside";
    case Kind::returned_under_reader: return "memory was freed while an older reader was inside";
    case Kind::spurious_null: return "alloc gave nothing, though there was memory to be had";
    case Kind::use_after_free: return "memory was used that had been freed";
    case Kind::callback_on_freed_cache: return "memory was freed with a callback of call_rcu on its way or running";
    case Kind::illegal_context: return "an operation where it is forbidden";
    case Kind::double_lock: return "a thread takes a lock that it holds";
    case Kind::crash: return "the process would have ended here";
    case Kind::unbalanced: return "a thread ended inside a section or with a lock held";
    case Kind::none:
    case Kind::handed_out_twice:
    case Kind::wrong_size:
    case Kind::wrong_list:
    case Kind::pending_does_not_fall:
    case Kind::memory_grows:
    case Kind::not_charged:
    case Kind::wrong_count:
    case Kind::freed_in_use:
    case Kind::corrupted_list:
    case Kind::data_race:
    case Kind::freed_without_happens_before:
    case Kind::queued_twice:
    case Kind::warning:
    case Kind::misuse_report:
    case Kind::deadlock:
    case Kind::no_end:
    case Kind::corrupted:
    case Kind::slab_misuse:
    case Kind::kernel_misuse:
    case Kind::no_progress:
    case Kind::asan:
    case Kind::tsan:
    case Kind::ubsan:
    case Kind::hang:
    case Kind::nondeterminism: return meaning_of(kind);
  }
  return "";
}

void say_in_user_space(Accusation& accusation) {
  translate(accusation.text);
  for (const char*& name : accusation.names) translate(name);
  for (Role& role : accusation.roles) {
    translate(role.role);
    translate(role.party.site.function);  // of a user's call: its name
  }
}

}  // namespace rcufarm::oracle
