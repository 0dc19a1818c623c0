#include "stress/config/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include "stress/config/config_fields.h"

namespace rcufarm::stress {

namespace {

// What is wrong at a place in the file.
[[noreturn]] void reject(const std::string& name, const toml::source_region& at, const std::string& what) {
  throw std::invalid_argument(fmt::format("{}:{}: {}", name, at.begin.line, what));
}

std::string allowed_of(const ConfigField& field) {
  if (std::holds_alternative<unsigned*>(field.value)) {
    return fmt::format("a whole number from {} to {}", field.least, field.most);
  }
  if (std::holds_alternative<std::vector<std::string>*>(field.value)) return "a list of texts, as [\"a\", \"b\"]";
  if (!field.choices.empty()) return fmt::format("one of \"{}\"", fmt::join(field.choices, "\", \""));
  return "a text in quotes";
}

class Reader {
 public:
  Reader(Config& config, const std::string& name) : config_(config), fields_(config_fields(config)), name_(name) {}

  void take(const toml::table& file) {
    for (const auto& [key, node] : file) {
      if (key.str() == "watch") {
        take_watches(key, node);
        continue;
      }
      const toml::table* table = node.as_table();
      if (!has_table(key.str()) || table == nullptr) {
        reject(name_, key.source(),
               fmt::format("unknown table '{}'. Allowed: [{}], [[watch]]", key.str(), fmt::join(tables(), "], [")));
      }
      for (const auto& [inner, value] : *table) take(std::string(key.str()), inner, value);
    }
  }

 private:
  void take_watches(const toml::key& key, const toml::node& node) {
    const toml::array* array = node.as_array();
    if (array == nullptr) reject(name_, key.source(), "'watch' is a list of tables. Write [[watch]] above each");
    for (const auto& element : *array) {
      const toml::table* table = element.as_table();
      if (table == nullptr) reject(name_, key.source(), "'watch' is a list of tables. Write [[watch]] above each");
      WatchConfig watch;
      const auto fields = watch_fields(watch);
      for (const auto& [inner, value] : *table) take(fields, "watch", inner, value);
      config_.watches.push_back(std::move(watch));
    }
  }

  void take(const std::string& table, const toml::key& key, const toml::node& node) { take(fields_, table, key, node); }

  void take(const std::vector<ConfigField>& fields, const std::string& table, const toml::key& key,
            const toml::node& node) {
    std::vector<std::string> keys;
    for (const ConfigField& field : fields) {
      if (table != field.table) continue;
      if (key.str() == field.key) return set(field, node);
      keys.emplace_back(field.key);
    }
    reject(name_, key.source(),
           fmt::format("unknown key '{}' in [{}]. Allowed: {}", key.str(), table, fmt::join(keys, ", ")));
  }

  void set(const ConfigField& field, const toml::node& node) {
    if (!std::visit([&](auto* value) { return assign(field, node, *value); }, field.value)) {
      std::ostringstream given;
      given << toml::node_view<const toml::node>(node);
      reject(name_, node.source(),
             fmt::format("[{}] {} = {} is not allowed. Allowed: {}", field.table, field.key, given.str(),
                         allowed_of(field)));
    }
  }

  static bool assign(const ConfigField& field, const toml::node& node, unsigned& value) {
    const auto number = node.value_exact<std::int64_t>();
    if (!number || *number < field.least || *number > field.most) return false;
    value = static_cast<unsigned>(*number);
    return true;
  }

  static bool assign(const ConfigField& field, const toml::node& node, std::string& value) {
    const auto text = node.value_exact<std::string>();
    if (!text) return false;
    if (!field.choices.empty() && std::ranges::find(field.choices, *text) == field.choices.end()) return false;
    value = *text;
    return true;
  }

  static bool assign(const ConfigField& /*field*/, const toml::node& node, std::vector<std::string>& value) {
    const toml::array* array = node.as_array();
    if (array == nullptr) return false;
    std::vector<std::string> texts;
    for (const auto& element : *array) {
      const auto text = element.value_exact<std::string>();
      if (!text) return false;
      texts.push_back(*text);
    }
    value = std::move(texts);
    return true;
  }

  std::vector<std::string> tables() const {
    std::vector<std::string> names;
    for (const ConfigField& field : fields_) {
      if (names.empty() || names.back() != field.table) {
        if (std::ranges::find(names, field.table) == names.end()) names.emplace_back(field.table);
      }
    }
    return names;
  }
  bool has_table(std::string_view name) const {
    return std::ranges::any_of(fields_, [&](const ConfigField& field) { return name == field.table; });
  }

