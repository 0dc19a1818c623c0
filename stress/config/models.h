// Which memory model an explorer's stint searches under.
//
// Job: from the shares of the config and a stint's number to a model's name. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "stress/config/config.h"

namespace rcufarm::stress {

// As `rcufarm explore --model` knows them; with ModelsConfig in this order.
inline constexpr std::array<std::string_view, 4> model_names = {"sc", "tso", "c11", "kernel"};

// Of each sum-of-shares stints in a row each model has its share. `strategies` stints in a row differ in their strategy, and
// each such round begins one model later: so every strategy meets every model.
inline std::string model_of_stint(const ModelsConfig& shares, std::size_t number, std::size_t strategies) {
  const std::array<unsigned, model_names.size()> parts = {shares.sc, shares.tso, shares.c11, shares.kernel};
  std::size_t sum = 0;
  for (const unsigned part : parts) sum += part;
  if (sum == 0) return std::string(model_names[0]);
  std::size_t at = (number + number / strategies) % sum;
  std::size_t model = 0;
  while (at >= parts[model]) at -= parts[model++];
  return std::string(model_names[model]);
}

}  // namespace rcufarm::stress
