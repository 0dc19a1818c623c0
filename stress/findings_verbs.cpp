// findings list, show, get, ack, export, import: the store without the farm. They may run beside it.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
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

bool may_be_written(const std::string& state) {
  for (const char* name : {"", "/farm.sqlite"}) {
    if (access((state + name).c_str(), W_OK) != 0) return false;
  }
  return true;
}

// For a shell.
std::string quoted(const std::string& word) {
  if (word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./") ==
      std::string::npos) {
    return word;
  }
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// Runs `verb` on the store that is named, or that of a state folder.
template <class Verb>
int with_store(const FindingsOptions& options, bool make, Verb verb) {
  try {
    std::error_code error;
    const std::string url = options.store.empty() ? remembered_store(options.state) : options.store;
    const StorePlace place{.state = options.state, .url = url, .node = node_name("")};
    if (!url.empty()) return verb(*open_store(place));
    if (make) std::filesystem::create_directories(options.state, error);
    if (!make && !std::filesystem::exists(options.state + "/farm.sqlite")) {
      return complain(fmt::format(
          "there is no store in {}. Give the farm's folder: --state DIR, or its store: --store URL", options.state));
    }
    const auto store =
        make || may_be_written(options.state) ? open_store(place) : open_sqlite_copy(options.state, node_name(""));
    return verb(*store);
  } catch (const StoreError& error) {
    return complain(error.what());
  }
}

constexpr const char* store_file = "store";

}  // namespace

void remember_store(const StorePlace& place) {
  std::error_code error;
  if (remembered_store(place.state) == place.url) return;
  write_durably(place.state / store_file, place.url + "\n");
}

std::string remembered_store(const std::filesystem::path& state) {
  std::string url = read_bytes(state / store_file);
  while (!url.empty() && url.back() == '\n') url.pop_back();
  return url;
}

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
                       {"acknowledged", f.acknowledged},
                       {"note", f.note},
                       {"engine", f.engine}});
      }
      fmt::print("{}\n", all.dump(1));
      return exit_done;
    }
    for (const Finding& f : findings) {
      fmt::print("{}  {:8}  {:>8}  {}  {}\n", f.key.substr(0, 12), name_of(f.state), with_commas(f.count),
                 time_text(f.last_seen), f.note.empty() ? f.signature : f.signature + "  [" + f.note + "]");
    }
    if (findings.empty()) fmt::print("no findings\n");
    return exit_done;
  });
}

// Runs `verb` on the finding that is meant.
template <class Verb>
int with_finding(const FindingsOptions& options, Verb verb) {
  return with_store(options, false, [&](Store& store) {
    const auto found = store.finding(options.key);
    if (found) return verb(store, *found);
    complain(fmt::format("no finding, or more than one, begins with {}. See: rcufarm-farm findings list", options.key));
    return exit_nothing;
  });
}

int show_verb(const FindingsOptions& options) {
  return with_finding(options, [&](Store& store, const Finding& f) {
    const auto bytes = [&](const std::string& hash) {
      return hash.empty() ? std::string() : store.blobs().get(hash).value_or("");
    };
    const std::string again =
        f.input.empty() ? replay_command(f, own_tree())
                        : fmt::format("{} findings get {} --state {} && {}", quoted(own_program()), f.key.substr(0, 12),
                                      quoted(std::filesystem::absolute(options.state)), replay_command(f, own_tree()));
    fmt::print(
        "{}\nkind {}, {}, seen {} times, first {}, last {}\nby {} ({}) on {}, build {}; {} of {} replays showed it\n"
        "looked at by: {}\nagain: {}\nelsewhere, with the file {}: {}\n\n{}\n{}\n",
        f.signature, f.kind, name_of(f.state), with_commas(f.count), time_text(f.first_seen), time_text(f.last_seen),
        f.engine, f.program, f.node, f.build, f.reproduced, f.replays,
        f.acknowledged == 0 ? "nobody" : fmt::format("{}, {}", f.note, time_text(f.acknowledged)), again, file_name(f),
        replay_command(f, ""), bytes(f.diagram), bytes(f.report));
    return exit_done;
  });
}

int get_verb(const FindingsOptions& options) {
  return with_finding(options, [&](Store& store, const Finding& f) {
    const auto bytes = f.input.empty() ? std::nullopt : store.blobs().get(f.input);
    if (!bytes) {
      complain(fmt::format("{} has no input: it was seen from outside. See: rcufarm-farm findings show", options.key));
      return exit_nothing;
    }
    if (options.file == "-") {
      std::fwrite(bytes->data(), 1, bytes->size(), stdout);
      return exit_done;
    }
    const std::string file = options.file.empty() ? file_name(f) : options.file;
    write_durably(std::filesystem::absolute(file), *bytes);
    fmt::print("{}\n", file);
    return exit_done;
  });
}

int ack_verb(const FindingsOptions& options) {
  return with_finding(options, [&](Store& store, const Finding& f) {
    store.acknowledge(f.key, options.note);
    fmt::print("{}: {}\n", f.signature, options.note);
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
