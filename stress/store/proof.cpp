#include "stress/store/proof.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "stress/store/sha256.h"

namespace rcufarm::stress {

namespace {

std::string counted(std::uint64_t n, const char* what) {
  std::string digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return *what == '\0' ? digits : fmt::format("{} {}{}", digits, what, n == 1 ? "" : "s");
}

// Of a size that is not proven.
std::string progress_of(const ProofSize& size) {
  std::vector<std::string> parts;
  if (size.wrong != 0)
    parts.push_back(fmt::format("{} {}", counted(size.wrong, ""), size.wrong == 1 ? "fails" : "fail"));
  if (size.limited != 0) parts.push_back(fmt::format("{} without a verdict", counted(size.limited, "")));
  if (size.begun != 0) parts.push_back(fmt::format("{} begun", counted(size.begun, "")));
  return fmt::format("with {}: {} of {} right, {} so far{}{}", counted(size.operations, "operation"),
                     counted(size.proven, ""), size.programs == 0 ? "all" : counted(size.programs, "program"),
                     counted(size.executions, "execution"), parts.empty() ? "" : "; ", fmt::join(parts, ", "));
}

}  // namespace

std::string proof_key(std::string_view program, std::string_view build, std::string_view model) {
  return sha256_of({"proof", program, build, model});
}

unsigned proven_operations(const Proof& proof) {
  unsigned proven = 0;
  while (proven < proof.sizes.size() && proof.sizes[proven].is_proven()) ++proven;
  return proven;
}

std::string sentence_of(const Proof& proof) {
  const unsigned proven = proven_operations(proof);
  std::uint64_t programs = 0;
  std::uint64_t executions = 0;
  for (unsigned i = 0; i < proven; ++i) {
    programs += proof.sizes[i].programs;
    executions += proof.sizes[i].executions;
  }
  std::string text = proven == 0 ? "nothing proven yet under " + proof.model
                                 : fmt::format("every program with at most {}: {}, {} under {}, none fails",
                                               counted(proven, "operation"), counted(programs, "program"),
                                               counted(executions, "execution"), proof.model);
  for (std::size_t i = proven; i < proof.sizes.size(); ++i) {
    const ProofSize& size = proof.sizes[i];
    if (size.proven + size.limited + size.wrong + size.begun != 0) text += "; " + progress_of(size);
  }
  return text;
}

}  // namespace rcufarm::stress
