// A local UDP socket to which AFL++ sends its figures once a second.
//
// Job: own the socket and hand over packets. Owner: one engine. The port is the system's choice, on the loopback only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace rcufarm::session {

class StatsdSocket {
 public:
  StatsdSocket();
  StatsdSocket(const StatsdSocket&) = delete;
  StatsdSocket& operator=(const StatsdSocket&) = delete;
  ~StatsdSocket();

  // None if there is no loopback network: then figures come late, from files.
  std::optional<std::uint16_t> port() const { return port_; }

  // Hands over each packet that has come; never waits.
  void read_packets(const std::function<void(std::string_view)>& packet) const;

 private:
  int socket_ = -1;
  std::optional<std::uint16_t> port_;
};

}  // namespace rcufarm::session
