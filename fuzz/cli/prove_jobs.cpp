// Job: see prove_jobs.h.
#include "cli/prove_jobs.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <new>
#include <optional>
#include <thread>

#include "cli/processes.h"
#include "cli/progress.h"

namespace rcufarm::cli {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds between_looks{20};

double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

// The first explorer that has something to say.
struct Said {
  std::atomic<bool> is_taken;
  char text[4096];

  void say(const std::string& what) {
    if (is_taken.exchange(true)) return;
    what.copy(text, sizeof text - 1);
  }
};

// Runs `body` in so many processes; `look` is called here now and then: false ends them. "", or what went wrong.
template <class Body, class Look>
std::string side_by_side(unsigned jobs, Said& said, Body body, Look look) {
  Processes processes;
  for (unsigned i = 0; i < jobs; ++i) {
    if (std::string error = processes.start(body); !error.empty()) return error;
  }
  bool is_ended = false;
  while (processes.any_runs()) {
    std::this_thread::sleep_for(between_looks);
    if (is_ended || look()) continue;
    is_ended = true;
    processes.send_all(SIGINT);
  }
  std::string trouble = processes.wait_for_all();
  return said.is_taken ? std::string(said.text) : trouble;
}

// What those have in common who take programs from a list.
struct Place {
  std::atomic<bool> is_right;
  std::atomic<bool> is_wrong;
  std::atomic<std::uint64_t> executions;
};
struct List {
  std::atomic<std::uint64_t> next;
  std::atomic<std::uint64_t> end;  // nobody needs those from here on
  std::atomic<std::uint64_t> executions;
  Said said;
};

}  // namespace

std::string prove_side_by_side(const harness::SimAllocator& allocator, const harness::SharedProofFile& file,
                               const harness::ProveOptions& options, unsigned jobs) {
  const SharedMemory memory(sizeof(Said));
  if (memory.memory() == nullptr) return "no memory to share among the explorers: give fewer --jobs";
  Said& said = *new (memory.memory()) Said{};
  const auto explore = [&] {
    harness::SimRunner runner(allocator);
    harness::ProveOptions mine = options;
    mine.progress = [](const harness::ProveFigures&) { return !Progress::interrupted(); };
    if (std::string error = harness::explore_shared_proof(runner, file, mine); !error.empty()) said.say(error);
  };
  const Clock::time_point began = Clock::now();
  double next_progress = 0;
  return side_by_side(jobs, said, explore, [&] {
    if (!options.progress || seconds_since(began) < next_progress) return true;
    next_progress = seconds_since(began) + options.progress_seconds;
    const auto proof = file.read();
    if (const auto* value = std::get_if<harness::SharedProof>(&proof)) {
      harness::ProveFigures figures = figures_of(*value);
      figures.seconds = seconds_since(began);
      return options.progress(figures);
    }
    return true;
  });
}

std::variant<ProgramsProven, std::string> prove_programs(const harness::SimAllocator& allocator,
                                                         const std::vector<scenario::Scenario>& programs,
                                                         const harness::SimConfig& config,
                                                         const harness::ProveOptions& options, unsigned jobs) {
  const SharedMemory memory(sizeof(List) + programs.size() * sizeof(Place));
  if (memory.memory() == nullptr) return "no memory to share among the explorers: give fewer --jobs";
  List& list = *new (memory.memory()) List{};
  list.end = programs.size();
  Place* const places = new (static_cast<std::byte*>(memory.memory()) + sizeof(List)) Place[programs.size()]{};
  const Clock::time_point began = Clock::now();
  const auto bounds = [&] {
    harness::ProveOptions mine = options;
    if (options.seconds_max != 0) mine.seconds_max = std::max(options.seconds_max - seconds_since(began), 1e-9);
    return mine;
  };
  double next_progress = 0;
  const auto look = [&] {
    if (!options.progress || seconds_since(began) < next_progress) return true;
    next_progress = seconds_since(began) + options.progress_seconds;
    harness::ProveFigures figures;
    figures.seconds = seconds_since(began);
    figures.search.executions = list.executions;
    return options.progress(figures);
  };
  const auto explore = [&] {
    harness::SimRunner runner(allocator);
    for (std::uint64_t i = list.next++; i < list.end; i = list.next++) {
      harness::ProveOptions mine = bounds();
      std::uint64_t told = 0;
      mine.progress = [&](const harness::ProveFigures& figures) {
        list.executions += figures.search.executions - told;
        told = figures.search.executions;
        return (jobs != 1 || look()) && !Progress::interrupted() && i < list.end;
      };
      const harness::ProveResult result = harness::prove(runner, programs[i], config, mine);
      list.executions += result.figures.search.executions - told;
      places[i].executions = result.figures.search.executions;
      places[i].is_wrong = static_cast<bool>(result.finding);
      places[i].is_right = result.figures.complete && !result.finding;
      if (places[i].is_right) continue;
      for (std::uint64_t end = list.end; i < end && !list.end.compare_exchange_weak(end, i);) {
      }
    }
  };
  if (jobs == 1) {
    explore();
  } else {
    std::string error = side_by_side(jobs, list.said, explore, look);
    if (!error.empty()) return error;
  }
  ProgramsProven proven;
  while (proven.right < programs.size() && places[proven.right].is_right)
    proven.executions += places[proven.right++].executions;
  if (proven.right == programs.size() || !places[proven.right].is_wrong) return proven;
  // What its explorer has seen of it is seen again here.
  harness::SimRunner runner(allocator);
  proven.wrong = harness::prove(runner, programs[proven.right], config, {});
  return proven;
}

}  // namespace rcufarm::cli
