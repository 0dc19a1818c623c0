#include "report/relevance.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "report/accesses.h"
#include "report/activations.h"
#include "report/fatal_words.h"
#include "report/idle_sections.h"
#include "report/missing_order.h"
#include "report/parties.h"
#include "report/pointer_way.h"
#include "report/step_level.h"

namespace rcufarm::report {

namespace {

using sim::EventKind;
using sim::Op;

constexpr std::size_t none = Relation::none;
// So many late loads and stores are all drawn: a minimal schedule has few, and an unminimised one is full of them.
constexpr std::size_t late_steps_few = 12;

class Judge {
 public:
  Judge(const Recording& recording, const harness::SimFinding& finding, const Namer& namer)
      : recording_(recording),
        steps_(recording.steps),
        finding_(finding),
        namer_(namer),
        activations_(recording.steps),
        relations_(recording.steps.size()) {}

  std::vector<Relation> judge() {
    find_begin();
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].is_access() && steps_[i].event.made != 0) made_[steps_[i].event.made] = i;
    }
    const std::vector<std::size_t> parties = find_parties(recording_, finding_);
    for (const std::size_t party : parties) {
      if (party != none) raise(party, Level::must);
    }
    relate_words();
    const StepLevels levels(recording_, finding_, namer_);
    for (std::size_t i = begin_; i < steps_.size(); ++i) {
      raise(i, levels.of(steps_[i]));
      if (begins_activation(steps_[i]) && has_must(i)) raise(i, Level::must);
    }
    if (oracle::is_missing_order(finding_.kind)) {
      add_missing_order(parties);
    } else {
      relate_late_store(parties);
    }
    add_late_steps();
    add_siblings();
    add_pointer_way(parties);
    add_fatal_words(parties);
    add_stores_read();
    if (!about_locks(finding_.kind)) drop_idle_sections(recording_, begin_, relations_);
    for (const std::size_t party : parties) {
      if (party != none) raise(party, Level::must);
    }
    return std::move(relations_);
  }

 private:
  void raise(std::size_t step, Level level) { relations_[step].level = std::min(relations_[step].level, level); }

  // Making the caches is of no interest, unless a party stands there.
  void find_begin() {
    const auto first = std::find_if(steps_.begin(), steps_.end(), [](const Step& s) {
      return s.is(EventKind::task_begin) || s.context() != sim::main_context;
    });
    begin_ = first == steps_.end() ? 0 : static_cast<std::size_t>(first - steps_.begin());
  }

  bool same_cpu_in_turn(const Step& a, const Step& b) const {
    const auto nested = [](const Step& s) { return sim::kind_of(s.context()) == sim::ContextKind::program; };
    return a.cpu() == b.cpu() && a.cpu() != sim::no_cpu && !nested(a) && !nested(b);
  }

  static Level level_of_pair(const Step& s, bool odd, bool plain) {
    if (odd) return plain ? Level::should : Level::must;
    if (plain) return Level::never;
    return s.event.op == Op::llist_empty ? Level::detail : Level::may;
  }

  // Two accesses to one word by different contexts, one of them a write, `a` first.
  void relate_pair(std::size_t a, std::size_t b) {
    if (steps_[a].context() == steps_[b].context() || a < begin_) return;
    shared_.insert(word_of(steps_[a]));
    const bool plain = is_plain(steps_[a]) || is_plain(steps_[b]);
    const bool odd = activations_.interleaved(a, b) && !same_cpu_in_turn(steps_[a], steps_[b]);
    raise(a, level_of_pair(steps_[a], odd, plain));
    raise(b, level_of_pair(steps_[b], odd, plain));
    if (!odd) return;
    involved_.insert(namer_.cache_of({steps_[a].event.object, steps_[a].event.offset}));
    if (!writes(steps_[a]) && writes(steps_[b]) && relations_[a].overtaken_by == none) relations_[a].overtaken_by = b;
  }

  // Each store with the accesses back to the store before it, and each load with the store that it read.
  void relate_words() {
    std::map<Word, std::vector<std::size_t>> since;  // the last store, its loads
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Step& s = steps_[i];
      if (!s.is_access() || s.event.op == Op::touch || !is_of_program(s, namer_)) continue;
      auto& before = since[word_of(s)];
      if (writes(s)) {
        for (const std::size_t other : before) relate_pair(other, i);
        before.assign(1, i);
      } else {
        if (!before.empty() && writes(steps_[before.front()])) relate_pair(before.front(), i);
        before.push_back(i);
      }
    }
  }

  static bool begins_activation(const Step& s) {
    return s.is(EventKind::callback_begin) || s.is(EventKind::program_begin) || s.is(EventKind::irq_work_begin);
  }

  bool has_must(std::size_t from) const {
    for (std::size_t i = from; i < steps_.size(); ++i) {
      if (activations_.same(i, from) && relations_[i].level == Level::must) return true;
      if (i > from && steps_[i].context() == steps_[from].context() && !activations_.same(i, from)) return false;
    }
    return false;
  }

  // Who reads one flag of a cache at a place where an odd one is read, reads the others there for the same reason.
  void add_siblings() {
    std::set<std::pair<std::size_t, std::string>> odd;
    const auto key = [&](std::size_t i) {
      return std::make_pair(activations_.first_of(i), std::string(steps_[i].event.site.function));
    };
    for (std::size_t i = begin_; i < steps_.size(); ++i) {
      if (steps_[i].is_access() && is_atomic(steps_[i]) && relations_[i].level == Level::must) odd.insert(key(i));
    }
    for (std::size_t i = begin_; i < steps_.size(); ++i) {
      const Step& s = steps_[i];
      if (!s.is_access() || !is_atomic(s) || s.event.object == 0) continue;
      const std::uint64_t cache = namer_.cache_of({s.event.object, s.event.offset});
      if (cache != 0 && involved_.count(cache) != 0 && odd.count(key(i)) != 0) raise(i, Level::should);
    }
  }

  std::size_t step_of(std::uint32_t store) const {
    const auto made = made_.find(store);
    return store == 0 || made == made_.end() ? none : made->second;
  }

  // The run ends at a free that an earlier store comes behind: there the free is the accused step, not the access. (A missing order has
  // the same two parties, the access perhaps a load, and nothing came late.)
  void relate_late_store(const std::vector<std::size_t>& parties) {
    if (oracle::gravity_of(finding_.kind) == oracle::Gravity::order) return;
    const auto step_of_role = [&](std::string_view role) {
      for (std::size_t i = 0; i < parties.size(); ++i) {
        if (finding_.parties[i].role == role) return parties[i];
      }
      return none;
    };
    const std::size_t free = step_of_role("freed");
    if (free != none && steps_[free].is(EventKind::violation)) relations_[free].late_store = step_of_role("accessed");
  }

  // What might have ordered the two, and did not.
  void add_missing_order(const std::vector<std::size_t>& parties) {
    const MissingOrder missing = missing_order_of(recording_, finding_, parties);
    if (missing.second == none) return;
    relations_[missing.second].unordered = missing.first;
    for (const OrderGap& gap : missing.gaps) {
      relations_[gap.load].read_from = gap.store;
      raise(gap.load, Level::must);
      raise(gap.store, Level::must);
    }
  }

  // What weak memory did is drawn, with the steps that it is told by.
  void add_late_steps() {
    const auto is_late = [](const Step& s) { return s.is_access() && (s.event.missed != 0 || s.event.before != 0); };
    const auto late = static_cast<std::size_t>(std::count_if(steps_.begin(), steps_.end(), is_late));
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Step& s = steps_[i];
      if (!is_late(s)) continue;
      Relation& r = relations_[i];
      r.precedes = step_of(s.event.before);
      r.is_stale = s.event.missed != 0;
      if (r.is_stale) {
        r.read_from = step_of(s.event.store);
        r.newer = step_of(s.event.missed);
      }
      involved_.insert(namer_.cache_of({s.event.object, s.event.offset}));
      raise(i, late <= late_steps_few ? Level::must : Level::should);
      for (const std::size_t told : {r.precedes, r.read_from, r.newer}) {
        if (told != none) raise(told, r.level);
      }
    }
  }

  void add_fatal_words(const std::vector<std::size_t>& parties) {
    for (const std::size_t party : parties) {
      if (party == none) continue;
      const Step& s = steps_[party];
      if ((s.is_access() || s.is(EventKind::violation)) && !sim::is_near_null(s.event.address))
        fatal_.insert(word_of(s));
      for (const std::size_t guard : guards_of(party, recording_, begin_, shared_, activations_))
        raise(guard, Level::must);
    }
    for (const LevelledStep& access : fatal_accesses(recording_, begin_, fatal_, namer_))
      raise(access.step, access.level);
  }

  // Where a bad pointer came from, up to the step that follows it.
  void add_pointer_way(const std::vector<std::size_t>& parties) {
    std::size_t to = parties.empty() ? none : parties.back();
    for (const PointerStage& stage : way_of_pointer(recording_, finding_, activations_, namer_)) {
      if (to != none && to != stage.read) relations_[to].pointer_from = stage.read;
      to = none;
      if (steps_[stage.read].is_access()) fatal_.insert(word_of(steps_[stage.read]));
      Relation& read = relations_[stage.read];
      read.is_unwritten = stage.is_unwritten;
      raise(stage.read, Level::must);
      if (stage.store == none) continue;
      read.read_from = stage.store;
      raise(stage.store, Level::must);
    }
  }

  // Whatever a drawn load read from another context is drawn with it.
  void add_stores_read() {
    for (std::size_t i = steps_.size(); i-- > 0;) {
      const Step& s = steps_[i];
      if (!s.is_access() || !reads(s) || relations_[i].level > Level::should) continue;
      const std::size_t store = step_of(s.event.store);
      if (store == none || store < begin_ || steps_[store].context() == s.context()) continue;
      relations_[i].read_from = store;
      raise(store, relations_[i].level);
    }
  }

  const Recording& recording_;
  const std::vector<Step>& steps_;
  const harness::SimFinding& finding_;
  const Namer& namer_;
  const Activations activations_;
  std::vector<Relation> relations_;
  std::size_t begin_ = 0;
  std::unordered_map<std::uint32_t, std::size_t> made_;  // steps by number of the store
  std::set<std::uint64_t> involved_;                     // caches with an odd pair
  std::set<Word> shared_;                                // of two contexts, one of which writes
  std::set<Word> fatal_;                                 // where it went wrong
};

}  // namespace

