#include "harness/sim/sim_config.h"

#include <charconv>
#include <vector>

namespace rcufarm::harness {

namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return words;
    const std::size_t end = std::min(line.find_first_of(" \t\r", begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    line.remove_prefix(end);
  }
}

bool parse_number(std::string_view word, std::uint64_t max, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size() && value <= max;
}

bool* flag_named(SimConfig& config, std::string_view name) {
  if (name == "settle") return &config.settle;
  if (name == "inspect") return &config.inspect;
  if (name == "order") return &config.check_order;
  return nullptr;
}

bool set(SimConfig& config, std::string_view name, std::string_view word) {
  constexpr std::uint64_t points_most = std::uint64_t{1} << 25U;
  constexpr std::uint64_t failures_most = 1024;
  std::uint64_t n = 0;
  if (bool* const flag = flag_named(config, name); flag != nullptr) {
    *flag = word == "yes";
    return word == "yes" || word == "no";
  }
  if (name == "harmless") {
    config.passes_harmless = word == "pass";
    return word == "pass" || word == "end";
  }
  if (name == "points") return parse_number(word, points_most, config.points_max) && config.points_max > 0;
  if (name == "statics") return image_from_text(word, config.statics);
  if (name == "model") return sim::model_named(word, config.model);
  if (name == "failures" && parse_number(word, failures_most, n)) {
    config.failures_max = static_cast<std::uint32_t>(n);
    return true;
  }
  return false;
}

}  // namespace

std::string to_text(const SimConfig& config) {
  return "points " + std::to_string(config.points_max) + " failures " + std::to_string(config.failures_max) +
         " settle " + (config.settle ? "yes" : "no") + " inspect " + (config.inspect ? "yes" : "no") + " order " +
         (config.check_order ? "yes" : "no") + " model " + sim::name_of(config.model) +
         (config.statics.empty() ? "" : " statics " + to_text(config.statics)) +
         (config.passes_harmless ? " harmless pass" : "");
}

std::variant<SimConfig, std::string> sim_config_from_text(std::string_view line) {
  const std::vector<std::string_view> words = words_of(line);
  SimConfig config;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 == words.size() || !set(config, words[i], words[i + 1])) {
      return "config: `" + std::string(words[i]) + (i + 1 < words.size() ? " " + std::string(words[i + 1]) : "") +
             "` is not understood; expected pairs such as `" + to_text(SimConfig{}) + "`";
    }
  }
  return config;
}

}  // namespace rcufarm::harness
