// Work for a slot that is no stint: a row of commands, one after another.
//
// Job: the interface of examinations and merges. A slot runs the commands; the chore says what comes next.
#pragma once

#include <optional>
#include <string>

#include "session/child.h"

namespace rcufarm::stress {

class Chore {
 public:
  virtual ~Chore() = default;
  virtual std::string name() const = 0;
  // The next command, or nothing when it is finished.
  virtual std::optional<session::Command> next() = 0;
  // Of the command that next() gave.
  virtual std::chrono::seconds time_max() const = 0;
  // May it write files of any size, as who copies a repository does?
  virtual bool writes_large_files() const { return false; }
  // How the last command ended; status < 0: it was killed for its time or did not start.
  virtual void done(int status, const std::string& output) = 0;
};

}  // namespace rcufarm::stress
