// What is made from the command's definitions: shell completion and the man page.
//
// Job: walk the verbs and flags of CLI11, so that neither can differ from what is parsed. Pure but for the printing
// verb.
#pragma once

#include <string>

#include "cli/options.h"

namespace rcufarm::cli {

// For bash; zsh reads it, too, after bashcompinit.
std::string bash_completion(const CLI::App& app);
// roff, section 1.
std::string man_page(const CLI::App& app);
int generate_verb(const CLI::App& app, const Options& options);

}  // namespace rcufarm::cli
