#include "report/activations.h"

#include <array>

namespace rcufarm::report {

namespace {

using sim::EventKind;

bool begins(const Step& s) {
  return s.is(EventKind::call_begin) || s.is(EventKind::callback_begin) || s.is(EventKind::irq_work_begin) ||
         s.is(EventKind::program_begin) || s.is(EventKind::work_begin) || s.is(EventKind::task_begin);
}

bool ends(const Step& s) {
  return s.is(EventKind::call_end) || s.is(EventKind::callback_end) || s.is(EventKind::irq_work_end) ||
         s.is(EventKind::program_end) || s.is(EventKind::work_end);
}

}  // namespace

Activations::Activations(const std::vector<Step>& steps) : of_(steps.size()) {
  constexpr auto none = static_cast<std::size_t>(-1);
  std::array<std::size_t, 256> current;
  current.fill(none);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::size_t& mine = current[sim::index_of(steps[i].context())];
    if (mine == none || begins(steps[i])) {
      mine = spans_.size();
      spans_.push_back({i, i});
    }
    of_[i] = mine;
    spans_[mine].last = i;
    if (ends(steps[i])) mine = none;
  }
}

bool Activations::interleaved(std::size_t a, std::size_t b) const {
  return spans_[of_[a]].last > b || spans_[of_[b]].first < a;
}

}  // namespace rcufarm::report
