// The objects that an allocator of user space hands out: pieces of the memory that it has.
//
// Job: give each its serial number. A piece that is handed out at the same address again, with its memory not given back between, is
// the same object, so that oracles of object life see what becomes of it; one that overlaps a piece that is out still has that
// one's number, so that it counts as handed out twice. The user's books of one run; allocates nothing once they have grown.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "machine/machine.h"

namespace rcufarm::harness {

class Parts {
 public:
  struct Given {
    std::uint32_t serial = 0;  // 0: no memory of the allocator's
    std::uint64_t room = 0;    // from there to the end of the memory around it
    bool is_new = false;
    std::uint32_t around = 0;  // the allocation that it is a piece of; 0: a global
  };

  void begin_run() { parts_.clear(); }

  Given give(sim::Machine& machine, const void* user, std::size_t bytes) {
    const sim::ObjectInfo around = machine.object_at(user);
    Given given{.around = around.serial};
    if (around.serial == 0) {
      given.room = machine.room_in_shared(user);
    } else if (around.alive) {
      given.room = around.bytes - static_cast<std::uint64_t>(static_cast<const char*>(user) - begin_of(around));
    }
    if (given.room == 0) return given;
    for (Part& part : parts_) {
      if (part.around != around.serial) continue;
      if (part.is_out && begins_before(user, part, part.bytes) && begins_before(part.user, Part{.user = user}, bytes)) {
        given.serial = part.serial;
        return given;
      }
    }
    const auto known = std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) {
      return part.user == user && part.around == around.serial;
    });
    if (known != parts_.end()) {
      known->is_out = true;
      known->bytes = bytes;
      given.serial = known->serial;
      return given;
    }
    given.serial = machine.new_part(user, bytes);
    given.is_new = true;
    parts_.push_back({user, bytes, given.serial, around.serial, true});
    return given;
  }

  void take_back(std::uint32_t serial) {
    for (Part& part : parts_) {
      if (part.serial == serial) part.is_out = false;
    }
  }

 private:
  struct Part {
    const void* user = nullptr;
    std::size_t bytes = 0;
    std::uint32_t serial = 0;
    std::uint32_t around = 0;
    bool is_out = false;
  };
  static const char* begin_of(const sim::ObjectInfo& object) { return static_cast<const char*>(object.address); }
  // Does `address` come before the end of what begins at the part's start?
  static bool begins_before(const void* address, const Part& part, std::size_t bytes) {
    return static_cast<const char*>(address) < static_cast<const char*>(part.user) + std::max<std::size_t>(bytes, 1);
  }

  std::vector<Part> parts_;
};

}  // namespace rcufarm::harness
