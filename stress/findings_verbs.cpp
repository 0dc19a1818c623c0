// findings list, show, get, ack, export, import: the store without the farm. They may run beside it.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "session/child.h"
#include "stress/app.h"
#include "stress/exchange.h"
#include "stress/farm/programs.h"
#include "stress/store/blobs.h"
#include "stress/web/page.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {

namespace {

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

constexpr const char* store_file = "store";

}  // namespace

int complain(const std::string& text) {
  fmt::print(stderr, "rcufarm-farm: {}\n", text);
  return exit_bad_use;
}

int with_store(const std::string& state, const std::string& store, bool make,
               const std::function<int(Store& store)>& verb) {
  try {
    std::error_code error;
    const std::string url = store.empty() ? remembered_store(state) : store;
    const StorePlace place{.state = state, .url = url, .node = node_name("")};
    if (!url.empty()) return verb(*open_store(place));
    if (make) std::filesystem::create_directories(state, error);
    if (!make && !std::filesystem::exists(state + "/farm.sqlite")) {
      return complain(fmt::format(
          "there is no store in {}. Give the farm's folder: --state DIR, or its store: --store URL", state));
    }
    const auto opened = make || may_be_written(state) ? open_store(place) : open_sqlite_copy(state, node_name(""));
    return verb(*opened);
  } catch (const StoreError& error) {
    return complain(error.what());
  }
}

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
  return with_store(options.state, options.store, false, [&](Store& store) {
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
  return with_store(options.state, options.store, false, [&](Store& store) {
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

// Its program is looked at first: a run of another build may not reach what this one did, and would say nothing.
int replay_verb(const FindingsOptions& options) {
  return with_finding(options, [&](Store& store, const Finding& f) {
    const auto bytes = f.input.empty() ? std::nullopt : store.blobs().get(f.input);
    const auto lane = lane_named(f.program);
    if (!bytes || !lane) {
      return complain(fmt::format(
          "{} cannot be replayed here: {}", options.key,
          bytes ? "it is of " + f.program + ", commit " + f.build + ". Build that commit" : "it has no input"));
    }
    Config config;
    config.programs.root = own_tree();
    std::string named = program_of(*lane, config.programs);
    // Of an adopted allocator only the farm's configuration named it.
    if (named.empty()) named = f.reproduce.substr(0, f.reproduce.find(' '));
    const std::filesystem::path program = config.resolve(named);
    const std::string build = Builds().of(program);
    if (build.empty())
      return complain(fmt::format("there is no {}. Build it: ./farm run, or the preset in its path", program.string()));
    if (build != f.build && build != f.checked_build && !options.any_build) {
      return complain(fmt::format(
          "{} was found by build {} of {} and last tried on {}; here is {}. Build the revision that it is of, or give "
          "--any-build: then silence says nothing",
          f.key.substr(0, 12), f.build, f.program, f.checked_build, build));
    }
    std::string folder = (std::filesystem::temp_directory_path() / "rcufarm-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr)
      return complain("cannot make a folder for its input. Give another by TMPDIR");
    const std::filesystem::path file = std::filesystem::path(folder) / file_name(f);
    write_durably(file, *bytes);
    const std::string command = fmt::format("cd {} && {}", quoted(file.parent_path()), replay_command(f, own_tree()));
    const auto done = session::run_to_end({.arguments = {"sh", "-c", command}, .set = {}, .unset = {}},
                                          std::chrono::seconds(config.findings.replay_seconds));
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    const auto* completed = std::get_if<session::Completed>(&done);
    if (completed == nullptr) return complain(std::get<std::string>(done));
    fmt::print("{}", completed->output);
    if (!completed->status || !WIFEXITED(*completed->status)) return complain("the replay did not end by itself");
    return WEXITSTATUS(*completed->status);
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
  return with_store(options.state, options.store, false, [&](Store& store) {
    write_durably(std::filesystem::absolute(options.file), export_findings(store));
    fmt::print("{} findings in {}\n", store.findings().size(), options.file);
    return exit_done;
  });
}

int import_verb(const FindingsOptions& options) {
  return with_store(options.state, options.store, true, [&](Store& store) {
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
