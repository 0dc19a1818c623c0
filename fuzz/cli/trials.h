// Trials: how often, how fast.
//
// Job: the arithmetic of `rcufarm defects`. A trial that found nothing counts as slower than any that did. Pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace rcufarm::cli {

struct Trial {
  bool found = false;
  std::uint64_t schedules = 0;  // until the finding, it included; else until time was up
  double seconds = 0;
};

struct Score {
  std::string defect;
  std::string strategy;
  std::vector<Trial> trials;
  std::set<std::string> signatures;  // of all findings
  std::string trouble;               // why trials are missing; "" else

  unsigned hits() const;
  // False: at least half of the trials found nothing, so that the median is at least `value`.
  struct Median {
    double value = 0;
    bool reached = false;
  };
  Median median_schedules() const;
  Median median_seconds() const;
};

// A table with a line for each score.
std::string table_of(const std::vector<Score>& scores);

}  // namespace rcufarm::cli
