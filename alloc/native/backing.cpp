#include "native/backing.h"

#include <dlfcn.h>

#include <cstdlib>

#include "native/die.h"
#include "native/tsan.h"

namespace rcufarm::native {
namespace {

// Sanitizers know it, so a build with one sees each object's end and each free.
class Malloc final : public MemorySource {
 public:
  void* allocate(std::size_t bytes, std::size_t alignment) noexcept override {
    if (alignment <= 16) return std::malloc(bytes);
    void* block = nullptr;
    return ::posix_memalign(&block, alignment, bytes) == 0 ? block : nullptr;
  }
  void release(void* block, std::size_t /*bytes*/, std::size_t /*alignment*/) noexcept override { std::free(block); }
};

// Loaded by name, and its symbols kept to itself: Debian's library replaces malloc in every program that is linked with
// it. Process-wide, as a library is.
struct MimallocLibrary {
  using Allocate = void* (*)(std::size_t, std::size_t);
  using Release = void (*)(void*);

  Allocate allocate = nullptr;
  Release release = nullptr;
  std::string problem;

  MimallocLibrary() {
    constexpr const char* name = "libmimalloc.so.2";
    void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      problem = std::string("the slab cannot sit on mimalloc: ") + dlerror() + " (Debian: libmimalloc2.0)";
      return;
    }
    allocate = reinterpret_cast<Allocate>(dlsym(library, "mi_malloc_aligned"));
    release = reinterpret_cast<Release>(dlsym(library, "mi_free"));
    if (allocate == nullptr || release == nullptr) {
      problem = std::string("the slab cannot sit on mimalloc: ") + name + " has no mi_malloc_aligned or no mi_free";
    }
  }
};

const MimallocLibrary& mimalloc_library() {
  static const MimallocLibrary library;
  return library;
}

class Mimalloc final : public MemorySource {
 public:
  void* allocate(std::size_t bytes, std::size_t alignment) noexcept override {
    void* block = library_.allocate(bytes, alignment);
    changing_hands_.allocated();
    return block;
  }
  void release(void* block, std::size_t /*bytes*/, std::size_t /*alignment*/) noexcept override {
    changing_hands_.released();
    library_.release(block);
  }

 private:
  tsan::ForeignMemory changing_hands_;
  const MimallocLibrary& library_ = mimalloc_library();
};

}  // namespace

std::string problem_with(Backing backing) {
  switch (backing) {
    case Backing::malloc:
    case Backing::arena:
    case Backing::pages: return {};
    case Backing::mimalloc: return mimalloc_library().problem;
  }
  return "unknown backing";
}

std::unique_ptr<MemorySource> make_source(Backing backing) {
  if (const std::string problem = problem_with(backing); !problem.empty()) die(problem.c_str());
  switch (backing) {
    case Backing::malloc:
    case Backing::pages: return std::make_unique<Malloc>();
    case Backing::mimalloc: return std::make_unique<Mimalloc>();
    case Backing::arena: return make_arena();
  }
  die("unknown backing");
}

}  // namespace rcufarm::native
