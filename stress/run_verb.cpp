// run: the farm, until it is stopped. The log and a terminal's line go to stderr, the summary to stdout.
#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>

#include "stress/app.h"
#include "stress/farm/notifier.h"
#include "stress/farm/supervisor.h"
#include "stress/summary.h"
#include "stress/web/face.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

volatile std::sig_atomic_t stop_asked = 0;
volatile std::sig_atomic_t reload_asked = 0;

void on_signal(int signal) { (signal == SIGHUP ? reload_asked : stop_asked) = 1; }

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaction(signal, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

// One farm for one state folder: the lock goes with the process.
class StateLock {
 public:
  explicit StateLock(const fs::path& state) {
    std::error_code error;
    fs::create_directories(state, error);
    const fs::path file = state / "lock";
    descriptor_ = error ? -1 : open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) {
      throw std::runtime_error(fmt::format("cannot write in the state folder {}: {}. Give another: --state DIR",
                                           state.string(), error ? error.message() : std::strerror(errno)));
    }
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      close(descriptor_);
      throw std::runtime_error(
          fmt::format("another farm works in {}. Stop it, or give another folder: --state DIR", state.string()));
    }
  }
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;
  ~StateLock() { close(descriptor_); }

 private:
  int descriptor_ = -1;
};

// A file's values over the defaults, checked as a start needs them.
Config read_and_check(const std::string& file) {
  Config config;
  if (!file.empty()) {
    auto read = read_config(file);
    if (const auto* error = std::get_if<ConfigError>(&read)) throw std::runtime_error(error->message);
    config = std::get<Config>(std::move(read));
  }
  Config started = config;
  if (started.programs.root.empty()) started.programs.root = own_tree();
  if (const std::string trouble = trouble_of(started); !trouble.empty()) {
    throw std::runtime_error(file.empty() ? trouble : file + ": " + trouble);
  }
  return config;
}

Config load(const RunOptions& options) {
  Config config = read_and_check(options.config);
  if (config.programs.root.empty()) config.programs.root = own_tree();
  config.programs.root = fs::absolute(config.programs.root).lexically_normal();
  if (!options.log_format.empty()) config.farm.log_format = options.log_format;
  if (options.port >= 0) config.http.port = static_cast<unsigned>(options.port);
  return config;
}

// Made once for a state folder.
std::string instance_of(Journal& journal) {
  std::string instance = journal.note("instance");
  if (!instance.empty()) return instance;
  std::random_device device;
  for (int i = 0; i < 4; ++i) instance += fmt::format("{:08x}", device());
  journal.set_note("instance", instance);
  return instance;
}

// On a terminal the last line is rewritten each second, and what is logged takes its place.
constexpr std::size_t instance_chars_shown = 6;
constexpr const char* clear_line = "\r\033[K";

// A message as a JSON string.
class JsonText final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/, spdlog::memory_buf_t& to) override {
    const std::string text = nlohmann::json(std::string(message.payload.data(), message.payload.size()))
                                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    to.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return spdlog::details::make_unique<JsonText>(); }
};

void set_up_log(const Config& config, bool terminal) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("farm"));
  if (config.farm.log_format == "json") {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<JsonText>('j').set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","text":%j})");
    spdlog::set_formatter(std::move(formatter));
    return spdlog::set_level(spdlog::level::from_str(config.farm.log_level));
  }
  spdlog::set_pattern(terminal ? std::string(clear_line) + "%H:%M:%S %v" : "%Y-%m-%dT%H:%M:%S.%e %l %v");
  spdlog::set_level(spdlog::level::from_str(config.farm.log_level));
}

void show_progress(const Snapshot& snapshot) {
  winsize window{};
  const bool told = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
  const std::string line = progress_line(snapshot);
  fmt::print(stderr, "{}{}", clear_line, std::string_view(line).substr(0, told ? window.ws_col - 1U : line.size()));
}

// For the web hook.
std::map<std::string, std::string> troubles_of(const Snapshot& s) {
  std::map<std::string, std::string> troubles;
  if (s.blind) troubles["blind"] = "no planted mistake has been found for longer than it may take";
  if (!s.journal_trouble.empty()) troubles["journal"] = s.journal_trouble;
  for (const Check& check : s.checks) {
    if (check.name == "disk" && !check.trouble.empty()) troubles["disk"] = check.trouble;
  }
  return troubles;
}

