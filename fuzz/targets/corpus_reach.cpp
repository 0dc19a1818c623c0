// corpus_reach FOLDER...: what the inputs of a corpus reach on the simulator besides edges.
//
// Job: count the pairs of a store and a load that read from it, and name the states in which calls of the allocator ended;
// say of each input what it adds to those before it (--each; --by-time takes them as they were written, so that a fuzzer's
// corpus gives its coverage over time); pick few inputs that reach all pairs (--pick). Exit 0: told; 1: an input finds
// something; 2: bad use.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/sim/input_runner.h"
#include "harness/sim/sim_allocator.h"
#include "machine/search/random.h"
#include "targets/input_file.h"

namespace {

using namespace rcufarm;
namespace fs = std::filesystem;

// So many times as many as are met that two of them in one place are few.
constexpr std::size_t pair_places = std::size_t{1} << 18U;
constexpr std::size_t state_places = std::size_t{1} << 24U;

// The adapter's code of a state (harness/sim/mem_adapter.cpp): two bits for each list, then one for each RCU flavour.
constexpr std::array lists{"free_llist",     "free_llist_extra",   "free_by_rcu",          "free_llist_extra_rcu",
                           "waiting_for_gp", "free_by_rcu_ttrace", "waiting_for_gp_ttrace"};
constexpr std::array levels{"none", "one", "few", "many"};
constexpr std::array flavors{"regular", "tasks trace"};
constexpr unsigned flavor_bits = flavors.size();
constexpr unsigned state_bits = 2 * lists.size() + flavor_bits;

struct Input {
  fs::path file;
  double seconds = 0;  // since the epoch, when it was written
};

std::vector<Input> inputs_of(const std::vector<std::string>& folders, bool by_time) {
  std::vector<Input> inputs;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      const auto written = std::chrono::file_clock::to_sys(entry.last_write_time()).time_since_epoch();
      inputs.push_back({entry.path(), std::chrono::duration<double>(written).count()});
    }
  }
  std::sort(inputs.begin(), inputs.end(), [&](const Input& a, const Input& b) {
    return by_time && a.seconds != b.seconds ? a.seconds < b.seconds : a.file < b.file;
  });
  return inputs;
}

using Pairs = std::vector<std::uint32_t>;  // places in the map, in order

class Reach {
 public:
  Reach() : runner_(harness::linked_sim_allocator()), pairs_(pair_places), states_(state_places) {
    runner_.runner().set_reads_from_map(pairs_.data(), pairs_.size());
    runner_.runner().set_state_map(states_.data(), states_.size());
  }

  // False if it finds something.
  bool run(const std::string& input) {
    std::fill(pairs_.begin(), pairs_.end(), std::uint8_t{0});
    const harness::SimOutcome& outcome = runner_.run(std::as_bytes(std::span(input)));
    points_ = outcome.machine.points;
    return !outcome.found();
  }

  // Of the last run.
  std::uint64_t points() const { return points_; }
  Pairs pairs() const {
    Pairs places;
    for (std::uint32_t place = 0; place < pairs_.size(); ++place) {
      if (pairs_[place] != 0) places.push_back(place);
    }
    return places;
  }

  // Of all runs.
  std::size_t states() const {
    return static_cast<std::size_t>(std::count(states_.begin(), states_.end(), std::uint8_t{1}));
  }
  // Their codes. A place is a hash of a code, so all codes are tried; some in a thousand share a place with another one.
  std::vector<unsigned> state_codes() const {
    std::vector<unsigned> codes;
    for (unsigned code = 0; code < 1U << state_bits; ++code) {
      if (states_[sim::mixed(code) & (state_places - 1)] != 0) codes.push_back(code);
    }
    return codes;
  }

 private:
  harness::InputRunner runner_;
  std::vector<std::uint8_t> pairs_;
  std::vector<std::uint8_t> states_;
  std::uint64_t points_ = 0;
};

// Which pairs were seen so far.
class Seen {
 public:
  std::size_t count() const { return count_; }
  std::size_t new_in(const Pairs& pairs) const {
    return static_cast<std::size_t>(
        std::count_if(pairs.begin(), pairs.end(), [&](auto place) { return !seen_[place]; }));
  }
  void add(const Pairs& pairs) {
    count_ += new_in(pairs);
    for (const std::uint32_t place : pairs) seen_[place] = true;
  }

 private:
  std::vector<bool> seen_ = std::vector<bool>(pair_places);
  std::size_t count_ = 0;
};

unsigned level_of(unsigned code, std::size_t list) {
  return code >> (flavor_bits + 2 * (lists.size() - 1 - list)) & 3U;
}

