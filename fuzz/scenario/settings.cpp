// The table of machine settings: see settings.h.
#include "scenario/settings.h"

#include <array>

#include "scenario/check.h"

namespace rcufarm::scenario {
namespace {

constexpr std::array<std::string_view, 2> no_yes{"no", "yes"};
constexpr std::array<std::string_view, 3> roundings{"exact", "kmalloc", "sixteen_more"};
constexpr std::array<std::string_view, 2> reuses{"never", "lifo"};
constexpr std::array<std::string_view, 2> destroy_modes{"wait", "defer"};
constexpr std::array<std::string_view, 3> cgroup_units{"none", "objects", "bytes"};

constexpr std::array<SettingSpec, 8> setting_table{{
    {Setting::cpus, "cpus", {}, {1, limits.cpus_max}, "", "how many CPUs there are"},
    {Setting::slots, "slots", {}, {1, limits.slots_max}, "", "how many shared slots objects are kept in"},
    {Setting::implies_rcu_gp,
     "implies_rcu_gp",
     no_yes,
     {0, 1},
     "",
     "is a tasks-trace grace period a regular one too (rcu_trace_implies_rcu_gp)?"},
    {Setting::slab_rounding,
     "slab_rounding",
     roundings,
     {0, 2},
     "",
     "what the slab rounds a size up to: nothing, the kmalloc buckets, or sixteen bytes more than asked"},
    {Setting::slab_reuse,
     "slab_reuse",
     reuses,
     {0, 1},
     "",
     "does the slab hand freed memory out again (a simulated slab only)?"},
    {Setting::destroy_mode,
     "destroy_mode",
     destroy_modes,
     {0, 1},
     "",
     "does destroy wait for the last object, or may it leave the rest to a workqueue?"},
    {Setting::slab_fails,
     "slab_fails",
     {},
     {0, 0},
     "\"after\" number \"pattern\" bits",
     "after so many slab allocations the next ones fail where the pattern, read from the left, has a 1; none if left "
     "out"},
    {Setting::cgroup,
     "cgroup",
     {},
     {0, 0},
     "number ( \"objects\" | \"bytes\" )",
     "what may be charged to the object cgroup, in slab allocations or in bytes (a multiple of 64); no limit if left "
     "out"},
}};

constexpr bool setting_table_is_in_order() {
  for (std::size_t i = 0; i < setting_table.size(); ++i) {
    if (static_cast<std::size_t>(setting_table[i].id) != i) return false;
  }
  return true;
}
static_assert(setting_table_is_in_order(), "setting_table is indexed by Setting");

}  // namespace

std::span<const SettingSpec> setting_specs() { return setting_table; }

const SettingSpec& spec_of(Setting setting) {
  check(static_cast<std::size_t>(setting) < setting_table.size(), "spec_of: no such setting");
  return setting_table[static_cast<std::size_t>(setting)];
}

std::optional<Setting> setting_named(std::string_view name) {
  for (const SettingSpec& spec : setting_table) {
    if (spec.name == name) return spec.id;
  }
  return std::nullopt;
}

unsigned setting_value(const Machine& machine, Setting setting) {
  switch (setting) {
    case Setting::cpus: return machine.cpus;
    case Setting::slots: return machine.slots;
    case Setting::implies_rcu_gp: return machine.implies_rcu_gp ? 1 : 0;
    case Setting::slab_rounding: return static_cast<unsigned>(machine.slab_rounding);
    case Setting::slab_reuse: return static_cast<unsigned>(machine.slab_reuse);
    case Setting::destroy_mode: return static_cast<unsigned>(machine.destroy_mode);
    case Setting::slab_fails:
    case Setting::cgroup: break;
  }
  check(false, "setting_value: the setting is not one number");
  return 0;
}

void set_setting(Machine& machine, Setting setting, unsigned value) {
  switch (setting) {
    case Setting::cpus: machine.cpus = static_cast<std::uint8_t>(value); return;
    case Setting::slots: machine.slots = static_cast<std::uint8_t>(value); return;
    case Setting::implies_rcu_gp: machine.implies_rcu_gp = value != 0; return;
    case Setting::slab_rounding: machine.slab_rounding = static_cast<SlabRounding>(value); return;
    case Setting::slab_reuse: machine.slab_reuse = static_cast<SlabReuse>(value); return;
    case Setting::destroy_mode: machine.destroy_mode = static_cast<DestroyMode>(value); return;
    case Setting::slab_fails:
    case Setting::cgroup: break;
  }
  check(false, "set_setting: the setting is not one number");
}

std::span<const std::string_view> cgroup_unit_names() { return cgroup_units; }

}  // namespace rcufarm::scenario
