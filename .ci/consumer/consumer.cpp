// Uses the installed allocator by its C++ interface; the exit code is the number of objects that leaked.
#include <kernel/kernel.h>
#include <mem/mem_alloc.h>
#include <native/cpu_owner.h>
#include <native/machine.h>

#include <cstdio>

int main() {
  using namespace rcufarm;
  native::Machine machine(native::MachineConfig{});
  {
    const native::CpuOwner me(machine);
    mem::MemAlloc allocator;  // destroys itself
    if (allocator.init(64, false) != mem::Error::none) return 100;
    void* object = allocator.cache_alloc();
    if (object == nullptr) return 101;
    allocator.cache_free_rcu(object);
    mem::for_each_figure(allocator.statistics(), [](const char* name, const char* of, long long value) {
      if (value != 0) std::printf("%s %s %lld\n", name, of, value);
    });
  }
  machine.settle();
  const std::size_t leaks = machine.slab().live().size();
  std::printf("consumer: %zu objects leaked\n", leaks);
  return static_cast<int>(leaks);
}
