// The panel: all oracles of a run, behind the machine's observer.
//
// Job: hand each event to the oracles that it concerns, end the run at the first accusation, and say what it was. One
// machine's thread; reset() before each run. Oracles allocate nothing once their books have grown.
#pragma once

#include <cstdint>

#include "machine/engine/events.h"
#include "machine/machine.h"
#include "oracle/accusation.h"
#include "oracle/charges.h"
#include "oracle/objcg_references.h"
#include "oracle/object_books.h"
#include "oracle/object_life.h"
#include "oracle/object_size.h"
#include "oracle/sections.h"
#include "oracle/settling.h"
#include "oracle/spurious_null.h"
#include "oracle/user_event.h"
#include "oracle/verdict.h"

namespace rcufarm::oracle {

class Panel final : public sim::Observer {
 public:
  // Ends the machine's runs; null: the caller looks at reached() itself.
  explicit Panel(sim::Machine* machine) : machine_(machine) {}
  Panel(const Panel&) = delete;
  Panel& operator=(const Panel&) = delete;

  // Before each run. Do findings that leave the run's state as it was (kind.h) pass?
  void reset(bool passes_harmless = false);
  // Of all runs: whom the allocator's frees wait for.
  void set_readers(Readers readers) { life_.set_readers(readers); }
  // And kinds that nobody accuses it of.
  void set_meaningless(KindSet kinds) { verdict_.set_meaningless(kinds); }
  void on_event(const sim::Event& event) override;
  sim::EventKinds kinds() const override;
  // In a run, on the stack of the context that caused it. Does not return if it accuses and there is a machine.
  void on_user(const UserEvent& event);
  // After the run: the verdict on all of it.
  const Accusation& conclude(const sim::Outcome& outcome);

  bool reached() const { return verdict_.reached(); }

 private:
  void accuse_report(Kind kind, const sim::Event& event);
  void stop_if_reached();

  sim::Machine* machine_;
  Verdict verdict_;
  Sections sections_;
  ObjectBooks objects_;
  ObjectLife life_{objects_, sections_, verdict_};
  ObjectSize size_{objects_, verdict_};
  SpuriousNull spurious_null_{verdict_};
  Settling settling_{objects_, verdict_};
  ObjcgReferences objcg_{verdict_};
  Charges charges_{objects_, verdict_};
  UserCall in_call_[sim::context_count] = {};  // for runs that do not end
};

}  // namespace rcufarm::oracle
