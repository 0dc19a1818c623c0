// Job: see shared_proof.h.
#include "harness/sim/shared_proof.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <utility>

#include "harness/sim/frontier_json.h"
#include "scenario/text.h"

namespace rcufarm::harness {

namespace {

using nlohmann::json;

constexpr unsigned format = 1;

struct Unlock {
  int descriptor;
  ~Unlock() { close(descriptor); }
};

// Until the answer goes: nobody else has it. Below 0: errno says why not.
int lock(const std::filesystem::path& path) {
  const int descriptor = open((path.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) return descriptor;
  int status = 0;
  do status = flock(descriptor, LOCK_EX);
  while (status != 0 && errno == EINTR);
  if (status == 0) return descriptor;
  const int why = errno;
  close(descriptor);
  errno = why;
  return -1;
}

std::string cannot(const char* what, const std::filesystem::path& path) {
  return std::string("cannot ") + what + " " + path.string() + ": " + std::strerror(errno);
}

}  // namespace

std::string to_text(const SharedProof& proof) {
  json nodes = json::array();
  for (const auto& [id, node] : proof.frontier.nodes()) {
    json one = json_of(node.state);
    one["id"] = id;
    if (!node.steps.empty()) {
      one["parent"] = node.parent;
      one["steps"] = json_of(node.steps);
    }
    if (node.claim != 0) one["claim"] = {{"number", node.claim}, {"until", node.until}, {"open", node.claimed}};
    nodes.push_back(std::move(one));
  }
  json all = {{"rcufarm_frontier", format},      {"build", proof.build},
              {"config", to_text(proof.config)}, {"scenario", scenario::print(proof.scenario)},
              {"limited", proof.limited},        {"seconds", proof.seconds},
              {"finding", proof.finding},        {"claims", proof.frontier.claims()},
              {"nodes", std::move(nodes)}};
  add_figures(all, proof.figures);
  return all.dump(1) + "\n";
}

std::variant<SharedProof, std::string> shared_proof_from_text(std::string_view text) {
  try {
    const json all = json::parse(text);
    if (!all.is_object() || !all.contains("rcufarm_frontier")) return "not a frontier of rcufarm prove";
    if (all["rcufarm_frontier"] != format) return "a frontier of another version of rcufarm: begin the proof anew";
    SharedProof proof;
    proof.build = all.at("build").get<std::string>();
    auto config = sim_config_from_text(all.at("config").get_ref<const std::string&>());
    if (const auto* error = std::get_if<std::string>(&config)) return "its config: " + *error;
    proof.config = std::get<SimConfig>(std::move(config));
    auto scenario = scenario::parse(all.at("scenario").get_ref<const std::string&>());
    if (const auto* error = std::get_if<scenario::ParseError>(&scenario)) return "its scenario: " + error->message();
    proof.scenario = std::get<scenario::Scenario>(std::move(scenario));
    proof.figures = figures_from(all);
    proof.limited = all.at("limited");
    proof.seconds = all.at("seconds");
    proof.finding = all.at("finding").get<std::string>();
    std::map<std::uint64_t, sim::Frontier::Node> nodes;
    for (const json& one : all.at("nodes")) {
      sim::Frontier::Node& node = nodes[one.at("id")];
      node.state = state_from(one);
      if (one.contains("parent")) {
        node.parent = one["parent"];
        node.steps = steps_from(one.at("steps"));
      }
      if (!one.contains("claim")) continue;
      node.claim = one["claim"].at("number");
      node.until = one["claim"].at("until");
      node.claimed = one["claim"].at("open");
    }
    if (!proof.frontier.restore(std::move(nodes), all.at("claims"))) return "its states are no tree";
    return proof;
  } catch (const std::exception& error) {
    return std::string(error.what()).substr(0, 200);
  }
}

std::variant<SharedProof, std::string> SharedProofFile::read_locked() const {
  std::ifstream file(path_, std::ios::binary);
  if (!file) return cannot("read", path_);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto proof = shared_proof_from_text(text);
  if (const auto* error = std::get_if<std::string>(&proof)) return path_.string() + ": " + *error;
  return proof;
}

std::string SharedProofFile::write_locked(const SharedProof& proof) const {
  const std::filesystem::path fresh = path_.string() + ".new";
  std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
  file << to_text(proof);
  file.close();
  if (!file || std::rename(fresh.c_str(), path_.c_str()) != 0) return cannot("write", path_);
  return "";
}

std::string SharedProofFile::create(const SharedProof& proof) const {
  const int descriptor = lock(path_);
  if (descriptor < 0) return cannot("lock", path_);
  const Unlock unlock{descriptor};
  return exists() ? "" : write_locked(proof);
}

std::variant<SharedProof, std::string> SharedProofFile::read() const {
  const int descriptor = lock(path_);
  if (descriptor < 0) return cannot("lock", path_);
  const Unlock unlock{descriptor};
  return read_locked();
}

std::string SharedProofFile::update(const std::function<bool(SharedProof&)>& change) const {
  const int descriptor = lock(path_);
  if (descriptor < 0) return cannot("lock", path_);
  const Unlock unlock{descriptor};
  auto proof = read_locked();
  if (auto* error = std::get_if<std::string>(&proof)) return std::move(*error);
  auto& value = std::get<SharedProof>(proof);
  return change(value) ? write_locked(value) : "";
}

}  // namespace rcufarm::harness
