// What a store throws when it cannot keep its word.
#pragma once

#include <stdexcept>
#include <string>

namespace rcufarm::stress {

class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// It cannot be reached now, and may be later: a server that restarts, a network that is cut.
class StoreAway : public StoreError {
 public:
  using StoreError::StoreError;
};

// It will never take this: too large, or a value that it does not know. To try again is of no use.
class StoreRefused : public StoreError {
 public:
  using StoreError::StoreError;
};

}  // namespace rcufarm::stress
