// Makes liburcu's bp flavour notice readers that leave.
//
// Job: urcu_bp_synchronize_rcu() looks about 100 times whether readers have left and then sleeps in poll() for 10 ms between
// looks. A timer signal to the waiting thread ends each poll() early, so a grace period ends at most poll_us_max after
// its last reader. While one of these lives, and nowhere else. Made by a driver's thread.
#pragma once

namespace rcufarm::native {

inline constexpr long poll_us_max = 200;

class ShortPolls {
 public:
  ShortPolls();
  ~ShortPolls();
  ShortPolls(const ShortPolls&) = delete;
  ShortPolls& operator=(const ShortPolls&) = delete;
};

}  // namespace rcufarm::native
