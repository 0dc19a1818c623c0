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
    if (first_) return;
    first_ = accusation;
    // Whoever names one thing leaves the other out.
    for (const char*& name : first_.names) name = name != nullptr ? name : "";
  }
  const Accusation& first() const { return first_; }
  bool reached() const { return static_cast<bool>(first_); }
  void reset() { first_ = Accusation{}; }

 private:
  Accusation first_;
};

}  // namespace rcufarm::oracle
