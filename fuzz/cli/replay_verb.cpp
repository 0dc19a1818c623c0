// replay: a finding, again.
#include <fmt/format.h>

#include <optional>

#include "cli/drawing.h"
#include "cli/files.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/present.h"
#include "cli/verbs.h"
#include "harness/record.h"
#include "harness/sim/determinism.h"
#include "report/svg.h"
#include "report/text.h"

namespace rcufarm::cli {

namespace {

struct Times {
  unsigned found = 0;  // runs that gave the signature of the first
  unsigned equal = 0;  // whose events were the same, too
};

Times repeat(harness::SimRunner& runner, const harness::SimFinding& first, unsigned times) {
  Times counted;
  for (unsigned i = 0; i < times; ++i) {
    const harness::SimFinding again = runner.replay(first);
    if (!again || again.signature != first.signature) continue;
    ++counted.found;
    if (again.digest == first.digest) ++counted.equal;
  }
  return counted;
}

// Where it was found, if that was another build than this one.
std::string other_build(const Program& program, const harness::SimFinding& saved) {
  const std::string& there = saved.schedule.config;
  return there.empty() || there == build_line(program) ? "" : there;
}

// Where a compiler says which points there are, another build has others.
void print_other_build(const Program& program, const std::string& other) {
  if (program.made_of.empty() || other.empty()) return;
  fmt::print(
      "Another build: this was found by\n  {}\nand is replayed by\n  {}\n"
      "Where file, compiler, flags or headers differ, so do scheduling points: what comes may be another "
      "interleaving, or none.\n",
      other, build_line(program));
}

void print_nothing(const Program& program, const harness::SimFinding& saved) {
  fmt::print("Nothing found: this build does not show `{}`.\n", saved.signature);
  const std::string build = other_build(program, saved);
  if (build.empty()) return;
  fmt::print("It was found by `{}`: replay it there{}.\n", build,
             program.made_of.empty() ? " (rcufarm --defect NN replay FILE)" : "");
}

int tell_of_parting(const Program& program, const Options& options, const Drawing& drawing) {
  harness::Finding told = drawing.told;
  told.file = options.file;
  harness::hand_over({.runs = harness::determinism_runs, .findings = {std::move(told)}});
  if (options.json) {
    print_json({{"verb", "replay"},
                {"build", program.build},
                {"build_line", build_line(program)},
                {"finding", json_of(drawing.finding)},
                {"diagram", json_of(drawing.diagram)}});
  } else {
    fmt::print("{}", report::to_text(drawing.diagram));
  }
  return exit_finding;
}

}  // namespace

int replay_verb(const Program& program, const Options& options) {
  const auto read = read_finding(options.file, program.allocator->language);
  if (const auto* error = std::get_if<InputError>(&read)) return complain(error->message);
  harness::SimFinding saved = std::get<harness::SimFinding>(read);
  sim::model_named(options.model, saved.config.model);
  harness::SimRunner runner(*program.allocator);
  const bool parts = saved.kind == oracle::Kind::nondeterminism;
  Drawing drawing;
  if (!parts) {
    drawing = draw(program, runner, saved);
  } else if (harness::SimFinding parted = harness::find_nondeterminism(runner, saved, harness::determinism_runs)) {
    drawing = not_drawn(parted);
  }
  const harness::SimFinding& first = drawing.finding;
  if (!options.json) print_other_build(program, other_build(program, saved));
  if (!first) {
    harness::hand_over({.runs = 1});
    if (options.json) {
      print_json({{"verb", "replay"},
                  {"build", program.build},
                  {"build_line", build_line(program)},
                  {"found_by", saved.schedule.config},
                  {"expected", saved.signature},
                  {"finding", nullptr}});
    } else {
      print_nothing(program, saved);
    }
    return exit_nothing_found;
  }
  if (parts) return tell_of_parting(program, options, drawing);
  const std::optional<std::uint64_t>& switches = first.switches_of_destroy;
  const Times times = repeat(runner, first, options.times);
  if (!options.svg.empty()) {
    const std::string error = write_file(
        options.svg, report::to_svg(drawing.diagram, options.wide ? report::SvgRoom::page : report::SvgRoom::phone));
    if (!error.empty()) return complain(error);
  }
  harness::Finding told = drawing.told;
  told.seen = times.equal;
  told.file = options.file;
  harness::hand_over({.runs = options.times, .findings = {std::move(told)}});
  if (options.json) {
    print_json({{"verb", "replay"},
                {"build", program.build},
                {"build_line", build_line(program)},
                {"found_by", saved.schedule.config},
                {"expected", saved.signature},
                {"finding", json_of(first)},
                {"times", options.times},
                {"reproduced", times.found},
                {"identical", times.equal},
                {"switches_of_destroy", switches ? nlohmann::json(*switches) : nlohmann::json(nullptr)},
                {"diagram", json_of(drawing.diagram)}});
  } else {
    fmt::print("{}", options.diagram ? report::to_text(drawing.diagram) : first.signature + "\n" + first.detail + "\n");
    if (const sim::MemoryModel model = first.config.model; model != sim::MemoryModel::sc) {
      fmt::print("Memory model: {}.\n", sim::name_of(model));
    }
    if (first.signature != saved.signature) {
      const bool is_former = first.former_signature == saved.signature;
      fmt::print("{} `{}`.\n", is_former ? "Saved before signatures told causes, as" : "The file expects",
                 saved.signature);
    }
    fmt::print("{}{}.\n", with_commas(first.switches) + (first.switches == 1 ? " context switch" : " context switches"),
               switches ? fmt::format(", {} of them since destroy began", *switches) : "");
    fmt::print("Reproduced in {} of {}; {} identical.\n", times.found, count_of(options.times, "run"), times.equal);
  }
  if (times.equal != options.times) {
    return complain("runs differ under one schedule: the program under test is not deterministic");
  }
  return exit_finding;
}

}  // namespace rcufarm::cli
