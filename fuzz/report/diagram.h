// The diagram of an interleaving, before it is text or a picture.
//
// Job: the value that build_diagram() makes and that text.h and svg.h lay out. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/sim/sim_finding.h"
#include "report/names.h"
#include "report/step.h"

namespace rcufarm::report {

struct Row {
  enum class Kind : std::uint8_t {
    step,      // something happens
    function,  // the function that the steps below it stand in
    context,   // another context of the column goes on
    gap,       // steps that there was no room for
    verdict,   // what is wrong
  };
  Kind kind = Kind::step;
  unsigned column = 0;
  unsigned number = 0;  // of a step, from 1; else 0
  unsigned indent = 0;  // levels
  std::string text{};
  std::string note{};    // "from 3", "before 7", "reads step 3's store; step 5's is newer"; "" if there is none
  bool accused = false;  // a party of the accusation
};

struct AccusedLine {
  std::string role{};    // "freed", "accessed", …
  std::string who{};     // "main", "callback"
  std::string where{};   // "destroy.cpp:54, free_caches()"
  std::string source{};  // the line itself; "" if it cannot be read
  unsigned row = 0;      // the step's number in the diagram; 0: it is not in it
};

struct Diagram {
  std::string signature;
  std::string detail;
  std::vector<std::string> columns;  // heads
  std::vector<Row> rows;
  std::vector<AccusedLine> accused;
  std::vector<std::string> explanations;  // sentences
  std::size_t steps_shown = 0;
  std::size_t steps_all = 0;  // 0: all are shown, and nobody is told how many
};

// A line of a source file, without indentation; nothing if it cannot be read.
using SourceReader = std::function<std::optional<std::string>(const std::string& file, std::uint32_t line)>;
std::optional<std::string> read_source_line(const std::string& file, std::uint32_t line);

struct DiagramOptions {
  std::size_t lines_wanted = 36;
  std::size_t lines_max = 120;
  SourceReader source = read_source_line;
};

Diagram build_diagram(const Recording& recording, const harness::SimFinding& finding, const AllocatorNames& names,
                      const DiagramOptions& options = {});

}  // namespace rcufarm::report
