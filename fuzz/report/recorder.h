// The recorder: keeps the steps of one replay for its diagram.
//
// Job: watch a run and write down what happens, with pointers resolved at once, since memory may be used again. The
// replay's thread. Keeps the newest steps_kept_max steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "harness/sim/sim_runner.h"
#include "report/step.h"

namespace rcufarm::report {

inline constexpr std::size_t steps_kept_max = std::size_t{1} << 17U;

// Whom the recorder asks what an address points to.
class Objects {
 public:
  virtual ~Objects() = default;
  virtual Target at(const void* address) const = 0;
  // Where the allocation, or the piece of one, begins.
  virtual const void* begin_of(std::uint32_t serial) const = 0;
};

class MachineObjects final : public Objects {
 public:
  explicit MachineObjects(const sim::Machine& machine) : machine_(machine) {}
  Target at(const void* address) const override;
  const void* begin_of(std::uint32_t serial) const override;

 private:
  const sim::Machine& machine_;
};

class Recorder final : public harness::Watcher {
 public:
  // `objects` must live as long as the recorder watches.
  explicit Recorder(const Objects& objects) : objects_(objects) { recording_.allocations.resize(1); }

  void on_event(const sim::Event& event) override;
  void on_user(const oracle::UserEvent& event) override;
  // Hands over what was recorded, in order.
  Recording take();

 private:
  Step& keep(const Step& step);
  void complete_store();
  void note_allocation(const sim::Event& event);
  void note_allocator(unsigned number);
  void note_piece(const oracle::UserEvent& event);
  void name_what_came_before_its_piece();

  // A piece that was handed out, and the last of its bytes.
  struct Piece {
    std::uint32_t serial;
    std::uint32_t end;
  };
  // By the allocation around it, and where it begins there.
  using Pieces = std::map<std::uint32_t, std::map<std::uint32_t, Piece>>;
  static bool is_free(const std::map<std::uint32_t, Piece>& pieces, std::uint32_t begin, std::uint32_t end);
  static Target resolved(Target whole, const Pieces& all);
  Target pointee(std::uint64_t value) const {
    return resolved(objects_.at(reinterpret_cast<const void*>(value)), pieces_);
  }

  const Objects& objects_;
  Pieces pieces_;  // those that were handed out last, without those that they lie over
  Pieces first_;   // and those that were the first there
  Recording recording_;
  Step* announced_ = nullptr;  // a store whose value is not known yet
  std::size_t oldest_ = 0;     // where the ring begins, once it is full
};

}  // namespace rcufarm::report
