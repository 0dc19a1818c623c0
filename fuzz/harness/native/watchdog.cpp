#include "harness/native/watchdog.h"

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "harness/record.h"

namespace rcufarm::harness {

namespace {

// The watching thread and what it watches. Never destroyed: the thread may outlive main().
class Watcher {
 public:
  static Watcher& instance() {
    static Watcher* watcher = new Watcher;
    return *watcher;
  }

  void watch(std::chrono::seconds limit, std::function<std::uint64_t()> progress, std::function<std::string()> where) {
    const std::lock_guard lock(mutex_);
    limit_ = limit;
    progress_ = std::move(progress);
    where_ = std::move(where);
    restart();
    if (!thread_.joinable()) thread_ = std::thread([this] { loop(); });
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    progress_ = nullptr;
    where_ = nullptr;
  }

 private:
  void restart() {
    last_ = progress_();
    deadline_ = std::chrono::steady_clock::now() + limit_;
  }

  void loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
      tick_.wait_for(lock, std::chrono::milliseconds(500));
      if (!progress_) continue;
      if (progress_() != last_) {
        restart();
      } else if (std::chrono::steady_clock::now() > deadline_) {
        const std::string still = "nothing moved for " + std::to_string(limit_.count()) + " s";
        tell({{.kind = oracle::Kind::no_progress,
               .signature = name_of(oracle::Kind::no_progress),
               .detail = still + "\n" + where_()}});
        std::abort();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable tick_;
  std::thread thread_;
  std::chrono::seconds limit_{0};
  std::function<std::uint64_t()> progress_;
  std::function<std::string()> where_;
  std::uint64_t last_ = 0;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace

Watchdog::Watchdog(std::chrono::seconds limit, std::function<std::uint64_t()> progress,
                   std::function<std::string()> where) {
  Watcher::instance().watch(limit, std::move(progress), std::move(where));
}

Watchdog::~Watchdog() { Watcher::instance().forget(); }

}  // namespace rcufarm::harness
