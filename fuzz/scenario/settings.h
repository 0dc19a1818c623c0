// The table of machine settings: names, and the values each can have.
//
// Job: what operations.h is for operations, for the lines that describe the machine. Constant data; anyone may read it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "scenario/operations.h"
#include "scenario/scenario.h"

namespace rcufarm::scenario {

enum class Setting : std::uint8_t {
  cpus,
  slots,
  implies_rcu_gp,
  slab_rounding,
  slab_reuse,
  destroy_mode,
  slab_fails,
  cgroup,
};

struct SettingSpec {
  Setting id;
  std::string_view name;
  std::span<const std::string_view> words;  // its values by name; empty: a number in `range`, or a form of its own
  Range range;                              // of the number; with words: 0 … words - 1
  std::string_view form;                    // the form of its own in the grammar's notation; else empty
  std::string_view meaning;
};

std::span<const SettingSpec> setting_specs();  // in the order in which they are printed
const SettingSpec& spec_of(Setting setting);
std::optional<Setting> setting_named(std::string_view name);

// For settings that are one number or one word.
unsigned setting_value(const Machine& machine, Setting setting);
void set_setting(Machine& machine, Setting setting, unsigned value);

std::span<const std::string_view> cgroup_unit_names();

}  // namespace rcufarm::scenario
