#include "bench/baselines.h"

#include <dlfcn.h>

#include <array>
#include <cstdlib>

namespace rcufarm::bench {
namespace {

struct Source {
  const char* name;
  const char* library;  // null: the process' own malloc
  const char* malloc_symbol;
  const char* free_symbol;
  const char* package;
};

// jemalloc exports only malloc and free; the handle that they are looked up by makes them its own. The others have
// names of their own, beside the ones that would interpose.
constexpr std::array<Source, 4> sources{{
    {"glibc", nullptr, "malloc", "free", "libc6"},
    {"mimalloc", "libmimalloc.so.2", "mi_malloc", "mi_free", "libmimalloc2.0"},
    {"jemalloc", "libjemalloc.so.2", "malloc", "free", "libjemalloc2"},
    {"tcmalloc", "libtcmalloc_minimal.so.4", "tc_malloc", "tc_free", "libtcmalloc-minimal4"},
}};

std::string file_of(void* function) {
  Dl_info info{};
  return dladdr(function, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "";
}

std::variant<Baseline, std::string> load(const Source& source) {
  // RTLD_LOCAL: none of its names joins the global scope, so nothing in this process is interposed.
  void* handle = source.library == nullptr ? RTLD_DEFAULT : dlopen(source.library, RTLD_NOW | RTLD_LOCAL);
  if (source.library != nullptr && handle == nullptr) {
    return std::string(dlerror()) + " (install the package " + source.package + ")";
  }
  void* malloc_address = dlsym(handle, source.malloc_symbol);
  void* free_address = dlsym(handle, source.free_symbol);
  if (malloc_address == nullptr || free_address == nullptr) {
    return std::string(source.library) + " has no " + source.malloc_symbol + " or no " + source.free_symbol;
  }
  Baseline baseline{source.name, file_of(malloc_address), reinterpret_cast<MallocFunction>(malloc_address),
                    reinterpret_cast<FreeFunction>(free_address)};
  const char* wanted = source.library == nullptr ? "libc.so" : source.library;
  for (void* address : {malloc_address, free_address}) {
    if (file_of(address).find(wanted) == std::string::npos) {
      return std::string(source.name) + ": expected functions of " + wanted + " but found those of " +
             file_of(address) + " (is an allocator preloaded? run without LD_PRELOAD)";
    }
  }
  return baseline;
}

}  // namespace

const std::vector<std::string>& baseline_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    all.reserve(sources.size());
    for (const Source& source : sources) all.emplace_back(source.name);
    return all;
  }();
  return names;
}

std::variant<Baseline, std::string> load_baseline(const std::string& name) {
  for (const Source& source : sources) {
    if (name == source.name) return load(source);
  }
  return "no baseline is called " + name;
}

}  // namespace rcufarm::bench
