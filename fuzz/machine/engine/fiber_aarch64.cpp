// The context switch on arm64 (AAPCS64).
//
// Job: save what the calling convention says a callee saves (x19 … x30, d8 … d15), change stacks, restore.
#if defined(__aarch64__)

// The first half of all: what is saved, and the other stack. The second: what was saved, and the way to where the call was made.
asm(R"(
.macro rcufarm_sim_leave
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
.endm

.macro rcufarm_sim_come
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
.endm

.macro rcufarm_sim_come_by_return
  rcufarm_sim_come
  ret
.endm

.macro rcufarm_sim_come_by_jump
  rcufarm_sim_come
  mov x16, x30
  br x16
.endm

.text
.p2align 4
.globl rcufarm_sim_switch
.type rcufarm_sim_switch,%function
rcufarm_sim_switch:
  .cfi_startproc
  rcufarm_sim_leave
  rcufarm_sim_come_by_jump
  .cfi_endproc
.size rcufarm_sim_switch,.-rcufarm_sim_switch

.p2align 4
.globl rcufarm_sim_switch_by_return
.type rcufarm_sim_switch_by_return,%function
rcufarm_sim_switch_by_return:
  .cfi_startproc
  rcufarm_sim_leave
  rcufarm_sim_come_by_return
  .cfi_endproc
.size rcufarm_sim_switch_by_return,.-rcufarm_sim_switch_by_return

.p2align 4
.globl rcufarm_sim_resume
.type rcufarm_sim_resume,%function
rcufarm_sim_resume:
  .cfi_startproc
  mov sp, x0
  rcufarm_sim_come_by_return
  .cfi_endproc
.size rcufarm_sim_resume,.-rcufarm_sim_resume

.p2align 4
.globl rcufarm_sim_enter
.type rcufarm_sim_enter,%function
rcufarm_sim_enter:
  .cfi_startproc
  rcufarm_sim_leave
  mov x29, xzr
  mov x30, xzr
  br x2
  .cfi_endproc
.size rcufarm_sim_enter,.-rcufarm_sim_enter

.p2align 4
.globl rcufarm_sim_interrupt
.type rcufarm_sim_interrupt,%function
rcufarm_sim_interrupt:
  .cfi_startproc
  rcufarm_sim_leave
  stp x3, xzr, [sp, #-16]!
  blr x2
  ldp x9, xzr, [sp], #16
  cbnz x0, 1f
  rcufarm_sim_come_by_return
1:
  mov x10, sp
  str x10, [x9]
  b rcufarm_sim_drop
  .cfi_endproc
.size rcufarm_sim_interrupt,.-rcufarm_sim_interrupt
)");

#endif
