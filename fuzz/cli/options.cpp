#include "cli/options.h"

#include <CLI/CLI.hpp>

#include <limits>

#include "cli/jobs.h"

namespace rcufarm::cli {

namespace {

void take_file(CLI::App& verb, Options& options, const char* meaning) {
  verb.add_option("FILE", options.file, meaning)->required();
}

void take_json(CLI::App& verb, Options& options) { verb.add_flag("--json", options.json, "print JSON, for machines"); }

void take_model(CLI::App& verb, Options& o) {
  std::vector<std::string> names;
  for (unsigned i = 0; i < sim::memory_models; ++i) names.emplace_back(sim::name_of(static_cast<sim::MemoryModel>(i)));
  verb.add_option(
          "--model", o.model,
          "memory model: sequential consistency, x86, C++20, the Linux kernel's; if not given, a finding's own, "
          "else sc")
      ->check(CLI::IsMember(names));
}

void define_explore(CLI::App& app, Options& o) {
  CLI::App& verb = *app.add_subcommand("explore", "search for an interleaving in which the allocator is wrong");
  verb.add_option("--strategy", o.strategy, "who decides what runs next")
      ->check(CLI::IsMember(strategy_names()))
      ->capture_default_str();
  auto* seconds = verb.add_option("--seconds", o.seconds, "stop after so long (60)");
  seconds->check(CLI::Range(0.01, seconds_most));
  verb.add_option("--schedules", o.schedules, "stop after so many schedules")
      ->check(CLI::Range(std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()));
  verb.add_option(
          "--schedules-per-scenario", o.schedules_per_scenario,
          "of each scenario, so many schedules in a row; if not given, 16 where the scenario is given or --points is "
          "shared, else one")
      ->check(CLI::Range(1U, 1'000'000U));
  verb.add_option("-j,--jobs", o.jobs, "explorers that search side by side, each with seeds of its own")
      ->check(CLI::Range(1U, jobs_max))
      ->capture_default_str();
  verb.add_option("--seed", o.seed, "what random choices are drawn from")->capture_default_str();
  CLI::Option& scenario = *verb.add_option("--scenario", o.scenario,
                                           "explore this scenario (text, bytes, or a finding's) and no random ones");
  CLI::Option& inputs =
      *verb.add_option("--inputs", o.inputs, "give half of the search to scenarios from this folder of fuzz inputs");
  verb.add_option("--near", o.near,
                  "is this finding still there? Explore its scenario under its config, half of the time by its own "
                  "schedule and "
                  "others that differ from it in a few choices; its signature ends the search, other findings do not")
      ->excludes(&scenario)
      ->excludes(&inputs);
  verb.add_option(
      "--new-inputs", o.new_inputs,
      "write random scenarios that reached new reads-from pairs into this folder, as fuzz inputs: the last 32");
  take_model(verb, o);
  verb.add_option(
          "--order", o.order,
          "accuse missing order (data races, frees that other CPUs' accesses do not come before): yes, no; if not "
          "given, in three of four scenarios, and for another target or a weak memory model never")
      ->check(CLI::IsMember({"yes", "no"}));
  verb.add_option("--points", o.points,
                  "where a random strategy is asked who goes on: at all points, or only where contexts share words; if "
                  "not given, at all, and for another target where words are shared")
      ->check(CLI::IsMember({"all", "shared"}));
  verb.add_option("--preemptions", o.preemptions, "bound of the exhaustive strategy")
      ->check(CLI::Range(0U, 16U))
      ->capture_default_str();
  verb.add_flag("--keep-going", o.keep_going, "go on after the first finding, and report each signature once");
  verb.add_option("--findings", o.folder,
                  "folder that findings are saved in; if not given, build/findings of the tree");
  verb.add_flag("--no-save", o.no_save, "save nothing");
  verb.add_flag("--brief", o.brief, "tell findings without their diagrams");
  verb.add_flag("--no-minimize", o.no_minimize, "report findings as they were met");
  verb.add_option("--minimize-seconds", o.minimize_seconds,
                  "minimize for at most so long, all findings together; if not given, as long as the search may take")
      ->check(CLI::Range(0.01, seconds_most));
  verb.add_option("--known", o.known, "tell nothing of signatures whose findings lie below this folder");
  take_json(verb, o);
}

void define_replay(CLI::App& app, Options& o) {
  CLI::App& verb = *app.add_subcommand("replay", "run a finding again, exactly as it was");
  take_model(verb, o);
  take_file(verb, o, "a finding, as explore saved it or asm made it");
  verb.add_option("--times", o.times, "run it so many times, and compare")
      ->check(CLI::Range(1U, 1'000'000U))
      ->capture_default_str();
  verb.add_flag("--diagram", o.diagram, "draw the interleaving as text");
  verb.add_option("--svg", o.svg, "draw it as SVG into this file");
  verb.add_flag("--wide", o.wide,
                "of --svg: each column with room for its text, as on a page; else as narrow as a phone");
  take_json(verb, o);
}

void define_minimize(CLI::App& app, Options& o) {
  CLI::App& verb = *app.add_subcommand("minimize", "make a finding as small as it gets");
  take_file(verb, o, "a finding");
  verb.add_option("-o,--output", o.out, "where the smaller one goes")->required();
  take_json(verb, o);
}

void define_conversions(CLI::App& app, Options& o) {
  CLI::App& show = *app.add_subcommand("show", "print a scenario or a finding as text");
  take_file(show, o, "bytes or text");
  CLI::App& assemble = *app.add_subcommand("asm", "turn the text of a scenario or a finding into bytes");
  assemble.add_option("TEXT", o.file, "a file with the text")->required();
  assemble.add_option("-o,--output", o.out, "where the bytes go")->required();
}

void define_defects(CLI::App& app, Options& o) {
  CLI::App& verb =
      *app.add_subcommand("defects", "measure how fast each planted defect is found, strategy by strategy");
  verb.add_option("--trials", o.trials, "seeds of each")->check(CLI::Range(1U, 1000U))->capture_default_str();
  verb.add_option("--seconds", o.seconds, "time of one trial (60)")->check(CLI::Range(0.01, seconds_most));
  take_model(verb, o);
  verb.add_option("--strategy", o.strategies, "only this strategy; may be given again")
      ->check(CLI::IsMember(strategy_names()));
  verb.add_option("--only", o.only, "only this defect (its number); may be given again");
  take_json(verb, o);
}

void define_prove(CLI::App& app, Options& o) {
  CLI::App& verb =
      *app.add_subcommand("prove", "run every execution of a program, one of each class of equivalent ones");
  CLI::Option& inputs =
      *verb.add_option("INPUT", o.files, "scenarios (text, bytes), or findings whose scenarios are meant");
  CLI::Option& frontier =
      *verb.add_option("--frontier", o.frontier,
                       "file that what is left of the proof is kept in: to stop, to go on, to share among machines");
  verb.add_option("-j,--jobs", o.jobs, "explorers that share the proof")
      ->check(CLI::Range(1U, jobs_max))
      ->capture_default_str();
  CLI::Option& operations =
      *verb.add_option("--all", o.operations,
                       "all programs of two tasks and a nested one with at most so many operations, smallest first");
  operations.check(CLI::Range(1U, 8U))->excludes(&inputs)->excludes(&frontier);
  CLI::Option& part = *verb.add_option(
      "--part", o.part, "file with a part of a proof, as a farm hands it out; what came of it goes into FILE.gain");
  part.excludes(&inputs)->excludes(&frontier)->excludes(&operations);
  verb.callback([&inputs, &operations, &frontier, &part] {
    if (inputs.empty() && operations.empty() && frontier.empty() && part.empty())
      throw CLI::RequiredError("INPUT, --frontier, --part or --all");
    if (inputs.count() > 1 && !frontier.empty())
      throw CLI::ValidationError("--frontier", "a proof is of one program: give one INPUT");
  });
  verb.add_option("--seconds", o.seconds, "stop after so long, for each input; if not given, when all are run")
      ->check(CLI::Range(0.01, seconds_most));
  take_model(verb, o);
  verb.add_option("--order", o.order, "accuse missing order: yes, no; if not given, under sc alone")
      ->check(CLI::IsMember({"yes", "no"}));
  verb.add_option("--findings", o.folder,
                  "folder that a finding is saved in; if not given, build/findings of the tree");
  verb.add_flag("--no-save", o.no_save, "save no finding");
  verb.add_flag("--no-minimize", o.no_minimize, "report a finding as it was met");
  take_json(verb, o);
}

void define_litmus(CLI::App& app, Options& o) {
  CLI::App& verb = *app.add_subcommand("litmus", "run all executions of litmus tests under a memory model");
  verb.add_option("--model", o.model,
                  "sc, tso, c11 or kernel; if not given, kernel, and c11 for a test with C11's atomics")
      ->check(CLI::IsMember({"sc", "tso", "c11", "kernel"}));
  verb.add_option("--graphs", o.graphs, "give a test up after so many beginnings of executions")
      ->check(CLI::Range(std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str();
  verb.add_option("FILE", o.files, "C litmus tests, or folders of them (*.litmus)")->required();
  take_json(verb, o);
}

}  // namespace

std::vector<std::string> strategy_names() {
  using harness::StrategyKind;
  return {harness::name_of(StrategyKind::portfolio), harness::name_of(StrategyKind::random_walk),
          harness::name_of(StrategyKind::pct),       harness::name_of(StrategyKind::partial_order),
          harness::name_of(StrategyKind::surw),      harness::name_of(StrategyKind::exhaustive),
          harness::name_of(StrategyKind::dpor)};
}

std::unique_ptr<CLI::App> define_command(Options& o) {
  auto app = std::make_unique<CLI::App>(
      "Looks for interleavings in which a memory allocator that defers frees with RCU leaks, hands out memory twice, "
      "or "
      "frees it under somebody's feet.",
      "rcufarm");
  app->require_subcommand(1);
  app->fallthrough();
  app->add_option("--defect", o.defect, "use the allocator with this defect planted (its number, as 04)");
  app->add_option("--target", o.target, "another allocator than this project's: linux, which ./farm kernel builds");
  define_explore(*app, o);
  define_replay(*app, o);
  define_minimize(*app, o);
  define_conversions(*app, o);
  define_defects(*app, o);
  define_prove(*app, o);
  define_litmus(*app, o);
  // For the build: not shown to people.
  CLI::App& generate = *app->add_subcommand("generate", "print what is made from these definitions")->group("");
  generate.add_option("WHAT", o.what, "bash: completion; man: the manual page")
      ->required()
      ->check(CLI::IsMember({"bash", "man"}));
  app->footer("Exit code: 0 nothing found (or done), 1 a finding or a disagreement, 2 bad use or environment.");
  return app;
}

}  // namespace rcufarm::cli
