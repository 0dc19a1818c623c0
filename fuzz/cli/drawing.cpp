#include "cli/drawing.h"

#include <fmt/format.h>

#include "cli/files.h"
#include "harness/sim/input_runner.h"
#include "report/leak.h"
#include "report/recorder.h"
#include "report/text.h"

namespace rcufarm::cli {

std::filesystem::path finding_file(const Program& program, const std::filesystem::path& folder,
                                   const harness::SimFinding& finding) {
  const std::string build = program.build.empty() ? "" : program.build + "-";
  const auto hash = static_cast<std::uint32_t>(hash_of(finding.signature));
  return folder / fmt::format("{}{}-{:08x}.finding", build, oracle::name_of(finding.kind), hash);
}

Drawing not_drawn(const harness::SimFinding& finding) {
  Drawing drawing{.finding = finding, .diagram = {}, .told = harness::told_of(finding)};
  drawing.diagram.signature = finding.signature;
  drawing.diagram.detail = finding.detail;
  for (const harness::FindingParty& party : finding.parties) {
    const std::string file = std::filesystem::path(party.file).filename();
    report::AccusedLine line{.role = party.role,
                             .who = sim::name_of(party.context),
                             .where = fmt::format("{}:{}, {}()", file, party.line, party.function)};
    if (auto source = report::read_source_line(party.file, party.line)) line.source = *std::move(source);
    drawing.diagram.accused.push_back(std::move(line));
  }
  drawing.told.diagram = report::to_text(drawing.diagram);
  return drawing;
}

Drawing draw(const Program& program, harness::SimRunner& runner, const harness::SimFinding& finding) {
  const report::MachineObjects objects(runner.machine());
  report::Recorder recorder(objects);
  Drawing drawing;
  drawing.finding = runner.replay(finding, &recorder);
  if (!drawing.finding) return drawing;
  const report::Recording recording = recorder.take();
  drawing.diagram = report::build_diagram(recording, drawing.finding, *program.names);
  drawing.told = harness::told_of(drawing.finding);
  drawing.told.diagram = report::to_text(drawing.diagram);
  if (drawing.told.leak) drawing.told.leak = report::leak_of(recording, drawing.finding.object, *program.names);
  return drawing;
}

}  // namespace rcufarm::cli
