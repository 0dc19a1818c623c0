#include "cli/drawing.h"

#include "harness/sim/input_runner.h"
#include "report/leak.h"
#include "report/recorder.h"
#include "report/text.h"

namespace rcufarm::cli {

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
