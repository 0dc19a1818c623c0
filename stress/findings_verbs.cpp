// findings list, show, export, import: the store without the farm. They may run beside it.
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "stress/app.h"
#include "stress/exchange.h"
#include "stress/store/blobs.h"
#include "stress/web/page.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {

namespace {

int complain(const std::string& text) {
  fmt::print(stderr, "rcufarm-farm: {}\n", text);
  return exit_bad_use;
}

// Runs `verb` on the store of a state folder that has one.
template <class Verb>
int with_store(const FindingsOptions& options, bool make, Verb verb) {
  try {
    std::error_code error;
    if (make) std::filesystem::create_directories(options.state, error);
    if (!make && !std::filesystem::exists(options.state + "/farm.sqlite")) {
      return complain(fmt::format("there is no store in {}. Give the farm's folder: --state DIR", options.state));
    }
    const auto store = open_sqlite_store(options.state, node_name(""));
    return verb(*store);
  } catch (const StoreError& error) {
    return complain(error.what());
  }
}

}  // namespace

int list_verb(const FindingsOptions& options) {
  return with_store(options, false, [&](Store& store) {
    const auto findings = store.findings();
    if (options.json) {
      nlohmann::json all = nlohmann::json::array();
      for (const Finding& f : findings) {
        all.push_back({{"key", f.key},
                       {"kind", f.kind},
                       {"signature", f.signature},
                       {"state", name_of(f.state)},
                       {"count", f.count},
                       {"first_seen", f.first_seen},
                       {"last_seen", f.last_seen},
                       {"replays", f.replays},
                       {"reproduced", f.reproduced},
                       {"engine", f.engine}});
      }
      fmt::print("{}\n", all.dump(1));
      return exit_done;
    }
    for (const Finding& f : findings) {
      fmt::print("{}  {:8}  {:>8}  {}  {}\n", f.key.substr(0, 12), name_of(f.state), with_commas(f.count),
                 time_text(f.last_seen), f.signature);
    }
    if (findings.empty()) fmt::print("no findings\n");
    return exit_done;
  });
}

int show_verb(const FindingsOptions& options) {
  return with_store(options, false, [&](Store& store) {
    const auto f = store.finding(options.key);
    if (!f) {
      complain(
          fmt::format("no finding, or more than one, begins with {}. See: rcufarm-farm findings list", options.key));
      return exit_nothing;
    }
    const auto bytes = [&](const std::string& hash) {
      return hash.empty() ? std::string() : store.blob(hash).value_or("");
    };
    fmt::print(
        "{}\nkind {}, {}, seen {} times, first {}, last {}\nby {} ({}) on {}, build {}; {} of {} replays showed it\n"
        "input: {}/blobs/{}/{}\nagain: {}\n\n{}\n{}\n",
        f->signature, f->kind, name_of(f->state), with_commas(f->count), time_text(f->first_seen),
        time_text(f->last_seen), f->engine, f->program, f->node, f->build, f->reproduced, f->replays, options.state,
        f->input.substr(0, 2), f->input, f->reproduce, bytes(f->diagram), bytes(f->report));
    return exit_done;
  });
}

int export_verb(const FindingsOptions& options) {
  return with_store(options, false, [&](Store& store) {
    write_durably(std::filesystem::absolute(options.file), export_findings(store));
    fmt::print("{} findings in {}\n", store.findings().size(), options.file);
    return exit_done;
  });
}

int import_verb(const FindingsOptions& options) {
  return with_store(options, true, [&](Store& store) {
    const std::string text = read_bytes(options.file);
    if (text.empty()) return complain(fmt::format("cannot read {}, or it is empty", options.file));
    const auto imported = import_findings(store, text);
    if (const auto* error = std::get_if<std::string>(&imported))
      return complain(fmt::format("{}: {}", options.file, *error));
    fmt::print("{} findings taken in\n", std::get<Imported>(imported).findings);
    return exit_done;
  });
}

}  // namespace rcufarm::stress
