// For tests: a folder that goes away, and small programs in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace rcufarm::session {

class Scratch {
 public:
  Scratch() {
    std::string name = std::filesystem::temp_directory_path() / "rcufarm-session-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch folder: " + name);
    folder_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(folder_); }

  const std::filesystem::path& folder() const { return folder_; }

  std::filesystem::path file(const std::string& name, const std::string& bytes) const {
    auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  // A shell script that can be run.
  std::filesystem::path script(const std::string& name, const std::string& body) const {
    auto path = file(name, "#!/bin/sh\n" + body);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace rcufarm::session
