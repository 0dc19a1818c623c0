#include "stress/metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace rcufarm::stress {

namespace {

// Fields of /proc/self/stat behind the name, counted from its state as 0.
struct Stat {
  double user_ticks = 0;      // 11
  double system_ticks = 0;    // 12
  double threads = 0;         // 17
  double start_ticks = 0;     // 19
  double virtual_bytes = 0;   // 20
  double resident_pages = 0;  // 21
};

Stat read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text, '\0');
  std::istringstream rest(text.substr(text.rfind(')') + 2));
  std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
  constexpr std::size_t fields_needed = 22;
  if (fields.size() < fields_needed) return {};
  const auto number = [&](std::size_t i) { return std::stod(fields[i]); };
  return {number(11), number(12), number(17), number(19), number(20), number(21)};
}

double boot_seconds() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

double open_descriptors() {
  std::error_code error;
  const auto count = std::distance(std::filesystem::directory_iterator("/proc/self/fd", error), {});
  return static_cast<double>(count);
}

prometheus::MetricFamily family(const char* name, const char* help, prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {name, help, type, {metric}};
}

}  // namespace

std::vector<prometheus::MetricFamily> process_metrics() {
  using prometheus::MetricType;
  const Stat stat = read_stat();
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  return {family("process_cpu_seconds_total", "CPU time of the supervisor.", MetricType::Counter,
                 (stat.user_ticks + stat.system_ticks) / ticks),
          family("process_resident_memory_bytes", "Its resident memory.", MetricType::Gauge,
                 stat.resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE))),
          family("process_virtual_memory_bytes", "Its address space.", MetricType::Gauge, stat.virtual_bytes),
          family("process_start_time_seconds", "When it started.", MetricType::Gauge,
                 boot_seconds() + stat.start_ticks / ticks),
          family("process_open_fds", "Its open files.", MetricType::Gauge, open_descriptors()),
          family("process_max_fds", "How many it may have.", MetricType::Gauge, static_cast<double>(files.rlim_cur)),
          family("process_threads", "Its threads.", MetricType::Gauge, stat.threads)};
}

}  // namespace rcufarm::stress
