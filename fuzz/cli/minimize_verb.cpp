// minimize: the smallest finding with the same signature, under the strongest memory model that shows it.
#include <fmt/format.h>

#include "cli/files.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/present.h"
#include "cli/verbs.h"
#include "harness/sim/strongest.h"

namespace rcufarm::cli {

int minimize_verb(const Program& program, const Options& options) {
  const auto read = read_finding(options.file, program.allocator->language);
  if (const auto* error = std::get_if<InputError>(&read)) return complain(error->message);
  const auto& saved = std::get<harness::SimFinding>(read);
  harness::SimRunner runner(*program.allocator);
  harness::MinimizeFigures figures;
  harness::SimFinding small = harness::minimize(runner, saved, {}, &figures);
  std::vector<harness::NotShown> not_shown;
  if (small && harness::find_strongest_model(runner, small, not_shown)) {
    small = harness::minimize(runner, small, {}, &figures);
  }
  if (!small) {
    return complain(options.file +
                    " does not replay with this build, so there is nothing to minimize; it was found by `" +
                    saved.schedule.config + "`");
  }
  small.schedule.config = build_line(program);  // where it was seen to replay
  const std::string error = write_file(options.out, harness::to_text(small));
  if (!error.empty()) return complain(error);
  if (options.json) {
    print_json({{"verb", "minimize"},
                {"file", options.out},
                {"finding", json_of(small)},
                {"not_shown_under", json_of(not_shown)},
                {"minimized", json_of(figures)}});
  } else {
    const bool is_weak = saved.config.model != sim::MemoryModel::sc;
    fmt::print("{}\n{}Minimized: {}.\nSaved as {}\nReplay:  {} --diagram\n", small.signature,
               is_weak ? shown(small, not_shown) + "\n" : "", minimized(figures), options.out,
               replay_command(program, options.out));
  }
  return exit_nothing_found;
}

}  // namespace rcufarm::cli
