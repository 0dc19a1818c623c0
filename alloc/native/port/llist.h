// LlistHead and LlistNode: a lock-free singly linked list, last in, first out.
//
// Job: the list. Its nodes belong to whoever took them. Any context; del_first and del_first_n only with consumers kept apart, the
// *_local forms and set_all only where nobody else touches the list meanwhile (contexts that come over it included).
#pragma once

#include <atomic>
#include <cstdint>

#include "native/port/atomic.h"

namespace rcufarm::kernel {
inline namespace native {

struct LlistNode {
  Plain<LlistNode*> next;
};

class LlistHead {
 public:
  constexpr LlistHead() noexcept = default;
  LlistHead(const LlistHead&) = delete;
  LlistHead& operator=(const LlistHead&) = delete;

  // Relaxed: an answer that may be old by the time it is read; who needs the nodes takes them with acquire.
  bool empty() const noexcept { return first_.load(std::memory_order_relaxed) == nullptr; }

  bool add(LlistNode* node) noexcept { return add_batch(node, node); }

  bool add_batch(LlistNode* first, LlistNode* last) noexcept {
    LlistNode* head = first_.load(std::memory_order_relaxed);
    do {
      last->next.set(head);
      // Release: pairs with the acquire in del_all() and del_first(), which read the chain and what its nodes hold.
    } while (!first_.compare_exchange_weak(head, first, std::memory_order_release, std::memory_order_relaxed));
    return head == nullptr;
  }

  LlistNode* del_all() noexcept {
    if (empty()) return nullptr;
    // Acquire: pairs with the release in add_batch() and set_all().
    return first_.exchange(nullptr, std::memory_order_acquire);
  }

  LlistNode* del_first() noexcept {
    // Acquire: pairs with the release in add_batch() and set_all(), as the next node's address is read through it.
    LlistNode* head = first_.load(std::memory_order_acquire);
    while (head != nullptr) {
      LlistNode* next = head->next.get();
      if (first_.compare_exchange_weak(head, next, std::memory_order_acquire, std::memory_order_acquire)) return head;
    }
    return nullptr;
  }

  LlistRun<LlistNode> del_first_n(int n) noexcept {
    // Acquire: as in del_first(). Who adds meanwhile makes the exchange fail, and the walk begins anew.
    LlistNode* head = first_.load(std::memory_order_acquire);
    while (head != nullptr) {
      LlistRun<LlistNode> run{head, head, 1};
      LlistNode* next = head->next.get();
      for (; run.count < n && next != nullptr; ++run.count) {
        // For writing: who takes a node writes to it, and it often comes from another core.
        __builtin_prefetch(next, 1);
        prefetch_in_a_row(run.last, next);
        run.last = next;
        next = next->next.get();
      }
      if (first_.compare_exchange_weak(head, next, std::memory_order_acquire, std::memory_order_acquire)) return run;
    }
    return {};
  }

  // Release: pairs with the acquire in del_all() and del_first().
  void set_all(LlistNode* chain) noexcept { first_.store(chain, std::memory_order_release); }

  // Relaxed, all three: one context at a time, and what orders these orders the list.
  bool add_local(LlistNode* node) noexcept {
    LlistNode* head = first_.load(std::memory_order_relaxed);
    node->next.set(head);
    first_.store(node, std::memory_order_relaxed);
    return head == nullptr;
  }
  LlistNode* del_all_local() noexcept {
    LlistNode* head = first_.load(std::memory_order_relaxed);
    first_.store(nullptr, std::memory_order_relaxed);
    return head;
  }
  LlistNode* del_first_local() noexcept {
    LlistNode* head = first_.load(std::memory_order_relaxed);
    if (head != nullptr) [[likely]]
      first_.store(head->next.get(), std::memory_order_relaxed);
    return head;
  }

 private:
  // Each node's address is read from the one before, so nothing is fetched ahead. But objects that were allocated together
  // often lie in a row, and then the distance of two tells where the next ones are.
  static void prefetch_in_a_row(const LlistNode* before, const LlistNode* node) noexcept {
    constexpr std::uintptr_t nodes_ahead = 8;
    const auto at = reinterpret_cast<std::uintptr_t>(node);
    const std::uintptr_t step = at - reinterpret_cast<std::uintptr_t>(before);
    __builtin_prefetch(reinterpret_cast<const void*>(at + nodes_ahead * step), 1);
  }

  std::atomic<LlistNode*> first_{nullptr};
};

}  // namespace native
}  // namespace rcufarm::kernel
