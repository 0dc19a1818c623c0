// What a store throws when it cannot keep its word.
#pragma once

#include <stdexcept>
#include <string>

namespace rcufarm::stress {

class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace rcufarm::stress
