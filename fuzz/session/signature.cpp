#include "session/signature.h"

#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "session/text.h"

namespace rcufarm::session {

namespace {

constexpr std::size_t signature_bytes_max = 160;

// The rest of the first line that has `key`, after it.
std::optional<std::string_view> rest_of_line(std::string_view report, std::string_view key) {
  const auto at = report.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const auto begin = at + key.size();
  return trimmed(report.substr(begin, report.find('\n', begin) - begin));
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Numbers that stand for themselves become N, "0x…" too; digits inside a name (rcu_head2, int32_t) stay.
std::string without_numbers(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    const bool starts_word = i == 0 || !is_word(text[i - 1]);
    if (!starts_word || std::isdigit(static_cast<unsigned char>(text[i])) == 0) {
      plain.push_back(text[i++]);
      continue;
    }
    while (i < text.size() && is_word(text[i])) ++i;
    plain.push_back('N');
  }
  return plain.substr(0, signature_bytes_max);
}

// "/a/b/file.cpp:12:3" -> "file.cpp"
std::string_view file_name(std::string_view place) {
  place = place.substr(place.rfind('/') == std::string_view::npos ? 0 : place.rfind('/') + 1);
  return place.substr(0, place.find_first_of(":)"));
}

// Frames of allocators, sanitizers and threads say nothing about the fault.
bool is_runtime_frame(std::string_view function) {
  constexpr std::array<std::string_view, 16> runtime{
      "__asan",   "__tsan", "__ubsan", "__interceptor", "__sanitizer", "fuzzer::",     "malloc",   "free",
      "operator", "memcpy", "memset",  "raise",         "abort",       "__libc_start", "pthread_", "gsignal"};
  for (const auto prefix : runtime) {
    if (function.starts_with(prefix)) return true;
  }
  return false;
}

// The innermost function of ours in "    #0 0x55 in name file:line" (ASan) or "    #0 name file:line" (TSan) lines.
std::optional<std::string> innermost_function(std::string_view report) {
  for (std::size_t at = 0; (at = report.find("    #", at)) != std::string_view::npos; ++at) {
    const auto line = report.substr(at, report.find('\n', at) - at);
    const auto frame = line.find(' ', line.find('#'));
    if (frame == std::string_view::npos) continue;
    auto name = line.substr(frame + 1);
    if (name.starts_with("0x")) {
      const auto in = name.find(" in ");
      if (in == std::string_view::npos) continue;  // no symbols
      name = name.substr(in + 4);
    }
    // A name ends at its arguments or at the place; "rcufarm::v1::free(void*) /src/x.cpp:1".
    const std::string function(trimmed(name.substr(0, name.find_first_of("( "))));
    if (!function.empty() && !is_runtime_frame(function)) return function;
  }
  return std::nullopt;
}

// "AddressSanitizer: heap-use-after-free /src/a.cpp:1:2 in name" -> "AddressSanitizer: heap-use-after-free in name"
std::string from_summary(std::string_view summary, std::string_view report) {
  const auto tool_end = summary.find(": ");
  if (tool_end == std::string_view::npos) return std::string(summary);
  const auto details = summary.substr(tool_end + 2);
  const auto place = details.find_first_of("/(<");
  std::string text(summary.substr(0, tool_end + 2));
  text.append(trimmed(details.substr(0, place)));
  if (const auto function = innermost_function(report)) {
    text.append(" in ").append(*function);
  } else if (place != std::string_view::npos) {
    text.append(" in ").append(file_name(details.substr(place, details.find(' ', place) - place)));
  }
  return text;
}

oracle::Kind kind_of(std::string_view signature) {
  if (signature.starts_with("AddressSanitizer")) return oracle::Kind::asan;
  if (signature.starts_with("ThreadSanitizer")) return oracle::Kind::tsan;
  if (signature.starts_with("UndefinedBehaviorSanitizer")) return oracle::Kind::ubsan;
  return oracle::Kind::crash;
}

}  // namespace

harness::Finding first_finding(const harness::Received& received, std::string_view report) {
  if (const harness::Finding* first = received.first()) return *first;
  std::string name = received.trouble.empty() ? signature(report) : received.trouble;
  return {.kind = kind_of(name), .signature = std::move(name)};
}

std::string signature(std::string_view report) {
  if (trimmed(report).empty()) return "no report";
  // UBSan's summary is always the same; its message says what is undefined.
  if (const auto error = rest_of_line(report, "runtime error: ")) {
    std::string text = "UndefinedBehaviorSanitizer: " + without_numbers(*error);
    if (const auto function = innermost_function(report)) text.append(" in ").append(*function);
    return text.substr(0, signature_bytes_max);
  }
  const auto summary = rest_of_line(report, "SUMMARY: ");
  if (summary && !summary->starts_with("libFuzzer"))
    return from_summary(*summary, report).substr(0, signature_bytes_max);
  if (summary) {
    std::string text(*summary);
    if (const auto function = innermost_function(report)) text.append(" in ").append(*function);
    return without_numbers(text);
  }
  const auto first = trimmed(report);
  return without_numbers(first.substr(0, first.find('\n')));
}

}  // namespace rcufarm::session
