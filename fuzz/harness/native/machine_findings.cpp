#include "harness/native/machine_findings.h"

#include <string>

namespace rcufarm::harness {

namespace {

oracle::Kind kind_of(native::ReportKind kind) {
  switch (kind) {
    case native::ReportKind::warning: return oracle::Kind::warning;
    case native::ReportKind::misuse: return oracle::Kind::misuse_report;
    case native::ReportKind::illegal_context:
    case native::ReportKind::rcu_head_requeued: return oracle::Kind::kernel_misuse;
    case native::ReportKind::double_free:
    case native::ReportKind::foreign_free:
    case native::ReportKind::write_after_free:
    case native::ReportKind::write_out_of_bounds: return oracle::Kind::slab_misuse;
    case native::ReportKind::unsettled: return oracle::Kind::no_progress;
  }
  return oracle::Kind::warning;
}

// A warning's text is the allocator's own and constant; other reports name objects and addresses.
std::string signature_of(const native::Report& report) {
  return report.kind == native::ReportKind::warning ? report.text : native::name_of(report.kind);
}

}  // namespace

void append_findings(native::Machine& machine, std::vector<Finding>& findings) {
  for (const native::Report& report : machine.reports().list()) {
    findings.push_back({.kind = kind_of(report.kind),
                        .signature = std::string(name_of(kind_of(report.kind))) + ": " + signature_of(report),
                        .detail = report.text});
  }
  const std::vector<native::LiveObject> live = machine.slab().live();
  if (live.empty()) return;
  Leak leak{.objects = live.size()};
  for (const native::LiveObject& object : live) leak.bytes += object.requested_bytes;
  findings.push_back({.kind = oracle::Kind::leak,
                      .signature = name_of(oracle::Kind::leak),
                      .detail = std::to_string(live.size()) + " objects are not back in the slab after destroy\n" +
                                machine.slab().print_live(),
                      .leak = leak});
}

}  // namespace rcufarm::harness
