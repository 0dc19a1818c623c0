// Oracle: every reference to an object cgroup that was taken is put, once.
//
// Job: count. A run owns it.
#pragma once

#include <cstdint>

#include "machine/engine/events.h"
#include "oracle/parties.h"
#include "oracle/verdict.h"

namespace rcufarm::oracle {

class ObjcgReferences {
 public:
  explicit ObjcgReferences(Verdict& verdict) : verdict_(verdict) {}

  void on_get(const sim::Event& e) {
    if (e.value == 0) return;
    ++taken_;
    last_get_ = party_of(e);
  }
  void on_put(const sim::Event& e) {
    if (taken_-- > 0) return;
    verdict_.accuse({.kind = Kind::freed_twice,
                     .roles = {{"put", party_of(e)}},
                     .names = {e.site.function, "obj_cgroup_put"},
                     .text = "a reference to the object cgroup that nobody has"});
  }
  // After a run that finished.
  void conclude() {
    if (taken_ <= 0) return;
    verdict_.accuse({.kind = Kind::leak,
                     .roles = {{"taken", last_get_}},
                     .names = {"object cgroup reference"},
                     .text = "never put"});
  }
  void reset() { taken_ = 0; }

 private:
  Verdict& verdict_;
  std::int64_t taken_ = 0;
  sim::Party last_get_;
};

}  // namespace rcufarm::oracle
