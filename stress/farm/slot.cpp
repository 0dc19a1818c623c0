#include "stress/farm/slot.h"

#include <fmt/format.h>

#include <unistd.h>

#include <csignal>

namespace rcufarm::stress {

namespace {

constexpr std::chrono::seconds tick_interval{1};
constexpr std::chrono::seconds chore_grace{5};
constexpr std::size_t output_bytes_max = std::size_t{8} << 20U;
constexpr int not_started = -1;
constexpr const char* niceness = "5";

}  // namespace

std::string Slot::doing() const {
  if (chore_) return chore_->name();
  if (!work_) return "";
  return stint_.detail.empty()
             ? name_of(stint_.lane)
             : fmt::format("{} ({})", name_of(stint_.lane), std::filesystem::path(stint_.detail).filename().string());
}

double Slot::seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

// nice and prlimit become the program: same process, same group. Who scrapes or looks at the page comes before workers. Address space is not limited: sanitizers reserve terabytes, and what
// is really used is looked at.
session::Command Slot::with_limits(session::Command command, std::chrono::seconds duration, bool large_files) const {
  const auto cpus = std::max<long>(1, sysconf(_SC_NPROCESSORS_ONLN));
  const LimitsConfig& limits = config_.limits;
  std::vector<std::string> arguments = {
      "nice",
      "-n",
      niceness,
      "prlimit",
      "--core=0",
      fmt::format("--nofile={}", limits.open_files),
      large_files ? "--fsize=unlimited" : fmt::format("--fsize={}", std::uint64_t{limits.file_mb} << 20U),
      fmt::format("--cpu={}", (duration.count() + config_.stints.grace_seconds) * cpus + 1),
      "--"};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  command.arguments = std::move(arguments);
  command.set.emplace_back(farm_variable, state_);
  command.set.emplace_back("TMPDIR", state_ / "tmp");
  return command;
}

void Slot::launch(session::Command command, std::chrono::seconds duration) {
  cpu_wait_ = CpuWait(Clock::now());
  auto started = session::Child::start(
      with_limits(std::move(command), duration, chore_ != nullptr && chore_->writes_large_files()));
  start_error_.clear();
  if (auto* error = std::get_if<std::string>(&started)) {
    start_error_ = *error;
    return;
  }
  child_.emplace(std::move(std::get<session::Child>(started)));
}

void Slot::start(const Stint& stint, const Config& config) {
  config_ = config;
  stint_ = stint;
  stopping_ = false;
  killed_for_.reset();
  stacks_.clear();
  began_ = next_tick_ = Clock::now();
  work_ = make_work(stint, {stint_folder(state_, stint), state_}, config);
  deadline_ = began_ + work_->duration() + std::chrono::seconds(config.stints.grace_seconds);
  meter_.emplace(work_->page());
  launch(work_->command(), work_->duration());
}

void Slot::start(std::unique_ptr<Chore> chore, const Config& config) {
  config_ = config;
  chore_ = std::move(chore);
  stopping_ = false;
  began_ = Clock::now();
  begin_chore_command();
}

void Slot::begin_chore_command() {
  while (auto command = chore_->next()) {
    output_.clear();
    deadline_ = Clock::now() + chore_->time_max() + chore_grace;
    launch(std::move(*command), chore_->time_max());
    if (start_error_.empty()) return;
    chore_->done(not_started, start_error_);
  }
  chore_.reset();
}

void Slot::poll_chore() {
  const auto status = child_->status();
  child_->read_lines([&](std::string_view line) {
    if (output_.size() < output_bytes_max) output_.append(line).push_back('\n');
  });
  const bool late = !status && is_late();
  if (!status && !late) return;
  if (late) child_->kill();
  child_.reset();
  resident_bytes_ = 0;
  chore_->done(late ? not_started : *status, output_);
  if (stopping_) {
    chore_.reset();
  } else {
    begin_chore_command();
  }
}

std::optional<StintResult> Slot::poll(Harvest& harvest, Metrics& metrics) {
  if (chore_) {
    poll_chore();
    return std::nullopt;
  }
  if (!work_) return std::nullopt;
  if (!child_) return finish(not_started);
  const auto status = child_->status();
  child_->read_lines([&](std::string_view line) { work_->line(line); });
  if (!status && !is_late()) {
    if (Clock::now() < next_tick_) return std::nullopt;
    next_tick_ = Clock::now() + tick_interval;
    work_->tick(harvest);
    meter_->read(metrics);
    return std::nullopt;
  }
  if (!status) end_hanging();
  const int how = status ? *status : child_->status().value_or(not_started);
  meter_->read(metrics);
  return finish(how);
}

void Slot::end_hanging() {
  killed_for_ = Ended::hang;
  stacks_ = stacks_of(ProcessTable::now().tree(child_->pid()));
  child_->kill();
}

StintResult Slot::finish(int status) {
  StintResult result;
  result.stint = stint_;
  result.seconds = seconds();
  result.stopped = stopping_;
  if (!start_error_.empty()) {
    result.ended = Ended::resource;
    result.harvest.trouble = start_error_;
  } else {
    ::kill(-child_->pid(), SIGKILL);  // what it left behind in its group
    result.ended = work_->settle(status, result.harvest);
  }
  if (killed_for_) result.ended = *killed_for_;
  if (killed_for_ == Ended::hang) {
    result.harvest.catches.push_back({.event = "",
                                      .kind = oracle::Kind::hang,
                                      .signature = signature_prefix(stint_.lane, config_.programs) +
                                                   fmt::format("hang: {} does not end", name_of(stint_.lane)),
                                      .input = std::nullopt,
                                      .report = stacks_,
                                      .seen = 1});
  }
  const bool obeyed = stopping_ && result.ended == Ended::exit;  // nothing was wrong with its input
  const bool died =
      result.ended != Ended::fine && result.ended != Ended::finding && result.ended != Ended::missing && !obeyed;
  if (died) result.inputs_left = work_->inputs_left();
  if (killed_for_ == Ended::hang && !result.inputs_left.empty()) {
    result.harvest.catches.back().input = result.inputs_left.front();
  }
  work_.reset();
  child_.reset();
  meter_.reset();
  resident_bytes_ = 0;
  return result;
}

void Slot::look_at(const ProcessTable& table) {
  if (!child_) return;
  resident_bytes_ = table.resident_bytes(child_->pid());
  cpu_wait_.look(table.tree(child_->pid()));
  if (resident_bytes_ <= std::uint64_t{config_.limits.memory_mb} << 20U) return;
  if (work_) killed_for_ = Ended::oom;
  child_->kill();
}

void Slot::ask_to_stop() {
  stopping_ = true;
  if (child_) child_->signal_group(SIGINT);
}

void Slot::kill() {
  stopping_ = true;
  if (child_) child_->kill();
}

}  // namespace rcufarm::stress
