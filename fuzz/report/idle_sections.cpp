#include "report/idle_sections.h"

#include <map>
#include <set>
#include <utility>

namespace rcufarm::report {

namespace {

using sim::EventKind;

struct Section {
  std::size_t open = Relation::none;
  std::size_t close = Relation::none;  // none: the run ended in it
  bool tells = false;                  // something stands in it that should be drawn
};

class Sections {
 public:
  Sections(const std::vector<Step>& steps, std::size_t begin, std::vector<Relation>& relations)
      : steps_(steps), relations_(relations) {
    for (std::size_t i = begin; i < steps_.size(); ++i) note(i);
  }

  void drop() {
    for (const auto& [lock, sections] : locks_) {
      std::set<std::size_t> contexts;
      for (const Section& section : sections) contexts.insert(sim::index_of(steps_[section.open].context()));
      for (const Section& section : sections) {
        // A section that has not ended is where somebody waits, or a free comes.
        if (section.close != Relation::none && (contexts.size() < 2 || !section.tells)) forget(section);
      }
    }
    for (const Section& section : irqs_) {
      if (section.close != Relation::none && !section.tells && goes_on_with_another(section.close)) forget(section);
    }
  }

 private:
  using Lock = std::pair<std::uint64_t, std::uint64_t>;
  static Lock lock_of(const Step& s) {
    return s.event.object != 0 ? Lock{s.event.object, s.event.offset}
                               : Lock{0, reinterpret_cast<std::uintptr_t>(s.event.address)};
  }

  void note(std::size_t i) {
    const Step& s = steps_[i];
    const std::size_t context = sim::index_of(s.context());
    if (s.is(EventKind::lock)) {
      open_[{context, lock_of(s)}] = locks_[lock_of(s)].size();
      locks_[lock_of(s)].push_back({.open = i});
    } else if (s.is(EventKind::unlock)) {
      const auto open = open_.find({context, lock_of(s)});
      if (open == open_.end()) return;
      locks_[lock_of(s)][open->second].close = i;
      open_.erase(open);
    } else if (s.is(EventKind::irq_off)) {
      off_[context] = irqs_.size();
      irqs_.push_back({.open = i});
    } else if (s.is(EventKind::irq_on)) {
      const auto off = off_.find(context);
      if (off == off_.end()) return;
      irqs_[off->second].close = i;
      off_.erase(off);
    } else if (relations_[i].level <= Level::should) {
      for (const auto& [key, index] : open_) {
        if (key.first == context) locks_[key.second][index].tells = true;
      }
      if (const auto off = off_.find(context); off != off_.end()) irqs_[off->second].tells = true;
    }
  }

  bool goes_on_with_another(std::size_t close) const {
    for (std::size_t i = close + 1; i < steps_.size(); ++i) {
      if (steps_[i].context() != steps_[close].context() || relations_[i].level > Level::should) continue;
      return steps_[i].is(EventKind::irq_off);
    }
    return false;
  }

  void forget(const Section& section) {
    relations_[section.open].level = Level::never;
    relations_[section.close].level = Level::never;
  }

  const std::vector<Step>& steps_;
  std::vector<Relation>& relations_;
  std::map<Lock, std::vector<Section>> locks_;
  std::vector<Section> irqs_;
  std::map<std::pair<std::size_t, Lock>, std::size_t> open_;  // by context and lock
  std::map<std::size_t, std::size_t> off_;                    // by context
};

}  // namespace

void drop_idle_sections(const Recording& recording, std::size_t begin, std::vector<Relation>& relations) {
  Sections(recording.steps, begin, relations).drop();
}

}  // namespace rcufarm::report
