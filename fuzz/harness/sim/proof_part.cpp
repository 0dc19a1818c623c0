// Job: see proof_part.h.
#include "harness/sim/proof_part.h"

#include <stdexcept>
#include <utility>

#include "harness/sim/frontier_json.h"
#include "scenario/text.h"

namespace rcufarm::harness {

namespace {

using nlohmann::json;

constexpr unsigned part_format = 1;

template <class Value>
Value value_of(std::variant<Value, std::string> read, const char* what) {
  if (const auto* error = std::get_if<std::string>(&read)) throw std::invalid_argument(what + *error);
  return std::get<Value>(std::move(read));
}

scenario::Scenario scenario_from(const json& text) {
  auto read = scenario::parse(text.get_ref<const std::string&>());
  if (const auto* error = std::get_if<scenario::ParseError>(&read))
    throw std::invalid_argument("its scenario: " + error->message());
  return std::get<scenario::Scenario>(std::move(read));
}

// Of an object with that key, in this format.
json parsed(std::string_view text, const char* key) {
  json all = json::parse(text);
  if (!all.is_object() || !all.contains(key)) throw std::invalid_argument(std::string("it is no ") + key);
  if (all[key] != part_format) throw std::invalid_argument("another version of rcufarm wrote it");
  return all;
}

}  // namespace

std::string to_text(const ProofPart& part) {
  json all = {{"rcufarm_part", part_format}, {"build", part.build}, {"model", part.model}};
  if (const auto* row = std::get_if<ProgramRow>(&part.what)) {
    all.update({{"operations", row->operations}, {"first", row->first}, {"count", row->count}});
  } else {
    const auto& of_one = std::get<FrontierPart>(part.what);
    all.update({{"scenario", scenario::print(of_one.scenario)},
                {"config", to_text(of_one.config)},
                {"node", of_one.claim.node},
                {"number", of_one.claim.number},
                {"task", json_of(of_one.claim.task)}});
  }
  return all.dump() + "\n";
}

std::variant<ProofPart, std::string> proof_part_from_text(std::string_view text) {
  try {
    const json all = parsed(text, "rcufarm_part");
    ProofPart part{all.at("build").get<std::string>(), all.at("model").get<std::string>(), ProgramRow{}};
    if (!all.contains("task")) {
      part.what = ProgramRow{all.at("operations"), all.at("first"), all.at("count")};
      return part;
    }
    FrontierPart of_one{scenario_from(all.at("scenario")), {}, {all.at("node"), all.at("number"), {}}};
    of_one.config = value_of(sim_config_from_text(all.at("config").get_ref<const std::string&>()), "its config: ");
    of_one.claim.task = task_from(all["task"]);
    part.what = std::move(of_one);
    return part;
  } catch (const std::exception& error) {
    return std::string(error.what()).substr(0, 200);
  }
}

std::string to_text(const ProofGain& gain) {
  json all = {{"rcufarm_gain", part_format}, {"seconds", gain.seconds}};
  if (const auto* row = std::get_if<RowGain>(&gain.what)) {
    all.update({{"sizes", row->sizes},
                {"proven", row->proven},
                {"limited", row->limited},
                {"wrong", row->wrong},
                {"executions", row->executions},
                {"blocked", row->blocked}});
    if (row->begun) all["begun"] = to_text(*row->begun);
  } else {
    const auto& of_one = std::get<FrontierGain>(gain.what);
    all.update({{"node", of_one.node},
                {"number", of_one.number},
                {"rest", json_of(of_one.rest)},
                {"limited", of_one.limited},
                {"finding", of_one.finding}});
    add_figures(all, of_one.figures);
  }
  return all.dump() + "\n";
}

std::variant<ProofGain, std::string> proof_gain_from_text(std::string_view text) {
  try {
    const json all = parsed(text, "rcufarm_gain");
    ProofGain gain{all.at("seconds"), RowGain{}};
    if (all.contains("rest")) {
      gain.what = FrontierGain{all.at("node"),    all.at("number"),  rest_from(all["rest"]),
                               figures_from(all), all.at("limited"), all.at("finding").get<std::string>()};
      return gain;
    }
    RowGain row{all.at("sizes").get<std::vector<std::uint64_t>>(),
                all.at("proven"),
                all.at("limited"),
                all.at("wrong"),
                all.at("executions"),
                all.at("blocked")};
    if (all.contains("begun"))
      row.begun = value_of(shared_proof_from_text(all["begun"].get_ref<const std::string&>()), "its program: ");
    gain.what = std::move(row);
    return gain;
  } catch (const std::exception& error) {
    return std::string(error.what()).substr(0, 200);
  }
}

std::optional<FrontierPart> claim_part(SharedProof& proof, std::int64_t now, std::int64_t until) {
  if (!proof.finding.empty()) return std::nullopt;
  auto claim = proof.frontier.claim(now, until);
  if (!claim) return std::nullopt;
  return FrontierPart{proof.scenario, proof.config, std::move(*claim)};
}

bool take_gain(SharedProof& proof, const FrontierGain& gain, double seconds) {
  if (!proof.frontier.give_back({gain.node, gain.number, {}}, gain.rest)) return false;
  proof.figures.executions += gain.figures.executions;
  proof.figures.blocked += gain.figures.blocked;
  proof.figures.missed += gain.figures.missed;
  proof.figures.steps += gain.figures.steps;
  proof.limited += gain.limited;
  proof.seconds += seconds;
  if (proof.finding.empty()) proof.finding = gain.finding;
  return true;
}

}  // namespace rcufarm::harness
