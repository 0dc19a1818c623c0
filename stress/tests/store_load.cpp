// store_load: what a store bears. By hand and by scale_test.py; it speaks to the store as a farm's clerk does.
//
//   store_load fill URL|FOLDER FINDINGS SIGHTINGS     fills an empty store
//   store_load listing URL|FOLDER                     how long a page and the metrics take there
//   store_load drive URL INSTANCES SECONDS RATE...    so many farms, each with RATE sightings a second, for each RATE
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "stress/store/sha256.h"
#include "stress/store/sql.h"
#include "stress/store/store.h"

namespace rcufarm::stress {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned connections = 40;
constexpr unsigned findings_driven = 200;

StorePlace place_of(const std::string& where, const std::string& node) {
  const bool is_url = where.find("://") != std::string::npos || where.find('=') != std::string::npos;
  return {.state = is_url ? "" : where, .url = is_url ? where : "", .node = node};
}

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// Straight into the tables, in large transactions: a million sightings by report() would take an hour.
void fill(const std::string& where, std::int64_t findings, std::int64_t sightings) {
  open_store(place_of(where, "filler"));  // makes the schema
  const auto sql = place_of(where, "").url.empty() ? open_sqlite(where + "/farm.sqlite") : open_postgres(where);
  constexpr std::int64_t nodes = 20;
  constexpr std::int64_t at_once = 20'000;
  {
    Transaction transaction(*sql);
    for (std::int64_t i = 0; i < findings; ++i) {
      const std::string signature = fmt::format("leak: {} objects of list {}", i, i % 97);
      const std::string key = finding_key(signature);
      sql->run(
          "INSERT INTO finding VALUES($1, 'n', $2, $3, 'simulator', 'explore', 'b', 'x', '', '', '', '', 20, 20, $4, "
          "'b', $5, 0)",
          key, i % 3 == 0 ? "race" : "leak", signature, i % 5 == 0 ? "fixed" : "open", 1'000'000 + i);
      for (std::int64_t node = 0; node < nodes; ++node) {
        sql->run("INSERT INTO tally VALUES($1, $2, $3, $4, $5)", key, fmt::format("n{}", node),
                 sightings / findings / nodes, std::int64_t{1000}, 1'000'000 + i);
      }
    }
    transaction.commit();
  }
  for (std::int64_t i = 0; i < sightings;) {
    Transaction transaction(*sql);
    for (const std::int64_t end = std::min(sightings, i + at_once); i < end; ++i) {
      sql->run(
          "INSERT INTO sighting VALUES($1, 'n', {now}, 'simulator', 'explore', 'b', 'leak', $2, '', '', 1, 1, '', 0)",
          sha256(std::to_string(i)), fmt::format("leak: {} objects of list {}", i % findings, i % 97));
    }
    transaction.commit();
  }
}

template <class Ask>
void time_of(const char* what, Ask ask) {
  std::vector<double> times;
  for (int i = 0; i < 50; ++i) {
    const auto begin = Clock::now();
    ask();
    times.push_back(milliseconds_since(begin));
  }
  std::ranges::sort(times);
  fmt::print("{:<34} median {:7.2f} ms  longest {:7.2f} ms\n", what, times[times.size() / 2], times.back());
}

void listing(const std::string& where) {
  const auto store = open_store(place_of(where, "n1"));
  time_of("newest page", [&] { store->findings({.count_max = 50}); });
  time_of("page 150", [&] { store->findings({.skip = 7'450, .count_max = 50}); });
  time_of("search in signatures", [&] { store->findings({.text = "of list 42", .count_max = 50}); });
  time_of("one finding", [&] { store->finding(finding_key("leak: 7 objects of list 7")); });
  time_of("metrics: bugs, counters, waiting", [&] {
    store->bugs();
    store->counters();
    store->waiting();
  });
}

struct Figures {
  std::atomic<std::uint64_t> sightings{0};
  std::atomic<std::uint64_t> claims{0};
  std::atomic<std::uint64_t> late{0};  // actions that began over a second after their time
  std::mutex mutex;
  std::vector<double> times;  // of a sighting, ms
};

struct Action {
  Clock::time_point due;
  enum class What : std::uint8_t { place, read, report } what = What::place;
  unsigned instance = 0;
};
bool operator<(const Action& a, const Action& b) { return a.due > b.due; }

// The instances of one connection, each at its own times.
void drive_some(const std::string& url, const std::vector<unsigned>& instances, unsigned all, double rate,
                Clock::time_point end, Figures& figures) {
  const auto store = open_store(place_of(url, fmt::format("farm-{}", instances.front())));
  std::mt19937 random(instances.front());
  const auto after = [&](double seconds) {
    const double spread = 0.5 + static_cast<double>(random() % 1000) / 1000;
    return Clock::now() + std::chrono::microseconds(static_cast<std::int64_t>(seconds * spread * 1e6));
  };
  const double place_seconds = 10;
  const double read_seconds = std::max(5.0, 0.1 * all);
  std::vector<Action> heap;
  for (const unsigned instance : instances) {
    heap.push_back({after(place_seconds / 2), Action::What::place, instance});
    heap.push_back({after(read_seconds / 2), Action::What::read, instance});
    heap.push_back({after(0.5 / rate), Action::What::report, instance});
  }
  std::make_heap(heap.begin(), heap.end());
  std::vector<double> times;
  while (Clock::now() < end) {
    std::pop_heap(heap.begin(), heap.end());
    Action& action = heap.back();
    std::this_thread::sleep_until(std::min(action.due, end));
    if (Clock::now() >= end) break;
    if (Clock::now() - action.due > std::chrono::seconds(1)) ++figures.late;
    const std::string owner = fmt::format("instance {}", action.instance);
    if (action.what == Action::What::place) {
      store->hold("leader", owner, 30'000);
      store->hold("seat " + owner, owner, 120'000);  // as attend() writes one row of its own
      action.due = after(place_seconds);
    } else if (action.what == Action::What::read) {
      store->findings({.count_max = 50});
      store->bugs();
      store->waiting();
      store->counters();
      store->notes();
      store->farms();
      action.due = after(read_seconds);
    } else {
      Sighting s;
      s.key = fmt::format("{:08x}{:08x}{:08x}", random(), random(), action.instance);
      s.signature = fmt::format("leak: driven {}", random() % findings_driven);
      s.engine = "simulator";
      s.program = "explore";
      s.kind = "leak";
      const auto begin = Clock::now();
      const Reported reported = store->report(s);
      times.push_back(milliseconds_since(begin));
      ++figures.sightings;
      if (reported == Reported::queued) {
        if (const auto claimed = store->claim(owner, 60'000)) {
          Finding f;
          f.signature = claimed->signature;
          f.kind = "leak";
          store->settle(*claimed, f);
          ++figures.claims;
        }
      } else {
        store->claim(owner, 60'000);  // an idle one asks, too
        ++figures.claims;
      }
      action.due = std::max(action.due, Clock::now() - std::chrono::seconds(5)) +
                   std::chrono::microseconds(static_cast<std::int64_t>(1e6 / rate));
    }
    std::push_heap(heap.begin(), heap.end());
  }
  const std::lock_guard lock(figures.mutex);
  figures.times.insert(figures.times.end(), times.begin(), times.end());
}

void drive(const std::string& url, unsigned instances, unsigned seconds, double rate) {
  Figures figures;
  const auto begin = Clock::now();
  std::vector<std::thread> threads;
  for (unsigned c = 0; c < connections; ++c) {
    std::vector<unsigned> own;
    for (unsigned i = c; i < instances; i += connections) own.push_back(i);
    if (own.empty()) break;
    threads.emplace_back([&, own] {
      try {
        drive_some(url, own, instances, rate, begin + std::chrono::seconds(seconds), figures);
      } catch (const StoreError& error) {
        fmt::print(stderr, "{}\n", error.what());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const double took = milliseconds_since(begin) / 1e3;
  std::ranges::sort(figures.times);
  const auto quantile = [&](double q) {
    return figures.times.empty()
               ? 0
               : figures.times[static_cast<std::size_t>(q * (static_cast<double>(figures.times.size()) - 1))];
  };
  fmt::print("{:>9} {:>10.1f} {:>13.1f} {:>10.1f} {:>12.1f} {:>12.1f} {:>8}\n", instances, rate * instances,
             static_cast<double>(figures.sightings) / took, static_cast<double>(figures.claims) / took, quantile(0.5),
             quantile(0.99), figures.late.load());
  std::fflush(stdout);
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 4 && words[0] == "fill") {
    fill(words[1], std::stoll(words[2]), std::stoll(words[3]));
  } else if (words.size() == 2 && words[0] == "listing") {
    listing(words[1]);
  } else if (words.size() >= 5 && words[0] == "drive") {
    fmt::print("instances  wanted/s   sightings/s   claims/s   median, ms      p99, ms     late\n");
    for (std::size_t i = 4; i < words.size(); ++i) {
      drive(words[1], static_cast<unsigned>(std::stoul(words[2])), static_cast<unsigned>(std::stoul(words[3])),
            std::stod(words[i]));
    }
  } else {
    fmt::print(
        stderr,
        "usage: store_load fill STORE FINDINGS SIGHTINGS | listing STORE | drive URL INSTANCES SECONDS RATE...\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace rcufarm::stress

int main(int argc, char** argv) {
  try {
    return rcufarm::stress::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "store_load: {}\n", error.what());
    return 2;
  }
}
