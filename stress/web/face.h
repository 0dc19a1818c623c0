// The farm's face: metrics, health and the status page on one port.
//
// Job: own the server and its threads; answer from the newest snapshot, the metrics' registry and the store. It changes
// nothing, but that who has the token may put a patch into the queue.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "stress/config/config.h"
#include "stress/farm/snapshot.h"
#include "stress/metrics/metrics.h"
#include "stress/store/store.h"

namespace rcufarm::stress {

class BoundedServer;

// A text that is made at most once a second, however many ask for it. Any thread.
class FreshText {
 public:
  explicit FreshText(std::function<std::string()> make) : make_(std::move(make)) {}
  std::shared_ptr<const std::string> get();

 private:
  const std::function<std::string()> make_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point made_{};
  std::shared_ptr<const std::string> text_;
};

// "127.0.0.1:80", "[::1]:80".
std::string endpoint_of(const std::string& address, int port);

class Face {
 public:
  // Listens when it returns. Throws std::runtime_error that says what to do if it cannot.
  Face(const HttpConfig& config, const Metrics& metrics, const SnapshotBoard& board, StorePlace store);
  ~Face();
  Face(const Face&) = delete;
  Face& operator=(const Face&) = delete;

  int port() const { return port_; }

 private:
  void add_machine_pages();
  void add_people_pages();
  void add_change_pages();
  void add_patch_api();

  FreshText metrics_;
  FreshText page_;
  const SnapshotBoard& board_;
  // Opened when somebody asks for what only the store has. Throws StoreError.
  Store& store();

  const StorePlace place_;
  std::string token_;  // who sends it may post patches; "": nobody may
  std::mutex store_mutex_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<BoundedServer> server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace rcufarm::stress
