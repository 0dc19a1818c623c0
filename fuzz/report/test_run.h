// Hand-made runs for the tests of this folder: events as a machine would give them, without a machine.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "machine/memory/memory.h"
#include "report/diagram.h"
#include "report/recorder.h"

namespace rcufarm::report {

// A cache of three words at 0, 8 and 16, and a lock at 24.
inline constexpr FieldName test_fields[] = {{0, 8, "flag"}, {8, 8, "other_flag"}, {16, 8, "list"}, {24, 8, "lock"}};
inline constexpr AllocatorNames test_names{.fields = test_fields, .cache_bytes = 64, .header_bytes = 8};

// Where CPU 1's cache begins, if each CPU has so many bytes.
inline std::uint32_t of_cpu_1(std::uint64_t each = 64) {
  return static_cast<std::uint32_t>(sim::Memory::caches_stride_of(each));
}

// Addresses of a hand-made run: serial n is at n * 4096, if it is no piece of another.
class TestObjects final : public Objects {
 public:
  void cut(std::uint32_t serial, Target around) { pieces_[serial] = around; }
  const void* begin_of(std::uint32_t serial) const override {
    const auto piece = pieces_.find(serial);
    const Target at = piece == pieces_.end() ? Target{serial, 0} : piece->second;
    return reinterpret_cast<const void*>(at.serial * 4096ULL + at.offset);
  }
  Target at(const void* address) const override {
    const auto raw = reinterpret_cast<std::uintptr_t>(address);
    return raw < 4096 ? Target{}
                      : Target{static_cast<std::uint32_t>(raw / 4096), static_cast<std::uint32_t>(raw % 4096)};
  }

 private:
  std::map<std::uint32_t, Target> pieces_;
};
inline std::uint64_t address_of(std::uint32_t serial, std::uint32_t offset = 0) { return serial * 4096ULL + offset; }

// Writes a run down, step by step. Contexts on no CPU are callbacks.
class TestRun {
 public:
  TestRun() : recorder_(objects_) {}

  TestRun& in(sim::ContextId context, std::uint8_t cpu, const char* function) {
    context_ = context;
    cpu_ = cpu;
    function_ = function;
    return *this;
  }
  TestRun& of_file(const char* file) {
    file_ = file;
    return *this;
  }
  TestRun& event(sim::EventKind kind, sim::Op op = sim::Op::none, Target where = {}) {
    recorder_.on_event(make(kind, op, where));
    return *this;
  }
  TestRun& caches(std::uint32_t serial, std::uint64_t bytes = 64) { return alloc(serial, bytes, "per-CPU caches"); }
  TestRun& object(std::uint32_t serial, std::uint64_t bytes = 64) { return alloc(serial, bytes, "slab"); }
  // A piece of an allocation, of so many bytes, is handed out.
  TestRun& piece(std::uint32_t serial, Target around, std::uint64_t bytes) {
    objects_.cut(serial, around);
    oracle::UserEvent u;
    u.kind = oracle::UserEventKind::alloc_gave;
    u.call = oracle::UserCall::alloc;
    u.context = context_;
    u.cpu = cpu_;
    u.object = serial;
    u.bytes = u.slab_bytes = bytes;
    u.step = ++step_;
    recorder_.on_user(u);
    return *this;
  }
  TestRun& load(Target where, std::uint64_t value, std::uint32_t store = 0) {
    sim::Event e = make(sim::EventKind::access, sim::Op::atomic_load, where);
    e.order = kernel::Order::acquire;
    e.value = value;
    e.store = store;
    recorder_.on_event(e);
    return *this;
  }
  TestRun& store(Target where, std::uint64_t value, std::uint32_t made) {
    sim::Event e = make(sim::EventKind::access, sim::Op::atomic_store, where);
    e.order = kernel::Order::release;
    e.value = value;
    e.made = made;
    recorder_.on_event(e);
    return *this;
  }
  TestRun& access(sim::Op op, Target where, std::uint64_t value, kernel::Order order, std::uint32_t read,
                  std::uint32_t made) {
    sim::Event e = make(sim::EventKind::access, op, where);
    e.order = order;
    e.value = value;
    e.store = read;
    e.made = made;
    recorder_.on_event(e);
    return *this;
  }
  // An access to a word that is in no allocation: always the same one.
  TestRun& global(sim::Op op, std::uint64_t value, std::uint32_t made) {
    static constexpr std::uint64_t word = 0;
    sim::Event e = make(sim::EventKind::access, op, {});
    e.address = &word;
    e.value = value;
    e.made = made;
    recorder_.on_event(e);
    return *this;
  }
  // The run ends at a field of a null pointer.
  TestRun& at_null(sim::Op op, std::uintptr_t offset) {
    sim::Event e = make(sim::EventKind::violation, op, {});
    e.address = reinterpret_cast<const void*>(offset);
    e.text = sim::null_pointer_text;
    recorder_.on_event(e);
    return *this;
  }
  // Weak memory: `store` is read, `missed` is newer.
  TestRun& stale_load(Target where, std::uint64_t value, std::uint32_t store, std::uint32_t missed) {
    sim::Event e = make(sim::EventKind::access, sim::Op::atomic_load, where);
    e.order = kernel::Order::relaxed;
    e.value = value;
    e.store = store;
    e.missed = missed;
    recorder_.on_event(e);
    return *this;
  }
  // It takes its place before the store of number `before`.
  TestRun& placed_store(Target where, std::uint64_t value, std::uint32_t made, std::uint32_t before) {
    sim::Event e = make(sim::EventKind::access, sim::Op::atomic_store, where);
    e.order = kernel::Order::relaxed;
    e.value = value;
    e.made = made;
    e.before = before;
    recorder_.on_event(e);
    return *this;
  }
  TestRun& update(sim::Op op, Target where, std::uint64_t value, std::uint64_t old, std::uint32_t read,
                  std::uint32_t made) {
    sim::Event e = make(sim::EventKind::access, op, where);
    e.order = kernel::Order::acq_rel;
    e.value = value;
    e.other = old;
    e.store = read;
    e.made = made;
    recorder_.on_event(e);
    return *this;
  }
  TestRun& user(oracle::UserEventKind kind, oracle::UserCall call, std::uint32_t object = 0, std::uint8_t cache = 0) {
    oracle::UserEvent u;
    u.kind = kind;
    u.call = call;
    u.context = context_;
    u.cpu = cpu_;
    u.object = object;
    u.cache = cache;
    u.bytes = 56;
    u.step = ++step_;
    recorder_.on_user(u);
    return *this;
  }
  // The step that was written down last, as a party.
  harness::FindingParty party(const char* role, sim::Op op) const {
    harness::FindingParty p;
    p.role = role;
    p.context = context_;
    p.cpu = cpu_;
    p.op = op;
    p.step = step_;
    p.function = function_;
    p.file = "/somewhere/alloc/mem/destroy.cpp";
    p.line = 7;
    return p;
  }
  Recording take() { return recorder_.take(); }

