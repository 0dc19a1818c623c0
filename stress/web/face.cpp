#include "stress/web/face.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "stress/store/sha256.h"
#include "stress/web/bounded_server.h"
#include "stress/web/changes_page.h"
#include "stress/web/open_metrics.h"
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
constexpr std::size_t token_chars_least = 16;
constexpr std::size_t branch_findings_max = 200;
constexpr std::size_t branch_commits_max = 100;
constexpr int created = 201;
constexpr int bad_request = 400;
constexpr int unauthorized = 401;
constexpr int forbidden = 403;
constexpr const char* json_type = "application/json";
constexpr std::size_t pages_max = 100'000;
constexpr const char* html = "text/html; charset=utf-8";

void refuse(Response& response, int status, const std::string& text) {
  response.status = status;
  response.set_content(text + "\n", plain);
}

// The word that allows writing.
std::string token_in(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string token{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  while (!token.empty() && token.back() == '\n') token.pop_back();
  if (token.size() >= token_chars_least) return token;
  throw std::runtime_error(fmt::format(
      "[http] token_file = \"{}\" cannot be read, or has less than {} letters. Make one: openssl rand -hex 32 > "
      "FILE, mode 0600",
      file, token_chars_least));
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

// Of a listing, from 1.
std::size_t page_number(const std::string& wanted) {
  std::size_t page = 1;
  std::from_chars(wanted.data(), wanted.data() + wanted.size(), page);
  return std::clamp<std::size_t>(page, 1, pages_max);
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
  if (!config.token_file.empty()) {
    token_ = token_in(config.token_file);
    limits.request_bytes_max += patch_bytes_max;
  }
  limits.connections_max = config.connections_max;
  limits.request_time_max = std::chrono::seconds(config.request_seconds_max);
  server_ = std::make_unique<BoundedServer>(limits);
  add_machine_pages();
  add_people_pages();
  add_change_pages();
  add_patch_api();
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
  server_->Get("/metrics", [this](const Request& request, Response& response) {
    const bool open = wants_open_metrics(request.get_header_value("Accept"));
    std::string text = open ? open_metrics(*metrics_.get()) : *metrics_.get();
    const char* type = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                            : "text/plain; version=0.0.4; charset=utf-8";
    // The library compresses text/*, and not this type.
    if (open && request.get_header_value("Accept-Encoding").find("gzip") != std::string::npos) {
      text = gzipped(text);
      response.set_header("Content-Encoding", "gzip");
    }
    response.set_content(text, type);
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
  server_->Get("/live.js", [](const Request&, Response& response) {
    response.set_content(live_script, "text/javascript; charset=utf-8");
  });
  server_->Get(R"(/target/([^/]{1,80}))", [this](const Request& request, Response& response) {
    const std::string target = request.matches[1];
    const auto programs = programs_of_target(*board_.newest(), target);
    if (programs.empty()) return refuse(response, not_found, "no kind of worker has such a target");
    Listing listing{.programs = programs, .count_max = page_findings};
    // Another farm on the store, or this one before, may have adopted another allocator.
    const auto lane = lane_named(programs.front());
    if (lane && is_adopted(*lane)) listing.text = target + ": ";
    const auto found = store().findings(listing);
    response.set_content(target_page(*board_.newest(), target, found), html);
  });
  server_->Get("/config",
               [this](const Request&, Response& response) { response.set_content(board_.newest()->config, plain); });
  server_->Get("/findings", [this](const Request& request, Response& response) {
    Listing listing{.text = request.get_param_value("text"),
                    .kind = request.get_param_value("kind"),
                    .state = request.get_param_value("state"),
                    .count_max = page_findings};
    const std::string wanted = request.get_param_value("page");
    const std::size_t page = page_number(wanted);
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
    response.set_content(finding_page(*finding, diagram, report, store().blame(finding->key)), html);
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

void Face::add_change_pages() {
  server_->Get("/changes", [this](const Request& request, Response& response) {
    const std::size_t page = page_number(request.get_param_value("page"));
    const auto changes = store().changes(std::nullopt, (page - 1) * page_findings, page_findings);
    response.set_content(changes_page(changes, page, page_findings), html);
  });
  const auto with_change = [this](const Request& request, Response& response, const auto& show) {
    const auto change = store().change(request.matches[1]);
    if (!change) return refuse(response, not_found, "no such change, or more than one");
    show(*change, change->result.empty() ? "" : store().blobs().get(change->result).value_or(""));
  };
  server_->Get(R"(/changes/([0-9a-f]{6,64}))", [with_change](const Request& request, Response& response) {
    with_change(request, response, [&](const Change& change, const std::string& result) {
      response.set_content(change_page(change, result), html);
    });
  });
  server_->Get(R"(/changes/([0-9a-f]{6,64})/reply)", [this, with_change](const Request& request, Response& response) {
    with_change(request, response, [&](const Change& change, const std::string&) {
      const std::string reply = reply_text(store(), change);
      if (reply.empty()) return refuse(response, not_found, "no answer yet: it is " + state_text(change));
      response.set_content(reply, plain);
    });
  });
  server_->Get(R"(/changes/([0-9a-f]{6,64})/patch)", [this, with_change](const Request& request, Response& response) {
    with_change(request, response, [&](const Change& change, const std::string&) {
      const auto bytes = change.content.empty() ? std::nullopt : store().blobs().get(change.content);
      if (!bytes) return refuse(response, not_found, "it is a commit, not a patch");
      send_blob(response, *bytes, false, change.key.substr(0, 12) + ".patch");
    });
  });
  server_->Get(R"(/changes/([0-9a-f]{6,64})/([0-9]{1,3})\.svg)",
               [with_change](const Request& request, Response& response) {
                 with_change(request, response, [&](const Change&, const std::string& result) {
                   const std::string drawing = drawing_of(result, std::stoul(request.matches[2]));
                   if (drawing.empty()) return refuse(response, not_found, "there is no such drawing");
                   send_blob(response, drawing, true);
                 });
               });
  server_->Get(R"(/watch/([A-Za-z0-9_.-]+))", [this](const Request& request, Response& response) {
    const std::string name = request.matches[1];
    const auto commits = store().changes(name, 0, branch_commits_max);
    const auto snapshot = board_.newest();
    const auto trouble = snapshot->watch_troubles.find(name);
    if (commits.empty() && trouble == snapshot->watch_troubles.end())
      return refuse(response, not_found, "no commit of such a branch was looked at");
    std::vector<std::pair<Finding, Blame>> findings;
    for (const Finding& finding : store().findings({.programs = {"watch " + name}, .count_max = branch_findings_max}))
      findings.emplace_back(finding, store().blame(finding.key).value_or(Blame{}));
    response.set_content(
        watch_page(name, trouble == snapshot->watch_troubles.end() ? "" : trouble->second, commits, findings), html);
  });
}

void Face::add_patch_api() {
  server_->Post("/api/patches", [this](const Request& request, Response& response) {
    if (token_.empty())
      return refuse(response, forbidden, "this farm takes no patches here: [http] token_file in its configuration");
    // The other header is for who has to tell a proxy a password by the usual one.
    const std::string own = request.get_header_value("X-Rcufarm-Token");
    const std::string given = own.empty() ? request.get_header_value("Authorization") : "Bearer " + own;
    const std::string wanted = "Bearer " + token_;
    if (given.size() != wanted.size() || CRYPTO_memcmp(given.data(), wanted.data(), wanted.size()) != 0) {
      response.set_header("WWW-Authenticate", "Bearer");
      return refuse(response, unauthorized, "the token is missing or wrong: send Authorization: Bearer TOKEN");
    }
    const std::string target = request.get_param_value("target");
    if (request.body.empty())
      return refuse(response, bad_request, "the body is empty: send the patch or the mbox itself");
    if (!target.empty() && !is_watch_name(target))
      return refuse(response, bad_request, "target is alloc, linux, or the name of a [[watch]]");
    const Change change = submitted(store(), request.body, target);
    response.status = created;
    response.set_header("Location", "../changes/" + change.key);
    response.set_content(as_json(change) + "\n", json_type);
  });
  server_->Get(R"(/api/patches/([0-9a-f]{6,64}))", [this](const Request& request, Response& response) {
    const auto change = store().change(request.matches[1]);
    if (!change) return refuse(response, not_found, "no such patch, or more than one");
    response.set_content(as_json(*change) + "\n", json_type);
  });
}

}  // namespace rcufarm::stress
