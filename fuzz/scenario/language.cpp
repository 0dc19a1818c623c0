// The language of a target: see language.h.
#include "scenario/language.h"

#include <algorithm>
#include <array>
#include <optional>

#include "scenario/normalize.h"
#include "scenario/operations.h"

namespace rcufarm::scenario {
namespace {

// What does nearly the same. An operation stands for itself where nothing does.
OpKind nearest_to(OpKind kind) {
  switch (kind) {
    case OpKind::free_rcu:
    case OpKind::raw_free: return OpKind::free;
    case OpKind::alloc_flags: return OpKind::alloc;
    case OpKind::alloc:
    case OpKind::free:
    case OpKind::touch:
    case OpKind::enter:
    case OpKind::leave:
    case OpKind::irq_off:
    case OpKind::irq_on:
    case OpKind::raise:
    case OpKind::migrate:
    case OpKind::fail_next:
    case OpKind::synchronize:
    case OpKind::destroy:
    case OpKind::yield:
    case OpKind::pause: break;
  }
  return kind;
}

void translate_ops(std::vector<Operation>& ops, const Language& language, const Scenario& scenario) {
  for (Operation& op : ops) {
    if (!language.operations.has(op.kind)) op.kind = nearest_to(op.kind);
  }
  std::erase_if(ops, [&](const Operation& op) {
    return !language.operations.has(op.kind) || (op.kind == OpKind::raise && scenario.programs.empty());
  });
}

template <class Enum, std::size_t N>
std::optional<Enum> first_of(Some<Enum> some, const std::array<Enum, N>& all) {
  const auto* const it = std::find_if(all.begin(), all.end(), [&](Enum value) { return some.has(value); });
  return it == all.end() ? std::nullopt : std::optional(*it);
}

std::string first_lack(const std::vector<Operation>& ops, const Language& language, const std::string& owner) {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (language.operations.has(ops[i].kind)) continue;
    return owner + ", operation " + std::to_string(i + 1) + ": `" + std::string(spec_of(ops[i].kind).name) + "`";
  }
  return "";
}

}  // namespace

void translate(Scenario& scenario, const Language& language) {
  if (language == Language{}) return;
  constexpr std::array cache_kinds{CacheKind::fixed, CacheKind::percpu, CacheKind::classes};
  for (Cache& cache : scenario.caches) {
    if (!language.caches.has(cache.kind)) cache.kind = first_of(language.caches, cache_kinds).value_or(cache.kind);
  }
  const auto irq_or_nmi = first_of(language.programs, std::array{ProgramKind::irq, ProgramKind::nmi});
  if (!irq_or_nmi) scenario.programs.resize(0);
  for (Program& program : scenario.programs) {
    if (!language.programs.has(program.kind)) program.kind = *irq_or_nmi;
    translate_ops(program.ops, language, scenario);
  }
  for (Task& task : scenario.tasks) translate_ops(task.ops, language, scenario);
  normalize(scenario);  // an alloc of another kind of cache has a size, or none
}

std::string first_lack(const Scenario& scenario, const Language& language) {
  for (std::size_t i = 0; i < scenario.caches.size(); ++i) {
    const CacheKind kind = scenario.caches[i].kind;
    if (!language.caches.has(kind)) {
      return "cache c" + std::to_string(i) + ": `" + std::string(cache_kind_names()[static_cast<std::size_t>(kind)]) +
             "`";
    }
  }
  for (std::size_t i = 0; i < scenario.programs.size(); ++i) {
    const Program& program = scenario.programs[i];
    const std::string owner = "program p" + std::to_string(i);
    if (!language.programs.has(program.kind)) {
      return owner + ": `" + std::string(program_kind_names()[static_cast<std::size_t>(program.kind)]) + "`";
    }
    if (std::string lack = first_lack(program.ops, language, owner); !lack.empty()) return lack;
  }
  for (std::size_t i = 0; i < scenario.tasks.size(); ++i) {
    std::string lack = first_lack(scenario.tasks[i].ops, language, "task t" + std::to_string(i));
    if (!lack.empty()) return lack;
  }
  return "";
}

std::string operations_of(const Language& language) {
  std::string names;
  for (const OpSpec& spec : op_specs()) {
    if (language.operations.has(spec.kind)) names += (names.empty() ? "" : ", ") + std::string(spec.name);
  }
  return names;
}

}  // namespace rcufarm::scenario
