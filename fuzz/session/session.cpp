#include "session/session.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>
#include <utility>

#include "session/findings.h"
#include "session/host.h"
#include "session/process_tree.h"
#include "session/seeds.h"

namespace rcufarm::session {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr std::chrono::milliseconds poll_interval{100};
constexpr unsigned folder_attempts_max = 100;

struct Worker {
  EngineSpec spec;
  std::unique_ptr<Engine> engine;
  Seconds ran{};
};

bool is_program(const fs::path& file) { return fs::is_regular_file(file) && access(file.c_str(), X_OK) == 0; }

EngineSummary summary_of(const Worker& worker) {
  const Engine& engine = *worker.engine;
  return {worker.spec.label, worker.ran.count(), engine.figures(), engine.failure_count(), engine.troubles()};
}

// A folder that was not there before, named by the time and this process.
std::variant<fs::path, std::string> make_folder(const fs::path& work) {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const std::string name = fmt::format("{:%Y%m%d-%H%M%S}-{}", fmt::gmtime(now), getpid());
  std::error_code error;
  fs::create_directories(work, error);
  for (unsigned attempt = 1; !error && attempt <= folder_attempts_max; ++attempt) {
    const fs::path folder = fs::absolute(work) / (attempt == 1 ? name : fmt::format("{}.{}", name, attempt));
    if (fs::create_directory(folder, error)) return folder;
  }
  return fmt::format("cannot make a folder in {}: {}", work.string(), error ? error.message() : "too many are there");
}

std::variant<Worker, std::string> make_worker(const SessionPlan& plan, const EngineSpec& spec, const fs::path& folder) {
  EngineSetting setting;
  setting.folder = folder;
  setting.seeds = folder / "seeds";
  setting.afl_mutator = plan.afl_mutator;
  setting.dictionary = plan.dictionary;
  setting.libfuzzer_arguments = plan.libfuzzer_arguments;
  setting.limits = plan.limits;
  if (auto error = prepare_seeds(plan.seeds, setting.seeds, plan.limits.input_bytes_max)) return std::move(*error);
  Worker worker{spec, nullptr, {}};
  switch (spec.kind) {
    case EngineKind::libfuzzer: worker.engine = make_libfuzzer_engine(spec, setting); break;
    case EngineKind::afl: worker.engine = make_afl_engine(spec, setting); break;
  }
  return worker;
}

void end_all(std::vector<Worker*>& shift, std::chrono::seconds stop_time_max) {
  for (auto* worker : shift) worker->engine->ask_to_stop();
  const auto deadline = Clock::now() + stop_time_max;
  const auto all_ended = [&] {
    // Every one is asked, so that every one is polled.
    return std::count_if(shift.begin(), shift.end(), [](Worker* w) { return !w->engine->ended(); }) == 0;
  };
  while (!all_ended() && Clock::now() < deadline) std::this_thread::sleep_for(poll_interval);
  for (auto* worker : shift) worker->engine->finish();
}

// Some engines at work until their time is up, all of them gave up, or a stop is asked for.
void run_shift(const SessionPlan& plan, std::vector<Worker*> shift, Seconds before, Seconds length,
               const Watcher& watcher) {
  const auto begin = Clock::now();
  for (auto* worker : shift) worker->engine->start();
  Seconds elapsed{};
  bool someone_works = true;
  while (elapsed < length && someone_works && watcher.stops_asked() == 0) {
    std::this_thread::sleep_for(poll_interval);
    elapsed = Clock::now() - begin;
    Progress progress{before + elapsed, plan.duration, {}};
    someone_works = false;
    for (auto* worker : shift) {
      if (worker->engine->ended()) {
        progress.engines.push_back(summary_of(*worker));
        continue;
      }
      someone_works = true;
      worker->ran = elapsed;
      progress.engines.push_back(summary_of(*worker));
    }
    watcher.progress(progress);
  }
  end_all(shift, plan.limits.stop_time_max);
}

void add_zero_trouble(EngineSummary& engine, bool interrupted) {
  if (engine.figures.executions == 0 && engine.troubles.empty() && !interrupted) {
    engine.troubles.emplace_back("no input was run; see its log.txt");
  }
}

}  // namespace

std::vector<std::string> obstacles(const SessionPlan& plan) {
  std::vector<std::string> found;
  const auto need = [&](const fs::path& program, const char* what) {
    if (!is_program(program)) found.push_back(fmt::format("{}: no such program ({})", program.string(), what));
  };
  bool tsan = false;
  for (const auto& spec : plan.engines) {
    need(spec.target, "a fuzz target");
    need(spec.replay, "the program that replays an input, beside its target");
    tsan = tsan || spec.sanitizer == Sanitizer::thread;
  }
  for (const auto& file : {plan.afl_mutator, plan.dictionary}) {
    if (!file.empty() && !fs::is_regular_file(file)) found.push_back(file.string() + ": no such file");
  }
  if (auto obstacle = tsan ? tsan_obstacle() : std::nullopt) found.push_back(std::move(*obstacle));
  return found;
}

std::variant<Summary, std::string> run_session(const SessionPlan& plan, const Watcher& watcher) {
  adopt_orphans();
  auto made = make_folder(plan.work);
  if (auto* error = std::get_if<std::string>(&made)) return std::move(*error);
  Summary summary;
  summary.folder = std::get<fs::path>(made);

  std::vector<Worker> workers;
  for (std::size_t i = 0; i < plan.engines.size(); ++i) {
    auto worker = make_worker(plan, plan.engines[i], summary.folder / fmt::format("engine-{}", i));
    if (auto* error = std::get_if<std::string>(&worker)) return std::move(*error);
    workers.push_back(std::move(std::get<Worker>(worker)));
  }

  const std::size_t slots = std::clamp<std::size_t>(plan.slots, 1, workers.size());
  const std::size_t shifts = (workers.size() + slots - 1) / slots;
  const Seconds length = Seconds(plan.duration) / static_cast<double>(shifts);
  for (std::size_t shift = 0; shift < shifts && watcher.stops_asked() == 0; ++shift) {
    std::vector<Worker*> chosen;
    for (std::size_t i = shift * slots; i < std::min(workers.size(), (shift + 1) * slots); ++i) {
      chosen.push_back(&workers[i]);
    }
    run_shift(plan, std::move(chosen), length * static_cast<double>(shift), length, watcher);
  }
  end_orphans();

  const bool interrupted = watcher.stops_asked() > 0;
  FindingBook book(plan.limits.input_time_max);
  for (const auto& worker : workers) {
    summary.engines.push_back(summary_of(worker));
    add_zero_trouble(summary.engines.back(), interrupted);
    for (const auto& failure : worker.engine->failures()) {
      if (failure.signature.empty() && watcher.stops_asked() < 2) watcher.note("replaying " + failure.input.string());
      book.add(worker.spec, failure, watcher.stops_asked() < 2);
    }
  }
  end_orphans();
  summary.findings = book.findings();
  return summary;
}

}  // namespace rcufarm::session
