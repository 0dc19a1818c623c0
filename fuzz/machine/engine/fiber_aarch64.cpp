// The context switch on arm64 (AAPCS64).
//
// Job: save what the calling convention says a callee saves (x19 … x30, d8 … d15), change stacks, restore.
#if defined(__aarch64__)

// The first half of both: what is saved, and the other stack.
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

// The second half.
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
  ret
.endm

.text
.p2align 4
.globl rcufarm_sim_switch
.type rcufarm_sim_switch,%function
rcufarm_sim_switch:
  .cfi_startproc
  rcufarm_sim_leave
  rcufarm_sim_come
  .cfi_endproc
.size rcufarm_sim_switch,.-rcufarm_sim_switch

.p2align 4
.globl rcufarm_sim_resume
.type rcufarm_sim_resume,%function
rcufarm_sim_resume:
  .cfi_startproc
  mov sp, x0
  rcufarm_sim_come
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
)");

#endif
