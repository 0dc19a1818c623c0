#include "harness/sim/sim_input.h"

#include <algorithm>

namespace rcufarm::harness {

namespace {

constexpr std::size_t last_bytes = 2;  // walk and config
constexpr std::uint32_t failures_of_the_schedule = 4;
// The longest scenario's plain order many times over, and a quiet user's rounds; each departure may send a waiting loop round
// once more.
constexpr std::uint64_t points_base = 250'000;
constexpr std::uint64_t points_per_operation = 2'000;

bool is_set(const SimInput& input, std::uint8_t bits) { return (input.config & bits) == bits; }

sim::MemoryModel model_of(const SimInput& input) {
  switch (input.config & config_unordered) {
    case config_kernel: return sim::MemoryModel::kernel;
    case config_c11: return sim::MemoryModel::c11;
    default: return sim::MemoryModel::sc;
  }
}

std::uint8_t order_field_of(const SimConfig& config) {
  switch (config.model) {
    case sim::MemoryModel::sc: return config.check_order ? 0 : config_unordered;
    case sim::MemoryModel::c11: return config_c11;
    case sim::MemoryModel::tso:
    case sim::MemoryModel::kernel: return config_kernel;
  }
  return 0;
}

}  // namespace

void decode_input(std::span<const std::byte> bytes, SimInput& input) {
  const std::size_t consumed = scenario::decode_into(bytes, input.scenario);
  const std::span<const std::byte> rest = bytes.subspan(consumed);
  input.departures.clear();
  // Counted from the end; what is not there is 0.
  const auto last = [&](std::size_t n) { return n < rest.size() ? rest[rest.size() - 1 - n] : std::byte{0}; };
  input.config = std::to_integer<std::uint8_t>(last(0));
  input.walk = std::to_integer<std::uint8_t>(last(1));
  if (rest.size() <= last_bytes) return;
  const std::span<const std::byte> schedule = rest.first(rest.size() - last_bytes);
  const std::size_t count = std::min(schedule.size() / sim::departure_bytes, departures_max);
  for (std::size_t i = 1; i <= count; ++i) {
    const auto at = schedule.subspan(schedule.size() - i * sim::departure_bytes);
    input.departures.push_back(sim::departure_from(at.first<sim::departure_bytes>()));
  }
}

std::size_t encoded_bytes(const SimInput& input) {
  return scenario::encoded_bytes(input.scenario) + input.departures.size() * sim::departure_bytes + last_bytes;
}

std::vector<std::byte> encode_input(const SimInput& input) {
  std::vector<std::byte> bytes;
  bytes.reserve(encoded_bytes(input));
  scenario::encode_append(input.scenario, bytes);
  for (auto d = input.departures.rbegin(); d != input.departures.rend(); ++d) {
    bytes.resize(bytes.size() + sim::departure_bytes);
    sim::put_departure(*d, std::span(bytes).last<sim::departure_bytes>());
  }
  bytes.push_back(static_cast<std::byte>(input.walk));
  bytes.push_back(static_cast<std::byte>(input.config));
  return bytes;
}

SimConfig config_of(const SimInput& input) {
  SimConfig config;
  config.points_max = points_base + points_per_operation * scenario::total_ops(input.scenario);
  config.model = model_of(input);
  config.check_order = config.model == sim::MemoryModel::sc && !is_set(input, config_unordered);
  config.failures_max = is_set(input, config_failures) ? failures_of_the_schedule : 0;
  config.inspect = is_set(input, config_inspects);
  config.settle = is_set(input, config_settles);
  return config;
}

std::uint8_t config_byte_of(const SimConfig& config) {
  unsigned byte = order_field_of(config);
  if (config.failures_max > 0) byte |= config_failures;
  if (config.inspect) byte |= config_inspects;
  if (config.settle) byte |= config_settles;
  return static_cast<std::uint8_t>(byte);
}

}  // namespace rcufarm::harness
