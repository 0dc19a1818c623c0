#include "cli/jobs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <tuple>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/present.h"
#include "cli/processes.h"
#include "cli/progress.h"

namespace rcufarm::cli {

namespace {

using harness::ExploreFigures;
using harness::ExploreFinding;
using harness::ExploreOptions;
using harness::ExploreResult;

// What an explorer's processes share: how far it is, for the progress line, and what it reached.
struct Shared {
  std::atomic<std::uint64_t> schedules;
  std::atomic<std::uint64_t> failing_schedules;
  std::atomic<std::uint64_t> reads_from_pairs;
  std::uint8_t reads_from[harness::reads_from_places];
};

// The figures that are sums, in the order of the answer.
constexpr std::uint64_t ExploreFigures::*sums[] = {
    &ExploreFigures::schedules,        &ExploreFigures::given_up,         &ExploreFigures::scenarios,
    &ExploreFigures::guided_scenarios, &ExploreFigures::large_scenarios,  &ExploreFigures::points,
    &ExploreFigures::unasked,          &ExploreFigures::switches,         &ExploreFigures::operations,
    &ExploreFigures::weak_schedules,   &ExploreFigures::store_choices,    &ExploreFigures::skipped,
    &ExploreFigures::limited,          &ExploreFigures::failing_schedules};

struct Explorer {
  int answer = -1;  // the reading end of its pipe; -1: closed
  std::string text;
};

std::string text_of(const ExploreResult& result) {
  nlohmann::json figures = nlohmann::json::array();
  for (const auto sum : sums) figures.push_back(result.figures.*sum);
  nlohmann::json findings = nlohmann::json::array();
  for (const ExploreFinding& found : result.findings) {
    findings.push_back({{"finding", harness::to_text(found.finding)},
                        {"seen", found.seen},
                        {"at_schedule", found.at_schedule},
                        {"at_seconds", found.at_seconds},
                        {"strategy", found.strategy}});
  }
  const nlohmann::json all{{"figures", std::move(figures)}, {"findings", std::move(findings)}};
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void write_all(int fd, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = write(fd, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return;  // nobody listens any more
    done += static_cast<std::size_t>(wrote);
  }
}

std::uint64_t share(std::uint64_t all, unsigned index, unsigned jobs) {
  return all / jobs + (index < all % jobs ? 1 : 0);
}

bool comes_before(const ExploreFinding& a, const ExploreFinding& b) {
  return std::tuple(a.at_schedule, a.explorer) < std::tuple(b.at_schedule, b.explorer);
}

class SideBySide {
 public:
  SideBySide(harness::SimRunner& runner, const harness::SimAllocator& allocator, const ExploreOptions& options,
             unsigned jobs)
      : runner_(runner),
        allocator_(allocator),
        options_(options),
        // With fewer schedules than explorers some would have none, and 0 means no bound.
        jobs_(options.schedules_max == 0 ? jobs
                                         : static_cast<unsigned>(std::min<std::uint64_t>(jobs, options.schedules_max))),
        memory_(sizeof(std::atomic<std::uint64_t>) * 8 + sizeof(Shared) * jobs_),
        explorers_(jobs_) {}

  JobsResult run() {
    if (memory_.memory() == nullptr) return "no memory to share among the explorers: give fewer --jobs";
    auto* const bytes = static_cast<std::byte*>(memory_.memory());
    enough_ = new (bytes) std::atomic<std::uint64_t>(~std::uint64_t{0});
    shared_ = reinterpret_cast<Shared*>(bytes + sizeof(std::atomic<std::uint64_t>) * 8);
    for (unsigned i = 0; i < jobs_ && trouble_.empty(); ++i) start(i);
    if (!trouble_.empty()) processes_.send_all(SIGKILL);
    while (listen()) show_progress();
    if (std::string trouble = processes_.wait_for_all(); !trouble.empty()) fail(std::move(trouble));
    if (!trouble_.empty()) return trouble_;
    return merged();
  }

 private:
  void start(unsigned index) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return fail(std::string("cannot make a pipe: ") + std::strerror(errno));
    const std::string error = processes_.start([&] { write_all(ends[1], text_of(explore_as(index))); });
    close(ends[1]);
    explorers_[index].answer = ends[0];
    if (error.empty()) return;
    close(std::exchange(explorers_[index].answer, -1));
    fail(error);
  }

  // In the explorer's process.
  ExploreResult explore_as(unsigned index) {
    harness::SimRunner runner(allocator_);
    Shared& shared = shared_[index];
    ExploreOptions mine = options_;
    mine.seed = index == 0 ? options_.seed : harness::mix_seed(options_.seed, ~std::uint64_t{0} - index);
    mine.schedules_max = share(options_.schedules_max, index, jobs_);
    mine.reads_from = shared.reads_from;
    mine.enough = options_.keep_going ? nullptr : enough_;
    mine.progress = [&shared](const ExploreFigures& figures) {
      shared.schedules = figures.schedules;
      shared.failing_schedules = figures.failing_schedules;
      shared.reads_from_pairs = figures.reads_from_pairs;
      return !Progress::interrupted();
    };
    return harness::explore(runner, mine);
  }

  // Takes what explorers say, for half a second at most. False: all of them have said it.
  bool listen() {
    std::vector<pollfd> waits;
    std::vector<Explorer*> who;
    for (Explorer& explorer : explorers_) {
      if (explorer.answer < 0) continue;
      waits.push_back({.fd = explorer.answer, .events = POLLIN, .revents = 0});
      who.push_back(&explorer);
    }
    if (waits.empty()) return false;
    if (poll(waits.data(), waits.size(), static_cast<int>(options_.progress_seconds * 1000)) <= 0) return true;
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].revents != 0) take(*who[i]);
    }
    return true;
  }

  static void take(Explorer& explorer) {
    char buffer[65536];
    const ssize_t got = read(explorer.answer, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) return;
    if (got > 0) {
      explorer.text.append(buffer, static_cast<std::size_t>(got));
    } else {
      close(std::exchange(explorer.answer, -1));
    }
  }

  void show_progress() {
    if (!options_.progress) return;
    ExploreFigures sum;
    for (unsigned i = 0; i < jobs_; ++i) {
      sum.schedules += shared_[i].schedules;
      sum.failing_schedules += shared_[i].failing_schedules;
      sum.reads_from_pairs = std::max(sum.reads_from_pairs, shared_[i].reads_from_pairs.load());
    }
    sum.seconds = seconds();
    // A terminal's Ctrl-C reaches the explorers as well; a signal to this process alone has to be handed on.
    if (!options_.progress(sum) && !std::exchange(ended_, true)) processes_.send_all(SIGINT);
  }

  JobsResult merged() {
    ExploreResult result;
    for (unsigned i = 0; i < jobs_; ++i) {
      const nlohmann::json said = nlohmann::json::parse(explorers_[i].text, nullptr, false);
      if (!said.is_object()) return fmt::format("explorer {} did not say what it found", i + 1);
      for (std::size_t n = 0; n < std::size(sums); ++n)
        result.figures.*sums[n] += said["figures"][n].get<std::uint64_t>();
      for (const nlohmann::json& one : said["findings"]) {
        const std::string error = add(result, one, i + 1);
        if (!error.empty()) return fmt::format("explorer {}: {}", i + 1, error);
      }
    }
    std::sort(result.findings.begin(), result.findings.end(), comes_before);
    // What comes behind the one that ends the search depends on the time.
    const auto last = std::find_if(result.findings.begin(), result.findings.end(), [&](const ExploreFinding& found) {
      return harness::ends_with(options_, found.finding);
    });
    if (last != result.findings.end()) result.findings.erase(last + 1, result.findings.end());
    for (std::size_t place = 0; place < harness::reads_from_places; ++place) {
      const bool reached =
          std::any_of(shared_, shared_ + jobs_, [&](const Shared& s) { return s.reads_from[place] != 0; });
      result.figures.reads_from_pairs += reached ? 1 : 0;
    }
    if (options_.scenario != nullptr || options_.near != nullptr)
      result.figures.scenarios = 1;  // all have the same one
    result.figures.seconds = seconds();
    return result;
  }

  // Of two explorers' findings of one signature the one with the lower number is kept; of equal ones the first explorer's.
  std::string add(ExploreResult& result, const nlohmann::json& said, unsigned explorer) {
    auto read = harness::sim_finding_from_text(said["finding"].get<std::string>());
    if (const auto* error = std::get_if<std::string>(&read)) return *error;
    ExploreFinding found{.finding = runner_.replay(std::get<harness::SimFinding>(read)),
                         .seen = options_.keep_going ? said["seen"].get<std::uint64_t>() : 1,
                         .at_schedule = said["at_schedule"],
                         .at_seconds = said["at_seconds"],
                         .strategy = said["strategy"],
                         .explorer = explorer};
    // What does not replay is told of as it is, by who reports it.
    if (!found.finding) found.finding = std::get<harness::SimFinding>(std::move(read));
    const auto same = std::find_if(result.findings.begin(), result.findings.end(), [&](const ExploreFinding& known) {
      return known.finding.signature == found.finding.signature;
    });
    if (same == result.findings.end()) {
      result.findings.push_back(std::move(found));
      return "";
    }
    // Where the first finding ends the search, it depends on the time which later ones there are: they count for nothing.
    const std::uint64_t seen = options_.keep_going ? found.seen + same->seen : 1;
    if (comes_before(found, *same)) *same = std::move(found);
    same->seen = seen;
    return "";
  }

  void fail(std::string trouble) {
    if (trouble_.empty()) trouble_ = std::move(trouble);
  }
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }

  harness::SimRunner& runner_;
  const harness::SimAllocator& allocator_;
  const ExploreOptions& options_;
  const unsigned jobs_;
  SharedMemory memory_;
  Processes processes_;
  std::atomic<std::uint64_t>* enough_ = nullptr;
  Shared* shared_ = nullptr;
  std::vector<Explorer> explorers_;
  std::string trouble_;
  bool ended_ = false;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace

JobsResult explore_side_by_side(harness::SimRunner& runner, const harness::SimAllocator& allocator,
                                const ExploreOptions& options, unsigned jobs) {
  return SideBySide(runner, allocator, options, jobs).run();
}

}  // namespace rcufarm::cli
