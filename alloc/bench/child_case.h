// Cases that need a process of their own.
//
// Job: run one measurement in a fresh copy of this program and bring its figures back, so that peaks of memory, CPU
// time and left-over free memory of one case never reach another. No state. `run_in_child` is called by the benchmark's
// main thread; `is_child_call` and `child_main` by main, first of all.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

namespace rcufarm::bench {

// Named numbers: "cpu_ns_per_object" -> 12.5. Units are part of the name.
using Figures = std::map<std::string, double>;

// Named settings of a case: "reader" -> "short". Neither side may hold '=' or a line break.
using Settings = std::map<std::string, std::string>;

struct CaseError {
  std::string text;
};
using CaseResult = std::variant<Figures, CaseError>;
using CaseFunction = CaseResult (*)(const Settings&);

// How long a case may take before it is killed and counted as failed.
inline constexpr std::int64_t case_timeout_ms = 120'000;

// Runs the case of that name (a key of the table that child_main gets) in a child. A child that dies, hangs or prints
// something else is a CaseError that says so.
CaseResult run_in_child(const std::string& case_name, const Settings& settings);

bool is_child_call(int argc, char** argv);

// The child's side: runs the case that argv names and prints its figures. Returns the exit code.
int child_main(int argc, char** argv, const std::map<std::string, CaseFunction>& cases);

// A number among the settings. A missing or bad one is our own bug: it aborts.
double number_setting(const Settings& settings, const std::string& name);

const std::string& text_setting(const Settings& settings, const std::string& name);

}  // namespace rcufarm::bench
