// Pages of changes: patches and commits with what came of them, and a watched branch.
//
// Job: HTML, JSON and plain text from a change and the JSON that change.py wrote of it. Everything from outside is escaped. No state.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "stress/config/config.h"
#include "stress/store/store.h"

namespace rcufarm::stress {

// "waiting", "at work", or the state that it ended in.
std::string state_text(const Change& change);
// What a farm needs to take it; "": nothing beside a tree of the sources.
std::string wants_of(const Change& change);
// A table of them, for any page; `up`: the way to the farm's root ("", "../").
std::string changes_table(const std::vector<Change>& changes, const std::string& up);
std::string changes_page(const std::vector<Change>& changes, std::size_t page, std::size_t per_page);
// `result`: its JSON; "": none yet.
std::string change_page(const Change& change, const std::string& result);
// A watched branch: its commits and its findings. `trouble`: why it cannot be looked at.
std::string watch_page(const std::string& name, const std::string& trouble, const std::vector<Change>& commits,
                       const std::vector<std::pair<Finding, Blame>>& findings);
std::string as_json(const Change& change);

// Puts a patch into the queue; of a known one what is known. `target` "": by the files that it names.
Change submitted(Store& store, const std::string& content, const std::string& target);
// The answer as it fits a mail; "": none yet.
std::string reply_text(Store& store, const Change& change);
// The drawing of its n-th finding; "": there is none.
std::string drawing_of(const std::string& result, std::size_t number);

}  // namespace rcufarm::stress
