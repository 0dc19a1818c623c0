#include "stress/exchange.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace rcufarm::stress {

namespace {

using nlohmann::json;

constexpr int format_version = 1;

std::string to_base64(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string from_base64(const std::string& text) {
  std::string bytes(text.size() / 4 * 3 + 1, '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (length < 0) throw std::runtime_error("a blob is not base64");
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

// The fields that are text, by their names in the file.
std::vector<std::pair<const char*, std::string*>> texts_of(Finding& f) {
  return {
      {"node", &f.node},       {"kind", &f.kind},   {"signature", &f.signature}, {"engine", &f.engine},
      {"program", &f.program}, {"build", &f.build}, {"reproduce", &f.reproduce}, {"checked_build", &f.checked_build}};
}

std::vector<std::pair<const char*, std::string*>> blobs_of(Finding& f) {
  return {{"input", &f.input}, {"report", &f.report}, {"diagram", &f.diagram}, {"diagram_svg", &f.diagram_svg}};
}

// Of a message that may quote what it is about.
std::string one_line(std::string text) {
  constexpr std::size_t chars_max = 200;
  text.resize(std::min({text.size(), text.find('\n'), chars_max}));
  return text;
}

json to_json(Store& store, Finding f) {
  json one = {
      {"replays", f.replays}, {"reproduced", f.reproduced}, {"state", name_of(f.state)}, {"tallies", json::array()}};
  for (const auto& [name, text] : texts_of(f)) one[name] = *text;
  for (const auto& [name, hash] : blobs_of(f)) {
    one[name] = hash->empty() ? json(nullptr) : json(to_base64(store.blobs().get(*hash).value_or("")));
  }
  for (const Tally& t : store.tallies(f.key)) {
    one["tallies"].push_back(
        {{"node", t.node}, {"count", t.count}, {"first_seen", t.first_seen}, {"last_seen", t.last_seen}});
  }
  return one;
}

void take(Store& store, const json& one) {
  Finding f;
  for (const auto& [name, text] : texts_of(f)) *text = one.at(name).get<std::string>();
  for (const auto& [name, hash] : blobs_of(f)) {
    if (!one.at(name).is_null()) *hash = store.blobs().put(from_base64(one.at(name).get<std::string>()));
  }
  f.replays = one.at("replays").get<std::uint64_t>();
  f.reproduced = one.at("reproduced").get<std::uint64_t>();
  const auto state = finding_state_named(one.at("state").get<std::string>());
  if (!state || f.signature.empty()) throw std::runtime_error("a finding has no signature, or an unknown state");
  f.state = *state;
  std::vector<Tally> tallies;
  for (const json& t : one.at("tallies")) {
    tallies.push_back({t.at("node").get<std::string>(), t.at("count").get<std::uint64_t>(),
                       t.at("first_seen").get<Milliseconds>(), t.at("last_seen").get<Milliseconds>()});
  }
  if (tallies.empty()) throw std::runtime_error("a finding was seen by nobody");
  store.merge(f, tallies);
}

}  // namespace

std::string export_findings(Store& store) {
  json all = {{"format", "rcufarm findings"}, {"version", format_version}, {"findings", json::array()}};
  for (const Finding& f : store.findings()) all["findings"].push_back(to_json(store, f));
  return all.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::variant<Imported, std::string> import_findings(Store& store, const std::string& text) {
  try {
    const json all = json::parse(text);
    if (all.at("format") != "rcufarm findings" || all.at("version") != format_version) {
      return std::string("not an export of this version");
    }
    for (const json& one : all.at("findings")) take(store, one);
    return Imported{all.at("findings").size()};
  } catch (const json::parse_error& error) {
    const auto line =
        1 +
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(error.byte, text.size())), '\n');
    return fmt::format("not an export of findings: its JSON {} in line {}. Export it again, and compare the sizes",
                       error.byte >= text.size() ? "is cut off" : "is broken", line);
  } catch (const json::exception& error) {
    return fmt::format("not an export of findings: {}", one_line(error.what()));
  } catch (const std::runtime_error& error) {
    return std::string(error.what());
  }
}

}  // namespace rcufarm::stress
