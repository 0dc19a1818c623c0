#include "stress/store/entry.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "stress/store/sha256.h"

namespace rcufarm::stress {

namespace {

using nlohmann::json;

constexpr const char* nondeterminism = "nondeterminism";

// Fields by their names in the journal, for writing (const) and reading alike.
template <class S>
auto fields_of_sighting(S& s) {
  return std::vector{std::pair{"key", &s.key},     std::pair{"engine", &s.engine}, std::pair{"program", &s.program},
                     std::pair{"build", &s.build}, std::pair{"kind", &s.kind},     std::pair{"signature", &s.signature},
                     std::pair{"input", &s.input}, std::pair{"report", &s.report}};
}

template <class F>
auto fields_of_finding(F& f) {
  return std::vector{std::pair{"kind", &f.kind},          std::pair{"signature", &f.signature},
                     std::pair{"engine", &f.engine},      std::pair{"program", &f.program},
                     std::pair{"build", &f.build},        std::pair{"checked_build", &f.checked_build},
                     std::pair{"reproduce", &f.reproduce}};
}

template <class C>
auto fields_of_change(C& c) {
  return std::vector{std::pair{"key", &c.key}, std::pair{"source", &c.source}, std::pair{"target", &c.target},
                     std::pair{"title", &c.title}, std::pair{"name", &c.name}};
}

template <class S>
auto fields_of_shown(S& s) {
  return std::vector{std::pair{"kind", &s.kind},           std::pair{"signature", &s.signature},
                     std::pair{"model", &s.model},         std::pair{"input", &s.input},
                     std::pair{"report", &s.report},       std::pair{"diagram", &s.diagram},
                     std::pair{"svg", &s.diagram_svg},     std::pair{"reproduce", &s.reproduce},
                     std::pair{"first_bad", &s.first_bad}, std::pair{"bad_told", &s.bad_told}};
}

// Texts may hold any bytes, which JSON's strings may not.
json bytes(const std::string& text) { return json::binary({text.begin(), text.end()}); }
std::string text_of(const json& value) {
  const auto& binary = value.get_binary();
  return {binary.begin(), binary.end()};
}

json to_json(const Sighting& s) {
  json one = {{"seen", s.seen}};
  for (const auto& [name, text] : fields_of_sighting(s)) one[name] = bytes(*text);
  return one;
}

Sighting sighting_of(const json& one) {
  Sighting s;
  s.seen = one.at("seen").get<std::uint64_t>();
  for (const auto& [name, text] : fields_of_sighting(s)) *text = text_of(one.at(name));
  return s;
}

json to_json(const Finding& f) {
  json one = {{"replays", f.replays}, {"reproduced", f.reproduced}};
  for (const auto& [name, text] : fields_of_finding(f)) one[name] = bytes(*text);
  return one;
}

Finding finding_of(const json& one) {
  Finding f;
  f.replays = one.at("replays").get<std::uint64_t>();
  f.reproduced = one.at("reproduced").get<std::uint64_t>();
  for (const auto& [name, text] : fields_of_finding(f)) *text = text_of(one.at(name));
  return f;
}

json to_json(const Evidence& e) {
  json one = {{"report", bytes(e.report)}, {"diagram", bytes(e.diagram)}, {"diagram_svg", bytes(e.diagram_svg)}};
  if (e.input) one["input"] = bytes(*e.input);
  return one;
}

Evidence evidence_of(const json& one) {
  Evidence e{.report = text_of(one.at("report")),
             .diagram = text_of(one.at("diagram")),
             .diagram_svg = text_of(one.at("diagram_svg"))};
  if (one.contains("input")) e.input = text_of(one["input"]);
  return e;
}

json to_json(const ChangeEnd& e) {
  json one = {{"state", bytes(e.state)},
              {"told", bytes(e.told)},
              {"result", bytes(e.result)},
              {"cured", e.cured},
              {"shown", json::array()}};
  for (const Shown& s : e.shown) {
    json shown = {{"replays", s.replays}};
    for (const auto& [name, text] : fields_of_shown(s)) shown[name] = bytes(*text);
    one["shown"].push_back(std::move(shown));
  }
  return one;
}

ChangeEnd change_end_of(const json& one) {
  ChangeEnd e{.state = text_of(one.at("state")),
              .told = text_of(one.at("told")),
              .result = text_of(one.at("result")),
              .shown = {},
              .cured = one.at("cured").get<std::vector<std::string>>()};
  for (const json& shown : one.at("shown")) {
    Shown& s = e.shown.emplace_back();
    s.replays = shown.at("replays").get<std::uint64_t>();
    for (const auto& [name, text] : fields_of_shown(s)) *text = text_of(shown.at(name));
  }
  return e;
}

struct Encoder {
  json operator()(const SightingEntry& e) const {
    return {{"do", "sighting"}, {"sighting", to_json(e.sighting)}, {"evidence", to_json(e.evidence)}};
  }
  json operator()(const SettledEntry& e) const {
    return {{"do", "settled"},
            {"sighting", to_json(e.sighting)},
            {"finding", to_json(e.finding)},
            {"evidence", to_json(e.evidence)},
            {"told", bytes(e.told)},
            {"accuse", e.accuse_ourselves}};
  }
  json operator()(const DismissedEntry& e) const { return {{"do", "dismissed"}, {"sighting", bytes(e.sighting)}}; }
  json operator()(const CheckedEntry& e) const {
    return {{"do", "checked"}, {"finding", e.finding}, {"build", e.build}, {"tries", e.tries}, {"hits", e.hits}};
  }
  json operator()(const CountedEntry& e) const {
    return {{"do", "counted"},
            {"event", bytes(e.event)},
            {"name", bytes(e.counter.name)},
            {"labels", bytes(e.counter.labels)},
            {"n", e.n}};
  }
  json operator()(const NotedEntry& e) const {
    return {{"do", "noted"}, {"name", bytes(e.name)}, {"value", bytes(e.value)}};
  }
  json operator()(const SubmittedEntry& e) const {
    json one = {{"do", "submitted"}, {"place", e.change.place}, {"content", bytes(e.content)}};
    for (const auto& [name, text] : fields_of_change(e.change)) one[name] = bytes(*text);
    return one;
  }
  json operator()(const ChangeEndEntry& e) const {
    return {{"do", "change ended"}, {"change", e.change}, {"end", to_json(e.end)}};
  }
  json operator()(const GainEntry& e) const {
    return {{"do", "gained"},
            {"proof", e.part.proof},
            {"first", e.part.first},
            {"number", e.part.number},
            {"gain", bytes(e.gain)}};
  }
};

Entry entry_of(const json& one) {
  const auto what = one.at("do").get<std::string>();
  if (what == "sighting") return SightingEntry{sighting_of(one.at("sighting")), evidence_of(one.at("evidence"))};
  if (what == "settled") {
    return SettledEntry{sighting_of(one.at("sighting")), finding_of(one.at("finding")), evidence_of(one.at("evidence")),
                        text_of(one.at("told")), one.at("accuse").get<bool>()};
  }
  if (what == "dismissed") return DismissedEntry{text_of(one.at("sighting"))};
  if (what == "checked") {
    return CheckedEntry{one.at("finding").get<std::string>(), one.at("build").get<std::string>(),
                        one.at("tries").get<std::uint64_t>(), one.at("hits").get<std::uint64_t>()};
  }
  if (what == "counted") {
    return CountedEntry{text_of(one.at("event")),
                        {text_of(one.at("name")), text_of(one.at("labels"))},
                        one.at("n").get<std::uint64_t>()};
  }
  if (what == "noted") return NotedEntry{text_of(one.at("name")), text_of(one.at("value"))};
  if (what == "submitted") {
    SubmittedEntry e;
    e.content = text_of(one.at("content"));
    e.change.place = one.at("place").get<std::int64_t>();
    for (const auto& [name, text] : fields_of_change(e.change)) *text = text_of(one.at(name));
    return e;
  }
  if (what == "change ended") return ChangeEndEntry{one.at("change").get<std::string>(), change_end_of(one.at("end"))};
  if (what == "gained") {
    return GainEntry{{one.at("proof").get<std::string>(), one.at("first").get<std::uint64_t>(),
                      one.at("number").get<std::uint64_t>()},
                     text_of(one.at("gain"))};
  }
  throw json::other_error::create(501, "unknown entry", nullptr);
}

std::string stored(Store& store, const std::string& bytes) { return bytes.empty() ? "" : store.blobs().put(bytes); }

struct Delivery {
  Store& store;

