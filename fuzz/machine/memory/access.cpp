// Accesses to words: are they legal, are they ordered, what do they read?
//
// Job: shadow words. Each access is checked after the point that precedes it, when everybody who came before has been there:
// a word must be alive; a plain access must be ordered with all others to its word, one of them a write; a free must come
// after all accesses to its memory. The newest plain write and, since it, all other accesses of each lane are remembered;
// of several accesses of one lane only the newest (its others are ordered before it).
#include "machine/memory/accesses.h"

namespace rcufarm::sim {

namespace {

bool is_atomic_write(Op op) {
  switch (op) {
    case Op::atomic_store:
    case Op::atomic_exchange:
    case Op::atomic_compare_exchange:
    case Op::llist_add:
    case Op::llist_del_all:
    case Op::llist_set_all: return true;
    default: return false;
  }
}

}  // namespace

void Accesses::begin_shadow(Shadow& shadow, Slot& slot, const void* address) {
  const std::size_t offset = memory.offset_of(address);
  if (slot.state == SlotState::never) [[unlikely]]
    return back_and_begin_shadow(shadow, slot, address);
  if (!memory.begin_shadow(shadow, slot, offset)) accuse_access(address);
}

[[gnu::noinline]] void Accesses::back_and_begin_shadow(Shadow& shadow, Slot& slot, const void* address) {
  memory.back(memory.offset_of(address));
  if (slot.state == SlotState::never) accuse_access(address);
  begin_shadow(shadow, slot, address);
}

Shadow& Accesses::upper_half_of(const void* address) {
  if (Shadow* known = known_upper_half_of(address); known != nullptr) return *known;
  usual = unwatched = false;
  const std::size_t offset = memory.offset_of(address);
  if (offset >= arena_bytes) {
    memory.want_upper_halves();
    return host_shadow_of(upper_half_address(address));
  }
  const Slot& slot = memory.slot_at(offset);
  Shadow& shadow = memory.upper_half_at(offset);
  shadow = Shadow{};
  shadow.not_life = ~slot.life;
  shadow.number = memory.next_word_number();
  if (slot.object == 0) return shadow;
  const ObjectRecord& object = memory.object(slot.object);
  shadow.write = object.allocated_epoch;
  shadow.write_info = object.allocated;
  return shadow;
}

Shadow& Accesses::host_shadow(const void* address) {
  if (!is_shared_by_host(address)) accuse_access(address);
  return host_shadow_of(address);
}

Shadow& Accesses::host_shadow_of(const void* address) {
  Shadow* shadow = memory.host_shadow(address);
  if (shadow == nullptr) leave_at_limit("host_words_max");
  return *shadow;
}

// One comparison: no read, and one of this lane, are before its clock as well.
void Accesses::note_read(Shadow& shadow, AccessInfo info) {
  if (is_shared(shadow.read_info)) {
    note_shared(shadow, epoch(), info);
  } else if (is_before(shadow.read, clock())) {
    set_read(shadow, epoch(), info);
  } else {
    share_reads(shadow, epoch(), info);
  }
}

// Which no comparison has to say: of what was before, the write is ordered or the run is over, and so the reads are not.
void Accesses::note_unordered_read(Shadow& shadow, AccessInfo info) {
  if (is_shared(shadow.read_info)) {
    note_shared(shadow, epoch(), info);
  } else {
    share_reads(shadow, epoch(), info);
  }
}

void Accesses::on_unordered_plain_load(Shadow& shadow, AccessInfo info, const void* address) {
  check_load(shadow, info, address);
  note_unordered_read(shadow, info);
}

void Accesses::on_unordered_atomic(Shadow& shadow, AccessInfo info, const void* address, bool writes) {
  if (!has_ordered_write(shadow) || (writes && !has_ordered_plain_reads(shadow))) {
    check_atomic(shadow, info, address, writes);
  }
  note_unordered_read(shadow, info);
}

// ---- what was before -------------------------------------------------------------------------------------------------

void Accesses::share_reads(Shadow& shadow, Epoch now, AccessInfo info) {
  want_room(2 * clocks.width());
  const bool is_any_plain = is_plain(op_of(shadow.read_info)) || is_plain(op_of(info));
  share_as(is_any_plain ? read_shared : read_shared_atomic, shadow, now, info);
}

void Accesses::note_shared(Shadow& shadow, Epoch now, AccessInfo info) {
  note_in(shadow.read, now, info);
  if (is_plain(op_of(info))) shadow.read_info = read_shared;
}

// Accuses if an access since the last plain write, of those that `conflicts` says, is not before now.
template <class Conflicts>
static void check_others(Accesses& c, const Shadow& shadow, AccessInfo info, ViolationKind kind, const void* address,
                         Conflicts conflicts) {
  const auto accuse = [&](AccessInfo other) { c.accuse(kind, c.party(other), c.party_here(op_of(info)), address, ""); };
  if (!is_shared(shadow.read_info)) {
    if (!is_before(shadow.read, c.clock()) && conflicts(op_of(shadow.read_info))) accuse(shadow.read_info);
    return;
  }
  const std::uint32_t* entries = c.clocks.at(shadow.read);
  const unsigned width = c.clocks.width();
  for (unsigned lane = 0; lane < width; ++lane) {
    if (entries[lane] > c.clock()[lane] && conflicts(op_of(entries[width + lane]))) accuse(entries[width + lane]);
  }
}

static void check_write(Accesses& c, const Shadow& shadow, AccessInfo info, ViolationKind kind, const void* address) {
  if (is_before(shadow.write, c.clock())) [[likely]]
    return;
  c.accuse(kind, c.party(shadow.write_info), c.party_here(op_of(info)), address, "");
}

// Off the common way: something may not be ordered.
void Accesses::check_load(const Shadow& shadow, AccessInfo info, const void* address) {
  check_write(*this, shadow, info, ViolationKind::data_race, address);
  check_others(*this, shadow, info, ViolationKind::data_race, address, is_atomic_write);
}

void Accesses::check_store(const Shadow& shadow, AccessInfo info, const void* address) {
  check_write(*this, shadow, info, ViolationKind::data_race, address);
  check_others(*this, shadow, info, ViolationKind::data_race, address, [](Op op) { return op != Op::touch; });
}

void Accesses::check_atomic(const Shadow& shadow, AccessInfo info, const void* address, bool writes) {
  check_write(*this, shadow, info, ViolationKind::data_race, address);
  if (writes) check_others(*this, shadow, info, ViolationKind::data_race, address, is_plain);
}

void Accesses::on_touch(Shadow& shadow, AccessInfo info) {
  const Pending& mine = pending[index_of(current->id)];
  if (attentive) note_access(mine.address, mine.writes);
  if (!ignores_order) note_read(shadow, info);
}

static void check_ordered_free_of(Accesses& c, const Shadow& shadow, AccessInfo info, const void* address) {
  if (Accesses::has_ordered_accesses(shadow, c.clock())) [[likely]]
    return;
  check_write(c, shadow, info, ViolationKind::unordered_free, address);
  check_others(c, shadow, info, ViolationKind::unordered_free, address, [](Op) { return true; });
}

void Accesses::check_ordered_free(std::uint32_t serial) {
  const ObjectRecord& object = memory.object(serial);
  const AccessInfo info = here(is_one_piece(object.kind) ? Op::slab_free : Op::percpu_free);
  memory.for_each_slot(serial, [&](std::size_t base) {
    for (unsigned left = memory.slot_at(base).touched; left != 0; left &= left - 1) {
      const std::size_t offset = base + static_cast<unsigned>(__builtin_ctz(left)) * sizeof(Word);
      const char* address = memory.address_of(object) + (offset - object.slot * object_bytes_backed);
      if (attentive) note_access(address, true);
      if (ignores_order) continue;
      check_ordered_free_of(*this, memory.shadow_at(offset), info, address);
      if (const Shadow* upper = known_upper_half_of(address); upper != nullptr) {
        check_ordered_free_of(*this, *upper, info, address + sizeof(Word) / 2);
      }
    }
  });
}

// ---- edges -----------------------------------------------------------------------------------------------------------

void Accesses::count_in_map(std::size_t place) {
  std::uint8_t& count = reads_from_map[place];
  reads_from_pairs += count == 0 ? 1U : 0U;
  count = static_cast<std::uint8_t>(count + (count != 0xff ? 1 : 0));
}

ClockHandle Accesses::copy_of_clock() {
  if (is_weak) [[unlikely]]
    before_handing_on(*this);
  const ClockHandle handle = make_copy(clock());
  advance();
  return handle;
}

void Accesses::join_into(ClockHandle& handle) {
  if (is_weak) [[unlikely]]
    before_handing_on(*this);
  if (handle == 0) {
    handle = make_copy(clock());
  } else {
    clocks.join(clocks.at(handle), clock());
  }
}

}  // namespace rcufarm::sim