  Config& config_;
  std::vector<ConfigField> fields_;
  const std::string& name_;
};

std::string toml_text(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

std::string as_toml(const ConfigField& field) {
  if (const auto* number = std::get_if<unsigned*>(&field.value)) return fmt::format("{}", **number);
  if (const auto* text = std::get_if<std::string*>(&field.value)) return toml_text(**text);
  std::vector<std::string> texts;
  for (const auto& text : *std::get<std::vector<std::string>*>(field.value)) texts.push_back(toml_text(text));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

std::string trouble_of_models(const char* table, const std::vector<std::string>& models) {
  if (models.empty()) return fmt::format("[{}] models = []: give at least one of sc, tso, c11, kernel", table);
  for (const std::string& model : models) {
    if (model != "sc" && model != "tso" && model != "c11" && model != "kernel") {
      return fmt::format("[{}] models: there is no model \"{}\". Allowed: sc, tso, c11, kernel", table, model);
    }
  }
  return "";
}

// One allocator for each farm: what its engines find its explorer makes small, replays and draws.
std::string trouble_of_adopted(const Config& config) {
  struct Kind {
    const char* key;
    const std::string& program;
    unsigned share;
  };
  const ProgramsConfig& p = config.programs;
  const SharesConfig& s = config.shares;
  std::string name;
  for (const Kind& kind : {Kind{"explore_adopted", p.explore_adopted, s.explore_adopted},
                           Kind{"libfuzzer_adopted", p.libfuzzer_adopted, s.libfuzzer_adopted},
                           Kind{"afl_adopted", p.afl_adopted, s.afl_adopted}}) {
    const std::string its = adopted_name(kind.program);
    if (its.empty() && kind.share > 0) {
      return fmt::format("[shares] {0} = {1}, and [programs] {0} names no program. Give what ./farm adopt built",
                         kind.key, kind.share);
    }
    if (its == "sim" || its == "native" || its == "native_tsan" || its == "linux") {
      return fmt::format("[programs] {} = \"{}\": {} is a target of the farm's own. Call the allocator otherwise",
                         kind.key, kind.program, its);
    }
    if (name.empty()) name = its;
    if (!its.empty() && its != name) {
      return fmt::format("[programs] {} = \"{}\" is of {}, and another is of {}. A farm has one adopted allocator",
                         kind.key, kind.program, its, name);
    }
  }
  if (!name.empty() && p.explore_adopted.empty()) {
    return fmt::format(
        "[programs] explore_adopted = \"\": what engines find in {0} is replayed by its explorer. Give "
        "build/adopt/cmake/bin/rcufarm-{0}",
        name);
  }
  return "";
}

std::string trouble_of_changes(const Config& config) {
  if (std::string trouble = trouble_of_models("changes", config.changes.models); !trouble.empty()) return trouble;
  std::vector<std::string> names;
  for (const WatchConfig& watch : config.watches) {
    if (!is_watch_name(watch.name)) {
      return fmt::format("[[watch]] name = \"{}\": give it a name of letters, digits, and _ - . as it stands in links",
                         watch.name);
    }
    // Beside its folder of patches these two stand.
    if (watch.name == "taken" || watch.name == "refused")
      return fmt::format("[[watch]] name = \"{}\": a folder of the farm's own is called so; take another", watch.name);
    if (std::ranges::find(names, watch.name) != names.end())
      return fmt::format("two [[watch]] have the name \"{}\". Give each its own", watch.name);
    names.push_back(watch.name);
    if (watch.repository.empty())
      return fmt::format("[[watch]] \"{}\" has no repository. Give a path or a url: repository = \"...\"", watch.name);
    if (watch.target.empty() || watch.target.starts_with('/') || watch.target.find("..") != std::string::npos)
      return fmt::format("[[watch]] \"{}\": target = \"{}\" is none. Give alloc, linux, or a folder in the repository",
                         watch.name, watch.target);
    if (watch.branch.empty() || watch.branch.starts_with('-') || watch.branch.find(':') != std::string::npos)
      return fmt::format("[[watch]] \"{}\": \"{}\" is no name of a branch", watch.name, watch.branch);
  }
  return "";
}

}  // namespace

std::string adopted_name(const std::string& program) {
  std::string name = std::filesystem::path(program).filename();
  for (const std::string_view prefix : {"rcufarm-", "fuzz_sim-"}) {
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  }
  return name;
}

bool is_watch_name(const std::string& name) {
  constexpr const char* allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  return !name.empty() && name.find_first_not_of(allowed) == std::string::npos &&
         name.find_first_not_of('.') != std::string::npos;
}

std::filesystem::path Config::resolve(const std::string& path) const {
  if (path.empty()) return path;
  return std::filesystem::path(programs.root) / path;
}

std::variant<Config, ConfigError> parse_config(const std::string& text, const std::string& name) {
  Config config;
  try {
    const toml::table file = toml::parse(text, name);
    Reader(config, name).take(file);
  } catch (const toml::parse_error& error) {
    return ConfigError{fmt::format("{}:{}: not TOML: {}", name, error.source().begin.line, error.description())};
  } catch (const std::invalid_argument& error) {
    return ConfigError{error.what()};
  }
  return config;
}

std::string trouble_of(const Config& config) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(config.http.address.c_str(), "0", &wanted, &found);
  if (error == 0) freeaddrinfo(found);
  if (error != 0 || config.http.address.empty()) {
    return fmt::format("[http] address = \"{}\" is no address of a machine{}. Write one as 127.0.0.1, ::1 or 0.0.0.0",
                       config.http.address, error == 0 ? "" : fmt::format(" ({})", gai_strerror(error)));
  }
  const auto missing = [](const char* key, const std::filesystem::path& folder) {
    return fmt::format("{} = \"{}\": there is no such folder. Give one that is there, or leave the key out", key,
                       folder.string());
  };
  std::error_code ignored;
  if (!config.programs.root.empty() && !std::filesystem::is_directory(config.programs.root, ignored)) {
    return missing("[programs] root", config.programs.root);
  }
  // Those that are there by default may be missing where only programs are installed.
  const CorpusConfig usual;
  std::vector<std::pair<const char*, std::string>> folders;
  if (config.corpus.seeds != usual.seeds) {
    for (const std::string& seeds : config.corpus.seeds) folders.emplace_back("[corpus] seeds", seeds);
  }
  if (config.corpus.regressions != usual.regressions) {
    folders.emplace_back("[corpus] regressions", config.corpus.regressions);
  }
  for (const auto& [key, folder] : folders) {
    if (!std::filesystem::is_directory(config.resolve(folder), ignored)) return missing(key, config.resolve(folder));
  }
  if (!config.changes.linux_tree.empty() && !std::filesystem::is_directory(config.changes.linux_tree, ignored)) {
    return missing("[changes] linux_tree", config.changes.linux_tree);
  }
  if (std::string trouble = trouble_of_models("proof", config.proof.models); !trouble.empty()) return trouble;
  if (std::string trouble = trouble_of_adopted(config); !trouble.empty()) return trouble;
  return trouble_of_changes(config);
}

std::variant<Config, ConfigError> read_config(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) {
    return ConfigError{fmt::format("cannot read the config {}: {}. Make one with: rcufarm-farm config > {}",
                                   file.string(), std::strerror(errno), file.filename().string())};
  }
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  return parse_config(text, file.string());
}

std::string to_toml(const Config& config) {
  Config copy = config;
  std::string text =
      "# rcufarm-farm's configuration. Every key may be left out; what stands here are the values in force.\n";
  std::string table;
  for (const ConfigField& field : config_fields(copy)) {
    if (table != field.table) {
      table = field.table;
      text += fmt::format("\n[{}]\n", table);
    }
    if (*field.meaning != '\0') text += fmt::format("# {}: {}\n", field.meaning, allowed_of(field));
    text += fmt::format("{} = {}\n", field.key, as_toml(field));
  }
  text += "\n# Branches whose commits are looked at, one table each:\n";
  WatchConfig example;
  const auto add = [&](WatchConfig& watch, const char* before, bool with_meaning) {
    text += fmt::format("{}[[watch]]\n", before);
    for (const ConfigField& field : watch_fields(watch)) {
      if (with_meaning && *field.meaning != '\0') text += fmt::format("# {}: {}\n", field.meaning, allowed_of(field));
      text += fmt::format("{}{} = {}\n", before, field.key, as_toml(field));
    }
  };
  add(example, "# ", true);
  for (WatchConfig& watch : copy.watches) add(watch, "", false);
  return text;
}

}  // namespace rcufarm::stress
