// The context switch on x86-64 (System V).
//
// Job: save what the calling convention says a callee saves, change stacks, restore. The floating-point control words are
// left alone: code under simulation does not change them. A stack is entered by a jump, whose target is always the same.
#if defined(__x86_64__)

// The first half of all: what is saved, and the other stack. The second: what was saved, and the way to where the call was made.
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

.macro rcufarm_sim_come
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
.endm

.macro rcufarm_sim_come_by_return
  rcufarm_sim_come
  ret
.endm

.macro rcufarm_sim_come_by_jump
  rcufarm_sim_come
  popq %rcx
  jmp *%rcx
.endm

.text
.p2align 4
.globl rcufarm_sim_switch
.type rcufarm_sim_switch,@function
rcufarm_sim_switch:
  .cfi_startproc
  rcufarm_sim_leave
  rcufarm_sim_come_by_jump
  .cfi_endproc
.size rcufarm_sim_switch,.-rcufarm_sim_switch

.p2align 4
.globl rcufarm_sim_switch_by_return
.type rcufarm_sim_switch_by_return,@function
rcufarm_sim_switch_by_return:
  .cfi_startproc
  rcufarm_sim_leave
  rcufarm_sim_come_by_return
  .cfi_endproc
.size rcufarm_sim_switch_by_return,.-rcufarm_sim_switch_by_return

.p2align 4
.globl rcufarm_sim_resume
.type rcufarm_sim_resume,@function
rcufarm_sim_resume:
  .cfi_startproc
  movq %rdi, %rsp
  rcufarm_sim_come_by_return
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

.p2align 4
.globl rcufarm_sim_interrupt
.type rcufarm_sim_interrupt,@function
rcufarm_sim_interrupt:
  .cfi_startproc
  rcufarm_sim_leave
  pushq %rcx  # which aligns the stack to 16, too
  # Who looks at the stack from there finds whom the entry came over.
  .cfi_def_cfa_offset 64
  .cfi_offset %rbp, -16
  .cfi_offset %rbx, -24
  .cfi_offset %r12, -32
  .cfi_offset %r13, -40
  .cfi_offset %r14, -48
  .cfi_offset %r15, -56
  call *%rdx
  popq %rcx
  testq %rax, %rax
  jne 1f
  rcufarm_sim_come_by_return
1:
  movq %rsp, (%rcx)
  movq %rax, %rdi
  jmp rcufarm_sim_drop@PLT
  .cfi_endproc
.size rcufarm_sim_interrupt,.-rcufarm_sim_interrupt
)");

#endif
