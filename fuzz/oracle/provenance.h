// Where a bad pointer came from: what tells two mistakes apart that end at the same step.
//
// Job: of a run that ends at a bad pointer, keep the accesses and say whose store left it. The pointer is followed back from
// word to word, as it was copied, to
// - a read in one function while another stood in a second one, which stores the word the pointer was read from: the two
//   functions, and which came over which, are the cause;
// - else to memory in which nobody had stored anything: who allocated it is;
// - else to the first store of the pointer: the function of that is.
// Watches one replay, all of its traced events; whoever runs the replay owns it. Names of functions alone: no address, line or
// count, so that seeds, compilers and minimising leave it as it is.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "machine/engine/events.h"
#include "oracle/kind.h"

namespace rcufarm::oracle {

// Kinds that end at a bad pointer.
bool has_provenance(Kind kind);
// Does the pointer lead to the address at which a violation of the kind is?
bool leads_to(std::uint64_t pointer, std::uint64_t address, sim::ViolationKind kind);

class Provenance {
 public:
  void reset();
  void on_event(const sim::Event& event);
  // Of the violation that ended the run. "": nothing is known.
  std::string cause_of(const sim::Violation& violation) const;

 private:
  struct Access {
    sim::ContextId context;
    std::uint8_t cpu;
    bool reads;
    std::uint32_t activation;  // index of the first access behind the last thing that its context began or ended
    std::uint32_t read_store;  // 0: what was there at first
    std::uint32_t made;        // 0: it stored nothing
    std::uint32_t object;
    std::uint64_t value;  // that it read
    const void* address;
    const char* function;
  };
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  // Of the accesses before `end` by the context: the last that reads a pointer for which `is_it`; none.
  template <class IsIt>
  std::uint32_t last_read(std::uint32_t end, sim::ContextId context, std::uint32_t activation, IsIt is_it) const;
  std::uint32_t store_of(std::uint32_t read) const;
  // Does the context stand in a function before access `at`, and behind it, in one activation?
  bool stood_in(const Access& one, std::uint32_t at) const;
  // Who read the word while the maker of the store stood in its function already: the store is about what that one took.
  const char* read_before(std::uint32_t store) const;
  // Has its context stored the word by now, in what it is about?
  bool has_stored(const Access& one, const void* word) const;
  // Who was interrupted by the reader, or goes on at another CPU, and stores the word afterwards, or did before: its function.
  const char* interrupted_by(std::uint32_t read, std::uint32_t store) const;

  std::vector<Access> accesses_;
  std::vector<std::uint32_t> begun_;  // by context
  std::unordered_map<std::uint32_t, const char*>
      makers_;  // of the allocator's own memory and of objects, by serial number
  std::unordered_map<std::uint32_t, bool> is_own_;
};

}  // namespace rcufarm::oracle
