#include "report/relevance.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "report/activations.h"
#include "report/idle_sections.h"
#include "report/missing_order.h"
#include "report/pointer_way.h"

namespace rcufarm::report {

namespace {

using oracle::Kind;
using oracle::UserEventKind;
using sim::EventKind;
using sim::Op;

constexpr std::size_t none = Relation::none;
// So many accesses to one fatal word are all drawn, and so many reads on which a party's step depends.
constexpr std::size_t fatal_accesses_few = 12;
constexpr unsigned guards_few = 2;
// So many late loads and stores are all drawn: a minimal schedule has few, and an unminimised one is full of them.
constexpr std::size_t late_steps_few = 12;

bool is_plain(const Step& s) {
  return s.event.op == Op::plain_load || s.event.op == Op::plain_store || s.event.op == Op::local_load ||
         s.event.op == Op::local_store || s.event.op == Op::touch;
}

bool is_atomic(const Step& s) {
  return s.event.op == Op::atomic_load || s.event.op == Op::atomic_store || s.event.op == Op::atomic_exchange ||
         s.event.op == Op::atomic_compare_exchange;
}

// A word, whether an allocation is around it or none.
using Word = std::pair<std::uint64_t, std::uint64_t>;
Word word_of(const Step& s) {
  return s.event.object != 0 ? Word{s.event.object, s.event.offset}
                             : Word{0, reinterpret_cast<std::uintptr_t>(s.event.address)};
}

bool writes(const Step& s) { return s.event.made != 0; }

// A load, and what reads as well as it writes. Adding to a list and plain stores look at nothing that others decide.
bool reads(const Step& s) {
  switch (s.event.op) {
    case Op::atomic_load:
    case Op::atomic_exchange:
    case Op::atomic_compare_exchange:
    case Op::plain_load:
    case Op::local_load:
    case Op::llist_empty:
    case Op::llist_del_all:
    case Op::llist_del_first: return true;
    default: return false;
  }
}

bool about_readers(Kind kind) { return kind == Kind::reused_under_reader || kind == Kind::returned_under_reader; }
bool about_locks(Kind kind) {
  return kind == Kind::deadlock || kind == Kind::double_lock || kind == Kind::freed_in_use || kind == Kind::no_end;
}

class Judge {
 public:
  Judge(const Recording& recording, const harness::SimFinding& finding, const Namer& namer)
      : recording_(recording),
        steps_(recording.steps),
        finding_(finding),
        namer_(namer),
        object_(namer.is_caches(finding.object) ? 0 : accused_of(recording, finding).serial),
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
    for (std::size_t i = begin_; i < steps_.size(); ++i) {
      if (steps_[i].is_user) {
        raise(i, user_level(steps_[i].user));
      } else if (steps_[i].is_access()) {
        raise(i, object_level(steps_[i]));
      } else {
        raise(i, event_level(i));
      }
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
      if (!s.is_access() || s.event.op == Op::touch || !is_of_program(s)) continue;
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

  // A word of the harness', which plays the user, is none of the program's.
  bool is_of_program(const Step& s) const { return s.event.object != 0 || namer_.is_global(s.event.address); }

  Level object_level(const Step& s) const {
    if (object_ == 0) return Level::never;
    if (!(is_of_accused(s.where) || is_of_accused(s.value) || is_of_accused(s.other)) || s.event.op == Op::llist_empty)
      return Level::never;
    if (s.event.object == object_ && s.event.offset == finding_.offset) return Level::should;
    return is_plain(s) ? Level::may : Level::should;
  }

  bool is_of_accused(Target target) const {
    const auto& all = recording_.allocations;
    return target.serial != 0 &&
           (target.serial == object_ || (target.serial < all.size() && all[target.serial].around.serial == object_));
  }

  bool is_accused(std::uint32_t object) const {
    return object != 0 && (object == finding_.object || object == object_);
  }

  // Is it known that the finding is about another one than this?
  bool is_other_allocator(unsigned number) const {
    return namer_.is_caches(finding_.object) && recording_.allocations[finding_.object].allocator != number;
  }

  Level user_level(const oracle::UserEvent& u) const {
    const bool accused = is_accused(u.object);
    switch (u.kind) {
      case UserEventKind::alloc_gave: return accused ? Level::must : Level::may;
      case UserEventKind::free_begins:
      case UserEventKind::free_rcu_begins:
      case UserEventKind::raw_free_begins: return accused ? Level::must : Level::should;
      case UserEventKind::alloc_gave_null: return finding_.kind == Kind::spurious_null ? Level::must : Level::may;
      case UserEventKind::reference_taken:
      case UserEventKind::reference_dropped:
        return accused && about_readers(finding_.kind) ? Level::must : Level::detail;
      case UserEventKind::destroy_begins: return is_other_allocator(u.cache) ? Level::detail : Level::must;
      case UserEventKind::destroy_ended: return is_other_allocator(u.cache) ? Level::detail : Level::should;
      case UserEventKind::not_recovered:
      case UserEventKind::content_changed: return Level::must;
      case UserEventKind::counted: return u.value != u.bytes ? Level::must : Level::detail;
      case UserEventKind::settled:
      case UserEventKind::piled: return Level::must;
      case UserEventKind::pile_begins:
      case UserEventKind::settle_round:
        return finding_.kind == Kind::pending_does_not_fall ? Level::should : Level::detail;
      case UserEventKind::cache_made:
      case UserEventKind::cache_missing:
      case UserEventKind::alloc_begins:
      case UserEventKind::call_ended: return Level::never;
    }
    return Level::never;
  }

  bool has_must(std::size_t from) const {
    for (std::size_t i = from; i < steps_.size(); ++i) {
      if (activations_.same(i, from) && relations_[i].level == Level::must) return true;
      if (i > from && steps_[i].context() == steps_[from].context() && !activations_.same(i, from)) return false;
    }
    return false;
  }

  Level event_level(std::size_t i) const {
    const sim::Event& e = steps_[i].event;
    const bool readers = about_readers(finding_.kind);
    const bool null = finding_.kind == Kind::spurious_null;
    switch (e.kind) {
      case EventKind::violation:
      case EventKind::warn:
      case EventKind::misuse: return Level::must;
      case EventKind::free:
        if (is_accused(e.object)) return Level::must;
        if (!namer_.is_caches(e.object)) return Level::never;
        return is_other_allocator(recording_.allocations[e.object].allocator) ? Level::detail : Level::must;
      case EventKind::alloc: return is_accused(e.object) ? Level::should : Level::never;
      case EventKind::alloc_failed:
      case EventKind::call_rcu:
      case EventKind::barrier_begin:
      case EventKind::barrier_end:
      case EventKind::synchronize_begin:
      case EventKind::synchronize_end:
      case EventKind::work_queued:
      case EventKind::work_begin: return Level::should;
      case EventKind::callback_begin:
      case EventKind::program_begin: return has_must(i) ? Level::must : Level::should;
      case EventKind::irq_work_begin: return has_must(i) ? Level::must : Level::may;
      case EventKind::section_begin:
      case EventKind::section_end: return readers ? Level::should : Level::may;
      case EventKind::grace_period: return readers ? Level::should : Level::detail;
      case EventKind::irq_work_claimed:
      case EventKind::irq_work_raised: return null ? Level::should : Level::detail;
      case EventKind::irq_off:
      case EventKind::irq_on: return null ? Level::should : Level::never;
      case EventKind::lock:
      case EventKind::unlock: return about_locks(finding_.kind) ? Level::should : Level::detail;
      case EventKind::blocked: return about_locks(finding_.kind) ? Level::should : Level::never;
      case EventKind::program_end:
      case EventKind::callback_end:
      case EventKind::migrate: return Level::detail;
      case EventKind::objcg_get:
      case EventKind::objcg_put:
      case EventKind::program_raised:
      case EventKind::irq_work_end:
      case EventKind::work_end:
      case EventKind::urgent_qs:
      case EventKind::call_begin:
      case EventKind::call_end:
      case EventKind::task_begin:
      case EventKind::task_end:
      case EventKind::context_switch:
      case EventKind::access: return Level::never;
    }
    return Level::never;
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

  // Where it went wrong, whoever reads and updates the word shows the others' part in it; and so does what the failing step had asked
  // before it was done.
  void add_fatal_words(const std::vector<std::size_t>& parties) {
    for (const std::size_t party : parties) {
      if (party == none) continue;
      const Step& s = steps_[party];
      if ((s.is_access() || s.is(EventKind::violation)) && !sim::is_near_null(s.event.address))
        fatal_.insert(word_of(s));
      add_guards(party);
    }
    std::map<Word, std::vector<std::size_t>> accesses;
    for (std::size_t i = begin_; i < steps_.size(); ++i) {
      const Step& s = steps_[i];
      if (!s.is_access() || s.event.op == Op::touch || !is_of_program(s) || fatal_.count(word_of(s)) == 0) continue;
      if (reads(s) || is_atomic(s)) accesses[word_of(s)].push_back(i);
    }
    for (const auto& [word, all] : accesses) {
      const bool is_shared = std::any_of(
          all.begin(), all.end(), [&](std::size_t i) { return steps_[i].context() != steps_[all.front()].context(); });
      if (!is_shared) continue;
      const std::size_t too_many = all.size() < fatal_accesses_few ? 0 : all.size() - fatal_accesses_few;
      for (std::size_t n = 0; n < all.size(); ++n) raise(all[n], n < too_many ? Level::may : Level::must);
    }
  }

  // What a party's function had read of words that others write, right before it did its part.
  void add_guards(std::size_t party) {
    const Step& done = steps_[party];
    if (done.is_user) return;
    unsigned found = 0;
    for (std::size_t i = party; i-- > begin_ && found < guards_few;) {
      const Step& s = steps_[i];
      if (s.context() != done.context()) continue;
      if (!activations_.same(i, party)) return;
      if (!s.is_access() || std::string_view(s.event.site.function) != done.event.site.function) continue;
      if (!(is_atomic(s) && reads(s)) || shared_.count(word_of(s)) == 0) continue;
      raise(i, Level::must);
      ++found;
    }
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
  const std::uint32_t object_;  // the accused one; 0: none, or the caches themselves
  const Activations activations_;
  std::vector<Relation> relations_;
  std::size_t begin_ = 0;
  std::unordered_map<std::uint32_t, std::size_t> made_;  // steps by number of the store
  std::set<std::uint64_t> involved_;                     // caches with an odd pair
  std::set<Word> shared_;                                // of two contexts, one of which writes
  std::set<Word> fatal_;                                 // where it went wrong
};

// How well does a step fit a party? 0: not at all. An access that the machine remembers by its word alone has no step.
int fit_of(const Step& s, const harness::FindingParty& p) {
  if (s.context() != p.context || (p.step != 0 && s.at() != p.step)) return 0;
  if (s.is_user) return p.step != 0 && p.op == Op::call ? 2 : 0;
  const bool same_place = p.line == s.event.site.line && p.function == s.event.site.function;
  if (p.step == 0 && !same_place) return 0;
  // A callback's begin and end carry the operation that queued it.
  const bool edge = s.event.kind == EventKind::callback_begin || s.event.kind == EventKind::callback_end;
  if (s.event.op == p.op && !edge) return 2;
  // A violation is told with the second party's operation, and may stand at the first one's.
  return same_place && (s.is_access() || s.is(EventKind::violation)) ? 1 : 0;
}

}  // namespace

std::vector<std::size_t> find_parties(const Recording& recording, const harness::SimFinding& finding) {
  std::vector<std::size_t> found;
  for (const harness::FindingParty& party : finding.parties) {
    std::size_t best = none;
    int best_fit = 0;
    for (std::size_t i = 0; i < recording.steps.size(); ++i) {
      const int fit = fit_of(recording.steps[i], party);
      if (fit == 0 || fit < best_fit) continue;
      best = i;  // the last of those that fit best
      best_fit = fit;
    }
    found.push_back(best);
  }
  return found;
}

Target accused_of(const Recording& recording, const harness::SimFinding& finding) {
  const Target whole{finding.object, finding.offset};
  const Step* const last = recording.steps.empty() ? nullptr : &recording.steps.back();
  const bool is_told = last != nullptr && last->is(EventKind::violation) && whole.serial != 0 &&
                       Target{last->event.object, last->event.offset} == whole;
  return is_told ? last->where : whole;
}

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
