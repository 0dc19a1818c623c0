#include "cli/generate.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "cli/program.h"

namespace rcufarm::cli {

namespace {

bool is_shown(const CLI::App* verb) { return !verb->get_group().empty(); }

std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
  std::vector<const CLI::App*> verbs = app.get_subcommands([](const CLI::App* verb) { return is_shown(verb); });
  return verbs;
}

// The words of all flags: "--seed --json -o --output".
std::string flags_of(const CLI::App& verb) {
  std::string text;
  for (const CLI::Option* option : verb.get_options()) {
    for (const std::string& name : option->get_snames()) text += " -" + name;
    for (const std::string& name : option->get_lnames()) text += " --" + name;
  }
  return text.empty() ? text : text.substr(1);
}

std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  // A line that begins with a dot or a quote would be a request.
  return !out.empty() && (out[0] == '.' || out[0] == '\'') ? "\\&" + out : out;
}

std::string synopsis(const CLI::App& verb) {
  std::string text = verb.get_name();
  for (const CLI::Option* option : verb.get_options()) {
    if (option->get_positional()) text += " " + option->get_name(true);
  }
  return text + " [flags]";
}

void add_options(std::string& page, const CLI::App& verb) {
  for (const CLI::Option* option : verb.get_options()) {
    const bool takes = option->get_items_expected_max() > 0;
    std::string value = takes && option->nonpositional() ? " " + option->get_type_name() : "";
    page += fmt::format(".TP\n.B {}{}\n{}\n", roff(option->get_name(option->get_positional())), roff(value),
                        roff(option->get_description()));
  }
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string verbs;
  std::string cases;
  std::string values;
  for (const CLI::App* verb : verbs_of(app)) {
    verbs += (verbs.empty() ? "" : " ") + verb->get_name();
    cases += fmt::format("    {}) words=\"{} {}\" ;;\n", verb->get_name(), flags_of(*verb), flags_of(app));
  }
  for (const std::string& name : strategy_names()) values += (values.empty() ? "" : " ") + name;
  return fmt::format(R"(# Completion of {0} for bash. Made by `{0} generate bash`.
_{0}() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} verb="" words i
  case $before in
    --strategy) COMPREPLY=($(compgen -W "{1}" -- "$word")); return ;;
    --scenario|--near|--svg|-o|--output) COMPREPLY=($(compgen -f -- "$word")); return ;;
    --findings|--inputs|--new-inputs) COMPREPLY=($(compgen -d -- "$word")); return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case " {2} " in *" ${{COMP_WORDS[i]}} "*) verb=${{COMP_WORDS[i]}}; break ;; esac
  done
  case $verb in
    "") words="{2} {3}" ;;
{4}  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ -n $verb && $word != -* ]] && COMPREPLY+=($(compgen -f -- "$word"))
}}
complete -o filenames -F _{0} {0}
)",
                     app.get_name(), values, verbs, flags_of(app), cases);
}

std::string man_page(const CLI::App& app) {
  std::string upper = app.get_name();
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string page = fmt::format(
      ".TH {} 1\n.SH NAME\n{} \\- find wrong interleavings of an RCU\\-deferring allocator\n", upper, app.get_name());
  page += fmt::format(".SH SYNOPSIS\n.B {}\n.I verb\n[flags]\n.SH DESCRIPTION\n{}\n", app.get_name(),
                      roff(app.get_description()));
  page += ".SH FLAGS OF ALL VERBS\n";
  add_options(page, app);
  for (const CLI::App* verb : verbs_of(app)) {
    page += fmt::format(".SH {} {}\n{}.\n", upper, roff(synopsis(*verb)), roff(verb->get_description()));
    add_options(page, *verb);
  }
  return page + ".SH EXIT STATUS\n" + roff(app.get_footer()) + "\n";
}

int generate_verb(const CLI::App& app, const Options& options) {
  std::fputs((options.what == "bash" ? bash_completion(app) : man_page(app)).c_str(), stdout);
  return exit_nothing_found;
}

}  // namespace rcufarm::cli
