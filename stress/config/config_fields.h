// Every key of the config once: table, name, meaning, what is allowed, and where its value is.
//
// Job: the one list that reading, checking and printing share. No state.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "stress/config/config.h"

namespace rcufarm::stress {

struct ConfigField {
  const char* table;
  const char* key;
  const char* meaning;
  std::variant<unsigned*, std::string*, std::vector<std::string>*> value;
  unsigned least = 0;  // of numbers
  unsigned most = 0;
  std::vector<std::string> choices = {};  // of texts; empty: any
};

std::vector<ConfigField> config_fields(Config& config);
// Of one [[watch]].
std::vector<ConfigField> watch_fields(WatchConfig& watch);

}  // namespace rcufarm::stress