 private:
  sim::Event make(sim::EventKind kind, sim::Op op, Target where) {
    sim::Event e;
    e.kind = kind;
    e.op = op;
    e.context = context_;
    e.cpu = cpu_;
    e.step = ++step_;
    e.object = where.serial;
    e.offset = where.offset;
    e.address = where.serial != 0 ? reinterpret_cast<const void*>(address_of(where.serial, where.offset)) : nullptr;
    e.site = {.file = file_, .function = function_, .line = 7};
    return e;
  }
  TestRun& alloc(std::uint32_t serial, std::uint64_t bytes, const char* what) {
    sim::Event e = make(sim::EventKind::alloc, sim::Op::slab_alloc, {serial, 0});
    e.bytes = bytes;
    e.text = what;
    recorder_.on_event(e);
    return *this;
  }

  TestObjects objects_;
  Recorder recorder_;
  sim::ContextId context_ = sim::main_context;
  std::uint8_t cpu_ = 0;
  const char* function_ = "init";
  const char* file_ = "/somewhere/alloc/mem/destroy.cpp";
  std::uint64_t step_ = 0;
};

inline const sim::ContextId regular_callbacks_of_1 = sim::callback_context(kernel::RcuFlavor::regular, 1);

// The second remark of the review, by hand: destroy reads one flag, a callback sets it and clears the other, destroy
// reads that one and frees the cache. CPU 0 and CPU 1 have a cache each, in allocation 1.
struct SecondRemark {
  Recording recording;
  harness::SimFinding finding;
};
inline SecondRemark second_remark() {
  using oracle::UserCall;
  using oracle::UserEventKind;
  const std::uint32_t c1 = of_cpu_1();
  const Target flag{1, c1}, other_flag{1, c1 + 8}, list{1, c1 + 16}, lock{1, c1 + 24};
  TestRun run;
  run.caches(1).object(2).store(flag, 0, 1);
  run.in(sim::task_context(0), 1, "work").event(sim::EventKind::task_begin);
  run.user(UserEventKind::free_rcu_begins, UserCall::free_rcu, 2).event(sim::EventKind::call_begin);
  run.store(other_flag, 1, 2);
  run.event(sim::EventKind::call_rcu, sim::Op::call_rcu, lock).event(sim::EventKind::call_end);
  run.in(sim::main_context, 0, "callbacks_in_flight").event(sim::EventKind::call_begin);
  run.user(UserEventKind::destroy_begins, UserCall::destroy).load(flag, 0, 1);
  run.in(regular_callbacks_of_1, sim::no_cpu, "do_call_rcu").event(sim::EventKind::callback_begin, sim::Op::none, lock);
  run.update(sim::Op::llist_add_batch, list, address_of(2), 0, 0, 3);
  run.update(sim::Op::atomic_exchange, flag, 1, 0, 1, 4);
  run.in(regular_callbacks_of_1, sim::no_cpu, "the_callback").store(other_flag, 0, 5);
  run.in(sim::main_context, 0, "callbacks_in_flight").load(other_flag, 0, 5);
  run.in(sim::main_context, 0, "free_caches").event(sim::EventKind::violation, sim::Op::percpu_free, lock);
  SecondRemark remark;
  remark.finding.kind = oracle::Kind::callback_on_freed_cache;
  remark.finding.signature = "callback-on-freed-cache: free_caches, do_call_rcu";
  remark.finding.detail = "a cache was freed with an RCU callback on its way or running";
  remark.finding.object = 1;
  remark.finding.offset = lock.offset;
  remark.finding.parties = {run.party("freed", sim::Op::percpu_free)};
  remark.recording = run.take();
  return remark;
}

inline DiagramOptions test_options() {
  return {.source = [](const std::string&, std::uint32_t line) -> std::optional<std::string> {
    return line == 7 ? std::optional<std::string>("caches.destroy();") : std::nullopt;
  }};
}

}  // namespace rcufarm::report
