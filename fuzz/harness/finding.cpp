#include "harness/finding.h"

namespace rcufarm::harness {

const char* name_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::leak: return "leak";
    case FindingKind::handed_out_twice: return "handed-out-twice";
    case FindingKind::wrong_size: return "wrong-size";
    case FindingKind::corrupted: return "corrupted";
    case FindingKind::reused_under_reader: return "reused-under-reader";
    case FindingKind::returned_under_reader: return "returned-under-reader";
    case FindingKind::slab_misuse: return "slab-misuse";
    case FindingKind::kernel_misuse: return "kernel-misuse";
    case FindingKind::warning: return "warning";
    case FindingKind::misuse_report: return "misuse-report";
    case FindingKind::no_progress: return "no-progress";
  }
  return "unknown";
}

std::string describe(const Outcome& outcome) {
  std::string text;
  for (const Finding& finding : outcome.findings) {
    text += "rcufarm: finding: ";
    text += name_of(finding.kind);
    text += ": " + finding.detail + "\nrcufarm: signature: " + finding.signature + "\n";
  }
  return text;
}

}  // namespace rcufarm::harness
