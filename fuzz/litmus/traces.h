// What threads do, remembered.
//
// Job: Program::run() once for each thread and list of values. Traces stay where they are as long as this lives.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "litmus/program.h"

namespace rcufarm::litmus {

class Traces {
 public:
  explicit Traces(const Program& program) : program_(program), of_thread_(program.threads()) {}

  const ThreadTrace& run(unsigned thread, const std::vector<Value>& reads) {
    auto& traces = of_thread_[thread];
    if (const auto found = traces.find(reads); found != traces.end()) return found->second;
    return traces.emplace(reads, program_.run(thread, reads)).first->second;
  }

 private:
  const Program& program_;
  std::vector<std::map<std::vector<Value>, ThreadTrace>> of_thread_;
};

}  // namespace rcufarm::litmus
