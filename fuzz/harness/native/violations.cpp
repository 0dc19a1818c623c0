#include "harness/native/violations.h"

namespace rcufarm::harness {

void Violations::append_to(std::vector<Finding>& findings) const {
  for (unsigned i = 0; i < kinds; ++i) {
    const char* what = entries_[i].what.load(std::memory_order_acquire);
    if (what == nullptr) continue;
    const auto kind = static_cast<oracle::Kind>(i);
    findings.push_back({.kind = kind,
                        .signature = std::string(name_of(kind)) + ": " + what,
                        .detail = std::string(what) + " (object " + std::to_string(entries_[i].number.load()) +
                                  ", seen " + std::to_string(entries_[i].count.load()) + " times)"});
  }
}

}  // namespace rcufarm::harness
