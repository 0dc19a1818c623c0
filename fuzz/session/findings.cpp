#include "session/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "session/child.h"
#include "session/signature.h"
#include "session/text.h"

namespace rcufarm::session {

namespace {

// A replay starts a program and reads symbols beside running the input.
constexpr std::chrono::seconds replay_overhead{30};

// What AFL++ itself knew of a failure: its folder, and the signal in the file's name.
std::string afl_verdict(const std::filesystem::path& input) {
  if (input.parent_path().filename() == "hangs") return "ran into the time limit";
  const std::string name = input.filename();
  const auto signal = number_after(name, "sig:0").value_or(number_after(name, "sig:").value_or(0));
  if (signal == SIGKILL) return "was killed, by the memory limit or by the system,";
  return signal == 0 ? std::string("failed") : fmt::format("ended by signal {}", signal);
}

}  // namespace

void FindingBook::add(const EngineSpec& spec, const Failure& failure, bool may_replay) {
  std::string name;
  if (!failure.signature.empty()) {
    name = failure.signature;
  } else if (may_replay && replayed_ < replay_time_max) {
    const auto begin = std::chrono::steady_clock::now();
    name = signature_by_replay(spec, failure);
    replayed_ += std::chrono::steady_clock::now() - begin;
  } else {
    name = "not replayed";
  }
  const auto known =
      std::find_if(findings_.begin(), findings_.end(), [&](const Finding& f) { return f.signature == name; });
  if (known != findings_.end()) {
    known->inputs.push_back(failure.input);
    return;
  }
  findings_.push_back({std::move(name), {failure.input}, spec.replay, spec.label});
}

std::string FindingBook::signature_by_replay(const EngineSpec& spec, const Failure& failure) {
  Command command;
  command.arguments = {spec.replay, failure.input};
  command.set = sanitizer_environment();
  const std::filesystem::path record = failure.input.string() + ".record";
  command.set.emplace_back(harness::record_variable, record);
  // Once: real threads need not fail again at once, but how often to try is the replay program's business.
  const auto done = run_to_end(command, input_time_max_ + replay_overhead);
  if (const auto* error = std::get_if<std::string>(&done)) return "no replay: " + *error;
  const auto& completed = std::get<Completed>(done);
  if (!completed.status) return "no end: it ran into the time limit";
  if (*completed.status == 0) {
    return fmt::format("{} under {}, and not when it was replayed", afl_verdict(failure.input), spec.label);
  }
  const std::string name = first_finding(harness::receive(record), completed.output).signature;
  return name == "no report" ? describe_status(*completed.status) : name;
}

}  // namespace rcufarm::session
