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
constexpr AccessInfo info_of(SiteNumber site, ContextId context, Op op) {
  return std::uint32_t{site} << 16U | index_of(context) << 8U | static_cast<std::uint32_t>(op);
}
constexpr SiteNumber site_of(AccessInfo info) { return static_cast<SiteNumber>(info >> 16U); }
constexpr ContextId context_of(AccessInfo info) { return static_cast<ContextId>(info >> 8U & 0xffU); }
constexpr Op op_of(AccessInfo info) { return static_cast<Op>(info & 0xffU); }

}  // namespace rcufarm::sim
