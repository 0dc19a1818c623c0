// What a memory model is to the search: axioms over an execution graph.
//
// Job: consistent() and flags() of sc, tso, c11 and kernel, one file each. Stateless; anybody may call them. Load buffering
// is not the models' business: the search builds no execution in which po and rf have a cycle (buffering.h does).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/graph.h"

namespace rcufarm::litmus {

// What is wrong with a program although the execution is allowed. The names are those that herd7 prints.
enum class Flag : std::uint8_t {
  data_race,
  mixed_accesses,
  unmatched_rcu_lock,
  unmatched_rcu_unlock,
  unmatched_srcu_lock,
  unmatched_srcu_unlock,
  multiple_srcu_matches,
  srcu_bad_value_match,
  invalid_sleep,
  mixed_lock_accesses,
  unmatched_unlock,
};

class Flags {
 public:
  void raise(Flag flag) { bits_ |= 1U << static_cast<unsigned>(flag); }
  void raise_if(bool wrong, Flag flag) {
    if (wrong) raise(flag);
  }
  bool has(Flag flag) const { return (bits_ >> static_cast<unsigned>(flag) & 1U) != 0; }
  bool any() const { return bits_ != 0; }
  Flags& operator|=(Flags other) {
    bits_ |= other.bits_;
    return *this;
  }
  std::vector<std::string_view> names() const;

 private:
  std::uint32_t bits_ = 0;
};

class Model {
 public:
  virtual ~Model() = default;
  virtual std::string_view name() const = 0;
  // Are accesses of SRCU sections part of rf and co?
  virtual Srcu srcu() const { return Srcu::fences; }
  // The axioms that an execution meets from its first event to its last: each beginning of a graph that meets them meets
  // them, and so does the graph with one more event at the end of a thread, if that is a fence, reads the last write of
  // its location in co or writes after it. Grace periods are no such axiom: the end of a section can break them.
  virtual bool extensible(const Graph& g) const = 0;
  // All axioms.
  virtual bool consistent(const Graph& g) const = 0;
  // Of a consistent graph.
  virtual Flags flags(const Graph& g) const = 0;
  bool races(const Graph& g) const { return flags(g).has(Flag::data_race); }
};

const Model& sc_model();
const Model& tso_model();
const Model& c11_model();
const Model& kernel_model();

std::span<const Model* const> all_models();
// Null: there is none of this name.
const Model* find_model(std::string_view name);

// ---- what several models have in common -----------------------------------------------------------------------------

// Each location by itself is sequentially consistent.
bool coherent(const Graph& g);
// Nobody else writes between the read and the write of a read-modify-write.
bool atomic(const Graph& g);

}  // namespace rcufarm::litmus
