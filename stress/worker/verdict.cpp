#include "stress/worker/verdict.h"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>

namespace rcufarm::stress {

namespace {

bool has_any(std::string_view text, std::initializer_list<std::string_view> marks) {
  return std::ranges::any_of(marks, [&](std::string_view mark) { return text.find(mark) != std::string_view::npos; });
}

bool lacks_precondition(std::string_view text) {
  return has_any(text,
                 {"ThreadSanitizer: unexpected memory mapping", "Shadow memory range interleaves",
                  "ThreadSanitizer failed to allocate", "ASLR was disabled", "error while loading shared libraries"});
}

bool lacks_resource(std::string_view text) {
  return has_any(text, {"No space left on device", "Disk quota exceeded", "Too many open files",
                        "Read-only file system", "File size limit exceeded", "Resource temporarily unavailable"});
}

bool lacks_memory(std::string_view text) {
  return has_any(text, {"out-of-memory", "Cannot allocate memory", "std::bad_alloc", "failed to allocate",
                        "too little memory", "hard rss limit exhausted"});
}

}  // namespace

const char* name_of(Ended ended) {
  switch (ended) {
    case Ended::fine: return "fine";
    case Ended::finding: return "finding";
    case Ended::exit: return "exit";
    case Ended::crash: return "crash";
    case Ended::hang: return "hang";
    case Ended::oom: return "oom";
    case Ended::timeout: return "timeout";
    case Ended::resource: return "resource";
    case Ended::missing: return "missing";
  }
  return "";
}

bool accuses(const harness::Received& received, std::string_view text) {
  if (received.first() != nullptr || !received.trouble.empty()) return true;
  return has_any(text, {"runtime error: ", "SUMMARY: AddressSanitizer", "SUMMARY: ThreadSanitizer",
                        "SUMMARY: UndefinedBehaviorSanitizer", "rcufarm native kernel: "}) &&
         !lacks_precondition(text);
}

Ended verdict_on(int status, std::string_view text) {
  if (lacks_precondition(text)) return Ended::missing;
  if (lacks_resource(text)) return Ended::resource;
  if (lacks_memory(text)) return Ended::oom;
  if (!WIFSIGNALED(status)) return WEXITSTATUS(status) == 0 ? Ended::fine : Ended::exit;
  switch (WTERMSIG(status)) {
    case SIGKILL: return Ended::oom;  // not by us: the system's
    case SIGXCPU: return Ended::timeout;
    case SIGXFSZ: return Ended::resource;
    case SIGINT:
    case SIGTERM: return Ended::exit;
    default: return Ended::crash;
  }
}

}  // namespace rcufarm::stress
