// How often each interleaving comes up, and how often it should.
//
// Job: small models whose runs are strings, their exact distributions, and chi-square tests of the two. Seeds are fixed, so a test gives
// the same figures each time. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "machine/lab.h"

namespace rcufarm::sim {

using Exact = std::map<std::string, double>;

// Tasks 'a', 'b', … of some steps each, on CPUs of their own. One word for all, or one for each task.
struct Model {
  Lab lab;
  Cell<Atomic<int>> words[4];
  bool own_words = false;
  std::string order;

  explicit Model(std::vector<unsigned> steps, bool own = false) : own_words(own) {
    lab.settings.cpus = 4;
    for (auto& word : words) lab.cell(word);
    lab.first([this] { order.clear(); });
    for (unsigned i = 0; i < steps.size(); ++i) {
      lab.task(i, [this, i, n = steps[i]] {
        for (unsigned k = 0; k < n; ++k) {
          words[own_words ? i : 0]->store(1, Order::relaxed);
          order += static_cast<char>('a' + i);
        }
      });
    }
  }
  std::map<std::string, std::uint64_t> measure(Strategy& strategy, std::uint64_t runs, std::uint64_t skip = 0) {
    std::map<std::string, std::uint64_t> counts;
    for (std::uint64_t run = 0; run < runs + skip; ++run) {
      EXPECT_TRUE(strategy.begin_run(run));
      EXPECT_EQ(lab.run(strategy).end, End::finished);
      if (run >= skip) ++counts[order];
    }
    return counts;
  }
};

// Each step to one of those that are left, with a probability of `share`(those that are left, steps that are left).
template <class Share>
void spread(std::vector<unsigned>& left, const std::string& so_far, double probability, Share share, Exact& exact) {
  bool any = false;
  for (unsigned i = 0; i < left.size(); ++i) {
    if (left[i] == 0) continue;
    any = true;
    const double p = share(left, i);
    --left[i];
    spread(left, so_far + static_cast<char>('a' + i), probability * p, share, exact);
    ++left[i];
  }
  if (!any) exact[so_far] = probability;
}

inline Exact each_task_alike(std::vector<unsigned> steps) {
  Exact exact;
  spread(
      steps, "", 1,
      [](const std::vector<unsigned>& left, unsigned) {
        return 1.0 / static_cast<double>(std::count_if(left.begin(), left.end(), [](unsigned n) { return n != 0; }));
      },
      exact);
  return exact;
}

inline Exact each_order_alike(std::vector<unsigned> steps) {
  Exact exact;
  spread(
      steps, "", 1,
      [](const std::vector<unsigned>& left, unsigned i) {
        unsigned total = 0;
        for (const unsigned n : left) total += n;
        return static_cast<double>(left[i]) / total;
      },
      exact);
  return exact;
}

// The point that a chi-square variable exceeds once in a million (Wilson and Hilferty's approximation; z = 4.753).
inline double once_in_a_million(double degrees) {
  const double t = 1 - 2 / (9 * degrees) + 4.753 * std::sqrt(2 / (9 * degrees));
  return degrees * t * t * t;
}

inline void expect_distribution(const std::map<std::string, std::uint64_t>& measured, const Exact& exact) {
  std::uint64_t runs = 0;
  for (const auto& [order, count] : measured) {
    EXPECT_EQ(exact.count(order), 1U) << "impossible: " << order;
    runs += count;
  }
  double chi_square = 0;
  for (const auto& [order, probability] : exact) {
    const double expected = probability * static_cast<double>(runs);
    ASSERT_GT(expected, 20) << "too few runs for a chi-square test";
    const auto found = measured.find(order);
    const double seen = found == measured.end() ? 0 : static_cast<double>(found->second);
    chi_square += (seen - expected) * (seen - expected) / expected;
  }
  EXPECT_LT(chi_square, once_in_a_million(static_cast<double>(exact.size()) - 1)) << exact.size() << " interleavings";
}

inline bool differs(const std::map<std::string, std::uint64_t>& measured, const Exact& exact) {
  std::uint64_t runs = 0;
  for (const auto& [order, count] : measured) runs += count;
  double chi_square = 0;
  for (const auto& [order, probability] : exact) {
    const double expected = probability * static_cast<double>(runs);
    const auto found = measured.find(order);
    const double seen = found == measured.end() ? 0 : static_cast<double>(found->second);
    chi_square += (seen - expected) * (seen - expected) / expected;
  }
  return chi_square > once_in_a_million(static_cast<double>(exact.size()) - 1);
}

}  // namespace rcufarm::sim
