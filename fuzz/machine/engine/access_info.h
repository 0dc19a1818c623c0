// Who did something, packed into a word: place, context, operation.
//
// Job: what books of many entries keep of a party. Plain values, no state.
#pragma once

#include <cstdint>

#include "machine/engine/context_id.h"
#include "machine/engine/events.h"
#include "machine/engine/sites.h"

namespace rcufarm::sim {

using AccessInfo = std::uint32_t;
constexpr std::uint32_t who_and_what(ContextId context, Op op) {
  return index_of(context) << 8U | static_cast<std::uint32_t>(op);
}
constexpr AccessInfo info_of(SiteNumber site, ContextId context, Op op) {
  return std::uint32_t{site} << 16U | who_and_what(context, op);
}
// Accesses that others must be ordered with.
constexpr bool is_plain(Op op) {
  constexpr std::uint64_t plain = [] {
    std::uint64_t ops = 0;
    for (const Op one : {Op::plain_load, Op::plain_store, Op::local_load, Op::local_store, Op::llist_add_local,
                         Op::llist_del_all_local, Op::llist_del_first_local,
                         Op::llist_del_first}) {  // of the node behind the first; the head is noted as an exchange
      ops |= std::uint64_t{1} << static_cast<unsigned>(one);
    }
    return ops;
  }();
  static_assert(op_count <= 64);
  return (plain >> static_cast<unsigned>(op) & 1U) != 0;
}
constexpr SiteNumber site_of(AccessInfo info) { return static_cast<SiteNumber>(info >> 16U); }
constexpr ContextId context_of(AccessInfo info) { return static_cast<ContextId>(info >> 8U & 0xffU); }
constexpr Op op_of(AccessInfo info) { return static_cast<Op>(info & 0xffU); }

}  // namespace rcufarm::sim
