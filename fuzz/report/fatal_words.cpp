#include "report/fatal_words.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace rcufarm::report {

namespace {

// So many accesses to one fatal word are all drawn, and so many reads on which a party's step depends.
constexpr std::size_t fatal_accesses_few = 12;
constexpr unsigned guards_few = 2;

}  // namespace

std::vector<LevelledStep> fatal_accesses(const Recording& recording, std::size_t begin, const std::set<Word>& fatal,
                                         const Namer& namer) {
  const std::vector<Step>& steps = recording.steps;
  std::map<Word, std::vector<std::size_t>> accesses;
  for (std::size_t i = begin; i < steps.size(); ++i) {
    const Step& s = steps[i];
    if (!s.is_access() || s.event.op == sim::Op::touch || !is_of_program(s, namer) || fatal.count(word_of(s)) == 0)
      continue;
    if (reads(s) || is_atomic(s)) accesses[word_of(s)].push_back(i);
  }
  std::vector<LevelledStep> found;
  for (const auto& [word, all] : accesses) {
    const bool is_shared = std::any_of(
        all.begin(), all.end(), [&](std::size_t i) { return steps[i].context() != steps[all.front()].context(); });
    if (!is_shared) continue;
    const std::size_t too_many = all.size() < fatal_accesses_few ? 0 : all.size() - fatal_accesses_few;
    for (std::size_t n = 0; n < all.size(); ++n) found.push_back({all[n], n < too_many ? Level::may : Level::must});
  }
  return found;
}

std::vector<std::size_t> guards_of(std::size_t party, const Recording& recording, std::size_t begin,
                                   const std::set<Word>& shared, const Activations& activations) {
  const Step& done = recording.steps[party];
  std::vector<std::size_t> found;
  if (done.is_user) return found;
  for (std::size_t i = party; i-- > begin && found.size() < guards_few;) {
    const Step& s = recording.steps[i];
    if (s.context() != done.context()) continue;
    if (!activations.same(i, party)) break;
    if (!s.is_access() || std::string_view(s.event.site.function) != done.event.site.function) continue;
    if (is_atomic(s) && reads(s) && shared.count(word_of(s)) != 0) found.push_back(i);
  }
  return found;
}

}  // namespace rcufarm::report
