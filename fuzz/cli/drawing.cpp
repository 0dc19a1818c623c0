#include "cli/drawing.h"

#include "report/recorder.h"

namespace rcufarm::cli {

Drawing draw(const Program& program, harness::SimRunner& runner, const harness::SimFinding& finding) {
  const report::MachineObjects objects(runner.machine());
  report::Recorder recorder(objects);
  Drawing drawing;
  drawing.finding = runner.replay(finding, &recorder);
  if (drawing.finding) drawing.diagram = report::build_diagram(recorder.take(), drawing.finding, *program.names);
  return drawing;
}

}  // namespace rcufarm::cli
