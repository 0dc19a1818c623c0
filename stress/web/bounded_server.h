// cpp-httplib's server with bounds: connections, bytes and time of a request.
//
// Job: what the library leaves open. A connection serves one request and has so long for all of it, however slowly its client
// sends or reads; more connections than are served at once wait in the kernel's queue. Owner: HttpFace.
#pragma once

#include <httplib.h>

#include <chrono>
#include <memory>

namespace rcufarm::stress {

struct ServerLimits {
  unsigned connections_max = 256;
  std::chrono::seconds request_time_max{3};
  std::size_t request_bytes_max = std::size_t{16} << 10U;
};

class BoundedServer final : public httplib::Server {
 public:
  explicit BoundedServer(const ServerLimits& limits);

  // Once it is bound: the library lets five clients wait to be accepted, and a sixth tries again after a second.
  void let_more_wait() const;

 private:
  bool process_and_close_socket(socket_t socket) override;

  const ServerLimits limits_;
};

}  // namespace rcufarm::stress
