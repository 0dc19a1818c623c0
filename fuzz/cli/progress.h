// Progress on a terminal, silence in a pipe; and an end by Ctrl-C or SIGTERM that still says what was found.
//
// Job: one line on stderr that is written over. One at a time, on the main thread; while it lives, the two signals are a flag.
#pragma once

#include <string>

namespace rcufarm::cli {

class Progress {
 public:
  explicit Progress(bool wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const std::string& line);
  void clear();
  unsigned columns() const;
  // Has the user asked for an end?
  static bool interrupted();

 private:
  bool shown_ = false;
  const bool terminal_;
};

}  // namespace rcufarm::cli
