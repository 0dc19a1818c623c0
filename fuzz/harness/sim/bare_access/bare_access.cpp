#include "harness/sim/bare_access/bare_access.h"

#include <unordered_map>

#include "machine/kernel/core.h"

namespace rcufarm::harness {

namespace {

using sim::Core;

BareAccesses books;

// A word that no wrapper has touched.
struct Constant {
  std::uint32_t life = 0;  // of the memory that this is about; another one has it anew
  sim::ContextId writer = sim::idle_context;
  bool is_shared = false;  // somebody but the writer has looked at it
};
std::unordered_map<std::size_t, Constant> constants;  // by the word's offset in the machine's memory

// Lives are numbered through the machine's life, so that no two runs of one machine share any.
Constant& constant_at(std::size_t offset, std::uint32_t life) {
  Constant& constant = constants[offset / sizeof(sim::Word)];
  if (constant.life != life) constant = Constant{.life = life};
  return constant;
}

void accuse(const Core& core, const char* what, const char* why, std::size_t offset) {
  if (books.accused++ > 0) return;
  const sim::Slot& slot = core.memory.slot_at(offset);
  books.first = std::string("a bare ") + what + " by " + sim::name_of(core.current->id) + ", not far behind its " +
                sim::name_of(core.pending[sim::index_of(core.current->id)].op) + " in " +
                core.sites.site(core.current->site).function + ", of " + why + ", in allocation " +
                std::to_string(slot.object);
}

void judge(const void* address, bool writes) {
  Core* core = sim::core_of_thread();
  if (core == nullptr) return;
  const std::size_t offset = core->memory.offset_of(address);
  if (offset >= sim::arena_bytes) return;
  ++books.seen;
  const char* what = writes ? "store" : "load";
  const sim::Slot& slot = core->memory.slot_at(offset);
  if (slot.state != sim::SlotState::live) return accuse(*core, what, "memory that is not allocated", offset);
  if (is_of(core->memory.shadow_at(offset), slot)) return accuse(*core, what, "a wrapped field", offset);
  Constant& constant = constant_at(offset, slot.life);
  const bool is_writer = constant.writer == core->current->id;
  if (!writes) {
    constant.is_shared = constant.is_shared || !is_writer;
    return;
  }
  const bool is_new = constant.writer == sim::idle_context;
  if (constant.is_shared || !(is_new || is_writer)) accuse(*core, what, "a field that others look at", offset);
  constant.writer = core->current->id;
}

}  // namespace

const BareAccesses& bare_accesses() { return books; }

void forget_bare_accesses() {
  books = BareAccesses{};
  constants.clear();
}

}  // namespace rcufarm::harness

// What the compiler calls. The guards are its price: it gives the other two only beside a kind of coverage.
extern "C" {
using rcufarm::harness::judge;

void __sanitizer_cov_trace_pc_guard(std::uint32_t*) {}
void __sanitizer_cov_trace_pc_guard_init(std::uint32_t*, std::uint32_t*) {}

void __sanitizer_cov_load1(std::uint8_t* address) { judge(address, false); }
void __sanitizer_cov_load2(std::uint16_t* address) { judge(address, false); }
void __sanitizer_cov_load4(std::uint32_t* address) { judge(address, false); }
void __sanitizer_cov_load8(std::uint64_t* address) { judge(address, false); }
void __sanitizer_cov_load16(__uint128_t* address) { judge(address, false); }
void __sanitizer_cov_store1(std::uint8_t* address) { judge(address, true); }
void __sanitizer_cov_store2(std::uint16_t* address) { judge(address, true); }
void __sanitizer_cov_store4(std::uint32_t* address) { judge(address, true); }
void __sanitizer_cov_store8(std::uint64_t* address) { judge(address, true); }
void __sanitizer_cov_store16(__uint128_t* address) { judge(address, true); }
}
