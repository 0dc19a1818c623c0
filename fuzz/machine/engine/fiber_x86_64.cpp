// The context switch on x86-64 (System V).
//
// Job: save what the calling convention says a callee saves, change stacks, restore. The floating-point control words are
// left alone: code under simulation does not change them. The jump at the end has one target nearly always (the return
// address in switch_fiber), which the processor predicts; a `ret` would be mispredicted each time.
#if defined(__x86_64__)

#include <cstdint>

asm(R"(
.text
.p2align 4
.globl rcufarm_sim_switch
.type rcufarm_sim_switch,@function
rcufarm_sim_switch:
  .cfi_startproc
  popq %rax
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  pushq %rax
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %rax
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  jmp *%rax
  .cfi_endproc
.size rcufarm_sim_switch,.-rcufarm_sim_switch
)");

extern "C" void* rcufarm_sim_prepare(void* top, void (*entry)());

extern "C" void* rcufarm_sim_prepare(void* top, void (*entry)()) {
  // At its first instruction a function finds rsp + 8 aligned to 16, and above it where it returns to: nowhere.
  auto* sp = reinterpret_cast<std::uintptr_t*>(reinterpret_cast<std::uintptr_t>(top) & ~std::uintptr_t{15});
  *--sp = 0;                              // the return address
  for (int i = 0; i < 6; ++i) *--sp = 0;  // rbp, rbx, r12 … r15
  *--sp = reinterpret_cast<std::uintptr_t>(entry);
  return sp;
}

#endif
