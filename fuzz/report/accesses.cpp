#include "report/accesses.h"

namespace rcufarm::report {

using sim::Op;

bool is_plain(const Step& s) {
  return s.event.op == Op::plain_load || s.event.op == Op::plain_store || s.event.op == Op::local_load ||
         s.event.op == Op::local_store || s.event.op == Op::touch;
}

bool is_atomic(const Step& s) {
  return s.event.op == Op::atomic_load || s.event.op == Op::atomic_store || s.event.op == Op::atomic_exchange ||
         s.event.op == Op::atomic_compare_exchange;
}

Word word_of(const Step& s) {
  return s.event.object != 0 ? Word{s.event.object, s.event.offset}
                             : Word{0, reinterpret_cast<std::uintptr_t>(s.event.address)};
}

bool is_of_program(const Step& s, const Namer& namer) {
  return s.event.object != 0 || namer.is_global(s.event.address);
}

bool writes(const Step& s) { return s.event.made != 0; }

bool reads(const Step& s) {
  switch (s.event.op) {
    case Op::atomic_load:
    case Op::atomic_exchange:
    case Op::atomic_compare_exchange:
    case Op::plain_load:
    case Op::local_load:
    case Op::llist_empty:
    case Op::llist_del_all:
    case Op::llist_del_first: return true;
    default: return false;
  }
}

}  // namespace rcufarm::report
