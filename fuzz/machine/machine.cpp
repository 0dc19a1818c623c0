// Job: see machine.h. The host's side; host.cpp has what is called in a run.
#include "machine/machine.h"

#include <bit>

#include "machine/kernel/core.h"

namespace rcufarm::sim {

namespace {
thread_local constinit Machine* machine_of_thread = nullptr;
}

Machine::Machine() : core_(std::make_unique<Core>()) {}
Machine::~Machine() { check(machine_of_thread != this, "a machine is dropped in its own run"); }

const Outcome& Machine::run(const Settings& settings, const Program& program, Strategy& strategy) {
  machine_of_thread = this;
  const Outcome& outcome = core_->run(settings, program, strategy);
  machine_of_thread = nullptr;
  return outcome;
}

void Machine::set_observer(Observer* observer) {
  core_->observer = observer;
  core_->watched_kinds = observer != nullptr ? observer->kinds() : 0;
}

void Machine::set_reads_from_map(std::uint8_t* map, std::size_t size) {
  check(map == nullptr || std::has_single_bit(size), "the reads-from map's size is a power of two");
  set_reads_from_set(nullptr, 0, nullptr);
  if (map == nullptr) return;
  core_->reads_from_set = nullptr;
  core_->reads_from_map = map;
  core_->reads_from_mask = size - 1;
}

void Machine::set_reads_from_set(std::uint64_t* set, std::size_t words, std::uint32_t* met) {
  check(set == nullptr || (std::has_single_bit(words) && met != nullptr),
        "the reads-from set's size is a power of two");
  core_->reads_from_map = nullptr;
  core_->reads_from_pairs = 0;
  if (set == nullptr) return core_->count_no_pairs();
  core_->reads_from_set = set;
  core_->reads_from_mask = words * 64 - 1;
  core_->reads_from_met = met;
}

std::uint64_t Machine::reads_from_pairs() const {
  return core_->reads_from_set == &core_->no_pairs.set ? 0 : core_->reads_from_pairs;
}

void Machine::set_sharing(Sharing* sharing) { core_->sharing = sharing; }

Machine* current_machine() { return machine_of_thread; }

}  // namespace rcufarm::sim
