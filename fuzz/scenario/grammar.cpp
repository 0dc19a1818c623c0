// Grammar, dictionaries and tables: see grammar.h.
#include "scenario/grammar.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string_view>

#include "scenario/bytes.h"
#include "scenario/check.h"
#include "scenario/operations.h"
#include "scenario/settings.h"
#include "scenario/text.h"

namespace rcufarm::scenario {
namespace {

std::string quoted(std::string_view word) { return "\"" + std::string(word) + "\""; }

std::string alternatives(std::span<const std::string_view> names) {
  std::string text = "( ";
  for (std::size_t i = 0; i < names.size(); ++i) text += (i > 0 ? " | " : "") + quoted(names[i]);
  return text + " )";
}

// How an operand stands in a line of the text form, in EBNF.
std::string form_of(Operand operand) {
  switch (operand) {
    case Operand::cache: return "\"c\" number";
    case Operand::slot: return "\"s\" number";
    case Operand::size: return "[ \"size\" number ]";
    case Operand::gfp: return alternatives(gfp_names());
    case Operand::flavor: return alternatives(flavor_names());
    case Operand::cpu: return "\"cpu\" number";
    case Operand::program: return "\"p\" number";
    case Operand::fail_count:
    case Operand::pause_count: return "number";
  }
  check(false, "form_of: no such operand");
  return {};
}

// For people: with the range, where the format gives one.
std::string column_of(Operand operand) {
  switch (operand) {
    case Operand::cache: return "cache";
    case Operand::slot: return "slot";
    case Operand::size: return "size 0 … " + std::to_string(limits.alloc_bytes_max);
    case Operand::gfp: return "nowait, kernel";
    case Operand::flavor: return "flavour";
    case Operand::cpu: return "cpu";
    case Operand::program: return "program";
    case Operand::fail_count: return "1 … " + std::to_string(limits.fail_next_max);
    case Operand::pause_count: return "1 … " + std::to_string(limits.pause_max);
  }
  check(false, "column_of: no such operand");
  return {};
}

std::string form_of(const SettingSpec& spec) {
  if (!spec.form.empty()) return std::string(spec.form);
  return spec.words.empty() ? "number" : alternatives(spec.words);
}

std::string column_of(const SettingSpec& spec) {
  if (!spec.form.empty()) return "`" + std::string(spec.form) + "`";
  if (spec.words.empty()) return std::to_string(spec.range.min) + " … " + std::to_string(spec.range.max);
  std::string text;
  for (std::size_t i = 0; i < spec.words.size(); ++i) text += (i > 0 ? ", " : "") + std::string(spec.words[i]);
  return text;
}

std::string rule(std::string_view name, std::string_view body) {
  std::string text(name);
  text.resize(std::max<std::size_t>(text.size(), 11), ' ');
  return text + " = " + std::string(body) + " ;\n";
}

std::string operation_rules(std::string_view name, bool only_nested) {
  std::string text;
  std::string_view lead = name;
  for (const OpSpec& spec : op_specs()) {
    if (only_nested && !spec.nested) continue;
    std::string line(lead);
    line.resize(11, ' ');
    line += (lead.empty() ? " | " : " = ") + quoted(spec.name);
    for (const Operand operand : spec.used()) line += " " + form_of(operand);
    text += line + " eol\n";
    lead = {};
  }
  return text + std::string(12, ' ') + ";\n";
}

constexpr std::array<char, 16> hex_digits{'0', '1', '2', '3', '4', '5', '6', '7',
                                          '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

std::string escaped(std::span<const unsigned> bytes) {
  std::string text;
  for (const unsigned byte : bytes) {
    text += "\\x";
    text += hex_digits[byte >> 4U & 0xfU];
    text += hex_digits[byte & 0xfU];
  }
  return text;
}

std::string entry(std::string_view name, std::span<const unsigned> bytes) {
  return std::string(name) + "=\"" + escaped(bytes) + "\"\n";
}

void add_words(std::set<std::string_view>& words, std::span<const std::string_view> names) {
  words.insert(names.begin(), names.end());
}

}  // namespace

std::string text_grammar() {
  std::string text = rule("scenario", quoted(text_magic) + " " + quoted(text_version) +
                                          " eol { setting } cache { cache } { program } task { task | program }");
  std::string lead = "setting    ";
  for (const SettingSpec& spec : setting_specs()) {
    text += lead + (lead[0] == ' ' ? " | " : " = ") + quoted(spec.name) + " " + form_of(spec) + " eol\n";
    lead.assign(lead.size(), ' ');
  }
  text += std::string(12, ' ') + ";\n";
  text += rule("cache", "\"cache\" number ( [ \"percpu\" ] \"size\" number | \"classes\" ) eol");
  text += rule("task", "\"task\" number \"on\" \"cpu\" number eol { operation }");
  text += rule("program",
               "\"program\" number " + alternatives(program_kind_names()) + " \"on\" \"cpu\" number eol { nested }");
  text += operation_rules("operation", false);
  text += operation_rules("nested", true);
  text += rule("number", "digit { digit }");
  text += rule("bits", "{ \"0\" | \"1\" } \"1\"");
  text += rule("digit", "\"0\" | \"1\" | \"2\" | \"3\" | \"4\" | \"5\" | \"6\" | \"7\" | \"8\" | \"9\"");
  text += rule("eol", "[ \"#\" { any character } ] newline { blank line or comment }");
  return text;
}

std::string byte_dictionary() {
  std::string text =
      "# Records and sizes of the byte form of a scenario, format version " + std::to_string(format_version) + ".\n";
  for (const OpSpec& spec : op_specs()) {
    const std::array<unsigned, record_bytes> record{static_cast<unsigned>(spec.kind), 0, 0, 0};
    text += entry(spec.name, record);
  }
  const std::array<unsigned, record_bytes> end{end_opcode, 0, 0, 0};
  text += entry("end", end);
  for (const std::uint16_t size : good_unit_sizes()) {
    const std::array<unsigned, 2> bytes{size & 0xffU, static_cast<unsigned>(size) >> 8U};
    text += entry("unit_" + std::to_string(size), bytes);
  }
  return text;
}

std::string text_dictionary() {
  std::set<std::string_view> words{text_magic, text_version, "cache", "task",   "program",
                                   "on",       "cpu",        "after", "pattern"};
  for (const OpSpec& spec : op_specs()) words.insert(spec.name);
  for (const SettingSpec& spec : setting_specs()) {
    words.insert(spec.name);
    add_words(words, spec.words);
  }
  add_words(words, flavor_names());
  add_words(words, gfp_names());
  add_words(words, program_kind_names());
  add_words(words, cache_kind_names());
  add_words(words, cgroup_unit_names().subspan(1));
  std::string text = "# Words of the text form of a scenario.\n";
  for (const std::string_view word : words) text += quoted(word) + "\n";
  text += "\"\\x0a\"\n";
  return text;
}

std::string operation_table() {
  std::string text =
      "| code | operation | operands | nested | what it does, and when it is skipped |\n|---|---|---|---|---|\n";
  for (const OpSpec& spec : op_specs()) {
    std::string operands;
    for (const Operand operand : spec.used()) operands += (operands.empty() ? "" : "; ") + column_of(operand);
    text += "| " + std::to_string(static_cast<unsigned>(spec.kind)) + " | `" + std::string(spec.name) + "` | " +
            operands + " | " + (spec.nested ? "yes" : "") + " | " + std::string(spec.meaning) + " |\n";
  }
  return text;
}

std::string setting_table() {
  std::string text = "| setting | values | what it says |\n|---|---|---|\n";
  for (const SettingSpec& spec : setting_specs()) {
    // A bar would end the table's cell.
    std::string values = column_of(spec);
    for (std::size_t at = values.find('|'); at != std::string::npos; at = values.find('|', at + 2))
      values.insert(at, "\\");
    text += "| `" + std::string(spec.name) + "` | " + values + " | " + std::string(spec.meaning) + " |\n";
  }
  return text;
}

}  // namespace rcufarm::scenario
