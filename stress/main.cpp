// rcufarm-farm: the command.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "stress/app.h"

int main(int argc, char** argv) {
  using namespace rcufarm::stress;
  CLI::App app("Runs explorers, fuzzers and stress around the clock, keeps what they find, and shows how it goes.",
               "rcufarm-farm");
  app.require_subcommand(1);
  app.footer(
      "Exit code of run: 0 it ended as it was asked to (with --duration, and nothing was found), 1 it found something; "
      "of the "
      "others: 0 done, 1 not there. 2: bad use or environment, or nothing could be run, and stderr says what to do.");
  int status = exit_done;

  RunOptions run;
  CLI::App& run_app = *app.add_subcommand("run", "run the farm until SIGINT or SIGTERM; SIGHUP reads its config again");
  run_app.add_option("--config", run.config, "TOML; without it the defaults hold (see: rcufarm-farm config)");
  run_app.add_option("--state", run.state, "folder that everything is kept in")->capture_default_str();
  run_app.add_option("--duration,--seconds", run.duration_seconds, "seconds; 0: until it is stopped")
      ->capture_default_str();
  run_app.add_option("--port", run.port, "instead of the config's; 0: any free one")->check(CLI::Range(0, 65535));
  run_app.add_option("--log-format", run.log_format, "instead of the config's: text or json")
      ->check(CLI::IsMember({"text", "json"}));
  run_app.add_option("--builder", run.builder, "a process that is still building; until it ends, no program is missed")
      ->check(CLI::PositiveNumber);
  run_app.add_flag("--fail-on-findings", run.fail_on_findings,
                   "exit code 1 if something was found, also where SIGTERM or SIGINT ended it");
  run_app.callback([&] { status = run_verb(run); });

  FindingsOptions findings;
  CLI::App& findings_app = *app.add_subcommand("findings", "what the store has");
  findings_app.require_subcommand(1);
  findings_app.add_option("--state", findings.state, "the farm's folder")->capture_default_str();
  findings_app.add_option("--store", findings.store, "the url of a PostgreSQL instead");
  findings_app.fallthrough();
  CLI::App& list = *findings_app.add_subcommand("list", "a line for each");
  list.add_flag("--json", findings.json, "for machines");
  list.callback([&] { status = list_verb(findings); });
  CLI::App& show = *findings_app.add_subcommand("show", "one of them, with its diagram and report");
  show.add_option("KEY", findings.key, "as listed, or its beginning")->required();
  show.callback([&] { status = show_verb(findings); });
  CLI::App& get = *findings_app.add_subcommand("get", "its input, as a file to replay or to send");
  get.add_option("KEY", findings.key, "as listed, or its beginning")->required();
  get.add_option("-o,--output", findings.file, "instead of KEY.finding in this folder; -: stdout");
  get.callback([&] { status = get_verb(findings); });
  CLI::App& replay = *findings_app.add_subcommand(
      "replay",
      "run it again, on the build that showed it; exit code 1: it shows. Also of an export that was taken in");
  replay.add_option("KEY", findings.key, "as listed, or its beginning")->required();
  replay.add_flag("--any-build", findings.any_build, "on what is built here, whatever it is");
  replay.callback([&] { status = replay_verb(findings); });
  CLI::App& ack = *findings_app.add_subcommand("ack", "somebody has seen it: its alert ends, until it comes back");
  ack.add_option("KEY", findings.key, "as listed, or its beginning")->required();
  ack.add_option("--note", findings.note, "who looks at it, or where it is reported")->required();
  ack.callback([&] { status = ack_verb(findings); });
  CLI::App& to_file = *findings_app.add_subcommand("export", "all of them with their inputs into one file");
  to_file.add_option("FILE", findings.file)->required();
  to_file.callback([&] { status = export_verb(findings); });
  CLI::App& from_file = *findings_app.add_subcommand("import", "take in an export; doing it twice does it once");
  from_file.add_option("FILE", findings.file)->required();
  from_file.callback([&] { status = import_verb(findings); });

  ChangesOptions changes;
  const auto take_store = [&](CLI::App& of) {
    of.add_option("--state", changes.state, "the farm's folder")->capture_default_str();
    of.add_option("--store", changes.store, "the url of a PostgreSQL instead");
  };
  CLI::App& submit =
      *app.add_subcommand("submit", "have a patch, or a posted series, looked at by the next farm that is free");
  submit.add_option("FILE", changes.file, "a patch or an mbox; -: stdin")->required();
  submit.add_option("--target", changes.target,
                    "alloc, linux, or the name of a [[watch]], onto whose branch it is put; if not given, by the files "
                    "that it names");
  take_store(submit);
  submit.callback([&] { status = submit_verb(changes); });
  CLI::App& changes_app = *app.add_subcommand("changes", "patches and commits, and what came of them");
  changes_app.require_subcommand(1);
  take_store(changes_app);
  changes_app.fallthrough();
  CLI::App& list_changes = *changes_app.add_subcommand("list", "a line for each");
  list_changes.add_flag("--json", changes.json, "for machines");
  list_changes.callback([&] { status = list_changes_verb(changes); });
  CLI::App& show_change =
      *changes_app.add_subcommand("show", "the answer to one, as it fits a mail; exit code 1: it is wrong");
  show_change.add_option("KEY", changes.key, "as listed, or its beginning")->required();
  show_change.callback([&] { status = show_change_verb(changes); });

  std::string config_file;
  CLI::App& config = *app.add_subcommand("config", "print the configuration in force, with its meaning");
  config.add_option("--config", config_file, "TOML to lay over the defaults");
  config.callback([&] { status = config_verb(config_file); });

  std::string checked_file;
  CLI::App& check = *app.add_subcommand("check-config", "is this configuration one that a farm can start with?");
  check.add_option("FILE", checked_file)->required();
  check.callback([&] { status = check_config_verb(checked_file); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_done : exit_bad_use;
  }
  return status;
}
