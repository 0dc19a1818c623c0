#include "native/reports.h"

namespace rcufarm::native {

const char* name_of(ReportKind kind) noexcept {
  switch (kind) {
    case ReportKind::warning: return "warning";
    case ReportKind::misuse: return "misuse";
    case ReportKind::illegal_context: return "illegal context";
    case ReportKind::rcu_head_requeued: return "rcu_head queued while queued";
    case ReportKind::double_free: return "double free";
    case ReportKind::foreign_free: return "foreign free";
    case ReportKind::write_after_free: return "write after free";
    case ReportKind::write_out_of_bounds: return "write out of bounds";
    case ReportKind::unsettled: return "unsettled";
  }
  return "unknown";
}

void Reports::add(ReportKind kind, const Text& text) noexcept {
  // Relaxed, both: counts order nothing, and `written` publishes the slot.
  counts_[static_cast<std::size_t>(kind)].fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t index = claimed_.fetch_add(1, std::memory_order_relaxed);
  if (index >= slots_.size()) return;
  Slot& slot = slots_[index];
  slot.kind = kind;
  slot.text = text;
  slot.written.store(true, std::memory_order_release);  // pairs with the acquire in list()
}

std::uint64_t Reports::count(ReportKind kind) const noexcept {
  return counts_[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
}

std::uint64_t Reports::count() const noexcept { return claimed_.load(std::memory_order_relaxed); }

std::vector<Report> Reports::list() const {
  std::vector<Report> reports;
  for (const Slot& slot : slots_) {
    // Acquire: pairs with the release in add().
    if (slot.written.load(std::memory_order_acquire)) reports.push_back({slot.kind, std::string(slot.text.view())});
  }
  return reports;
}

std::string Reports::print() const {
  std::string lines;
  for (const Report& report : list()) lines += std::string(name_of(report.kind)) + ": " + report.text + "\n";
  if (count() > slots_.size()) lines += "and " + std::to_string(count() - slots_.size()) + " more\n";
  return lines;
}

}  // namespace rcufarm::native
