#include "harness/sim/determinism.h"

#include <string>
#include <vector>

#include "oracle/user_event.h"

namespace rcufarm::harness {

namespace {

// An event, as far as it is the same in two processes: addresses are not.
struct Mark {
  sim::EventKind kind{};
  oracle::UserEventKind user{};
  sim::ContextId context = sim::idle_context;
  std::uint8_t cpu = sim::no_cpu;
  sim::Op op = sim::Op::none;
  std::uint64_t step = 0;
  std::uint64_t value = 0;
  std::uint32_t object = 0;
  sim::Site site{};

  bool operator==(const Mark& other) const {
    return kind == other.kind && user == other.user && context == other.context && step == other.step &&
           value == other.value && object == other.object && site.line == other.site.line &&
           std::string_view(site.function) == other.site.function;
  }
};

// What is larger is, or may be, a pointer.
constexpr std::uint64_t number_most = 0xffff'ffff;
std::uint64_t number(std::uint64_t value) { return value <= number_most ? value : number_most + 1; }

// Keeps a run's events, or looks for the first that differs from those that are kept.
class Marks final : public Watcher {
 public:
  void compare() {
    is_first_ = false;
    next_ = 0;
    parted_ = -1;
  }
  void on_event(const sim::Event& e) override {
    take({.kind = e.kind,
          .context = e.context,
          .cpu = e.cpu,
          .op = e.op,
          .step = e.step,
          .value = number(e.value),
          .object = e.object,
          .site = e.site});
  }
  void on_user(const oracle::UserEvent& u) override {
    take({.user = u.kind, .context = u.context, .cpu = u.cpu, .step = u.step, .value = u.bytes, .object = u.object});
  }
  // Where the run was when it parted from the first; none: it did not.
  const Mark* parted() const {
    if (parted_ >= 0) return &there_;
    return next_ < marks_.size() ? &marks_[next_] : nullptr;  // it ended earlier
  }

 private:
  void take(const Mark& mark) {
    // The user's events name no place: that of the last operation before them is near.
    Mark placed = mark;
    if (placed.site.function[0] == '\0') placed.site = last_;
    last_ = placed.site;
    if (is_first_) {
      marks_.push_back(placed);
    } else if (parted_ < 0) {
      if (next_ >= marks_.size() || !(marks_[next_] == placed)) {
        parted_ = static_cast<std::ptrdiff_t>(next_);
        there_ = placed;
      }
      ++next_;
    }
  }

  bool is_first_ = true;
  std::vector<Mark> marks_;
  std::size_t next_ = 0;
  std::ptrdiff_t parted_ = -1;
  Mark there_;
  sim::Site last_{};
};

SimFinding finding_at(const SimFinding& input, const Mark& mark) {
  SimFinding finding;
  finding.kind = oracle::Kind::nondeterminism;
  finding.signature = std::string(oracle::name_of(finding.kind)) + ": " + mark.site.function;
  finding.scenario = input.scenario;
  finding.config = input.config;
  finding.schedule = input.schedule;
  const std::string_view file = mark.site.file;
  finding.detail = std::string(oracle::meaning_of(finding.kind)) + ": they part at point " + std::to_string(mark.step) +
                   ", in " + mark.site.function + " (" + std::string(file.substr(file.rfind('/') + 1)) + ":" +
                   std::to_string(mark.site.line) + ")";
  finding.parties.push_back(
      {"parted", mark.context, mark.cpu, mark.op, mark.step, mark.site.function, mark.site.file, mark.site.line});
  finding.points = mark.step;
  return finding;
}

}  // namespace

SimFinding find_nondeterminism(SimRunner& runner, const SimFinding& input, unsigned runs) {
  Marks marks;
  runner.replay(input.scenario, input.config, input.schedule, &marks);
  for (unsigned i = 1; i < runs; ++i) {
    marks.compare();
    runner.replay(input.scenario, input.config, input.schedule, &marks);
    if (const Mark* parted = marks.parted(); parted != nullptr) return finding_at(input, *parted);
  }
  return {};
}

SimFinding not_seen_again(SimRunner& runner, const SimFinding& finding) {
  SimFinding parted = find_nondeterminism(runner, finding, determinism_runs);
  if (!parted) {
    parted = finding_at(finding, {});
    parted.signature = oracle::name_of(parted.kind);
    parted.parties.clear();
  }
  parted.detail = "`" + finding.signature + "` was found once, and not when its input ran again" +
                  (parted.parties.empty() ? "" : ": " + parted.detail);
  return parted;
}

}  // namespace rcufarm::harness