std::vector<Relation> relate(const Recording& recording, const harness::SimFinding& finding, const Namer& namer) {
  return Judge(recording, finding, namer).judge();
}

namespace {

// The last of those that should be there, as many as there is room for: what went wrong is told at the end.
void fill_up(std::vector<std::size_t>& chosen, const std::vector<Relation>& relations, std::size_t lines_wanted) {
  for (std::size_t i = relations.size(); i-- > 0 && chosen.size() < lines_wanted;) {
    if (relations[i].level == Level::should) chosen.push_back(i);
  }
  std::sort(chosen.begin(), chosen.end());
}

}  // namespace

std::vector<std::size_t> choose_steps(const std::vector<Relation>& relations, std::size_t lines_wanted,
                                      std::size_t lines_max) {
  const auto up_to = [&](Level level) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < relations.size(); ++i) {
      if (relations[i].level <= level) chosen.push_back(i);
    }
    return chosen;
  };
  std::vector<std::size_t> chosen = up_to(Level::must);
  for (const Level level : {Level::should, Level::may, Level::detail}) {
    std::vector<std::size_t> more = up_to(level);
    if (more.size() > lines_wanted) {
      if (level == Level::should) fill_up(chosen, relations, lines_wanted);
      break;
    }
    chosen = std::move(more);
  }
  if (chosen.size() > lines_max) {
    // The beginning says what it is about, the end what went wrong.
    const std::size_t head = lines_max / 8;
    chosen.erase(chosen.begin() + static_cast<std::ptrdiff_t>(head),
                 chosen.end() - static_cast<std::ptrdiff_t>(lines_max - head));
  }
  return chosen;
}

}  // namespace rcufarm::report
