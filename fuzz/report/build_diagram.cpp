// From a recording to a diagram: columns, rows, notes.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "report/diagram.h"
#include "report/missing_order.h"
#include "report/parties.h"
#include "report/relevance.h"
#include "report/wording.h"

namespace rcufarm::report {

namespace {

using sim::ContextId;
using sim::ContextKind;
using sim::EventKind;

// What a step's column is: a CPU, or a context that has none. Sorted as columns stand.
unsigned column_key(const Step& s) { return s.cpu() != sim::no_cpu ? s.cpu() : 256U + sim::index_of(s.context()); }

// Does the step stand in the allocator's own code, where a function's name helps?
bool has_function(const Step& s) {
  if (s.is_user || s.event.site.function[0] == '\0') return false;
  switch (s.event.kind) {
    case EventKind::access: return s.event.op != sim::Op::touch;
    case EventKind::alloc:
    case EventKind::alloc_failed:
    case EventKind::free:
    case EventKind::call_rcu:
    case EventKind::barrier_begin:
    case EventKind::barrier_end:
    case EventKind::urgent_qs:
    case EventKind::irq_work_claimed:
    case EventKind::irq_work_raised:
    case EventKind::work_queued:
    case EventKind::objcg_get:
    case EventKind::objcg_put:
    case EventKind::warn:
    case EventKind::violation:
    case EventKind::lock:
    case EventKind::unlock: return true;
    case EventKind::call_begin:
    case EventKind::call_end:
    case EventKind::callback_begin:
    case EventKind::callback_end:
    case EventKind::grace_period:
    case EventKind::section_begin:
    case EventKind::section_end:
    case EventKind::synchronize_begin:
    case EventKind::synchronize_end:
    case EventKind::irq_work_begin:
    case EventKind::irq_work_end:
    case EventKind::program_raised:
    case EventKind::program_begin:
    case EventKind::program_end:
    case EventKind::work_begin:
    case EventKind::work_end:
    case EventKind::task_begin:
    case EventKind::task_end:
    case EventKind::migrate:
    case EventKind::misuse:
    case EventKind::context_switch:
    case EventKind::irq_off:
    case EventKind::irq_on:
    case EventKind::blocked: return false;
  }
  return false;
}

class Builder {
 public:
  Builder(const Recording& recording, const harness::SimFinding& finding, const AllocatorNames& names,
          const DiagramOptions& options)
      : recording_(recording), finding_(finding), namer_(names, recording), options_(options) {}

  Diagram build() {
    diagram_.signature = finding_.signature;
    diagram_.detail = finding_.detail;
    relations_ = relate(recording_, finding_, namer_);
    parties_ = find_parties(recording_, finding_);
    chosen_ = choose_steps(relations_, options_.lines_wanted, options_.lines_max);
    diagram_.steps_shown = chosen_.size();
    diagram_.steps_all = recording_.steps.size() + recording_.forgotten;
    for (const std::size_t i : chosen_) {
      if (has_function(step(i)) && !namer_.line_number(step(i).event.site).empty()) {
        files_.insert(short_file(step(i).event.site.file));
      }
    }
    make_columns();
    for (std::size_t i = 0; i < chosen_.size(); ++i) number_[chosen_[i]] = static_cast<unsigned>(i + 1);
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      if (i > 0 && chosen_.size() == options_.lines_max && i == options_.lines_max / 8) add_gap(chosen_[i]);
      add_step(chosen_[i]);
    }
    add_verdict();
    add_accused();
    explain_missing_order();
    return std::move(diagram_);
  }

 private:
  const Step& step(std::size_t i) const { return recording_.steps[i]; }

  void make_columns() {
    std::map<unsigned, std::vector<ContextId>> contexts;
    for (const std::size_t i : chosen_) {
      auto& there = contexts[column_key(step(i))];
      if (std::find(there.begin(), there.end(), step(i).context()) == there.end()) there.push_back(step(i).context());
    }
    for (const auto& [key, there] : contexts) {
      column_[key] = static_cast<unsigned>(diagram_.columns.size());
      const auto outer = std::count_if(there.begin(), there.end(), [&](ContextId c) { return depth_of(c) == 0; });
      if (outer > 1) states_[column_[key]].is_shared = true;
      diagram_.columns.push_back(head_of(key, there));
    }
  }

  std::string head_of(unsigned key, const std::vector<ContextId>& contexts) const {
    if (key >= 256) {
      const ContextId only = contexts.front();
      if (sim::kind_of(only) != ContextKind::callback) return "workqueue";
      return fmt::format("{} callbacks of CPU {}", flavor_name(sim::flavor_of(only)), sim::number_in_kind(only));
    }
    std::string head = fmt::format("CPU {}", key);
    const char* separator = ": ";
    for (const ContextId context : contexts) {
      head += separator + context_name(context, finding_.scenario);
      separator = ", ";
    }
    return head;
  }

