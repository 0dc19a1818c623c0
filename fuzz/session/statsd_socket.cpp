#include "session/statsd_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace rcufarm::session {

StatsdSocket::StatsdSocket() : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0) return;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket_, generic, size) == 0 && getsockname(socket_, generic, &size) == 0) port_ = ntohs(address.sin_port);
}

StatsdSocket::~StatsdSocket() {
  if (socket_ >= 0) close(socket_);
}

void StatsdSocket::read_packets(const std::function<void(std::string_view)>& packet) const {
  std::array<char, 4096> buffer{};
  ssize_t count = 0;
  while (port_ && (count = recv(socket_, buffer.data(), buffer.size(), 0)) > 0) {
    packet(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
  }
}

}  // namespace rcufarm::session
