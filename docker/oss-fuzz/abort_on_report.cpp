// Copyright 2026 The rcufarm authors
//
// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
// You may obtain a copy of the License at
//
//      http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS,
// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
// See the License for the specific language governing permissions and
// limitations under the License.
//
////////////////////////////////////////////////////////////////////////////////
// For targets of AFL++, which takes for a crash what dies by a signal: a report of any sanitizer ends in abort().
//
// Job: one callback, set before main(). By themselves UBSan and ThreadSanitizer leave by exit(), and AFL++ keeps nothing.
#include <sanitizer/common_interface_defs.h>

#include <csignal>
#include <cstdlib>

namespace {

void abort_at_once() {
  std::signal(SIGABRT, SIG_DFL);  // the sanitizer's own handler would see one more fault
  std::abort();
}

[[maybe_unused]] const bool is_set = [] {
  __sanitizer_set_death_callback(abort_at_once);
  return true;
}();

}  // namespace