  void add_gap(std::size_t before) {
    diagram_.rows.push_back({.kind = Row::Kind::gap, .column = column_.at(column_key(step(before))), .text = "…"});
  }

  // irq_work and irqs stand inside of what they came over, and nmis, which come over those too, further in.
  unsigned depth_of(ContextId context) const {
    switch (sim::kind_of(context)) {
      case ContextKind::irq_work: return 1;
      case ContextKind::program: return is_nmi(sim::number_in_kind(context)) ? 2 : 1;
      case ContextKind::task:
      case ContextKind::main:
      case ContextKind::callback:
      case ContextKind::worker:
      case ContextKind::idle: return 0;
    }
    return 0;
  }

  static bool begins_a_nested_context(const Step& s) {
    return s.is(EventKind::irq_work_begin) || s.is(EventKind::program_begin);
  }

  bool is_nmi(unsigned program) const {
    const auto& programs = finding_.scenario.programs;
    return program < programs.size() && programs[program].kind == scenario::ProgramKind::nmi;
  }

  void add_step(std::size_t i) {
    const Step& s = step(i);
    const unsigned column = column_.at(column_key(s));
    const unsigned depth = depth_of(s.context());
    State& state = states_[column];
    if (!state.started || state.context != s.context()) {
      // Of what came over another context its own begin says who it is, if that is drawn.
      if (depth == 0 ? state.started || state.is_shared : !begins_a_nested_context(s)) {
        const std::string who = context_name(s.context(), finding_.scenario);
        diagram_.rows.push_back(
            {.kind = Row::Kind::context, .column = column, .indent = depth, .text = "(" + who + ")"});
      }
      state.started = true;
      state.context = s.context();
      state.function = "";
    }
    const bool in_function = has_function(s);
    const std::string function = in_function ? function_name(s.event.site) + file_beside(s.event.site) : "";
    if (in_function && function != state.function) {
      diagram_.rows.push_back({.kind = Row::Kind::function, .column = column, .indent = depth, .text = function});
    }
    state.function = function;
    diagram_.rows.push_back(
        {.kind = Row::Kind::step,
         .column = column,
         .number = number_.at(i),
         .indent = depth + (in_function ? 1U : 0U),
         .text = (in_function ? namer_.line_number(s.event.site) : "") + wording_of(as_done(i), namer_, orders()),
         .note = note_of(i),
         .accused = is_party(i)});
  }

  Orders orders() const { return oracle::is_missing_order(finding_.kind) ? Orders::all : Orders::relaxed; }

  // The line of a step; 0: it is not drawn, or there is none.
  unsigned line_of(std::size_t step) const {
    const auto number = number_.find(step);
    return number == number_.end() ? 0 : number->second;
  }

  std::string note_of(std::size_t i) const {
    const Relation& r = relations_[i];
    std::string note;
    const auto add = [&](const std::string& text) { note += (note.empty() ? "" : r.is_stale ? "; " : ", ") + text; };
    if (r.is_stale) {
      const unsigned from = line_of(r.read_from);
      const unsigned newer = line_of(r.newer);
      add(from != 0 ? fmt::format("reads step {}'s store", from) : "reads what was there before");
      add(newer == 0 ? "a newer store is there"
                     : fmt::format("step {}'s {}is newer", newer, from != 0 ? "" : "store "));
    } else if (const unsigned from = line_of(r.read_from); from != 0) {
      add(fmt::format("from {}", from));
    }
    if (r.is_unwritten) add("nothing was stored there before");
    if (const unsigned read = line_of(r.pointer_from); read != 0) {
      add(fmt::format("step {}'s {}", read, finding_.reason == sim::null_pointer_text ? "null" : "pointer"));
    }
    if (const unsigned missed = line_of(r.overtaken_by); missed != 0) add(fmt::format("before {}", missed));
    if (recording_.steps[i].is_access() && recording_.steps[i].event.before != 0) {
      const unsigned next = line_of(r.precedes);
      add(next == 0 ? "takes its place before an earlier store"
                    : fmt::format("takes its place before step {}'s store", next));
    }
    if (const unsigned first = line_of(r.unordered); first != 0)
      add(fmt::format("nothing orders step {} before this", first));
    if (const unsigned late = line_of(r.late_store); late != 0) {
      add(fmt::format("step {}'s store reaches memory after this", late));
    }
    return note;
  }

  // A violation is told with the second party's operation; what stands there is done by whoever it is of.
  Step as_done(std::size_t i) const {
    Step s = step(i);
    if (!s.is(EventKind::violation)) return s;
    for (std::size_t n = 0; n < parties_.size(); ++n) {
      if (parties_[n] == i) s.event.op = finding_.parties[n].op;
    }
    return s;
  }

