// Who is next: the kinds of workers rotate through the slots by share.
//
// Job: stride scheduling by time served. A kind that could not run for a while has no claim to make up for it. No clock.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "stress/worker/lane.h"

namespace rcufarm::stress {

class Rotation {
 public:
  void served(Lane lane, double seconds) { seconds_[index(lane)] += seconds; }
  double seconds(Lane lane) const { return seconds_[index(lane)]; }

  // Of the lanes that `ready` allows and that have a share, the one that had the least time for its share.
  template <class Ready>
  std::optional<Lane> pick(const SharesConfig& shares, Ready ready) {
    std::optional<Lane> best;
    double least = std::numeric_limits<double>::max();
    for (const Lane lane : all_lanes) {
      const unsigned share = share_of(lane, shares);
      if (share == 0 || !ready(lane)) continue;
      const double pass = (seconds_[index(lane)] - forgiven_[index(lane)]) / share;
      if (pass >= least) continue;
      least = pass;
      best = lane;
    }
    if (best) catch_up(shares, least, ready);
    return best;
  }

 private:
  static unsigned index(Lane lane) { return static_cast<unsigned>(lane); }

  // Who may not run now starts later where the others are.
  template <class Ready>
  void catch_up(const SharesConfig& shares, double least, Ready ready) {
    for (const Lane lane : all_lanes) {
      const unsigned share = share_of(lane, shares);
      if (share == 0 || ready(lane)) continue;
      const double pass = (seconds_[index(lane)] - forgiven_[index(lane)]) / share;
      if (pass < least) forgiven_[index(lane)] = seconds_[index(lane)] - least * share;
    }
  }

  std::array<double, lane_count> seconds_{};
  std::array<double, lane_count> forgiven_{};
};

}  // namespace rcufarm::stress