void print_states(const std::vector<unsigned>& codes) {
  std::printf("\n%-22s", "calls ended with");
  for (const char* level : levels) std::printf(" %6s", level);
  std::printf("   (states, of %zu in all)\n", codes.size());
  for (std::size_t list = 0; list < lists.size(); ++list) {
    std::printf("%-22s", lists[list]);
    for (unsigned level = 0; level < levels.size(); ++level) {
      std::printf(" %6td",
                  std::count_if(codes.begin(), codes.end(), [&](unsigned c) { return level_of(c, list) == level; }));
    }
    std::printf("\n");
  }
  for (std::size_t flavor = 0; flavor < flavors.size(); ++flavor) {
    const auto in_flight = std::count_if(codes.begin(), codes.end(),
                                         [&](unsigned c) { return (c >> (flavor_bits - 1 - flavor) & 1U) != 0; });
    std::printf("a %s callback in flight: %td\n", flavors[flavor], in_flight);
  }
}

// All inputs, run once.
struct Ran {
  Reach reach;
  std::vector<Pairs> pairs;  // of each
  std::vector<std::size_t> bytes;
  unsigned findings = 0;
};

// Empty, or what went wrong.
std::string run_all(const std::vector<Input>& inputs, bool each, Ran& ran) {
  Seen seen;
  std::size_t states = 0;
  if (each) std::printf("%-10s %6s %6s %7s %7s  %s\n", "seconds", "bytes", "points", "pairs", "states", "input");
  for (const Input& input : inputs) {
    const auto content = targets::read_input_file(input.file);
    if (const auto* error = std::get_if<targets::InputFileError>(&content)) return error->message;
    const std::string& bytes = std::get<std::string>(content);
    if (!ran.reach.run(bytes)) {
      ++ran.findings;
      std::fprintf(stderr, "corpus_reach: %s finds something: replay_sim %s\n", input.file.c_str(), input.file.c_str());
    }
    ran.pairs.push_back(ran.reach.pairs());
    ran.bytes.push_back(bytes.size());
    if (each) {
      const std::size_t states_now = ran.reach.states();
      std::printf("%-10.2f %6zu %6llu %+7td %+7td  %s\n", input.seconds - inputs.front().seconds, bytes.size(),
                  static_cast<unsigned long long>(ran.reach.points()),
                  static_cast<std::ptrdiff_t>(seen.new_in(ran.pairs.back())),
                  static_cast<std::ptrdiff_t>(states_now - states), input.file.filename().c_str());
      states = states_now;
    }
    seen.add(ran.pairs.back());
  }
  return "";
}

// Empty, or what went wrong. The inputs of `folders` stand before those of `from`; there are `given` of them.
std::string read_folders(const std::vector<std::string>& folders, const std::vector<std::string>& from, bool by_time,
                         std::vector<Input>& inputs, std::size_t& given) {
  try {
    inputs = inputs_of(folders, by_time);
    given = inputs.size();
    for (Input& input : inputs_of(from, by_time)) inputs.push_back(std::move(input));
  } catch (const fs::filesystem_error& error) {
    return error.path1().string() + ": " + error.code().message();
  }
  return inputs.empty() ? "nothing to run in the folders that were named" : "";
}

// Greedy: whatever adds most, and of several the shortest. `given` inputs stand at the front and are there already.
void pick(const std::vector<Input>& inputs, const Ran& ran, std::size_t given) {
  Seen seen;
  for (std::size_t i = 0; i < given; ++i) seen.add(ran.pairs[i]);
  for (;;) {
    std::size_t best = inputs.size();
    std::size_t gain = 0;
    for (std::size_t i = given; i < inputs.size(); ++i) {
      const std::size_t adds = seen.new_in(ran.pairs[i]);
      if (adds > gain || (adds == gain && gain > 0 && ran.bytes[i] < ran.bytes[best])) {
        best = i;
        gain = adds;
      }
    }
    if (gain == 0) return;
    std::printf("%zu %s\n", gain, inputs[best].file.c_str());
    seen.add(ran.pairs[best]);
  }
}

void summarise(const Ran& ran) {
  Seen seen;
  for (const Pairs& pairs : ran.pairs) seen.add(pairs);
  std::printf("%zu inputs reach %zu reads-from pairs and %zu states of the allocator\n", ran.pairs.size(), seen.count(),
              ran.reach.states());
  print_states(ran.reach.state_codes());
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> folders;
  std::vector<std::string> from;
  bool each = false;
  bool by_time = false;
  CLI::App app("Says which reads-from pairs and which states of the allocator the inputs of a corpus reach.");
  app.add_option("FOLDER", folders, "inputs of fuzz_sim, or scenarios as bytes")->check(CLI::ExistingDirectory);
  app.add_flag("--each", each, "a line for each input: what it adds");
  app.add_flag("--by-time", by_time, "in the order in which they were written, and not by name");
  app.add_option("--pick", from,
                 "print which inputs of this folder add pairs to those of the others, and how many each")
      ->check(CLI::ExistingDirectory);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::vector<Input> inputs;
  std::size_t given = 0;
  Ran ran;
  std::string error = read_folders(folders, from, by_time, inputs, given);
  if (error.empty()) error = run_all(inputs, each, ran);
  if (!error.empty()) {
    std::fprintf(stderr, "corpus_reach: %s\n", error.c_str());
    return 2;
  }
  from.empty() ? summarise(ran) : pick(inputs, ran, given);
  return ran.findings == 0 ? 0 : 1;
}
