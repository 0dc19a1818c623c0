#include "stress/farm/changes.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "stress/store/sha256.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

constexpr std::chrono::seconds folder_interval{2};
constexpr std::chrono::seconds ask_interval{2};
// A file that is still being written is younger.
constexpr std::chrono::seconds file_rest{1};
constexpr std::chrono::seconds look_time_max{300};
// Of a whole repository. change.py gives up sooner where nothing comes any more.
constexpr std::chrono::hours fetch_time_max{24};
// Replays, minimising, what the tree without it shows, and bisection, beside the search itself.
constexpr unsigned searches_beside = 6;
constexpr std::chrono::seconds beside_least{600};
constexpr std::size_t told_max = 300;

constexpr const char* program = "stress/change/change.py";

std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string last_line(const std::string& output) {
  const auto end = output.find_last_not_of('\n');
  if (end == std::string::npos) return "it said nothing";
  const auto begin = output.rfind('\n', end);
  return output.substr(begin == std::string::npos ? 0 : begin + 1).substr(0, told_max);
}

Shown shown_of(const json& found, const std::string& watch, const std::string& program) {
  Shown s;
  s.kind = found.at("kind").get<std::string>();
  s.signature = watch + ": " + found.at("signature").get<std::string>();
  s.model = found.at("model").get<std::string>();
  s.input = found.at("input").get<std::string>();
  s.report = found.at("detail").get<std::string>();
  s.diagram = found.at("diagram").get<std::string>();
  s.diagram_svg = found.at("svg").get<std::string>();
  s.replays = found.at("replays").get<std::uint64_t>();
  s.reproduce = program + " replay {file} --diagram";
  if (!found.contains("first_bad")) return s;
  const json& first = found["first_bad"];
  s.first_bad = first.at("commit").get<std::string>();
  s.bad_told = first.at("title").get<std::string>();
  if (first.at("first").get<bool>()) s.bad_told += " (the first that was watched: it may be older)";
  if (const auto also = first.at("also").size(); also > 0)
    s.bad_told += fmt::format(" (or one of {} before it that do not build)", also);
  return s;
}

// What change.py wrote.
ChangeEnd end_of(const std::string& result, const Change& change) {
  const json said = json::parse(result);
  ChangeEnd end{.state = said.at("state").get<std::string>(),
                .told = said.at("told").get<std::string>(),
                .result = result,
                .shown = {},
                .cured = said.at("cured").get<std::vector<std::string>>()};
  if (!change.source.empty()) {
    for (const json& found : said.at("findings"))
      end.shown.push_back(shown_of(found, change.source, said.at("reproduce").get<std::string>()));
  }
  return end;
}

}  // namespace

// One run of change.py: its order is a file, and what it says another one. Where the order's repository was not copied here yet, a run
// before it does that: a look's time, and a worker's largest file, are none of a whole repository's.
class Changes::Job final : public Chore {
 public:
  using Finish = std::function<void(const std::string& result, const std::string& trouble)>;
  Job(Changes& changes, const Config& config, std::string name, fs::path folder, const json& order,
      std::chrono::seconds time_max, Finish finish)
      : changes_(changes),
        name_(std::move(name)),
        folder_(std::move(folder)),
        time_max_(time_max),
        finish_(std::move(finish)) {
    changes_.busy_ = true;
    write_durably(folder_ / "order.json", text_of(order));
    command_.arguments = {"python3", config.resolve(program), folder_ / "order.json", folder_ / "result.json"};
    to_fetch_ = order.contains("repository") && read_bytes(order["repository_copy"].get<fs::path>() / "fetched") !=
                                                    order["repository"].get<std::string>();
    // A slot is one CPU's.
    command_.set = {{"CMAKE_BUILD_PARALLEL_LEVEL", "1"}, {"PYTHONDONTWRITEBYTECODE", "1"}};
  }
  ~Job() override { changes_.busy_ = false; }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  std::string name() const override { return name_; }
  std::chrono::seconds time_max() const override { return fetches_ ? fetch_time_max : time_max_; }
  bool writes_large_files() const override { return fetches_; }

  std::optional<session::Command> next() override {
    if (std::exchange(to_fetch_, false)) {
      fetches_ = true;
      session::Command fetch = command_;
      fetch.arguments.emplace_back("fetch");
      return fetch;
    }
    if (std::exchange(fetches_, false)) {
      if (const std::string trouble = std::exchange(trouble_, ""); !trouble.empty()) {
        // Another farm may have it, which has more memory, or a larger disk.
        const json away = {
            {"state", "waiting"}, {"told", trouble}, {"findings", json::array()}, {"cured", json::array()}};
        write_durably(folder_ / "result.json", text_of(away));
      }
      std::error_code error;
      began_ = fs::exists(folder_ / "result.json", error);  // then that is it
    }
    if (!std::exchange(began_, true)) return command_;
    try {
      finish_(trouble_.empty() ? read_bytes(folder_ / "result.json") : "", trouble_);
    } catch (const StoreError& error) {
      spdlog::error("{}. It is looked at again later", error.what());  // its claim runs out
    }
    return std::nullopt;
  }

