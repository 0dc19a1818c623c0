// Processes that share one search.
//
// Job: fork, end and wait for copies of this program, and memory that they have in common: a machine, and what an allocator keeps in
// globals, belong to one thread. One owner, on the main thread; a copy ends with it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace rcufarm::cli {

class Processes {
 public:
  Processes() = default;
  ~Processes();
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  // One that runs `body` and ends. "", or why there is none.
  std::string start(const std::function<void()>& body);
  void send_all(int signal) const;
  // Does one still run? Does not wait.
  bool any_runs();
  // "", or which one ended badly, and how.
  std::string wait_for_all();

 private:
  struct Process {
    pid_t id;
    bool is_over;
  };
  void note_end(std::size_t index, int status);

  std::vector<Process> processes_;
  std::string trouble_;
};

// Memory of all processes together; zeros at first. Null if there is none.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t bytes);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  void* memory() const { return memory_; }

 private:
  std::size_t bytes_;
  void* memory_;
};

}  // namespace rcufarm::cli