  bool is_party(std::size_t i) const { return std::find(parties_.begin(), parties_.end(), i) != parties_.end(); }

  void add_verdict() {
    const unsigned column = diagram_.rows.empty() ? 0 : diagram_.rows.back().column;
    diagram_.rows.push_back({.kind = Row::Kind::verdict,
                             .column = column,
                             .text = "BAD: " + verdict_wording(finding_, accused_of(recording_, finding_), namer_),
                             .accused = true});
  }

  void add_accused() {
    for (std::size_t i = 0; i < finding_.parties.size(); ++i) {
      const harness::FindingParty& p = finding_.parties[i];
      AccusedLine line{.role = p.role, .who = context_name(p.context, finding_.scenario)};
      if (p.cpu != sim::no_cpu) line.who += fmt::format(" on CPU {}", p.cpu);
      if (p.function.empty()) {
        line.where = "outside of the allocator";
      } else if (p.file == "scenario" && p.line == oracle::no_operation) {
        line.where = fmt::format("{}, behind the tasks' lists", p.function);
      } else if (p.file == "scenario") {
        line.where = fmt::format("{}, operation {} of its list", p.function, p.line);
      } else {
        const sim::Site site{.file = p.file.c_str(), .function = p.function.c_str(), .line = p.line};
        line.where = fmt::format("{} {}:{}", function_name(site), short_file(p.file.c_str()), p.line);
        line.source = options_.source(p.file, p.line).value_or("");
      }
      if (const auto number = number_.find(parties_[i]); number != number_.end()) line.row = number->second;
      diagram_.accused.push_back(std::move(line));
    }
  }

  void explain_missing_order() {
    const MissingOrder missing = missing_order_of(recording_, finding_, parties_);
    if (missing.second == Relation::none) return;
    // Of what is too long the middle is not drawn, and a step without a number cannot be named.
    const auto is_drawn = [&](std::size_t a, std::size_t b) { return line_of(a) != 0 && line_of(b) != 0; };
    for (const OrderGap& gap : missing.gaps) {
      if (!is_drawn(gap.load, gap.store)) continue;
      const char* lack = gap.releases   ? "but is no acquire"
                         : gap.acquires ? "but that is no release"
                                        : "but that is no release, and this no acquire";
      diagram_.explanations.push_back(
          fmt::format("Step {} reads step {}'s store, {}.", line_of(gap.load), line_of(gap.store), lack));
    }
    if (missing.gaps.empty() && is_drawn(missing.first, missing.second)) {
      diagram_.explanations.push_back(fmt::format(
          "Nothing orders them: before step {} its side reads nothing that the other stored from step {} on.",
          line_of(missing.second), line_of(missing.first)));
    }
  }

  // Of the function's lines, where the diagram has those of several files.
  std::string file_beside(const sim::Site& site) const {
    if (files_.size() < 2 || namer_.line_number(site).empty()) return "";
    const std::string file = short_file(site.file);
    const std::string name = file.substr(file.rfind('/') + 1);
    const auto has_name = [&](const std::string& other) { return other.substr(other.rfind('/') + 1) == name; };
    return " " + (std::count_if(files_.begin(), files_.end(), has_name) > 1 ? file : name);
  }

  struct State {
    bool is_shared = false;  // by tasks: who is the first is told, too
    bool started = false;
    ContextId context = sim::idle_context;
    std::string function;
  };

  const Recording& recording_;
  const harness::SimFinding& finding_;
  const Namer namer_;
  const DiagramOptions& options_;
  Diagram diagram_;
  std::vector<Relation> relations_;
  std::vector<std::size_t> parties_;  // steps of the finding's parties, or Relation::none
  std::vector<std::size_t> chosen_;
  std::map<unsigned, unsigned> column_;     // by key
  std::map<std::size_t, unsigned> number_;  // line numbers by step
  std::map<unsigned, State> states_;        // by column
  std::set<std::string> files_;             // of the lines that steps are told with
};

}  // namespace

std::optional<std::string> read_source_line(const std::string& file, std::uint32_t line) {
  std::ifstream in(file);
  std::string text;
  for (std::uint32_t i = 0; i < line; ++i) {
    if (!std::getline(in, text)) return std::nullopt;
  }
  const std::size_t first = text.find_first_not_of(" \t");
  if (line == 0 || first == std::string::npos) return std::nullopt;
  return text.substr(first);
}

Diagram build_diagram(const Recording& recording, const harness::SimFinding& finding, const AllocatorNames& names,
                      const DiagramOptions& options) {
  return Builder(recording, finding, names, options).build();
}

}  // namespace rcufarm::report
