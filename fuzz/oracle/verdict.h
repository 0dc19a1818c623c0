// The verdict of a run: the first accusation.
//
// Job: take accusations from the oracles and keep the first; what comes after a broken state proves nothing. A run owns
// it.
#pragma once

#include "oracle/accusation.h"

namespace rcufarm::oracle {

class Verdict {
 public:
  void accuse(const Accusation& accusation) {
    if (first_ || (passes_harmless_ && is_harmless(accusation.kind)) || meaningless_.has(accusation.kind)) return;
    first_ = accusation;
    // Whoever names one thing leaves the other out.
    for (const char*& name : first_.names) name = name != nullptr ? name : "";
  }
  const Accusation& first() const { return first_; }
  bool reached() const { return static_cast<bool>(first_); }
  // Of all runs: kinds that say nothing about this allocator.
  void set_meaningless(KindSet kinds) { meaningless_ = kinds; }
  // Does what leaves the run's state as it was pass, so that the run goes on?
  void reset(bool passes_harmless) {
    first_ = Accusation{};
    passes_harmless_ = passes_harmless;
  }

 private:
  bool passes_harmless_ = false;
  KindSet meaningless_;
  Accusation first_;
};

}  // namespace rcufarm::oracle
