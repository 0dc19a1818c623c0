// The language of a target: what of the scenario language an allocator has.
//
// Job: say which operations, kinds of caches and kinds of nested programs there are for one target, make any scenario one in its
// language, and name what a given scenario has beyond it. Plain values and pure functions. The whole language changes nothing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "scenario/scenario.h"

namespace rcufarm::scenario {

// Some of the values of an enumeration, by bit.
template <class Enum>
struct Some {
  std::uint32_t bits = 0;

  constexpr Some() = default;
  constexpr Some(std::initializer_list<Enum> values) {
    for (const Enum value : values) bits |= 1U << static_cast<unsigned>(value);
  }
  static constexpr Some all() {
    Some some;
    some.bits = ~0U;
    return some;
  }
  constexpr bool has(Enum value) const { return (bits >> static_cast<unsigned>(value) & 1U) != 0; }
  bool operator==(const Some&) const = default;
};

struct Language {
  Some<OpKind> operations = Some<OpKind>::all();
  Some<CacheKind> caches = Some<CacheKind>::all();
  Some<ProgramKind> programs = Some<ProgramKind>::all();

  bool operator==(const Language&) const = default;
};

// What the language lacks becomes what is nearest to it (free_rcu a free, an nmi an irq), or goes. A valid scenario stays valid. Of
// caches the language has one kind at least.
void translate(Scenario& scenario, const Language& language);

// Of what the language lacks, the first: "task t0, operation 3: `free_rcu`"; "": nothing.
std::string first_lack(const Scenario& scenario, const Language& language);
// "alloc, free, touch": for messages.
std::string operations_of(const Language& language);

}  // namespace rcufarm::scenario
