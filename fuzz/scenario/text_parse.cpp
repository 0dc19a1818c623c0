// Parsing the text form: see text.h.
//
// One pass over the lines. What a line may be depends on what came before: the magic line, settings, caches, then tasks
// and programs with their operations. Only programs may be named before they are declared; those names are kept with
// their places and looked at in the end.
#include <algorithm>
#include <array>
#include <vector>

#include "scenario/check.h"
#include "scenario/normalize.h"
#include "scenario/operations.h"
#include "scenario/settings.h"
#include "scenario/text.h"
#include "scenario/text_cursor.h"

namespace rcufarm::scenario {
namespace {

constexpr std::string_view cache_word = "cache";
constexpr std::string_view task_word = "task";
constexpr std::string_view program_word = "program";

class Parser {
 public:
  std::variant<Scenario, ParseError> run(std::string_view text);

 private:
  enum class Stage : std::uint8_t { magic, settings, caches, lists };
  struct ProgramUse {
    unsigned program;
    unsigned line;
    unsigned column;
  };

  void line(Cursor& at);
  void magic_line(Cursor& at);
  void declaration_or_op(Cursor& at);
  void setting_line(Cursor& at, Setting setting);
  void cache_line(Cursor& at);
  void task_line(Cursor& at);
  void program_line(Cursor& at);
  void op_line(Cursor& at, OpKind kind);
  unsigned operand(Cursor& at, Operand operand);
  // The number of a cache, task or program: they count up from 0.
  template <class List>
  bool next_number(Cursor& at, const List& list);
  std::string allowed_here() const;
  std::optional<ParseError> error_at_end() const;

