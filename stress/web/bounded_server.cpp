#include "stress/web/bounded_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace rcufarm::stress {

namespace {

using Clock = std::chrono::steady_clock;

// A socket that is given up at its deadline or after so many bytes.
class DeadlineStream final : public httplib::Stream {
 public:
  DeadlineStream(socket_t socket, const ServerLimits& limits)
      : socket_(socket), deadline_(Clock::now() + limits.request_time_max), bytes_left_(limits.request_bytes_max) {}

  bool is_readable() const override { return next_ < filled_ || wait_for(POLLIN); }
  bool is_writable() const override { return wait_for(POLLOUT); }

  // The library reads headers byte by byte.
  ssize_t read(char* to, size_t size) override {
    if (next_ == filled_ && !fill()) return -1;
    const std::size_t count = std::min(size, filled_ - next_);
    std::copy_n(buffer_.data() + next_, count, to);
    next_ += count;
    return static_cast<ssize_t>(count);
  }

  ssize_t write(const char* from, size_t size) override {
    if (!wait_for(POLLOUT)) return -1;
    return send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override { address(getpeername, ip, port); }
  void get_local_ip_and_port(std::string& ip, int& port) const override { address(getsockname, ip, port); }
  socket_t socket() const override { return socket_; }

 private:
  bool wait_for(short events) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    if (left <= 0) return false;
    pollfd wait{.fd = socket_, .events = events, .revents = 0};
    return poll(&wait, 1, static_cast<int>(left)) > 0;
  }

  bool fill() {
    if (bytes_left_ == 0 || !wait_for(POLLIN)) return false;
    const ssize_t got = recv(socket_, buffer_.data(), std::min(buffer_.size(), bytes_left_), MSG_DONTWAIT);
    if (got <= 0) return false;
    next_ = 0;
    filled_ = static_cast<std::size_t>(got);
    bytes_left_ -= filled_;
    return true;
  }

  template <class Ask>
  void address(Ask ask, std::string& ip, int& port) const {
    sockaddr_in end{};
    socklen_t length = sizeof end;
    std::array<char, INET_ADDRSTRLEN> text{};
    if (ask(socket_, reinterpret_cast<sockaddr*>(&end), &length) != 0 || end.sin_family != AF_INET) return;
    inet_ntop(AF_INET, &end.sin_addr, text.data(), text.size());
    ip = text.data();
    port = ntohs(end.sin_port);
  }

  const socket_t socket_;
  const Clock::time_point deadline_;
  std::size_t bytes_left_;
  std::array<char, 4096> buffer_{};
  std::size_t next_ = 0;
  std::size_t filled_ = 0;
};

// A thread for each connection that is served, and some seconds longer: one person who looks at a page needs one or two. The
// accepting thread waits while as many are served as may be.
class GrowingPool final : public httplib::TaskQueue {
 public:
  explicit GrowingPool(unsigned threads_max) : threads_max_(threads_max) {}

  void enqueue(std::function<void()> serve) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.size() + busy_ < threads_max_; });
    waiting_.push_back(std::move(serve));
    if (waiting_.size() + busy_ > threads_) {
      ++threads_;
      std::thread([this] { work(); }).detach();
    }
    changed_.notify_all();
  }

  void shutdown() override {
    std::unique_lock lock(mutex_);
    over_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return threads_ == 0; });
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (changed_.wait_for(lock, idle_time_max, [this] { return over_ || !waiting_.empty(); }) && !waiting_.empty()) {
      const std::function<void()> serve = std::move(waiting_.front());
      waiting_.pop_front();
      ++busy_;
      lock.unlock();
      serve();
      lock.lock();
      --busy_;
      changed_.notify_all();
    }
    --threads_;
    // The last thing that this thread does with it: shutdown() may return as soon as the lock is given back.
    std::notify_all_at_thread_exit(changed_, std::move(lock));
  }

  static constexpr std::chrono::seconds idle_time_max{10};
  const unsigned threads_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  unsigned busy_ = 0;
  unsigned threads_ = 0;
  bool over_ = false;
};

}  // namespace

BoundedServer::BoundedServer(const ServerLimits& limits) : limits_(limits) {
  new_task_queue = [limits] { return new GrowingPool(limits.connections_max); };
  // Not SO_REUSEPORT, the library's choice: a second farm on the same port has to fail.
  set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  set_payload_max_length(limits.request_bytes_max);
}

void BoundedServer::let_more_wait() const { ::listen(svr_sock_, static_cast<int>(limits_.connections_max)); }

bool BoundedServer::process_and_close_socket(socket_t socket) {
  DeadlineStream stream(socket, limits_);
  bool closed = false;
  const bool served = process_request(stream, true, closed, nullptr);
  shutdown(socket, SHUT_RDWR);
  close(socket);
  return served;
}

}  // namespace rcufarm::stress
