// Wording: each step in the words of the source.
//
// Job: one text for a step, one for a context, a function and a column. Pure.
#pragma once

#include <string>

#include "harness/sim/sim_finding.h"
#include "report/names.h"
#include "report/step.h"
#include "scenario/scenario.h"

namespace rcufarm::report {

// `xchg(c0.call_rcu_ttrace_in_progress, 1) -> 0`. A weaker order shows only where it is relaxed:
// `load_relaxed(c0.tgt)`.
// Where the finding is a missing order, every order shows that is not sequentially consistent: `store_release(c0.tgt, c1)`.
enum class Orders : std::uint8_t { relaxed, all };
std::string wording_of(const Step& step, const Namer& namer, Orders orders = Orders::relaxed);
// What is wrong: the oracle's own reason first, where its kind has more than one; the accused object or word; what the kind means. `accused`: as
// accused_of() says.
std::string verdict_wording(const harness::SimFinding& finding, Target accused, const Namer& namer);
// "do_call_rcu_ttrace()". A lambda has the name of the function that it stands in; without the source, "a lambda in destroy.cpp".
std::string function_name(const sim::Site& site);
// Where a source file is in the project: from "alloc/" on, if that is in it.
std::string short_file(const char* file);
// "t0", "main", "irq_work", "nmi p1", "callback".
std::string context_name(sim::ContextId context, const scenario::Scenario& scenario);
const char* flavor_name(kernel::RcuFlavor flavor);  // "regular", "tasks-trace"

}  // namespace rcufarm::report
