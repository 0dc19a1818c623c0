// Activations: what runs of a context belong together.
//
// Job: number the stretches that a context goes through from a begin to its end: a call of a task, a callback, an
// irq_work, a nested program, a work. Two steps of different contexts are *interleaved* if one lies in the middle of
// the other's activation. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "report/step.h"

namespace rcufarm::report {

class Activations {
 public:
  explicit Activations(const std::vector<Step>& steps);

  // Is one of the two in the middle of the other's activation? `a` came first.
  bool interleaved(std::size_t a, std::size_t b) const;
  bool same(std::size_t a, std::size_t b) const { return of_[a] == of_[b]; }
  std::size_t first_of(std::size_t step) const { return spans_[of_[step]].first; }

 private:
  struct Span {
    std::size_t first;
    std::size_t last;
  };
  std::vector<std::size_t> of_;  // by step
  std::vector<Span> spans_;
};

}  // namespace rcufarm::report
