// The allocators that ours is compared with.
//
// Job: give the malloc and free of glibc, mimalloc, jemalloc and gperftools' tcmalloc as function pointers, all in one
// process and none of them interposed: each library is loaded privately and its functions are looked up by its handle,
// so that the process' own malloc stays glibc's. The libraries stay loaded until the process ends (their threads' exit
// handlers point into them). Called by main and by child cases, before they start threads.
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace rcufarm::bench {

using MallocFunction = void* (*)(std::size_t);
using FreeFunction = void (*)(void*);

struct Baseline {
  std::string name;     // "glibc", "mimalloc", "jemalloc", "tcmalloc"
  std::string library;  // the file its malloc came from
  MallocFunction malloc = nullptr;
  FreeFunction free = nullptr;
};

// The names that load_baseline knows, glibc first.
const std::vector<std::string>& baseline_names();

// Loads one; on failure the text says which package to install, or why it is not the library's own malloc.
std::variant<Baseline, std::string> load_baseline(const std::string& name);

}  // namespace rcufarm::bench
