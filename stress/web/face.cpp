#include "stress/web/face.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "stress/store/sha256.h"
#include "stress/web/bounded_server.h"
#include "stress/web/page.h"

namespace rcufarm::stress {

namespace {

using httplib::Request;
using httplib::Response;

constexpr std::chrono::seconds heartbeat_max{60};
constexpr std::chrono::milliseconds fresh_for{1000};
constexpr std::size_t path_shown_max = 100;
constexpr int not_found = 404;
constexpr int unavailable = 503;
constexpr const char* plain = "text/plain; charset=utf-8";
constexpr std::size_t page_findings = 50;
constexpr std::size_t pages_max = 100'000;
constexpr const char* html = "text/html; charset=utf-8";

void refuse(Response& response, int status, const std::string& text) {
  response.status = status;
  response.set_content(text + "\n", plain);
}

// Blobs are what fuzzers made: never shown as a page of ours.
void send_blob(Response& response, const std::string& bytes, bool as_svg, const std::string& name = "") {
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  if (!as_svg) {
    response.set_header("Content-Disposition", name.empty() ? "attachment" : "attachment; filename=\"" + name + "\"");
  }
  response.set_content(bytes, as_svg ? "image/svg+xml" : "application/octet-stream");
}

}  // namespace

std::string endpoint_of(const std::string& address, int port) {
  const bool is_v6 = address.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

std::shared_ptr<const std::string> FreshText::get() {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!text_ || now - made_ >= fresh_for) {
    text_ = std::make_shared<const std::string>(make_());
    made_ = now;
  }
  return text_;
}

Face::Face(const HttpConfig& config, const Metrics& metrics, const SnapshotBoard& board, StorePlace store)
    : metrics_([&metrics] { return metrics.text(); }),
      page_([&board] { return status_page(*board.newest()); }),
      board_(board),
      place_(std::move(store)) {
  ServerLimits limits;
  limits.connections_max = config.connections_max;
  limits.request_time_max = std::chrono::seconds(config.request_seconds_max);
  server_ = std::make_unique<BoundedServer>(limits);
  add_machine_pages();
  add_people_pages();
  const int wanted = static_cast<int>(config.port);
  port_ = wanted == 0                                     ? server_->bind_to_any_port(config.address)
          : server_->bind_to_port(config.address, wanted) ? wanted
                                                          : -1;
  if (port_ < 0) {
    throw std::runtime_error(
        fmt::format("cannot listen on {}: is the port in use, or the address not this machine's? "
                    "Give another: --port N, or [http] address and port in the config",
                    endpoint_of(config.address, wanted)));
  }
  server_->let_more_wait();
  thread_ = std::thread([this] { server_->listen_after_bind(); });
}

Store& Face::store() {
  const std::lock_guard lock(store_mutex_);
  if (!store_) store_ = open_store(place_);
  return *store_;
}

Face::~Face() {
  while (!server_->is_running()) std::this_thread::yield();
  server_->stop();
  thread_.join();
}

void Face::add_machine_pages() {
  server_->Get("/metrics", [this](const Request&, Response& response) {
    response.set_content(*metrics_.get(), "text/plain; version=0.0.4; charset=utf-8");
  });
  server_->Get("/healthz", [this](const Request&, Response& response) {
    const auto snapshot = board_.newest();
    const bool alive = std::chrono::system_clock::now() - snapshot->at < heartbeat_max;
    if (!alive) return refuse(response, unavailable, "the supervisor has not spoken for a minute");
    response.set_content("ok\n", plain);
  });
  server_->Get("/readyz", [this](const Request&, Response& response) {
    const auto snapshot = board_.newest();
    if (!snapshot->cannot_run.empty()) return refuse(response, unavailable, snapshot->cannot_run);
    // A store that is away is told by the page and by rcufarm_preflight_ok: the farm works on.
    if (!snapshot->journal_trouble.empty()) return refuse(response, unavailable, snapshot->journal_trouble);
    if (snapshot->slots.empty() || snapshot->stopping) return refuse(response, unavailable, "not started, or stopping");
    response.set_content("ok\n", plain);
  });
}

void Face::add_people_pages() {
  server_->set_error_handler([](const Request& request, Response& response) {
    if (response.status == not_found && response.body.empty()) {
      refuse(response, not_found,
             fmt::format("there is no page {}. There are / with all findings, /metrics, /healthz, /readyz and /config",
                         request.path.substr(0, path_shown_max)));
    }
  });
  server_->set_exception_handler([](const Request&, Response& response, std::exception_ptr thrown) {
    try {
      std::rethrow_exception(std::move(thrown));
    } catch (const std::exception& error) {
      refuse(response, unavailable, error.what());
    }
  });
  server_->Get("/", [this](const Request&, Response& response) { response.set_content(*page_.get(), html); });
  server_->Get("/config",
               [this](const Request&, Response& response) { response.set_content(board_.newest()->config, plain); });
  server_->Get("/findings", [this](const Request& request, Response& response) {
    Listing listing{.text = request.get_param_value("text"),
                    .kind = request.get_param_value("kind"),
                    .state = request.get_param_value("state"),
                    .count_max = page_findings};
    const std::string wanted = request.get_param_value("page");
    std::size_t page = 1;
    std::from_chars(wanted.data(), wanted.data() + wanted.size(), page);
    page = std::clamp<std::size_t>(page, 1, pages_max);
    listing.skip = (page - 1) * page_findings;
    response.set_content(findings_page(store().findings(listing), listing, page), html);
  });
  // For links from elsewhere, which know no key: of a kind, or of all.
  server_->Get("/findings/newest", [this](const Request& request, Response& response) {
    const auto snapshot = board_.newest();
    const std::string kind = request.get_param_value("kind");
    for (const Finding& finding : snapshot->findings) {
      if (kind.empty() || kind == finding.kind) return response.set_redirect(finding.key);  // relative, as all links
    }
    response.set_redirect("../");
  });
  server_->Get(R"(/findings/([0-9a-f]{6,64}))", [this](const Request& request, Response& response) {
    const auto finding = store().finding(request.matches[1]);
    if (!finding) return refuse(response, not_found, "no such finding, or more than one");
    const std::string diagram = finding->diagram.empty() ? "" : store().blobs().get(finding->diagram).value_or("");
    const std::string report = finding->report.empty() ? "" : store().blobs().get(finding->report).value_or("");
    response.set_content(finding_page(*finding, diagram, report), html);
  });
  server_->Get(R"(/findings/([0-9a-f]{6,64})\.finding)", [this](const Request& request, Response& response) {
    const auto finding = store().finding(request.matches[1]);
    const auto bytes = finding && !finding->input.empty() ? store().blobs().get(finding->input) : std::nullopt;
    if (!bytes) return refuse(response, not_found, "no such finding, or it has no input");
    send_blob(response, *bytes, false, file_name(*finding));
  });
  server_->Get(R"(/blob/([0-9a-f]{64})(\.svg)?)", [this](const Request& request, Response& response) {
    const auto bytes = store().blobs().get(std::string(request.matches[1]));
    if (!bytes) return refuse(response, not_found, "no such blob");
    send_blob(response, *bytes, request.matches[2].matched);
  });
}

}  // namespace rcufarm::stress