  void done(int status, const std::string& output) override {
    if (status < 0) {
      trouble_ = fmt::format("it took longer than {} s", time_max().count());
    } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      trouble_ = fmt::format("{}: {}", session::describe_status(status), last_line(output));
    }
  }

 private:
  Changes& changes_;
  const std::string name_;
  const fs::path folder_;
  const std::chrono::seconds time_max_;
  const Finish finish_;
  session::Command command_;
  bool to_fetch_ = false;  // first
  bool fetches_ = false;   // now
  bool began_ = false;
  std::string trouble_;
};

std::string Changes::cannot_build(const Config& config) {
  if (config.changes.seconds == 0) return "[changes] seconds is 0";
  std::error_code error;
  for (const char* file : {program, "CMakePresets.json"}) {
    if (!fs::exists(config.resolve(file), error))
      return fmt::format("there is no {}: [programs] root wants a tree of the sources", config.resolve(file).string());
  }
  return "";
}

// What stands in `folder` is for `target`; "": for what it names.
void Changes::take_from_folder(const fs::path& folder, const std::string& target) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const bool is_hidden = entry.path().filename().string().starts_with('.');
    const auto age = fs::file_time_type::clock::now() - entry.last_write_time(error);
    if (!is_hidden && entry.is_regular_file(error) && age >= file_rest) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    const bool is_too_large = fs::file_size(file, error) > patch_bytes_max;
    const std::string content = is_too_large ? "" : read_bytes(file);
    const bool is_taken = !content.empty();
    if (is_taken) {
      SubmittedEntry entry{.change = {}, .content = content};
      entry.change.target = target.empty() ? target_of_patch(content) : target;
      entry.change.key = patch_key(content, entry.change.target);
      entry.change.title = title_of_patch(content);
      clerk_.write({entry});
    } else {
      spdlog::warn("{} is not taken: {}", file.string(), is_too_large ? "a patch may have 1 MiB" : "it is empty");
    }
    // Out of the way: what lies there waits.
    const fs::path to = folder / (is_taken ? "taken" : "refused");
    fs::create_directories(to, error);
    fs::rename(file, to / file.filename(), error);
  }
}

void Changes::take_from_folders(const Config& config) {
  const fs::path folder = config.changes.folder.empty() ? state_ / "patches" : config.resolve(config.changes.folder);
  std::error_code error;
  fs::create_directories(folder, error);
  take_from_folder(folder, "");
  for (const WatchConfig& watch : config.watches) take_from_folder(folder / watch.name, watch.name);
}

