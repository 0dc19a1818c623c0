// One task of a native run: its list of operations on a thread of its own.
//
// Job: walk the list, keep the task's open blocks and the objects that it holds in them, and skip what is illegal now.
// Lives on the task's thread; `progress` may be read by the watchdog.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/native/nested.h"
#include "harness/native/run_progress.h"
#include "harness/native/user.h"
#include "kernel/kernel.h"
#include "native/cpu_owner.h"
#include "scenario/blocks.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

class TaskRunner {
 public:
  TaskRunner(const scenario::Task& task, User& user, NestedPrograms& nested, native::CpuOwner& cpu,
             TaskProgress& progress)
      : task_(task), user_(user), nested_(nested), cpu_(cpu), progress_(progress) {}

  void run();

 private:
  // An object that was touched in a section, held until that section ends.
  struct Reference {
    Record* record;
    unsigned slot;
    std::size_t depth;  // of the section that it belongs to
    bool regular;       // is a regular reader inside as well?
  };
  // An open block: one of the two.
  struct OpenBlock {
    std::optional<kernel::ReadSection> section;
    std::optional<kernel::IrqGuard> irq_off;
  };

  bool execute(const scenario::Operation& op);
  bool open(const scenario::Operation& op);
  bool close();
  bool touch(unsigned slot);
  std::size_t innermost_section() const;
  void pause(unsigned turns);

  const scenario::Task& task_;
  User& user_;
  NestedPrograms& nested_;
  native::CpuOwner& cpu_;
  TaskProgress& progress_;
  scenario::Blocks blocks_;
  std::array<OpenBlock, scenario::limits.section_depth_max> open_;
  std::size_t open_count_ = 0;
  std::vector<Reference> references_;
};

}  // namespace rcufarm::harness
