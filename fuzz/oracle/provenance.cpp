#include "oracle/provenance.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace rcufarm::oracle {

namespace {

using sim::Event;
using sim::EventKind;
using sim::Op;

// A field's place in what a bad pointer was taken for.
constexpr std::uintptr_t page = 4096;
constexpr unsigned copies_max = 8;

constexpr sim::EventKinds begins_or_ends =
    kind_bit(EventKind::call_begin) | kind_bit(EventKind::call_end) | kind_bit(EventKind::callback_begin) |
    kind_bit(EventKind::callback_end) | kind_bit(EventKind::irq_work_begin) | kind_bit(EventKind::irq_work_end) |
    kind_bit(EventKind::program_begin) | kind_bit(EventKind::program_end) | kind_bit(EventKind::work_begin) |
    kind_bit(EventKind::work_end) | kind_bit(EventKind::task_begin) | kind_bit(EventKind::task_end);

bool is_plain_store(Op op) {
  return op == Op::atomic_store || op == Op::plain_store || op == Op::local_store || op == Op::llist_set_all;
}

bool is_canonical(std::uint64_t pointer) {
  const std::uint64_t upper = pointer >> 47U;
  return upper == 0 || upper == 0x1ffff;
}

bool same(const char* one, const char* other) { return std::string_view(one) == other; }

}  // namespace

// Does the pointer lead to the address that was wrong? A batch's last node is what was given. Of a fault the processor says nothing where the pointer is none at all.
bool leads_to(std::uint64_t pointer, std::uint64_t address, sim::ViolationKind kind) {
  if (kind == sim::ViolationKind::broken_batch) return pointer == address;
  if (kind == sim::ViolationKind::host && address == 0 && !is_canonical(pointer)) return true;
  if (address < page) return pointer == 0;
  return pointer <= address && address - pointer < page && pointer >= page;
}

bool has_provenance(Kind kind) { return kind == Kind::corrupted_list || kind == Kind::crash; }

void Provenance::reset() {
  accesses_.clear();
  begun_.assign(sim::context_count, 0);
  makers_.clear();
  is_own_.clear();
}

void Provenance::on_event(const Event& e) {
  if ((sim::kind_bit(e.kind) & begins_or_ends) != 0) {
    begun_[sim::index_of(e.context)] = static_cast<std::uint32_t>(accesses_.size());
    // What made the allocators has ended when tasks begin.
    if (e.kind == EventKind::task_begin) begun_[sim::index_of(sim::main_context)] = begun_[sim::index_of(e.context)];
  } else if (e.kind == EventKind::alloc) {
    makers_[e.object] = e.site.function;
    is_own_[e.object] = std::strcmp(e.text, "per-CPU caches") == 0;
  }
  if (e.kind != EventKind::access) return;
  const bool stores_only = e.made != 0 && is_plain_store(e.op);
  accesses_.push_back({.context = e.context,
                       .cpu = e.cpu,
                       .reads = !stores_only,
                       .activation = begun_[sim::index_of(e.context)],
                       .read_store = e.store,
                       .made = e.made,
                       .object = e.object,
                       .value = e.made == 0 ? e.value : e.other,
                       .address = e.address,
                       .function = e.site.function});
}

template <class IsIt>
std::uint32_t Provenance::last_read(std::uint32_t end, sim::ContextId context, std::uint32_t activation,
                                    IsIt is_it) const {
  for (std::uint32_t i = end; i-- > activation;) {
    const Access& a = accesses_[i];
    if (a.context == context && a.reads && is_it(a.value)) return i;
  }
  return none;
}

std::uint32_t Provenance::store_of(std::uint32_t read) const {
  const Access& a = accesses_[read];
  if (a.read_store == 0) return none;
  for (std::uint32_t i = read; i-- > 0;) {
    if (accesses_[i].made == a.read_store && accesses_[i].address == a.address) return i;
  }
  return none;
}

