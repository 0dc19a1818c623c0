#include "harness/native/run_progress.h"

namespace rcufarm::harness {

std::uint64_t RunProgress::steps() const {
  std::uint64_t n = static_cast<std::uint64_t>(phase.load()[0]);
  for (const TaskProgress& task : tasks_) n += task.next_op.load(std::memory_order_relaxed);
  return n;
}

std::string RunProgress::where() const {
  std::string text = std::string("phase: ") + phase.load() + "\n";
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    text += "task " + std::to_string(i) + ": " +
            (tasks_[i].done.load() ? "done\n" : "at operation " + std::to_string(tasks_[i].next_op.load()) + "\n");
  }
  return text;
}

void RunProgress::add_to(Outcome& outcome) const {
  for (const TaskProgress& task : tasks_) {
    outcome.operations += task.next_op.load() - task.skipped.load();
    outcome.skipped += task.skipped.load();
  }
}

}  // namespace rcufarm::harness
