// The step that is going on.
//
// Job: what is kept of it until it is over and a strategy that watches steps gets it (step.h). Owned by the engine; steps.cpp
// opens and closes it, and who uses or touches something says so. Plain data.
#pragma once

#include <array>

#include "machine/engine/step.h"

namespace rcufarm::sim {

struct Footprint {
  bool is_open = false;
  bool begins = false;  // its context has not come to its first operation
  ContextId context = idle_context;
  Op op = Op::none;
  bool is_everything = false;
  Resources resources;
  unsigned count = 0;
  std::array<Touched, touched_max> words{};
};

}  // namespace rcufarm::sim
