#include "stress/metrics/leak.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "stress/metrics/metrics.h"

namespace rcufarm::stress {

namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

double number_at(std::string_view text) { return std::strtod(std::string(text.substr(0, 20)).c_str(), nullptr); }

// "obj 4", and not "obj 42".
bool names(std::string_view line, const std::string& object) {
  for (auto at = line.find(object); at != std::string_view::npos; at = line.find(object, at + 1)) {
    const auto end = at + object.size();
    if (end == line.size() || !is_digit(line[end])) return true;
  }
  return false;
}

// "c0.free_by_rcu" in a step on lists.
std::string list_in(std::string_view line) {
  if (line.find("llist_") == std::string_view::npos) return "";
  for (const std::string_view list : list_names) {
    const auto at = line.find(list);
    if (at == std::string_view::npos || at == 0 || line[at - 1] != '.') continue;
    const auto end = at + list.size();
    if (end == line.size() || !is_name(line[end])) return std::string(list);
  }
  return "";
}

// The accused object's life, step by step.
void read_diagram(const std::string& diagram, Leak& leak) {
  constexpr std::string_view accusation = "BAD: obj ";
  constexpr std::string_view allocation = "kmalloc(";
  const auto bad = diagram.find(accusation);
  if (bad == std::string::npos) return;
  const std::string object =
      fmt::format("obj {:.0f}", number_at(std::string_view(diagram).substr(bad + accusation.size())));
  std::istringstream lines(diagram.substr(0, bad));
  for (std::string line; std::getline(lines, line);) {
    if (!names(line, object)) continue;
    if (const auto at = line.find(allocation); at != std::string::npos) {
      leak.bytes = number_at(std::string_view(line).substr(at + allocation.size()));
    }
    if (std::string list = list_in(line); !list.empty()) leak.list = std::move(list);
  }
}

}  // namespace

Leak leak_in(const std::string& report) {
  Leak leak{.objects = 0, .bytes = 0, .list = list_names[allocator_lists]};
  const auto at = report.find(" objects are not back in the slab");
  if (at != std::string::npos) {
    const auto begin = report.find_last_not_of("0123456789", at - 1);
    leak.objects = std::strtod(report.c_str() + begin + 1, nullptr);
  }
  constexpr std::string_view live = "live object of ";
  for (auto line = report.find(live); line != std::string::npos; line = report.find(live, line + 1)) {
    leak.bytes += std::strtod(report.c_str() + line + live.size(), nullptr);
  }
  if (leak.objects == 0) leak.objects = 1;  // a simulated finding accuses one
  read_diagram(report, leak);
  return leak;
}

}  // namespace rcufarm::stress
