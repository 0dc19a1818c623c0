#include "session/libfuzzer_log.h"

#include <algorithm>

#include "session/text.h"

namespace rcufarm::session {

namespace {

constexpr std::string_view written = "Test unit written to ";
constexpr std::string_view all_edges = "inline 8-bit counters): ";
constexpr std::string_view executed = "stat::number_of_executed_units:";

bool is_failure(const std::filesystem::path& input) {
  const std::string name = input.filename();
  return name.find("slow-unit-") == std::string::npos;
}

}  // namespace

void LibfuzzerLog::line(std::string_view text) {
  if (status_line(text)) return;
  if (const auto count = number_after(text, executed)) {
    figures_.executions = std::max(figures_.executions, *count);
    return;
  }
  if (text.starts_with("INFO:")) {
    if (const auto count = number_after(text, all_edges)) figures_.edges_all += *count;
    return;
  }
  if (const auto at = text.find(written); at != std::string_view::npos) {
    const std::filesystem::path input(text.substr(at + written.size()));
    if (is_failure(input)) failing_input_ = input;
  }
  keep(text);
}

// "#4096	NEW    cov: 8 ft: 9 corp: 2/8b lim: 4 exec/s: 1365 rss: 32Mb L: 4/4 MS: 1 ChangeBit-"
bool LibfuzzerLog::status_line(std::string_view text) {
  if (!text.starts_with('#')) return false;
  const auto executions = number_after(text, "#");
  if (!executions || text.find('\t') == std::string_view::npos) return false;
  figures_.executions = std::max(figures_.executions, *executions);
  if (const auto edges = number_after(text, " cov: ")) figures_.edges = *edges;
  if (const auto corpus = number_after(text, " corp: ")) figures_.corpus = *corpus;
  if (const auto rate = number_after(text, " exec/s: ")) figures_.rate = static_cast<double>(*rate);
  if (text.find("\tINITED") != std::string_view::npos) initialised_ = true;
  return true;
}

void LibfuzzerLog::keep(std::string_view text) {
  if (report_.size() + text.size() < report_bytes_max) report_.append(text).push_back('\n');
}

}  // namespace rcufarm::session
