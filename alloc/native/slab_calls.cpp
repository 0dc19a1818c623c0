// The slab functions of the kernel interface, and report_misuse.
//
// Job: legality, then the machine's Slab. Contexts: kernel/README.md.
#include "native/legality.h"
#include "native/machine.h"
#include "native/port/per_cpu.h"
#include "native/port/report.h"
#include "native/port/slab.h"
#include "native/thread_state.h"

namespace rcufarm::native {
namespace {

// An allocation that may not sleep here is reported and goes on: natively none sleeps. One in nmi is refused: malloc is
// not signal-safe.
void* allocate(const Slab::Request& request, kernel::Gfp gfp, const char* name, kernel::AllocFailure& why) noexcept {
  const Operation operation = gfp == kernel::Gfp::kernel ? Operation::allocate_may_sleep : Operation::allocate_nowait;
  if (!legal(operation, name) && this_context->running.load(std::memory_order_relaxed) == Running::nmi) {
    why = kernel::AllocFailure::slab;
    return nullptr;
  }
  return this_context->machine->slab().allocate(request, why);
}

void free(const void* object, ObjectKind kind, const char* name) noexcept {
  if (!legal(Operation::free, name)) return;
  this_context->machine->slab().free(object, kind, name);
}

}  // namespace

void* allocate_per_cpu_area(std::size_t bytes, kernel::Gfp gfp) noexcept {
  kernel::AllocFailure why = kernel::AllocFailure::none;
  return allocate(
      {.bytes = bytes, .kind = ObjectKind::per_cpu_area, .cgroup = nullptr, .site = __builtin_return_address(0)}, gfp,
      "PerCpu::create", why);
}

void free_per_cpu_area(void* area) noexcept { free(area, ObjectKind::per_cpu_area, "PerCpu::destroy"); }

}  // namespace rcufarm::native

namespace rcufarm::kernel {
inline namespace native {

namespace host = ::rcufarm::native;

void* kmalloc_node(std::size_t bytes, Gfp gfp, Cpu /*node*/, ObjCgroup* objcg, AllocFailure& why) noexcept {
  return host::allocate(
      {.bytes = bytes, .kind = host::ObjectKind::kmalloc, .cgroup = objcg, .site = __builtin_return_address(0)}, gfp,
      "kmalloc_node", why);
}

void kfree(const void* object) noexcept { host::free(object, host::ObjectKind::kmalloc, "kfree"); }

std::size_t ksize(const void* object) noexcept { return host::this_machine("ksize").slab().size_of(object); }

void* alloc_percpu(std::size_t bytes, Gfp gfp, ObjCgroup* objcg, AllocFailure& why) noexcept {
  return host::allocate(
      {.bytes = bytes, .kind = host::ObjectKind::per_cpu, .cgroup = objcg, .site = __builtin_return_address(0)}, gfp,
      "alloc_percpu", why);
}

void free_percpu(void* object) noexcept { host::free(object, host::ObjectKind::per_cpu, "free_percpu"); }

void* per_cpu_ptr(void* object, Cpu cpu) noexcept {
  return host::this_machine("per_cpu_ptr").slab().instance_of(object, cpu);
}

ObjCgroup* get_obj_cgroup_from_current() noexcept {
  if (!host::legal(host::Operation::get_obj_cgroup, "get_obj_cgroup_from_current")) return nullptr;
  ObjCgroup* objcg = host::this_context->machine->slab().cgroup();
  if (objcg != nullptr) objcg->get();
  return objcg;
}

void obj_cgroup_put(ObjCgroup* objcg) noexcept {
  if (!host::legal(host::Operation::put_obj_cgroup, "obj_cgroup_put")) return;
  if (objcg != nullptr) objcg->put();
}

void report_misuse(const Misuse& misuse) noexcept {
  host::Machine& machine = host::this_machine("report_misuse");
  host::Text text;
  text << misuse.call << ": " << misuse.what;
  if (misuse.object != nullptr) text << ": " << machine.slab().describe(misuse.object);
  machine.reports().add(host::ReportKind::misuse, text);
}

}  // namespace native
}  // namespace rcufarm::kernel
