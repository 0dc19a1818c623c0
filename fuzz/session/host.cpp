#include "session/host.h"

#include <fmt/format.h>
#include <sched.h>

#include <fstream>
#include <iterator>
#include <string_view>

namespace rcufarm::session {

namespace {

constexpr unsigned mmap_rnd_bits_max = 28;

}  // namespace

Sanitizer sanitizer_of(const std::filesystem::path& program) {
  std::ifstream file(program, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto has = [&](std::string_view name) { return bytes.find(name) != std::string::npos; };
  // Code on the simulator calls __tsan_init as well, without the runtime that reads its options.
  if (has("__tsan_init") && has("TSAN_OPTIONS")) return Sanitizer::thread;
  if (has("__asan_init")) return Sanitizer::address;
  if (has("__ubsan_handle_")) return Sanitizer::undefined;
  return Sanitizer::none;
}

std::optional<std::string> tsan_obstacle(const std::filesystem::path& setting) {
  std::ifstream file(setting);
  unsigned bits = 0;
  if (!(file >> bits) || bits <= mmap_rnd_bits_max) return std::nullopt;
  return fmt::format(
      "ThreadSanitizer cannot start here: vm.mmap_rnd_bits is {}, and it needs {} or less. "
      "As root of the host: sysctl vm.mmap_rnd_bits={}",
      bits, mmap_rnd_bits_max, mmap_rnd_bits_max);
}

unsigned usable_cpus() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) return 1;
  const int count = CPU_COUNT(&cpus);
  return count < 1 ? 1 : static_cast<unsigned>(count);
}

}  // namespace rcufarm::session