  Scenario scenario_;
  Stage stage_ = Stage::magic;
  std::array<bool, 8> seen_{};  // by Setting
  std::vector<Operation>* ops_ = nullptr;
  bool in_program_ = false;
  std::size_t total_ops_ = 0;
  std::vector<ProgramUse> uses_;
  unsigned lines_ = 0;
};

std::variant<Scenario, ParseError> Parser::run(std::string_view text) {
  if (text.size() > limits.text_bytes_max) {
    return ParseError{1, 1, "a text of " + std::to_string(text.size()) + " bytes",
                      "a text of at most " + std::to_string(limits.text_bytes_max) + " bytes"};
  }
  while (!text.empty()) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    Cursor at(text.substr(0, length), ++lines_);
    text.remove_prefix(std::min(length + 1, text.size()));
    if (!at.at_end()) line(at);
    if (at.error()) return *at.error();
  }
  if (auto error = error_at_end()) return *error;
  check(is_valid(scenario_), "parse: a text was taken whose scenario is not valid");
  return std::move(scenario_);
}

void Parser::line(Cursor& at) {
  if (stage_ == Stage::magic) {
    magic_line(at);
  } else {
    declaration_or_op(at);
  }
  at.end();
}

void Parser::magic_line(Cursor& at) {
  at.literal(text_magic);
  at.literal(text_version);
  stage_ = Stage::settings;
}

void Parser::declaration_or_op(Cursor& at) {
  const std::string_view first = at.word();
  if (first == cache_word && stage_ != Stage::lists) return cache_line(at);
  if (first == task_word && stage_ >= Stage::caches) return task_line(at);
  if (first == program_word && stage_ >= Stage::caches) return program_line(at);
  if (const auto setting = setting_named(first); setting && stage_ == Stage::settings) {
    return setting_line(at, *setting);
  }
  if (const auto kind = op_named(first); kind && ops_ != nullptr && (!in_program_ || spec_of(*kind).nested)) {
    return op_line(at, *kind);
  }
  at.fail_last(allowed_here());
}

void Parser::setting_line(Cursor& at, Setting setting) {
  bool& seen = seen_[static_cast<std::size_t>(setting)];
  if (seen) return at.fail_last("each setting at most once");
  seen = true;
  Machine& machine = scenario_.machine;
  const SettingSpec& spec = spec_of(setting);
  switch (setting) {
    case Setting::slab_fails:
      at.literal("after");
      machine.slab_failures.after = static_cast<std::uint16_t>(at.number(0, limits.fail_after_max));
      at.literal("pattern");
      machine.slab_failures.bits = at.bits(limits.fail_bits);
      return;
    case Setting::cgroup: {
      const unsigned amount = at.number(0, limits.cgroup_amount_max * limits.cgroup_bytes_unit);
      const auto units = cgroup_unit_names().subspan(1);  // without `none`
      const unsigned number_column = at.last_column();
      machine.cgroup.unit = static_cast<CgroupUnit>(at.one_of(units) + 1);
      const unsigned unit = machine.cgroup.unit == CgroupUnit::bytes ? limits.cgroup_bytes_unit : 1;
      machine.cgroup.amount = static_cast<std::uint16_t>(amount / unit);
      at.require(amount % unit == 0 && amount / unit <= limits.cgroup_amount_max, number_column, std::to_string(amount),
                 unit == 1 ? "a number from 0 to " + std::to_string(limits.cgroup_amount_max)
                           : "a multiple of " + std::to_string(unit));
      return;
    }
    case Setting::cpus:
    case Setting::slots:
    case Setting::implies_rcu_gp:
    case Setting::slab_rounding:
    case Setting::slab_reuse:
    case Setting::destroy_mode:
      set_setting(machine, setting,
                  spec.words.empty() ? at.number(spec.range.min, spec.range.max) : at.one_of(spec.words));
      return;
  }
}

template <class List>
bool Parser::next_number(Cursor& at, const List& list) {
  if (list.full()) {
    at.fail_last("at most " + std::to_string(List::capacity) + " of these");
    return false;
  }
  const auto number = static_cast<unsigned>(list.size());
  at.number(number, number);
  return !at.error();
}

void Parser::cache_line(Cursor& at) {
  stage_ = Stage::caches;
  if (!next_number(at, scenario_.caches)) return;
  Cache cache;
  cache.kind = static_cast<CacheKind>(at.one_of(cache_kind_names()));
  if (cache.kind == CacheKind::percpu) at.literal("size");
  if (cache.kind != CacheKind::classes) cache.size = static_cast<std::uint16_t>(at.number(1, limits.unit_bytes_max));
  scenario_.caches.add() = cache;
}

void Parser::task_line(Cursor& at) {
  if (!next_number(at, scenario_.tasks)) return;
  at.literal("on");
  at.literal("cpu");
  Task& task = scenario_.tasks.add();
  task.cpu = static_cast<std::uint8_t>(at.number(0, scenario_.machine.cpus - 1U));
  ops_ = &task.ops;
  in_program_ = false;
  stage_ = Stage::lists;
}

void Parser::program_line(Cursor& at) {
  if (!next_number(at, scenario_.programs)) return;
  Program& program = scenario_.programs.add();
  program.kind = static_cast<ProgramKind>(at.one_of(program_kind_names()));
  at.literal("on");
  at.literal("cpu");
  program.cpu = static_cast<std::uint8_t>(at.number(0, scenario_.machine.cpus - 1U));
  ops_ = &program.ops;
  in_program_ = true;
  stage_ = Stage::lists;
}

void Parser::op_line(Cursor& at, OpKind kind) {
  if (total_ops_ == limits.ops_max) {
    return at.fail_last("at most " + std::to_string(limits.ops_max) + " operations in a scenario");
  }
  if (in_program_ && ops_->size() == limits.nested_ops_max) {
    return at.fail_last("at most " + std::to_string(limits.nested_ops_max) + " operations in a program");
  }
  Operation op;
  op.kind = kind;
  for (const Operand wanted : spec_of(kind).used()) {
    const bool sizeless = wanted == Operand::size && scenario_.caches[op.cache].kind != CacheKind::classes;
    if (!sizeless) set_operand(op, wanted, operand(at, wanted));
  }
  ops_->push_back(op);
  ++total_ops_;
}

unsigned Parser::operand(Cursor& at, Operand wanted) {
  const Range range = range_of(wanted, scenario_);
  switch (wanted) {
    case Operand::cache: return at.reference('c', range.max + 1, "cache");
    case Operand::slot: return at.reference('s', range.max + 1, "slot");
    case Operand::size: at.literal("size"); return at.number(range.min, range.max);
    case Operand::gfp: return at.one_of(gfp_names());
    case Operand::flavor: return at.one_of(flavor_names());
    case Operand::cpu: at.literal("cpu"); return at.number(range.min, range.max);
    case Operand::program: {
      const unsigned program = at.reference('p', limits.nested_programs_max, "program");
      uses_.push_back({program, at.line(), at.last_column()});
      return program;
    }
    case Operand::fail_count:
    case Operand::pause_count: return at.number(range.min, range.max);
  }
  check(false, "parse: no such operand");
  return 0;
}

std::string Parser::allowed_here() const {
  std::vector<std::string_view> words;
  if (stage_ == Stage::settings) {
    for (const SettingSpec& spec : setting_specs()) {
      if (!seen_[static_cast<std::size_t>(spec.id)]) words.push_back(spec.name);
    }
  }
  if (stage_ != Stage::lists) words.push_back(cache_word);
  if (stage_ >= Stage::caches) words.insert(words.end(), {task_word, program_word});
  if (ops_ != nullptr) {
    for (const OpSpec& spec : op_specs()) {
      if (!in_program_ || spec.nested) words.push_back(spec.name);
    }
  }
  return list_of(words);
}

std::optional<ParseError> Parser::error_at_end() const {
  const auto missing = [this](std::string allowed) {
    return ParseError{lines_ + 1, 1, "the end of the text", std::move(allowed)};
  };
  if (stage_ == Stage::magic) return missing("'" + std::string(text_magic) + " " + std::string(text_version) + "'");
  if (scenario_.caches.empty()) return missing("at least one 'cache'");
  if (scenario_.tasks.empty()) return missing("at least one 'task'");
  for (const ProgramUse& use : uses_) {
    if (use.program < scenario_.programs.size()) continue;
    return ParseError{use.line, use.column, "p" + std::to_string(use.program),
                      "a program that the text has: " + std::to_string(scenario_.programs.size()) + " are declared"};
  }
  return std::nullopt;
}

}  // namespace

std::string ParseError::message() const {
  const bool in_words = found.starts_with("the end") || found.starts_with("a text");
  return std::to_string(line) + ":" + std::to_string(column) + ": found " + (in_words ? found : "'" + found + "'") +
         ", but allowed here: " + allowed;
}

std::variant<Scenario, ParseError> parse(std::string_view text) { return Parser().run(text); }

}  // namespace rcufarm::scenario
