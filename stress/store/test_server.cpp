#include "stress/store/test_server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <pqxx/pqxx>
#include <stdexcept>

namespace rcufarm::stress {

TestServer& TestServer::instance() {
  static TestServer server;
  return server;
}

TestServer::TestServer() {
  std::string folder = std::filesystem::temp_directory_path() / "rcufarm-postgres-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no folder for a PostgreSQL: " + folder);
  folder_ = folder;
  start();
}

TestServer::~TestServer() {
  try {
    run("kill");
  } catch (const std::runtime_error&) {
    // It was stopped already.
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void TestServer::start() { url_ = run("start"); }
void TestServer::stop() { run("stop"); }

std::string TestServer::run(const char* verb) const {
  const std::string command =
      fmt::format("RCUFARM_TEST_POSTGRES='-c fsync=off' {} {} '{}' 2>&1", RCUFARM_TEST_POSTGRES_SCRIPT, verb, folder_);
  std::string said;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::array<char, 4096> part{};
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) said += part.data();
  if (pclose(pipe) != 0) throw std::runtime_error(command + ": " + said);
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return said;
}

std::string TestServer::new_database() {
  const std::string name = fmt::format("t{}", ++databases_);
  pqxx::connection connection(url_);
  pqxx::nontransaction work(connection);
  work.exec("CREATE DATABASE " + name);
  std::string url = url_;
  const std::string usual = "/postgres?";
  return url.replace(url.find(usual), usual.size(), "/" + name + "?");
}

}  // namespace rcufarm::stress
