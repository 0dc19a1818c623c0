// The machine's own arena: memory that nobody else allocates from, all of it unmapped at the end.
//
// Job: blocks by size class (one for each multiple of 128 bytes), each with a list of free ones, last in, first out:
// the next allocation of a size gets the block that was freed last, which is what a use after free hurts from most.
// Larger blocks are mapped by themselves. One lock, an ordinary one: memory that changes hands without malloc's
// knowledge needs an edge for ThreadSanitizer. So an arena hides races that malloc would show.
#include <sys/mman.h>

#include <array>
#include <mutex>
#include <vector>

#include "native/asan.h"
#include "native/backing.h"
#include "native/limits.h"

namespace rcufarm::native {
namespace {

constexpr std::size_t grain = 128;  // and the alignment of every block
constexpr std::size_t small_bytes_max = 32 * 1024;
constexpr std::size_t chunk_bytes = std::size_t{1} << 20;

void* map(std::size_t bytes) noexcept {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

class Arena final : public MemorySource {
 public:
  ~Arena() override {
    for (const Mapping& mapping : mappings_) {
      asan::open(mapping.memory, mapping.bytes);
      munmap(mapping.memory, mapping.bytes);
    }
  }

  void* allocate(std::size_t bytes, std::size_t /*alignment*/) noexcept override {
    const std::scoped_lock held(lock_);
    void* block = bytes > small_bytes_max ? map_block(bytes) : small_block(class_of(bytes));
    if (block != nullptr) asan::open(block, bytes);
    return block;
  }

  void release(void* block, std::size_t bytes, std::size_t /*alignment*/) noexcept override {
    const std::scoped_lock held(lock_);
    if (bytes > small_bytes_max) return unmap_block(block);
    free_[class_of(bytes)].push_back(block);
    asan::close(block, (class_of(bytes) + 1) * grain);
  }

 private:
  struct Mapping {
    void* memory;
    std::size_t bytes;
  };

  static std::size_t class_of(std::size_t bytes) noexcept { return bytes == 0 ? 0 : (bytes - 1) / grain; }

  bool remember(void* memory, std::size_t bytes) {
    if (memory == nullptr) return false;
    mappings_.push_back({memory, bytes});
    mapped_bytes_ += bytes;
    return true;
  }

  void* map_block(std::size_t bytes) {
    if (mapped_bytes_ + bytes > limits::arena_bytes_max) return nullptr;
    void* memory = map(bytes);
    return remember(memory, bytes) ? memory : nullptr;
  }

  void unmap_block(void* block) {
    for (Mapping& mapping : mappings_) {
      if (mapping.memory != block) continue;
      munmap(mapping.memory, mapping.bytes);
      mapped_bytes_ -= mapping.bytes;
      mapping = mappings_.back();
      mappings_.pop_back();
      return;
    }
  }

  void* small_block(std::size_t size_class) {
    std::vector<void*>& free = free_[size_class];
    if (!free.empty()) {
      void* block = free.back();
      free.pop_back();
      return block;
    }
    const std::size_t bytes = (size_class + 1) * grain;
    if (bytes > left_bytes_ && !new_chunk()) return nullptr;
    void* block = unused_;
    unused_ += bytes;
    left_bytes_ -= bytes;
    return block;
  }

  bool new_chunk() {
    void* chunk = map_block(chunk_bytes);
    if (chunk == nullptr) return false;
    asan::close(chunk, chunk_bytes);
    unused_ = static_cast<std::byte*>(chunk);
    left_bytes_ = chunk_bytes;
    return true;
  }

  std::mutex lock_;
  std::array<std::vector<void*>, small_bytes_max / grain> free_;
  std::vector<Mapping> mappings_;
  std::size_t mapped_bytes_ = 0;
  std::byte* unused_ = nullptr;
  std::size_t left_bytes_ = 0;
};

}  // namespace

std::unique_ptr<MemorySource> make_arena() { return std::make_unique<Arena>(); }

}  // namespace rcufarm::native
