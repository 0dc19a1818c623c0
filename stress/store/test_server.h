// For tests: a PostgreSQL of its own in a temporary folder, for the whole program; each test gets a database.
#pragma once

#include <memory>
#include <string>

namespace rcufarm::stress {

class TestServer {
 public:
  // Started at first use. Throws std::runtime_error if there is no PostgreSQL.
  static TestServer& instance();
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // The url of an empty database.
  std::string new_database();
  void stop();   // clients are cut off
  void start();  // after stop()

 private:
  TestServer();
  std::string run(const char* verb) const;

  std::string folder_;
  std::string url_;
  unsigned databases_ = 0;
};

}  // namespace rcufarm::stress
