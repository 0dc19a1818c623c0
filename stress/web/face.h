// The farm's face: metrics, health and the status page on one port, read-only.
//
// Job: own the server and its threads; answer from the newest snapshot, the metrics' registry and the store. It changes
// nothing.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "stress/config/config.h"
#include "stress/farm/snapshot.h"
#include "stress/metrics/metrics.h"
#include "stress/store/store.h"

namespace rcufarm::stress {

class BoundedServer;

class Face {
 public:
  // Listens when it returns. Throws std::runtime_error that says what to do if it cannot.
  Face(const HttpConfig& config, const Metrics& metrics, const SnapshotBoard& board, Store& store);
  ~Face();
  Face(const Face&) = delete;
  Face& operator=(const Face&) = delete;

  int port() const { return port_; }

 private:
  void add_machine_pages();
  void add_people_pages();

  const Metrics& metrics_;
  const SnapshotBoard& board_;
  Store& store_;
  std::unique_ptr<BoundedServer> server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace rcufarm::stress
