#include "harness/record.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace rcufarm::harness {

namespace {

using nlohmann::json;

constexpr int version = 1;

json json_of(const Finding& f) {
  json leak;
  if (f.leak) leak = {{"objects", f.leak->objects}, {"bytes", f.leak->bytes}, {"list", f.leak->list}};
  return {{"kind", name_of(f.kind)}, {"signature", f.signature}, {"detail", f.detail},   {"seen", f.seen},
          {"seconds", f.seconds},    {"file", f.file},           {"diagram", f.diagram}, {"leak", std::move(leak)}};
}

Finding finding_of(const json& told) {
  Finding f;
  const auto name = told.at("kind").get<std::string>();
  const auto kind = oracle::kind_named(name);
  if (!kind) throw std::runtime_error("there is no kind of finding '" + name + "'");
  f.kind = *kind;
  told.at("signature").get_to(f.signature);
  told.at("detail").get_to(f.detail);
  told.at("seen").get_to(f.seen);
  told.at("seconds").get_to(f.seconds);
  told.at("file").get_to(f.file);
  told.at("diagram").get_to(f.diagram);
  if (f.signature.empty()) throw std::runtime_error("a finding has no signature");
  const json& leak = told.at("leak");
  if (leak.is_null()) return f;
  f.leak = Leak{leak.at("objects").get<std::uint64_t>(), leak.at("bytes").get<std::uint64_t>(),
                leak.at("list").get<std::string>()};
  return f;
}

}  // namespace

std::string to_json(const RunRecord& record) {
  json findings = json::array();
  for (const Finding& finding : record.findings) findings.push_back(json_of(finding));
  const json told = {{"record", version},
                     {"runs", record.runs},
                     {"reads_from_pairs", record.reads_from_pairs},
                     {"findings", std::move(findings)}};
  // Texts may hold any bytes; what is no UTF-8 is replaced.
  return told.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::variant<RunRecord, std::string> record_from_json(const std::string& text) {
  try {
    const json told = json::parse(text);
    if (told.at("record") != version) throw std::runtime_error("its version is " + told.at("record").dump());
    RunRecord record;
    told.at("runs").get_to(record.runs);
    told.at("reads_from_pairs").get_to(record.reads_from_pairs);
    for (const json& finding : told.at("findings")) record.findings.push_back(finding_of(finding));
    return record;
  } catch (const std::exception& error) {
    return "not a record of version 1: " + std::string(error.what()) +
           ". Build the program that wrote it and the one that reads it from one tree";
  }
}

void hand_over(const RunRecord& record) {
  const char* path = std::getenv(record_variable);
  if (path == nullptr || *path == '\0') return;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << to_json(record);
  file.close();
  if (!file) std::fprintf(stderr, "rcufarm: cannot write the record %s: %s\n", path, std::strerror(errno));
}

void tell(const std::vector<Finding>& findings) {
  std::fputs(describe(findings).c_str(), stderr);
  hand_over({.findings = findings});
}

Received receive(const std::filesystem::path& path) {
  Received received;
  std::ifstream file(path, std::ios::binary);
  if (!file) return received;
  auto read = record_from_json({std::istreambuf_iterator<char>(file), {}});
  std::error_code error;
  std::filesystem::remove(path, error);
  if (auto* record = std::get_if<RunRecord>(&read)) {
    received.record = std::move(*record);
  } else {
    received.trouble = std::get<std::string>(std::move(read));
  }
  return received;
}

}  // namespace rcufarm::harness
