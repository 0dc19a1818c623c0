#include "report/pointer_way.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "oracle/provenance.h"

namespace rcufarm::report {

namespace {

using sim::EventKind;
using sim::Op;

constexpr std::size_t no_step = PointerStage::none;
constexpr unsigned stages_max = 8;

// Takes a pointer from a list, whatever else is in the word.
bool reads_list(Op op) { return op == Op::llist_del_all || op == Op::llist_del_first; }

bool stores_only(const Step& s) {
  switch (s.event.op) {
    case Op::atomic_store:
    case Op::plain_store:
    case Op::local_store:
    case Op::llist_add:
    case Op::llist_add_batch:
    case Op::llist_set_all: return true;
    default: return false;
  }
}

class Tracer {
 public:
  Tracer(const Recording& recording, const Activations& activations, const Namer& namer)
      : steps_(recording.steps), activations_(activations), namer_(namer) {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Step& s = steps_[i];
      if (!s.is_access()) continue;
      if (s.event.made != 0) made_[s.event.made] = i;
      note_contents(s);
    }
  }

  std::vector<PointerStage> trace(const harness::SimFinding& finding) const {
    const sim::ContextId context = finding.parties.back().context;
    const bool is_null = finding.reason == sim::null_pointer_text;
    std::vector<PointerStage> way;
    std::size_t read =
        is_null ? last_null(finding.parties.back()) : last_read(end_of(context), context, [&](const Step& s) {
          return s.is_access() && oracle::leads_to(value_read(s), finding.address, finding.violation);
        });
    while (read != no_step && way.size() < stages_max) {
      way.push_back({.read = read});
      if (!steps_[read].is_access()) break;
      PointerStage& stage = way.back();
      stage.is_unwritten = steps_[read].event.store == 0;
      const auto made = made_.find(steps_[read].event.store);
      if (stage.is_unwritten || made == made_.end()) break;
      stage.store = made->second;
      read = copied_by(stage.store, value_read(steps_[read]), is_null);
    }
    return way;
  }

 private:
  // Where it stands that the run ended: the step that was refused, or behind the last one of a context that faulted.
  std::size_t end_of(sim::ContextId context) const {
    const Step* const last = steps_.empty() ? nullptr : &steps_.back();
    return last != nullptr && last->is(EventKind::violation) && last->context() == context ? steps_.size() - 1
                                                                                           : steps_.size();
  }

  // What a load, or a read-modify-write, was given.
  static std::uint64_t value_read(const Step& s) {
    const bool is_update = s.event.made != 0 || s.event.op == Op::atomic_compare_exchange;
    return is_update ? s.event.other : s.event.value;
  }

  void note_contents(const Step& s) {
    const std::uint64_t word = namer_.kind_of_word(s.where);
    const auto note = [&](std::uint64_t value, Target pointee) {
      if (pointee.serial != 0) pointers_.insert(word);
      if (pointee.serial == 0 && value != 0) numbers_.insert(word);
    };
    note(s.event.value, s.value);
    note(s.event.other, s.other);
  }

  // Null is no more than a number. It is a pointer in a word that has held others, or where a list is taken from; it may be one
  // where no number was.
  bool may_be_null_pointer(const Step& s) const {
    if (s.is(EventKind::alloc_failed)) return true;
    if (!s.is_access() || s.event.op == Op::llist_empty || value_read(s) != 0) return false;
    return numbers_.count(namer_.kind_of_word(s.where)) == 0;
  }
  bool gives_null(const Step& s) const {
    return may_be_null_pointer(s) &&
           (!s.is_access() || reads_list(s.event.op) || pointers_.count(namer_.kind_of_word(s.where)) != 0);
  }

  // What was read on the line that follows it is nearest; else what is known to be a pointer.
  std::size_t last_null(const harness::FindingParty& party) const {
    const std::size_t end = end_of(party.context);
    const std::size_t here = last_read(end, party.context, [&](const Step& s) {
      const sim::Site& site = s.event.site;
      return may_be_null_pointer(s) && site.line == party.line && site.function == party.function;
    });
    if (here != no_step) return here;
    const std::size_t known = last_read(end, party.context, [&](const Step& s) { return gives_null(s); });
    return known != no_step ? known
                            : last_read(end, party.context, [&](const Step& s) { return may_be_null_pointer(s); });
  }

  // Of the context, in the activation in which it stands before `end`.
  template <class IsIt>
  std::size_t last_read(std::size_t end, sim::ContextId context, IsIt is_it) const {
    std::size_t mine = no_step;
    for (std::size_t i = end; i-- > 0;) {
      if (steps_[i].context() != context) continue;
      if (mine == no_step) mine = i;
      if (!activations_.same(i, mine)) return no_step;
      if (!(steps_[i].is_access() && stores_only(steps_[i])) && is_it(steps_[i])) return i;
    }
    return no_step;
  }

  // The read whose value the store wrote. A null is a constant more often than not: it is a copy if it was read right before.
  std::size_t copied_by(std::size_t store, std::uint64_t value, bool is_null) const {
    const sim::ContextId context = steps_[store].context();
    if (!is_null) {
      return last_read(store, context, [value](const Step& s) { return s.is_access() && value_read(s) == value; });
    }
    const std::size_t before = last_access(store, context);
    const bool is_copy = before != no_step && activations_.same(before, store) && !stores_only(steps_[before]) &&
                         gives_null(steps_[before]);
    return is_copy ? before : no_step;
  }

  std::size_t last_access(std::size_t end, sim::ContextId context) const {
    for (std::size_t i = end; i-- > 0;) {
      if (steps_[i].is_access() && steps_[i].context() == context) return i;
    }
    return no_step;
  }

  const std::vector<Step>& steps_;
  const Activations& activations_;
  const Namer& namer_;
  std::unordered_map<std::uint32_t, std::size_t> made_;  // steps by number of the store
  // Words of which one has held a pointer, or another number than 0.
  std::set<std::uint64_t> pointers_;
  std::set<std::uint64_t> numbers_;
};

}  // namespace

std::vector<PointerStage> way_of_pointer(const Recording& recording, const harness::SimFinding& finding,
                                         const Activations& activations, const Namer& namer) {
  const bool is_of_pointer = oracle::has_provenance(finding.kind) && finding.violation != sim::ViolationKind::none;
  if (!is_of_pointer || finding.parties.empty()) return {};
  return Tracer(recording, activations, namer).trace(finding);
}

}  // namespace rcufarm::report