  void operator()(const SightingEntry& e) const {
    Sighting s = e.sighting;
    // Of a known one the store has an input and a report: another for each time it is met would fill the disk.
    const bool known = !s.signature.empty() && store.finding(finding_key(s.signature)).has_value();
    if (!known && e.evidence.input) s.input = store.blobs().put(*e.evidence.input);
    if (!known) s.report = stored(store, e.evidence.report);
    const Reported reported = store.report(s);
    if (reported == Reported::repeated || s.signature.empty()) return;
    spdlog::warn("{} {}: {}", reported == Reported::queued ? "found" : "found again", s.program, s.signature);
  }

  void operator()(const SettledEntry& e) const {
    Finding f = e.finding;
    f.input = e.evidence.input ? store.blobs().put(*e.evidence.input) : "";
    f.report = stored(store, e.evidence.report);
    f.diagram = stored(store, e.evidence.diagram);
    f.diagram_svg = stored(store, e.evidence.diagram_svg);
    const bool is_new = store.settle(e.sighting, f);
    spdlog::warn("{} finding {}: {} ({})", is_new ? "new" : "known", finding_key(f.signature).substr(0, 12),
                 f.signature, e.told);
    if (!e.accuse_ourselves) return;
    Sighting ours = e.sighting;
    ours.key = sha256_of({"nondeterministic", e.sighting.key});
    ours.kind = nondeterminism;
    ours.signature = ours.kind + ": " + f.signature;
    f.kind = ours.kind;
    f.signature = ours.signature;
    // Told before and not settled: the second half of a delivery that was cut.
    if (store.report(ours) != Reported::counted) store.settle(ours, f);
  }

