// llist: a list whose steps the machine takes.
//
// Job: the kernel's lock-free list on the machine's words. Any context.
#pragma once

#include "sim_port/word.h"

namespace rcufarm::kernel {
inline namespace sim {

struct LlistNode {
  Plain<LlistNode*> next;
};

class LlistHead {
  using Site = detail::Site;

 public:
  bool empty(const Site& site = Site::here()) const { return ::rcufarm::sim::llist_empty(&first_, site); }
  bool add(LlistNode* node, const Site& site = Site::here()) {
    return ::rcufarm::sim::llist_add(&first_, word_of(node), word_of(node), site);
  }
  bool add_batch(LlistNode* first, LlistNode* last, const Site& site = Site::here()) {
    return ::rcufarm::sim::llist_add(&first_, word_of(first), word_of(last), site);
  }
  LlistNode* del_all(const Site& site = Site::here()) { return node_at(::rcufarm::sim::llist_del_all(&first_, site)); }
  LlistNode* del_first(const Site& site = Site::here()) {
    return node_at(::rcufarm::sim::llist_del_first(&first_, site));
  }
  LlistRun<LlistNode> del_first_n(int n, const Site& site = Site::here()) {
    const ::rcufarm::sim::Run run = ::rcufarm::sim::llist_del_first_n(&first_, n, site);
    return {node_at(run.first), node_at(run.last), run.count};
  }
  void set_all(LlistNode* node, const Site& site = Site::here()) {
    ::rcufarm::sim::llist_set_all(&first_, word_of(node), site);
  }
  bool add_local(LlistNode* node, const Site& site = Site::here()) {
    return ::rcufarm::sim::llist_add_local(&first_, word_of(node), site);
  }
  LlistNode* del_all_local(const Site& site = Site::here()) {
    return node_at(::rcufarm::sim::llist_del_all_local(&first_, site));
  }
  LlistNode* del_first_local(const Site& site = Site::here()) {
    return node_at(::rcufarm::sim::llist_del_first_local(&first_, site));
  }

 private:
  static detail::Word* word_of(LlistNode* node) { return reinterpret_cast<detail::Word*>(node); }
  static LlistNode* node_at(detail::Word word) { return reinterpret_cast<LlistNode*>(word); }

  detail::Word first_ = 0;
};

}  // namespace sim
}  // namespace rcufarm::kernel
