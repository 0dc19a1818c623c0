// submit, changes list, changes show: patches and commits that a farm looks at. They may run beside it.
#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "stress/app.h"
#include "stress/web/changes_page.h"
#include "stress/web/page.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {

namespace {

constexpr std::size_t listed_max = 1000;

std::string line_of(const Change& c) {
  return fmt::format("{}  {:12} {}  {}  {}", c.key.substr(0, 12), state_text(c), time_text(c.came),
                     c.source.empty() ? "patch" : c.source + " " + c.name.substr(0, 12), c.title);
}

}  // namespace

int submit_verb(const ChangesOptions& options) {
  const std::string content =
      options.file == "-" ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_bytes(options.file);
  if (content.empty())
    return complain(fmt::format("cannot read {}, or it is empty. Give a patch or an mbox", options.file));
  if (content.size() > patch_bytes_max)
    return complain(fmt::format("{} is too large: a patch may have 1 MiB", options.file));
  if (!options.target.empty() && !is_watch_name(options.target))
    return complain(fmt::format("--target wants alloc, linux, or the name of a [[watch]], not '{}'", options.target));
  return with_store(options.state, options.store, false, [&](Store& store) {
    const Change change = submitted(store, content, options.target);
    fmt::print("{}\nsee: rcufarm-farm changes show {}\n", line_of(change), change.key.substr(0, 12));
    if (const std::string wants = wants_of(change); !wants.empty()) fmt::print("{}\n", wants);
    return exit_done;
  });
}

int list_changes_verb(const ChangesOptions& options) {
  return with_store(options.state, options.store, false, [&](Store& store) {
    const auto changes = store.changes(std::nullopt, 0, listed_max);
    if (options.json) {
      nlohmann::json all = nlohmann::json::array();
      for (const Change& c : changes) all.push_back(nlohmann::json::parse(as_json(c)));
      fmt::print("{}\n", all.dump(1));
      return exit_done;
    }
    for (const Change& c : changes) fmt::print("{}\n", line_of(c));
    if (changes.empty()) fmt::print("no changes\n");
    return exit_done;
  });
}

int show_change_verb(const ChangesOptions& options) {
  return with_store(options.state, options.store, false, [&](Store& store) {
    const auto change = store.change(options.key);
    if (!change) {
      complain(fmt::format("no change, or more than one, begins with {}. See: rcufarm-farm changes list", options.key));
      return exit_nothing;
    }
    const std::string reply = reply_text(store, *change);
    fmt::print("{}",
               reply.empty() ? line_of(*change) + "\n" + (change->told.empty() ? "" : change->told + "\n") : reply);
    return change->state == "wrong" ? exit_found : exit_done;
  });
}

}  // namespace rcufarm::stress