bool Provenance::stood_in(const Access& one, std::uint32_t at) const {
  for (std::uint32_t i = one.activation; i < at; ++i) {
    const Access& a = accesses_[i];
    if (a.context == one.context && a.activation == one.activation && same(a.function, one.function)) return true;
  }
  return false;
}

const char* Provenance::read_before(std::uint32_t store) const {
  const Access& maker = accesses_[store];
  for (std::uint32_t i = store; i-- > maker.activation;) {
    const Access& a = accesses_[i];
    if (a.context != maker.context && a.reads && a.address == maker.address && stood_in(maker, i)) return a.function;
  }
  return nullptr;
}

bool Provenance::has_stored(const Access& one, const void* word) const {
  return std::any_of(accesses_.begin() + one.activation, accesses_.end(), [&](const Access& a) {
    return a.context == one.context && a.activation == one.activation && a.made != 0 && a.address == word;
  });
}

const char* Provenance::interrupted_by(std::uint32_t read, std::uint32_t store) const {
  const Access& reader = accesses_[read];
  for (std::uint32_t i = read + 1; i < accesses_.size(); ++i) {
    const Access& a = accesses_[i];
    if (a.made == 0 || a.address != reader.address) continue;
    if (a.context != reader.context && a.activation <= read && stood_in(a, read)) return a.function;
  }
  // It has not come to its store by the end of the run: of what the reader has interrupted on its CPU.
  const auto own = is_own_.find(reader.object);
  if (reader.cpu == sim::no_cpu || own == is_own_.end() || !own->second) return nullptr;
  std::vector<bool> seen(sim::context_count);
  seen[sim::index_of(reader.context)] = true;
  for (std::uint32_t i = reader.activation; i-- > 0;) {
    const Access& a = accesses_[i];
    if (a.cpu != reader.cpu || seen[sim::index_of(a.context)]) continue;
    seen[sim::index_of(a.context)] = true;
    const bool goes_on = begun_[sim::index_of(a.context)] == a.activation;
    if (!goes_on || has_stored(a, reader.address)) continue;
    if (store == none) return a.function;
    Access maker = a;
    maker.function = accesses_[store].function;
    if (stood_in(maker, read)) return maker.function;
  }
  return nullptr;
}

std::string Provenance::cause_of(const sim::Violation& violation) const {
  // Beside an object that is there: the pointer was right, and what was added to it was not.
  if (violation.kind == sim::ViolationKind::out_of_bounds && violation.object != 0) return "";
  const auto address = reinterpret_cast<std::uintptr_t>(violation.address);
  const sim::ContextId context = violation.second.context;
  std::uint32_t read = last_read(static_cast<std::uint32_t>(accesses_.size()), context, begun_[sim::index_of(context)],
                                 [&](std::uint64_t value) { return leads_to(value, address, violation.kind); });
  std::string stored;
  for (unsigned copies = 0; read != none && copies < copies_max; ++copies) {
    const Access& reader = accesses_[read];
    const std::uint32_t store = store_of(read);
    if (store != none) {
      const Access& maker = accesses_[store];
      if (maker.context != reader.context && reader.activation <= store && stood_in(reader, store)) {
        return std::string(maker.function) + " inside " + reader.function;
      }
    }
    if (const char* function = interrupted_by(read, store)) return std::string(reader.function) + " inside " + function;
    if (store == none) {
      const auto maker = makers_.find(reader.object);
      if (maker != makers_.end()) return std::string("nothing stored since ") + maker->second;
      return stored;
    }
    const Access& maker = accesses_[store];
    stored = std::string("stored by ") + maker.function;
    read = last_read(store, maker.context, maker.activation,
                     [&, value = reader.value](std::uint64_t other) { return other == value; });
    if (read != none) continue;
    if (const char* function = read_before(store)) return std::string(function) + " inside " + maker.function;
  }
  return stored;
}

}  // namespace rcufarm::oracle
