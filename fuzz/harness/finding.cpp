#include "harness/finding.h"

namespace rcufarm::harness {

std::string describe(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += "rcufarm: finding: ";
    text += name_of(finding.kind);
    text += ": " + finding.detail + "\nrcufarm: signature: " + finding.signature + "\n";
  }
  return text;
}

}  // namespace rcufarm::harness
