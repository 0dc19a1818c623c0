#include "cli/command.h"

#include <CLI/CLI.hpp>

#include <exception>

#include "cli/defect_builds.h"
#include "cli/generate.h"
#include "cli/options.h"
#include "cli/verbs.h"

namespace rcufarm::cli {

namespace {

int run_verb(CLI::App& app, const Program& program, const Options& options) {
  const std::string verb = app.get_subcommands().front()->get_name();
  if (verb == "explore") return explore_verb(program, options);
  if (verb == "replay") return replay_verb(program, options);
  if (verb == "minimize") return minimize_verb(program, options);
  if (verb == "show") return show_verb(options);
  if (verb == "asm") return asm_verb(options);
  if (verb == "defects") return defects_verb(program, options);
  if (verb == "prove") return prove_verb(program, options);
  if (verb == "litmus") return litmus_verb(options);
  return generate_verb(app, options);
}

}  // namespace

int run_command(Program program, int argc, char** argv) {
  Options options;
  const auto app = define_command(options);
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app->exit(error) == 0 ? exit_nothing_found : exit_bad_use;
  }
  std::error_code no_self;
  program.self = std::filesystem::read_symlink("/proc/self/exe", no_self);
  if (no_self) return complain("cannot read /proc/self/exe: " + no_self.message());
  if (options.folder.empty()) options.folder = findings_folder(program.self);
  // With both, the target's build becomes the defect's.
  const bool is_of_target = program.build == options.target || program.build.starts_with(options.target + "-");
  if (!options.target.empty() && !is_of_target) {
    return complain(become_target(program, options.target, argc, argv));
  }
  if (!options.defect.empty() && !is_defect_build(program, options.defect)) {
    return complain(become_defect_build(program, options.defect, argc, argv));
  }
  try {
    return run_verb(*app, program, options);
  } catch (const std::exception& error) {
    return complain(std::string("it could not go on: ") + error.what());
  }
}

}  // namespace rcufarm::cli
