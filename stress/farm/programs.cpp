#include "stress/farm/programs.h"

#include <fmt/format.h>
#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <sstream>

#include "session/host.h"
#include "stress/store/sha256.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t build_chars = 12;
constexpr const char* no_program = "no such program";

bool is_program(const fs::path& file) { return fs::is_regular_file(file) && access(file.c_str(), X_OK) == 0; }

bool in_path(const std::string& name) {
  if (name.find('/') != std::string::npos) return is_program(name);
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (is_program(fs::path(folder) / name)) return true;
  }
  return false;
}

// What builds it, if its preset is not in its path.
std::string building(Lane lane) {
  if (!is_adopted(lane)) return "Build it";
  return fmt::format("Build it: ./farm adopt FOLDER{} (FOLDER has its rcufarm.toml)",
                     explores(lane) ? "" : " --engines");
}

std::string missing(Lane lane, const fs::path& program) {
  return fmt::format("{}: {}. {}, or set its share to 0", program.string(), no_program, building(lane));
}

// Programs that stand beside the lane's own.
std::string trouble_beside(Lane lane, const Config& config, const fs::path& program) {
  const Engine engine = engine_of(lane);
  if (engine == Engine::libfuzzer || engine == Engine::afl || engine == Engine::stress) {
    if (!is_program(replay_beside(program))) return missing(lane, replay_beside(program));
  }
  const fs::path explorer = config.resolve(program_of(explorer_of(lane), config.programs));
  if (is_adopted(lane) && !is_program(explorer)) return missing(lane, explorer);
  if (engine == Engine::afl && !in_path(config.programs.afl_fuzz)) {
    return fmt::format("{}: not in PATH. Debian: apt-get install afl++", config.programs.afl_fuzz);
  }
  if (lane == Lane::libfuzzer_native_tsan || lane == Lane::stress_tsan) return session::tsan_obstacle().value_or("");
  return "";
}

Check check_lane(Lane lane, const Config& config) {
  Check check{.name = name_of(lane)};
  const auto canaries = canaries_there(config);
  const std::string named =
      lane == Lane::canary && !canaries.empty() ? canaries.front() : program_of(lane, config.programs);
  check.wanted = !named.empty() && share_of(lane, config.shares) > 0;
  if (!check.wanted) return check;
  const fs::path program = config.resolve(named);
  if (!is_program(program)) {
    check.trouble = missing(lane, program);
  } else if (lane == Lane::regressions && !fs::is_directory(config.resolve(config.corpus.regressions))) {
    check.trouble = config.resolve(config.corpus.regressions).string() + ": no such folder ([corpus] regressions)";
  } else {
    check.trouble = trouble_beside(lane, config, program);
  }
  return check;
}

}  // namespace

std::string Builds::of(const fs::path& program) {
  std::error_code error;
  const auto changed = fs::last_write_time(program, error);
  const auto bytes = error ? 0 : fs::file_size(program, error);
  if (error) return "";
  Known& known = known_[program];
  if (known.hash.empty() || known.changed != changed || known.bytes != bytes) {
    known = {changed, bytes, sha256_file(program).substr(0, build_chars)};
  }
  return known.hash;
}

std::string nothing_to_run(const std::vector<Check>& checks) {
  const Check* missing = nullptr;
  for (const Check& check : checks) {
    if (!check.wanted || !lane_named(check.name)) continue;
    if (check.trouble.empty() || check.being_built) return "";
    if (missing == nullptr) missing = &check;
  }
  if (missing == nullptr) return "no kind of worker has a share: give one of them more than 0 in [shares]";
  return fmt::format("no kind of worker can run. {}: {}", missing->name, missing->trouble);
}

std::string from_tree(const Config& config, const fs::path& program) {
  const fs::path root = config.programs.root;
  const fs::path inner = program.lexically_relative(root);
  const bool is_in_tree = root.has_relative_path() && !inner.empty() && *inner.begin() != "..";
  return is_in_tree ? inner.string() : program.string();
}

std::uint64_t free_megabytes(const fs::path& folder) {
  std::error_code error;
  const auto space = fs::space(folder, error);
  return error ? 0 : space.available >> 20U;
}

std::vector<std::string> canaries_there(const Config& config) {
  std::vector<std::string> there;
  for (const std::string& pattern : config.programs.canary) {
    glob_t found{};
    if (glob(config.resolve(pattern).c_str(), 0, nullptr, &found) == 0) {
      std::copy_if(found.gl_pathv, found.gl_pathv + found.gl_pathc, std::back_inserter(there), is_program);
    }
    globfree(&found);
  }
  return there;
}

std::vector<Check> preflight(const Config& config, const fs::path& state, pid_t builder) {
  const bool builds = builder > 0 && kill(builder, 0) == 0;
  std::vector<Check> checks;
  for (const Lane lane : all_lanes) {
    checks.push_back(check_lane(lane, config));
    // ./farm run builds what is the project's own.
    checks.back().being_built =
        builds && !is_adopted(lane) && checks.back().trouble.find(no_program) != std::string::npos;
  }
  Check disk{.name = "disk"};
  if (const auto free = free_megabytes(state); free < config.limits.disk_free_mb) {
    disk.trouble = fmt::format("{} MB free in {}, and [limits] disk_free_mb wants {}", free, state.string(),
                               config.limits.disk_free_mb);
  }
  checks.push_back(std::move(disk));
  return checks;
}

}  // namespace rcufarm::stress
