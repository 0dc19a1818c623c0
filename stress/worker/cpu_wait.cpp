#include "stress/worker/cpu_wait.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace rcufarm::stress {

namespace fs = std::filesystem;

void CpuWait::look(const std::vector<pid_t>& processes) {
  const auto now = Clock::now();
  std::map<pid_t, std::uint64_t> waited;
  std::uint64_t longest = 0;
  for (const pid_t process : processes) {
    std::error_code error;
    for (const auto& task : fs::directory_iterator(fmt::format("/proc/{}/task", process), error)) {
      // Time on a CPU, time on a run queue, and how often.
      std::ifstream file(task.path() / "schedstat");
      std::uint64_t ran = 0;
      std::uint64_t waits = 0;
      if (!(file >> ran >> waits)) continue;
      const auto thread = static_cast<pid_t>(std::stol(task.path().filename()));
      const auto before = waited_.find(thread);
      const std::uint64_t known = before == waited_.end() ? 0 : before->second;
      longest = std::max(longest, waits - std::min(waits, known));
      waited[thread] = waits;
    }
  }
  waited_ = std::move(waited);
  total_ += std::min<std::chrono::nanoseconds>(std::chrono::nanoseconds(longest), now - looked_);
  looked_ = now;
}

}  // namespace rcufarm::stress