std::unique_ptr<Chore> Changes::next(const Config& config) {
  if (Clock::now() >= next_folder_) {
    next_folder_ = Clock::now() + folder_interval;
    take_from_folders(config);
  }
  std::vector<std::string> watched;
  for (const WatchConfig& watch : config.watches) watched.push_back(watch.name);
  std::erase_if(troubles_, [&](const auto& trouble) { return !std::ranges::count(watched, trouble.first); });
  clerk_.keep_watches(std::move(watched));
  if (busy_ || !cannot_build(config).empty()) return nullptr;
  const auto watch_named = [&](const std::string& name) {
    const auto found = std::ranges::find(config.watches, name, &WatchConfig::name);
    return found == config.watches.end() ? nullptr : &*found;
  };
  const auto claimed = clerk_.take_change();
  if (!claimed) {
    if (Clock::now() < next_ask_) return nullptr;
    next_ask_ = Clock::now() + ask_interval;
    std::vector<ChangeKind> kinds = {{"", "alloc"}};
    if (!config.changes.linux_tree.empty()) kinds.push_back({"", "linux"});
    for (const WatchConfig& watch : config.watches) kinds.push_back({"", watch.name});
    std::vector<ChangeKind> due;
    for (const WatchConfig& watch : config.watches) {
      // What waits for another target is dropped by who looks at the branch: farms may differ for a while.
      kinds.push_back({watch.name, looks_at_.contains(watch.name) ? "" : watch.target});
      if (Clock::now() >= next_look_[watch.name]) due.push_back({watch.name, watch.target});
    }
    clerk_.want_change(std::move(kinds), std::move(due));
    return nullptr;
  }
  const fs::path folder = state_ / "change";
  std::error_code error;
  fs::remove_all(folder / "open", error);
  fs::remove(folder / "result.json", error);
  fs::create_directories(folder / "open", error);
  const fs::path build =
      config.changes.build_folder.empty() ? folder / "cmake" : config.resolve(config.changes.build_folder);
  json order = {{"root", config.programs.root}, {"work", folder}, {"build", build}, {"models", config.changes.models}};
  // A patch for a watch goes onto its branch.
  const bool is_patch = claimed->look.empty() && claimed->change->source.empty();
  const WatchConfig* watch = watch_named(is_patch                ? claimed->change->target
                                         : claimed->look.empty() ? claimed->change->source
                                                                 : claimed->look);
  if (watch != nullptr) {
    // Any other word is a folder: an adopted allocator's.
    const bool is_ours = watch->target == "alloc" || watch->target == "linux";
    order.update({{"watch", watch->name},
                  {"target", is_ours ? watch->target : "adopted"},
                  {"folder", is_ours ? "" : watch->target},
                  {"seconds", watch->seconds},
                  {"repository", watch->repository},
                  {"repository_copy", folder / (watch->name + ".git")},
                  {"branch", watch->branch}});
  }
  if (!claimed->look.empty()) {
    if (watch == nullptr) return nullptr;
    looks_at_.insert(watch->name);
    next_look_[watch->name] = Clock::now() + std::chrono::seconds(config.changes.poll_seconds);
    order.update({{"do", "look"}, {"paths", watch->paths}, {"since", claimed->since}});
    return std::make_unique<Job>(
        *this, config, "looking at " + watch->name, folder, order, look_time_max,
        [this, watch = *watch, place = claimed->place, poll = std::chrono::seconds(config.changes.poll_seconds)](
            const std::string& result, const std::string& trouble) {
          // From its end on, and with room for what waits: a branch that is looked at all the time keeps its commits from being looked at.
          next_look_[watch.name] = Clock::now() + poll + 2 * ask_interval;
          if (trouble.empty()) return looked(watch, place, result);
          troubles_[watch.name] = trouble;
        });
  }
  const Change change = *claimed->change;
  order["title"] = change.title;
  if (is_patch) {
    write_durably(folder / "patch", claimed->content);
    if (watch == nullptr) order["target"] = change.target;
    order.update({{"do", "patch"},
                  {"seconds", config.changes.seconds},
                  {"file", folder / "patch"},
                  {"explorer", config.resolve(config.programs.explore)},
                  {"tree", config.changes.linux_tree}});
  } else {
    if (watch == nullptr) return nullptr;  // it was taken out of the configuration meanwhile: the claim runs out
    if (change.target != watch->target) {
      end(change, "dropped",
          fmt::format("the branch is watched for {} now, and this waited for {}", watch->target, change.target));
      next_ask_ = {};  // there may be more
      return nullptr;
    }
    order.update({{"do", "commit"},
                  {"commit", change.name},
                  {"paths", watch->paths},
                  {"commits", json::array()},
                  {"open", json::array()}});
    for (auto one = claimed->branch.rbegin(); one != claimed->branch.rend(); ++one)
      order["commits"].push_back({{"commit", one->name}, {"title", one->title}, {"state", one->state}});
    for (const OpenFinding& open : claimed->open) {
      const fs::path file = folder / "open" / (open.blame.finding + ".finding");
      write_durably(file, open.input);
      const std::string prefix = change.source + ": ";
      order["open"].push_back(
          {{"key", open.blame.finding},
           {"signature", open.signature.substr(open.signature.starts_with(prefix) ? prefix.size() : 0)},
           {"model", open.blame.model},
           {"file", file}});
    }
  }
  const unsigned seconds = order["seconds"].get<unsigned>();
  const auto time_max = std::chrono::seconds(config.changes.build_seconds + seconds * searches_beside) + beside_least;
  return std::make_unique<Job>(
      *this, config, "looking at " + change.title, folder, order, time_max,
      [this, change](const std::string& result, const std::string& trouble) { ended(change, result, trouble); });
}

void Changes::ended(const Change& change, const std::string& result, const std::string& trouble) {
  if (!trouble.empty()) return end(change, "failed", trouble);
  try {
    ChangeEnd came = end_of(result, change);
    const std::string& watch = change.source.empty() ? change.target : change.source;
    // Who looks at the branch knows better.
    if (!looks_at_.contains(watch)) troubles_.erase(watch);
    if (came.state == "waiting") {
      // Its claim runs out.
      spdlog::warn("watch {}: {}", watch, came.told);
      troubles_[watch] = came.told;
      return;
    }
    clerk_.write({ChangeEndEntry{.change = change.key, .end = std::move(came)}});
  } catch (const json::exception& error) {
    end(change, "failed", error.what());
  }
}

// Without a result.
void Changes::end(const Change& change, const std::string& state, const std::string& told) {
  clerk_.write({ChangeEndEntry{.change = change.key,
                               .end = {.state = state, .told = told, .result = "", .shown = {}, .cured = {}}}});
}

void Changes::looked(const WatchConfig& watch, std::int64_t place, const std::string& result) {
  try {
    const json said = json::parse(result);
    troubles_.erase(watch.name);
    if (said.at("state") != "looked") {
      troubles_[watch.name] = said.at("told").get<std::string>();
      spdlog::warn("watch {}: {}", watch.name, troubles_[watch.name]);
      return;
    }
    std::vector<Entry> entries;
    for (const json& commit : said.at("commits")) {
      SubmittedEntry entry;
      entry.change.source = watch.name;
      entry.change.target = watch.target;
      entry.change.name = commit.at("commit").get<std::string>();
      entry.change.title = commit.at("title").get<std::string>();
      entry.change.key = commit_key(watch.name, watch.target, entry.change.name);
      entry.change.place = ++place;
      entries.emplace_back(std::move(entry));
    }
    if (!entries.empty()) clerk_.write(entries);
  } catch (const json::exception& error) {
    troubles_[watch.name] = error.what();
  }
}

}  // namespace rcufarm::stress
