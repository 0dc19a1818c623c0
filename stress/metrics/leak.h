// What a leak's report says was lost.
//
// Job: read the words of the native report ("12 objects are not back ...") and of the simulator's diagram ("BAD: obj 4 is never
// given back", and the steps before it). No state.
#pragma once

#include <string>

namespace rcufarm::stress {

struct Leak {
  double objects = 0;
  double bytes = 0;  // where the report tells them
  // The list that the object was on last, of list_names. Real threads leave no trace of that: "unknown".
  std::string list;
};
Leak leak_in(const std::string& report);

}  // namespace rcufarm::stress
