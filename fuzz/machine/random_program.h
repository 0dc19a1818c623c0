// Random programs for tests of the machine and of searches: a bit of everything that tasks can do.
//
// Job: a Lab with some tasks on up to three CPUs, an irq and an nmi program, and operations drawn at random. Tests only.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "machine/lab.h"
#include "machine/search/random.h"

namespace rcufarm::sim {

struct Object : kernel::RcuHead {};

struct RandomProgram {
  Lab lab;
  Cell<Atomic<std::uint64_t>> words[3];
  Cell<Plain<std::uint64_t>> data;
  Cell<RawSpinLock> lock;
  Cell<kernel::LlistHead> list;
  Cell<kernel::LlistNode> nodes[4];
  Cell<Object> heads[4];
  Cell<kernel::IrqWork> work;
  Cell<kernel::WorkStruct> items[4];
  Cell<Atomic<Object*>> slot;
  std::vector<std::vector<unsigned>> operations;
  unsigned notified = 0;
  std::array<bool, 4> is_over{};
  // From the first of these on they are mistakes, more often than not.
  static constexpr unsigned correct_kinds = 22;
  static constexpr unsigned all_kinds = 24;

  explicit RandomProgram(unsigned tasks) : operations(tasks) {
    for (auto& word : words) lab.cell(word);
    for (auto& node : nodes) lab.cell(node);
    for (auto& head : heads) lab.cell(head);
    lab.cell(data).cell(lock).cell(list).cell(work).cell(slot);
    for (auto& item : items) lab.cell(item);
    lab.first([this] {
      work->init([](kernel::IrqWork*) {});
      for (auto& item : items) item->init([](kernel::WorkStruct*) {});
      notified = 0;
      is_over = {};
    });
    lab.settings.cpus = 3;
    for (unsigned i = 0; i < tasks; ++i) {
      lab.task(i % 3, [this, i] {
        for (std::size_t n = 0; n < operations[i].size() && !is_over[i]; ++n) operate(i, operations[i][n], 16 * i + n);
      });
    }
    lab.irq(0, [this] { words[0]->store(1000, Order::relaxed); });
    lab.nmi(1, [this] { (void)words[1]->exchange(1001, Order::relaxed); });
  }
  // Up to so many operations a task, of the first so many kinds.
  void draw(Random& random, unsigned most, unsigned kinds) {
    for (auto& list_of_task : operations) {
      list_of_task.clear();
      for (std::uint64_t n = random.below(most + 1); n > 0; --n) {
        list_of_task.push_back(static_cast<unsigned>(random.below(kinds)));
      }
    }
  }
  // What is in the words, in the end.
  std::string final_state() const {
    std::string all;
    for (auto& word : words) all += std::to_string(*reinterpret_cast<const Word*>(&*word)) + ' ';
    return all + std::to_string(*reinterpret_cast<const Word*>(&*data));
  }

  static void give_back(kernel::RcuHead* head) { kernel::kfree(head); }
  static Object* allocate() {
    kernel::AllocFailure why{};
    return static_cast<Object*>(kernel::kmalloc_node(sizeof(Object), Gfp::nowait, kernel::Cpu{0}, nullptr, why));
  }

  void operate(unsigned task, unsigned kind, std::uint64_t value) {
    Machine& m = lab.machine;
    switch (kind) {
      case 0: words[value % 3]->store(value, Order::release); break;
      case 1: (void)words[value % 3]->load(Order::acquire); break;
      case 2: (void)words[value % 3]->exchange(value, Order::acq_rel); break;
      case 3: {
        const RawSpinLockGuard guard(*lock);
        data->set(data->get() + value);
        break;
      }
      case 4:
        list->add(&*nodes[task]);
        is_over[task] = true;  // once a task
        break;
      case 5: (void)list->empty(); break;
      case 6: (void)list->del_first(); break;
      case 7: {
        const IrqGuard guard;
        words[task % 3]->store(value, Order::relaxed);
        break;
      }
      case 8: {
        const ReadSection reader(RcuFlavor::regular);
        (void)words[2]->load(Order::relaxed);
        break;
      }
      case 9: {
        const ReadSection reader(RcuFlavor::tasks_trace);
        if (Object* object = slot->load(Order::acquire)) m.touch(object, false);
        break;
      }
      case 10:
        if (Object* old = slot->exchange(allocate(), Order::acq_rel)) {
          kernel::call_rcu(RcuFlavor::tasks_trace, old, &give_back);
        }
        break;
      case 11: kernel::kfree(allocate()); break;
      case 12: kernel::irq_work_queue(&*work); break;
      case 13: m.raise(static_cast<unsigned>(value % 2)); break;
      case 14:
        m.begin_call(value);
        words[0]->store(value, Order::relaxed);
        m.end_call();
        break;
      case 15: kernel::synchronize_rcu(RcuFlavor::regular); break;
      case 16: m.migrate(static_cast<unsigned>(value % 3)); break;
      case 17: kernel::rcu_barrier(RcuFlavor::tasks_trace); break;
      // These four may end the run badly, and then it is not looked at.
      case 18: kernel::queue_work(&*items[task]); break;
      case 19: kernel::call_rcu(RcuFlavor::regular, &*heads[task], [](kernel::RcuHead*) {}); break;
      case 20: m.wait([](void* count) { return *static_cast<unsigned*>(count) != 0; }, &notified); break;
      case 21:
        m.yield();
        ++notified;
        m.notify();
        break;
      case 22: data->set(value); break;
      case 23:
        if (Object* object = slot->load(Order::acquire)) m.touch(object, false);
        break;
      default: break;
    }
  }
};

}  // namespace rcufarm::sim
