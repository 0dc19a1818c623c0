// The context switch on x86-64 (System V).
//
// Job: save what the calling convention says a callee saves, change stacks, restore. The floating-point control words are
// left alone: code under simulation does not change them. Returns go back where a call came from, on either stack: the processor
// guesses a return by the calls before it, and of a switch it has seen as many calls as returns. A stack is entered by a jump, whose
// target is always the same.
#if defined(__x86_64__)

// The first half of both: what is saved, and the other stack.
asm(R"(
.macro rcufarm_sim_leave
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
.endm

# The second half.
.macro rcufarm_sim_come
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.endm

.text
.p2align 4
.globl rcufarm_sim_switch
.type rcufarm_sim_switch,@function
rcufarm_sim_switch:
  .cfi_startproc
  rcufarm_sim_leave
  rcufarm_sim_come
  .cfi_endproc
.size rcufarm_sim_switch,.-rcufarm_sim_switch

.p2align 4
.globl rcufarm_sim_resume
.type rcufarm_sim_resume,@function
rcufarm_sim_resume:
  .cfi_startproc
  movq %rdi, %rsp
  rcufarm_sim_come
  .cfi_endproc
.size rcufarm_sim_resume,.-rcufarm_sim_resume

.p2align 4
.globl rcufarm_sim_enter
.type rcufarm_sim_enter,@function
rcufarm_sim_enter:
  .cfi_startproc
  rcufarm_sim_leave
  # Where the entry would return to: nowhere. Nor has its caller a frame.
  xorl %ebp, %ebp
  pushq $0
  jmp *%rdx
  .cfi_endproc
.size rcufarm_sim_enter,.-rcufarm_sim_enter
)");

#endif