// A service that was asked to stop, and did, has done what it was asked for.
int exit_code_of(const Snapshot& last, const RunOptions& options) {
  if (executions_of(last) == 0 && !last.found && (stop_asked == 0 || !last.cannot_run.empty())) {
    fmt::print(stderr, "rcufarm-farm: nothing was executed, so nothing is known of the program under test. {}\n",
               last.cannot_run.empty() ? "Give it more time: --duration" : last.cannot_run);
    return exit_bad_use;
  }
  const bool is_asked_for = stop_asked == 0 || options.fail_on_findings;
  return last.found && is_asked_for ? exit_found : exit_done;
}

int run(const RunOptions& options) {
  catch_signals();
  Config config = load(options);
  const bool named = !config.farm.node.empty();
  config.farm.node = node_name(config.farm.node);
  const bool terminal = isatty(STDERR_FILENO) != 0;
  set_up_log(config, terminal);
  // Threads that serve short answers need no arenas of their own.
  mallopt(M_ARENA_MAX, 2);
  if (const std::string trouble = nothing_to_run(preflight(config, options.state, options.builder)); !trouble.empty()) {
    throw std::runtime_error(trouble);
  }
  const fs::path state = fs::absolute(options.state).lexically_normal();
  const StateLock lock(state);
  Journal journal(state, std::uint64_t{config.store.journal_mb} << 20U);
  const std::string instance = instance_of(journal);
  // Farms that share a store are told apart though their machines have one name.
  const bool shared = !config.store.url.empty();
  if (!named && shared) config.farm.node += "-" + instance.substr(0, instance_chars_shown);
  const StorePlace place{.state = state, .url = config.store.url, .node = config.farm.node};
  remember_store(place);
  CorpusShare corpora(state, shared, {config.corpus.entries_max, std::uint64_t{config.corpus.mb_max} << 20U},
                      corpora_of(config.programs));
  Clerk clerk({place, instance}, journal, corpora);
  Metrics metrics(RCUFARM_REVISION, RCUFARM_COMPILER, config.programs);
  SnapshotBoard board;
  Supervisor supervisor({state, config.farm.node, RCUFARM_REVISION, options.builder}, config, clerk, corpora, metrics,
                        board);
  const Face face(config.http, metrics, board, place);
  spdlog::info("status page: http://{}/  metrics: /metrics  state: {}", endpoint_of(config.http.address, face.port()),
               state.string());
  Notifier notifier(config.notify, place, instance);
  FarmHooks hooks;
  hooks.stop_asked = [] { return stop_asked != 0; };
  hooks.new_config = [&]() -> std::optional<Config> {
    if (reload_asked == 0) return std::nullopt;
    reload_asked = 0;
    try {
      Config read = load(options);
      read.farm.node = config.farm.node;
      return read;
    } catch (const std::runtime_error& error) {
      spdlog::error("{}. The old configuration stays", error.what());
      return std::nullopt;
    }
  };
  const bool shows_progress = terminal && config.farm.log_format == "text";
  hooks.published = [&](const Snapshot& snapshot) {
    if (shows_progress) show_progress(snapshot);
    notifier.troubles(troubles_of(snapshot));
  };
  supervisor.run(hooks, std::chrono::seconds(options.duration_seconds));
  spdlog::info("stopped");
  const auto last = board.newest();
  fmt::print("{}", summary(*last));
  return exit_code_of(*last, options);
}

}  // namespace

std::string own_program() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
}

std::string own_tree() {
  const fs::path bin = fs::path(own_program()).parent_path();
  const bool in_tree = bin.filename() == "bin" && bin.parent_path().parent_path().filename() == "build";
  return in_tree ? bin.parent_path().parent_path().parent_path().string() : fs::current_path().string();
}

int config_verb(const std::string& file) {
  try {
    fmt::print("{}", to_toml(read_and_check(file)));
    return exit_done;
  } catch (const std::exception& error) {
    fmt::print(stderr, "rcufarm-farm: {}\n", error.what());
    return exit_bad_use;
  }
}

int check_config_verb(const std::string& file) {
  try {
    const Config config = read_and_check(file);
    // Of a store that is away nothing more can be said, and a farm that has met it before would start.
    if (!config.store.url.empty()) open_postgres(config.store.url);
    fmt::print("{}: a farm can start with it{}\n", file, config.store.url.empty() ? "" : ", and its store answers");
    return exit_done;
  } catch (const std::exception& error) {
    fmt::print(stderr, "rcufarm-farm: {}\n", error.what());
    return exit_bad_use;
  }
}

std::string node_name(const std::string& configured) {
  if (!configured.empty()) return configured;
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unnamed";
}

int run_verb(const RunOptions& options) {
  try {
    return run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "rcufarm-farm: {}\n", error.what());
    return exit_bad_use;
  }
}

}  // namespace rcufarm::stress