  void operator()(const DismissedEntry& e) const {
    Sighting s;
    s.key = e.sighting;
    store.dismiss(s);
  }
  void operator()(const CheckedEntry& e) const {
    store.checked(e.finding, e.build, e.tries, e.hits);
    spdlog::warn("finding {} on build {}: {} of {} runs show it", e.finding.substr(0, 12), e.build, e.hits, e.tries);
  }
  void operator()(const CountedEntry& e) const { store.count_once(e.event, e.counter, e.n); }
  void operator()(const NotedEntry& e) const { store.set_note(e.name, e.value); }
  void operator()(const SubmittedEntry& e) const {
    Change change = e.change;
    change.content = stored(store, e.content);
    if (store.submit(change)) spdlog::info("taken in to be looked at: {}", change.title);
  }
  void operator()(const ChangeEndEntry& e) const {
    ChangeEnd end = e.end;
    end.result = stored(store, end.result);
    for (Shown& shown : end.shown) {
      for (std::string* blob : {&shown.input, &shown.report, &shown.diagram, &shown.diagram_svg})
        *blob = stored(store, *blob);
    }
    if (store.end_change(e.change, end)) spdlog::info("change {}: {}", e.change.substr(0, 12), end.state);
  }
  void operator()(const GainEntry& e) const {
    if (!store.take_gain(e.part, e.gain))
      spdlog::info("a part of a proof, from program {} on, brings nothing: it came before, or another farm has it",
                   e.part.first);
  }
};

}  // namespace

std::string encode(const Entry& entry) {
  const auto packed = json::to_cbor(std::visit(Encoder{}, entry));
  return {packed.begin(), packed.end()};
}

std::optional<Entry> decode(const std::string& packed) {
  try {
    return entry_of(json::from_cbor(packed));
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

void deliver(const Entry& entry, Store& store) { std::visit(Delivery{store}, entry); }

}  // namespace rcufarm::stress
