// Does the allocator touch shared memory past the port's wrappers?
//
// Job: judge every load and store of the machine's memory that the allocator's own code makes (the compiler tells of each:
// -fsanitize-coverage=trace-loads,trace-stores), against what the machine knows of the word:
//   - a word that was ever touched through a wrapper since it was allocated is touched through wrappers alone;
//   - any other word is written by one context, and never again once another one has looked at it: a constant.
// What it cannot see: copies of whole structs and memset, for which there is no callback. State: one set of books for the
// thread that runs the machine; begin() before each run.
#pragma once

#include <cstdint>
#include <string>

namespace rcufarm::harness {

struct BareAccesses {
  std::uint64_t seen = 0;  // loads and stores of the machine's memory, legal ones too
  std::uint64_t accused = 0;
  std::string first;  // what the first accused one was
};

// Of all runs since the last call of forget_bare_accesses().
const BareAccesses& bare_accesses();
void forget_bare_accesses();

}  // namespace rcufarm::harness
