// The watchdog of native runs: a run that makes no progress is a finding, not a hang.
//
// Job: watch one run at a time from a thread of its own, which starts with the first run (a fuzz engine forks before that).
// When nothing has moved for the limit, prints where every task stands and ends the process by abort(), so that an engine
// keeps the input. There is one for the process.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace rcufarm::harness {

class Watchdog {
 public:
  // `progress` gives a number that changes while the run moves, `where` says in words how far it is. Both are called from
  // the watchdog's thread until the Watchdog goes.
  Watchdog(std::chrono::seconds limit, std::function<std::uint64_t()> progress, std::function<std::string()> where);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
};

}  // namespace rcufarm::harness
