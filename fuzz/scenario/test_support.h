// What several tests of scenarios share.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "scenario/bytes.h"
#include "scenario/generate.h"
#include "scenario/random.h"
#include "scenario/scenario.h"
#include "scenario/text.h"

namespace rcufarm::scenario {

inline std::vector<std::byte> bytes_of(std::initializer_list<unsigned> values) {
  std::vector<std::byte> bytes;
  for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

// Strings of all lengths up to `max`, whose bytes are half of the time small numbers, as a fuzz engine's are.
inline std::vector<std::byte> random_bytes(Random& random, std::size_t max) {
  std::vector<std::byte> bytes(random.below(max + 1));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.one_in(2) ? random.below(20) : random.next());
  return bytes;
}

// Small scenarios, so that many can be tried.
inline Scenario small_scenario(std::uint64_t seed) {
  Limits tighter;
  tighter.ops_max = 96;
  return random_scenario(seed, tighter);
}

inline Scenario must_parse(const std::string& text) {
  auto result = parse(text);
  if (const auto* error = std::get_if<ParseError>(&result)) {
    ADD_FAILURE() << error->message() << "\n" << text;
    return decode({}).scenario;
  }
  return std::get<Scenario>(std::move(result));
}

}  // namespace rcufarm::scenario
