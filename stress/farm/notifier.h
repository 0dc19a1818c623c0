// The notifier: tells a web hook what became of findings, and what is wrong with a farm.
//
// Job: POST one JSON object for each finding and state (new, reopened, fixed) and for each trouble of this farm, signed, until the
// receiver takes it; pauses double. Of farms that share a store one does so, by a claim. Owns its thread and its connection to the
// store; without a hook in the configuration it does nothing.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "stress/config/config.h"
#include "stress/store/store.h"

namespace rcufarm::stress {

// "sha256=HEX": the HMAC of a body, as it stands in the header X-Rcufarm-Signature-256.
std::string signature_of(const std::string& body, const std::string& secret);

class Notifier {
 public:
  using Clock = std::chrono::steady_clock;

  // Throws std::runtime_error that says what to do: a hook that is no address, a secret that cannot be read.
  Notifier(const NotifyConfig& config, StorePlace place, std::string instance);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // What is wrong with this farm now, by a word for each kind; told when it begins, and again only after it was over. Any thread.
  void troubles(const std::map<std::string, std::string>& now);

 private:
  struct Pause {
    Clock::time_point until{};
    std::chrono::seconds length{0};
  };

  void work();
  void tell_findings();
  void tell_troubles();
  bool post(const std::string& delivery, const std::string& body);

  const NotifyConfig config_;
  const StorePlace place_;
  const std::string instance_;
  std::string origin_;  // scheme, host and port of the hook
  std::string path_;
  std::string secret_;
  std::unique_ptr<Store> store_;
  Pause pause_;

  std::mutex mutex_;  // for what follows
  std::condition_variable changed_;
  bool stop_ = false;
  std::map<std::string, std::string> troubles_;
  std::deque<std::pair<std::string, std::string>> untold_;  // delivery and body
  unsigned number_ = 0;
  std::thread thread_;
};

}  // namespace rcufarm::stress
