// A fuzz engine at work: libFuzzer or AFL++ on one target.
//
// Job: the calls that a session makes of either. An engine owns its processes and its folder; one thread, never waits
// except in `finish`.
#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "session/figures.h"

namespace rcufarm::session {

struct EngineSpec {
  EngineKind kind = EngineKind::libfuzzer;
  Sanitizer sanitizer = Sanitizer::none;
  std::filesystem::path target;
  std::filesystem::path replay;  // runs one input without an engine
  std::string label;             // "libFuzzer ASan"
};

struct Limits {
  unsigned rss_mb_max = 2048;               // of one target process
  std::chrono::seconds input_time_max{20};  // one input; past it it is a failure
  unsigned input_bytes_max = 4096;
  std::chrono::seconds stop_time_max{10};  // an engine that is asked to stop; past it it is killed
};

struct EngineSetting {
  std::filesystem::path folder;  // the engine's own; there already
  std::filesystem::path seeds;   // the engine's own copy; never empty
  std::filesystem::path afl_mutator;
  std::filesystem::path dictionary;
  std::vector<std::string> libfuzzer_arguments;
  Limits limits;
};

class Engine {
 public:
  virtual ~Engine() = default;

  virtual void start() = 0;
  // Takes in what has been told, restarts what a failure ended. Call it often.
  virtual void poll() = 0;
  virtual void ask_to_stop() = 0;
  virtual bool ended() = 0;
  // Ends what still runs and takes in the last figures and failures.
  virtual void finish() = 0;
  virtual Figures figures() const = 0;
  // Failures that are known now; AFL++'s are known by number only until `finish`.
  virtual std::size_t failure_count() const { return failures_.size(); }

  const std::vector<Failure>& failures() const { return failures_; }
  const std::vector<std::string>& troubles() const { return troubles_; }

 protected:
  std::vector<Failure> failures_;
  std::vector<std::string> troubles_;
};

std::unique_ptr<Engine> make_libfuzzer_engine(const EngineSpec& spec, const EngineSetting& setting);
std::unique_ptr<Engine> make_afl_engine(const EngineSpec& spec, const EngineSetting& setting);

// Options that make each sanitizer stop at the first report and tell most about it; what the user set stays.
std::vector<std::pair<std::string, std::string>> sanitizer_environment();

// A log of what a program printed, cut at a limit.
class LogFile {
 public:
  explicit LogFile(const std::filesystem::path& file) : stream_(file, std::ios::app) {}
  void line(std::string_view text) {
    if (bytes_ + text.size() > bytes_max) return;
    bytes_ += text.size() + 1;
    stream_ << text << '\n' << std::flush;
  }

 private:
  static constexpr std::size_t bytes_max = 16U << 20U;
  std::ofstream stream_;
  std::size_t bytes_ = 0;
};

}  // namespace rcufarm::session
