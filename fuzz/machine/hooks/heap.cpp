#include "machine/hooks/heap.h"

#include <algorithm>

#include "machine/hooks/code_under_test.h"

namespace rcufarm::hooks {

namespace {

using sim::ObjectInfo;
using sim::Op;

constexpr std::size_t page_bytes = 4096;

std::vector<CodeUnderTest::Aligned>& aligned() { return CodeUnderTest::of_program().aligned; }

auto aligned_block(const void* given) {
  return std::find_if(aligned().begin(), aligned().end(), [given](const auto& block) { return block.given == given; });
}

}  // namespace

void* heap_alloc(std::size_t bytes, std::size_t alignment, const sim::Site& site) {
  note_progress();
  sim::Core& c = sim::core();
  kernel::AllocFailure why = kernel::AllocFailure::none;
  // A large block begins with a page.
  const bool is_aligned = alignment <= (bytes < sim::large_block_bytes ? sim::object_bytes_backed : page_bytes);
  const std::size_t more = is_aligned ? 0 : alignment;
  CodeUnderTest& code = CodeUnderTest::of_program();
  if (bytes > sim::arena_bytes - more) return code.memory_has_failed = true, nullptr;
  void* memory =
      c.allocate(ObjectInfo::Kind::heap, bytes + more, 1, kernel::Gfp::nowait, false, why, Op::slab_alloc, site);
  if (memory == nullptr) return code.memory_has_failed = true, nullptr;
  // What was in the memory before is gone.
  if (!aligned().empty()) std::erase_if(aligned(), [&](const auto& block) { return block.memory == memory; });
  if (more == 0) return memory;
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  void* given = reinterpret_cast<void*>((address + alignment - 1) / alignment * alignment);
  aligned().push_back({given, memory, bytes});
  return given;
}

void heap_free(void* block, const sim::Site& site) {
  if (block == nullptr) return;
  note_progress();
  const auto known = aligned_block(block);
  sim::core().release_object(known == aligned().end() ? block : known->memory, ObjectInfo::Kind::heap, Op::slab_free,
                             site);
}

std::size_t heap_bytes(const void* block, const sim::Site& site) {
  sim::Core& c = sim::core();
  c.current->site = c.sites.number_of(site);
  const auto known = aligned_block(block);
  const void* memory = known == aligned().end() ? block : known->memory;
  sim::slab_size(memory);  // alive, or this does not return
  const sim::ObjectRecord& object = c.memory.object(c.memory.slot_at(c.memory.offset_of(memory)).object);
  return known == aligned().end() ? object.bytes : known->bytes;
}

}  // namespace rcufarm::hooks
