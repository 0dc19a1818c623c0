// The C functions, used by a program that a C compiler has compiled.
#include <gtest/gtest.h>

extern "C" int bpf_mem_alloc_program(void);

TEST(BpfMemAlloc, ACProgramUsesEveryFunction) {
  EXPECT_EQ(bpf_mem_alloc_program(), 0) << "the line of bpf_mem_alloc_program.c whose check failed";
}
