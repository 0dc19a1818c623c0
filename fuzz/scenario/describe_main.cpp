// scenario_describe: prints what is derived from the tables, for README.md, corpora and builds.
//
// Exit 0: printed; 2: bad use.
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "scenario/grammar.h"

namespace {

struct Topic {
  std::string_view name;
  std::string (*text)();
};

constexpr std::array<Topic, 5> topics{{{"grammar", rcufarm::scenario::text_grammar},
                                       {"dictionary", rcufarm::scenario::byte_dictionary},
                                       {"text-dictionary", rcufarm::scenario::text_dictionary},
                                       {"operations", rcufarm::scenario::operation_table},
                                       {"settings", rcufarm::scenario::setting_table}}};

int usage() {
  std::string names;
  for (const Topic& topic : topics) names += (names.empty() ? "" : " | ") + std::string(topic.name);
  std::fprintf(stderr, "usage: scenario_describe ( %s )\n", names.c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return usage();
  for (const Topic& topic : topics) {
    if (topic.name != argv[1]) continue;
    std::fputs(topic.text().c_str(), stdout);
    return 0;
  }
  return usage();
}
