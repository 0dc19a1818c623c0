// What comes of drawn scenarios where nobody is preempted: one line for each, the same for every build of one allocator.
//
// Job: run COUNT scenarios of the explorer's (seeds 1, 2, …) in the machine's plain order, and print of each its seed and a digest of all
// that its users saw: each call and what it gave, each object by its number, each count at rest, and what was found. Points are
// no part of it, since each build has its own. Exit 2: bad use.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "harness/sim/draw.h"
#include "harness/sim/sim_allocator.h"
#include "harness/sim/sim_runner.h"
#include "machine/engine/schedule.h"

namespace {

using namespace rcufarm;

class Outcome : public harness::Watcher {
 public:
  void on_event(const sim::Event&) override {}
  void on_user(const oracle::UserEvent& event) override {
    mix(static_cast<std::uint64_t>(event.kind) << 8U | static_cast<std::uint64_t>(event.call));
    mix(static_cast<std::uint64_t>(event.cpu) << 32U | static_cast<std::uint64_t>(event.cache) << 24U |
        static_cast<std::uint64_t>(event.slot) << 16U | event.operation);
    mix(static_cast<std::uint64_t>(event.object) << 32U | event.instances);
    mix(event.bytes);
    mix(event.value);
    text(event.text);
  }
  void text(std::string_view text) {
    for (const char character : text) mix(static_cast<unsigned char>(character));
  }
  void mix(std::uint64_t value) { digest_ = harness::mix_seed(digest_, value); }
  std::uint64_t digest() const { return digest_; }

 private:
  std::uint64_t digest_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t count = 0;
  const char* const end = argc == 2 ? argv[1] + std::strlen(argv[1]) : nullptr;
  if (argc != 2 || std::from_chars(argv[1], end, count).ptr != end || count == 0) {
    std::fputs("outcomes wants one number: how many scenarios, such as 1000\n", stderr);
    return 2;
  }
  harness::SimRunner runner(harness::linked_sim_allocator());
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    const harness::DrawnScenario drawn = harness::draw_scenario(seed);
    Outcome seen;
    const harness::SimOutcome outcome = runner.replay(drawn.scenario, drawn.config, sim::Schedule{}, &seen);
    seen.mix(outcome.operations << 32U | outcome.skipped);
    seen.mix(outcome.objects);
    seen.mix(static_cast<std::uint64_t>(outcome.accusation.kind));
    std::printf("%llu %016llx\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(seen.digest()));
  }
}
