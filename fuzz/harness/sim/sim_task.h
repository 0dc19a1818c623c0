// One task, or one nested program, of a simulated run: its list of operations.
//
// Job: walk the list, keep open blocks and the references that belong to them, and skip what is illegal now. State lies in
// the runner; blocks are frames on the fiber's stack, so that a run that is left at once needs no unwinding.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "harness/sim/sim_user.h"
#include "machine/machine.h"
#include "scenario/blocks.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

class SimPrograms;

// What of a list ran.
struct SimTally {
  std::uint64_t operations = 0;
  std::uint64_t skipped = 0;
};

class SimTask {
 public:
  void begin(const scenario::Task& task, SimUser& user, SimPrograms& programs, sim::Machine& machine, SimTally& tally);
  // On the task's fiber.
  void run();
  // How many allocator calls it had begun before each operation that it came to, and at the end.
  const std::vector<std::uint32_t>& calls_before() const { return calls_before_; }

 private:
  // An object that was touched in a section, held until that section ends.
  struct Reference {
    SimRecord* record;
    std::uint8_t slot;
    std::uint8_t depth;  // of the section that it belongs to
    bool is_protected;   // by a regular section, which is open until then
  };
  // Up to the end of the innermost open block, or of the list.
  void run_block();
  void in_section(kernel::RcuFlavor flavor);
  void in_irq_off();
  bool execute(const scenario::Operation& op);
  bool touch(unsigned slot);
  void drop_references(std::size_t depth);
  void pause(unsigned turns);

  const scenario::Task* task_ = nullptr;
  SimUser* user_ = nullptr;
  SimPrograms* programs_ = nullptr;
  sim::Machine* machine_ = nullptr;
  SimTally* tally_ = nullptr;
  std::size_t next_ = 0;
  scenario::Blocks blocks_;
  std::array<std::uint8_t, scenario::limits.section_depth_max + 1>
      section_depth_{};  // of the innermost section, by depth
  std::vector<std::uint32_t> calls_before_;
  std::size_t references_count_ = 0;
  std::array<Reference, scenario::limits.slots_max> references_{};
};

// The nested programs: what irqs and nmis do.
class SimPrograms {
 public:
  void begin(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, SimTally& tally);
  // Any context. False: it is raised already.
  bool raise(unsigned program);

  struct Program {
    SimPrograms* owner = nullptr;
    const scenario::Program* source = nullptr;
    bool outstanding = false;  // raised and not ended
  };
  Program& program(unsigned index) { return programs_[index]; }
  // In the program's context.
  void run(Program& program);

 private:
  SimUser* user_ = nullptr;
  sim::Machine* machine_ = nullptr;
  SimTally* tally_ = nullptr;
  unsigned count_ = 0;
  std::array<Program, scenario::limits.nested_programs_max> programs_{};
};

}  // namespace rcufarm::harness
