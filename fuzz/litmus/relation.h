// Sets of events and relations between them, as models write them.
//
// Job: the algebra of the .cat language over the events 0 … size-1 of one execution, in dense bit rows. Values without
// shared state; the operands of an operator have the same size.
//
//   cat            here                cat            here
//   r1 | r2        r1 | r2             r1 ; r2        r1 >> r2
//   r1 & r2        r1 & r2             [S] ; r        S >> r
//   r1 \ r2        r1 - r2             r ; [S]        r >> S
//   r?             maybe(r)            [S]            identity(S)
//   r+, r*         plus(r), star(r)    S1 * S2        cross(S1, S2)
//   r^-1           inverse(r)          domain, range  domain(r), range(r)
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace rcufarm::litmus {

using EventId = unsigned;

inline constexpr unsigned graph_events_max = 256;

class EventSet {
 public:
  static constexpr unsigned words_max = graph_events_max / 64;

  EventSet() = default;
  explicit EventSet(unsigned size) : size_(size) {}
  static EventSet all(unsigned size) { return ~EventSet(size); }

  unsigned size() const { return size_; }
  bool has(EventId e) const { return (words_[e / 64] >> (e % 64) & 1) != 0; }
  void add(EventId e) { words_[e / 64] |= std::uint64_t{1} << (e % 64); }
  void remove(EventId e) { words_[e / 64] &= ~(std::uint64_t{1} << (e % 64)); }
  bool empty() const {
    for (const std::uint64_t word : words_)
      if (word != 0) return false;
    return true;
  }
  std::uint64_t word(unsigned i) const { return words_[i]; }
  void set_word(unsigned i, std::uint64_t word) { words_[i] = word; }

  // Calls visit(EventId) for each member, in order.
  template <class Visit>
  void each(Visit visit) const {
    for (unsigned i = 0; i < words_max; ++i)
      for (std::uint64_t rest = words_[i]; rest != 0; rest &= rest - 1)
        visit(i * 64 + static_cast<unsigned>(std::countr_zero(rest)));
  }

  EventSet& operator|=(const EventSet& other) {
    for (unsigned i = 0; i < words_max; ++i) words_[i] |= other.words_[i];
    return *this;
  }
  EventSet& operator&=(const EventSet& other) {
    for (unsigned i = 0; i < words_max; ++i) words_[i] &= other.words_[i];
    return *this;
  }
  EventSet& operator-=(const EventSet& other) {
    for (unsigned i = 0; i < words_max; ++i) words_[i] &= ~other.words_[i];
    return *this;
  }
  friend EventSet operator|(EventSet a, const EventSet& b) { return a |= b; }
  friend EventSet operator&(EventSet a, const EventSet& b) { return a &= b; }
  friend EventSet operator-(EventSet a, const EventSet& b) { return a -= b; }
  EventSet operator~() const {
    EventSet result(size_);
    for (unsigned e = 0; e < size_; ++e)
      if (!has(e)) result.add(e);
    return result;
  }
  friend bool operator==(const EventSet&, const EventSet&) = default;

 private:
  unsigned size_ = 0;
  std::array<std::uint64_t, words_max> words_{};
};

class Relation {
 public:
  Relation() = default;
  explicit Relation(unsigned size) : size_(size), words_((size + 63) / 64), bits_(std::size_t{size} * words_) {}

  unsigned size() const { return size_; }
  bool has(EventId from, EventId to) const { return (row(from)[to / 64] >> (to % 64) & 1) != 0; }
  void add(EventId from, EventId to) { row(from)[to / 64] |= std::uint64_t{1} << (to % 64); }
  void remove(EventId from, EventId to) { row(from)[to / 64] &= ~(std::uint64_t{1} << (to % 64)); }
  bool empty() const {
    for (const std::uint64_t word : bits_)
      if (word != 0) return false;
    return true;
  }
  std::size_t count() const {
    std::size_t sum = 0;
    for (const std::uint64_t word : bits_) sum += static_cast<std::size_t>(std::popcount(word));
    return sum;
  }
  EventSet after(EventId from) const {
    EventSet set(size_);
    for (unsigned i = 0; i < words_; ++i) set.set_word(i, row(from)[i]);
    return set;
  }
  // Calls visit(EventId from, EventId to) for each pair, in order.
  template <class Visit>
  void each(Visit visit) const {
    for (EventId from = 0; from < size_; ++from) each_after(from, [&](EventId to) { visit(from, to); });
  }

  Relation& operator|=(const Relation& other) {
    for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] |= other.bits_[i];
    return *this;
  }
  Relation& operator&=(const Relation& other) {
    for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] &= other.bits_[i];
    return *this;
  }
  Relation& operator-=(const Relation& other) {
    for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] &= ~other.bits_[i];
    return *this;
  }
  friend Relation operator|(Relation a, const Relation& b) { return std::move(a |= b); }
  friend Relation operator&(Relation a, const Relation& b) { return std::move(a &= b); }
  friend Relation operator-(Relation a, const Relation& b) { return std::move(a -= b); }
  friend bool operator==(const Relation&, const Relation&) = default;

  friend Relation operator>>(const Relation& a, const Relation& b) {
    Relation result(a.size_);
    for (EventId from = 0; from < a.size_; ++from)
      a.each_after(from, [&](EventId middle) { result.add_row(from, b.row(middle)); });
    return result;
  }
  friend Relation operator>>(const EventSet& set, Relation r) {
    for (EventId from = 0; from < r.size_; ++from)
      if (!set.has(from))
        for (unsigned i = 0; i < r.words_; ++i) r.row(from)[i] = 0;
    return r;
  }
  friend Relation operator>>(Relation r, const EventSet& set) {
    for (EventId from = 0; from < r.size_; ++from)
      for (unsigned i = 0; i < r.words_; ++i) r.row(from)[i] &= set.word(i);
    return r;
  }

  friend Relation maybe(Relation r) {
    for (EventId e = 0; e < r.size_; ++e) r.add(e, e);
    return r;
  }
  // Warshall: after step k, paths whose inner events are at most k are in.
  friend Relation plus(Relation r) {
    for (EventId middle = 0; middle < r.size_; ++middle)
      for (EventId from = 0; from < r.size_; ++from)
        if (r.has(from, middle)) r.add_row(from, r.row(middle));
    return r;
  }
  friend Relation star(Relation r) { return maybe(plus(std::move(r))); }
  friend Relation inverse(const Relation& r) {
    Relation result(r.size_);
    r.each([&](EventId from, EventId to) { result.add(to, from); });
    return result;
  }
  friend EventSet domain(const Relation& r) {
    EventSet set(r.size_);
    for (EventId from = 0; from < r.size_; ++from)
      for (unsigned i = 0; i < r.words_; ++i)
        if (r.row(from)[i] != 0) set.add(from);
    return set;
  }
  friend EventSet range(const Relation& r) {
    EventSet set(r.size_);
    for (EventId from = 0; from < r.size_; ++from)
      for (unsigned i = 0; i < r.words_; ++i) set.set_word(i, set.word(i) | r.row(from)[i]);
    return set;
  }
  friend bool irreflexive(const Relation& r) {
    for (EventId e = 0; e < r.size_; ++e)
      if (r.has(e, e)) return false;
    return true;
  }
  // Takes events away that nothing left is after, until none is left or none can go.
  friend bool acyclic(const Relation& r) {
    EventSet left = EventSet::all(r.size_);
    for (bool found = true; found;) {
      found = false;
      for (EventId e = 0; e < r.size_; ++e) {
        if (!left.has(e)) continue;
        bool last = true;
        for (unsigned i = 0; i < r.words_; ++i) last = last && (r.row(e)[i] & left.word(i)) == 0;
        if (!last) continue;
        left.remove(e);
        found = true;
      }
    }
    return left.empty();
  }

 private:
  const std::uint64_t* row(EventId e) const { return bits_.data() + std::size_t{e} * words_; }
  std::uint64_t* row(EventId e) { return bits_.data() + std::size_t{e} * words_; }
  void add_row(EventId to, const std::uint64_t* from) {
    std::uint64_t* const target = row(to);
    for (unsigned i = 0; i < words_; ++i) target[i] |= from[i];
  }
  template <class Visit>
  void each_after(EventId from, Visit visit) const {
    for (unsigned i = 0; i < words_; ++i)
      for (std::uint64_t rest = row(from)[i]; rest != 0; rest &= rest - 1)
        visit(i * 64 + static_cast<unsigned>(std::countr_zero(rest)));
  }

  unsigned size_ = 0;
  unsigned words_ = 0;  // in a row
  std::vector<std::uint64_t> bits_;
};

inline Relation identity(const EventSet& set) {
  Relation r(set.size());
  set.each([&](EventId e) { r.add(e, e); });
  return r;
}

inline Relation cross(const EventSet& from, const EventSet& to) {
  Relation r(from.size());
  from.each([&](EventId a) { to.each([&](EventId b) { r.add(a, b); }); });
  return r;
}

}  // namespace rcufarm::litmus
