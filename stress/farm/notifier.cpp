#include "stress/farm/notifier.h"

#include <fmt/format.h>
#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <spdlog/spdlog.h>

#include <array>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace rcufarm::stress {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds look_interval{5};
constexpr std::chrono::seconds answer_time_max{2};
constexpr std::chrono::seconds pause_first{2};
constexpr std::chrono::seconds pause_most{600};
constexpr Milliseconds claim_time = 60'000;
constexpr std::size_t told_at_once = 20;
constexpr std::size_t untold_max = 100;

const char* event_of(FindingState state) {
  switch (state) {
    case FindingState::open: return "new";
    case FindingState::fixed: return "fixed";
    case FindingState::reopened: return "reopened";
  }
  return "new";
}

std::string text_of(const json& body) { return body.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

std::string signature_of(const std::string& body, const std::string& secret) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data(), &length);
  std::string text = "sha256=";
  for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

Notifier::Notifier(const NotifyConfig& config, StorePlace place, std::string instance)
    : config_(config), place_(std::move(place)), instance_(std::move(instance)) {
  if (config_.url.empty()) return;
  const auto scheme = config_.url.find("://");
  const bool known = config_.url.starts_with("http://") || config_.url.starts_with("https://");
  if (!known || config_.url.size() == scheme + 3) {
    throw std::runtime_error(
        fmt::format("[notify] url = \"{}\" is no address. Write one as https://host/path", config_.url));
  }
  const auto path = config_.url.find('/', scheme + 3);
  origin_ = config_.url.substr(0, path);
  path_ = path == std::string::npos ? "/" : config_.url.substr(path);
  std::ifstream stream(config_.secret_file, std::ios::binary);
  secret_.assign(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  while (!secret_.empty() && secret_.back() == '\n') secret_.pop_back();
  if (secret_.empty()) {
    throw std::runtime_error(
        fmt::format("[notify] secret_file = \"{}\" cannot be read, or it is empty. Make one: openssl rand "
                    "-hex 32 > FILE, and give the receiver a copy",
                    config_.secret_file));
  }
  thread_ = std::thread([this] { work(); });
}

Notifier::~Notifier() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    if (store_) store_->interrupt();
  }
  changed_.notify_all();
  thread_.join();
}

void Notifier::troubles(const std::map<std::string, std::string>& now) {
  if (!thread_.joinable()) return;
  const std::lock_guard lock(mutex_);
  for (const auto& [what, text] : now) {
    if (troubles_.contains(what) || untold_.size() >= untold_max) continue;
    const json body = {{"event", what}, {"farm", place_.node}, {"text", text}};
    untold_.emplace_back(fmt::format("{} {} {}", instance_, what, number_++), text_of(body));
  }
  troubles_ = now;
}

void Notifier::work() {
  for (;;) {
    if (Clock::now() >= pause_.until) {
      try {
        if (!store_) {
          auto store = open_store(place_);
          const std::lock_guard lock(mutex_);
          store_ = std::move(store);
        }
        tell_findings();
      } catch (const StoreError&) {
        // The clerk says it.
      }
      if (Clock::now() >= pause_.until) tell_troubles();
    }
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, look_interval, [this] { return stop_; })) return;
  }
}

void Notifier::tell_findings() {
  if (!store_->hold("notify", instance_, claim_time)) return;
  for (const Finding& f : store_->untold(told_at_once)) {
    const std::string delivery = fmt::format("{} {}", f.key, name_of(f.state));
    const json body = {
        {"event", event_of(f.state)}, {"farm", place_.node},
        {"finding", f.key},           {"kind", f.kind},
        {"signature", f.signature},   {"count", f.count},
        {"first_seen", f.first_seen}, {"build", f.state == FindingState::open ? f.build : f.checked_build}};
    if (!post(delivery, text_of(body))) return;
    store_->told(f.key, f.state);
  }
}

void Notifier::tell_troubles() {
  for (;;) {
    std::pair<std::string, std::string> next;
    {
      const std::lock_guard lock(mutex_);
      if (untold_.empty() || stop_) return;
      next = untold_.front();
    }
    if (!post(next.first, next.second)) return;
    const std::lock_guard lock(mutex_);
    untold_.pop_front();
  }
}

// False: it is tried again after a pause.
bool Notifier::post(const std::string& delivery, const std::string& body) {
  httplib::Client client(origin_);
  client.set_connection_timeout(answer_time_max);
  client.set_read_timeout(answer_time_max);
  client.set_write_timeout(answer_time_max);
  const httplib::Headers headers = {{"X-Rcufarm-Delivery", delivery},
                                    {"X-Rcufarm-Signature-256", signature_of(body, secret_)}};
  const auto answer = client.Post(path_.c_str(), headers, body, "application/json");
  if (answer && answer->status / 100 == 2) {
    pause_ = {};
    return true;
  }
  const std::string why = answer ? fmt::format("it answers {}", answer->status) : "it does not answer";
  if (pause_.length.count() == 0) spdlog::warn("web hook {}: {}; it is tried again", config_.url, why);
  pause_.length = std::min(pause_most, pause_.length.count() == 0 ? pause_first : pause_.length * 2);
  pause_.until = Clock::now() + pause_.length;
  return false;
}

}  // namespace rcufarm::stress
