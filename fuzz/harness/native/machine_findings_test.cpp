// A machine's reports and leaks become findings of the right kinds, and a quiet machine gives none.
#include "harness/native/machine_findings.h"

#include <gtest/gtest.h>

#include "kernel/kernel.h"
#include "native/cpu_owner.h"

namespace rcufarm::harness {
namespace {

using native::ReportKind;

struct Expected {
  ReportKind report;
  oracle::Kind finding;
  const char* signature;
};

void PrintTo(const Expected& expected, std::ostream* out) { *out << native::name_of(expected.report); }

class ReportFinding : public testing::TestWithParam<Expected> {};
INSTANTIATE_TEST_SUITE_P(
    Kinds, ReportFinding,
    testing::Values(
        Expected{ReportKind::warning, oracle::Kind::warning, "warning: at 0x1234"},
        Expected{ReportKind::misuse, oracle::Kind::misuse_report, "misuse-report: misuse"},
        Expected{ReportKind::illegal_context, oracle::Kind::kernel_misuse, "kernel-misuse: illegal context"},
        Expected{ReportKind::rcu_head_requeued, oracle::Kind::kernel_misuse,
                 "kernel-misuse: rcu_head queued while queued"},
        Expected{ReportKind::double_free, oracle::Kind::slab_misuse, "slab-misuse: double free"},
        Expected{ReportKind::foreign_free, oracle::Kind::slab_misuse, "slab-misuse: foreign free"},
        Expected{ReportKind::write_after_free, oracle::Kind::slab_misuse, "slab-misuse: write after free"},
        Expected{ReportKind::write_out_of_bounds, oracle::Kind::slab_misuse, "slab-misuse: write out of bounds"},
        Expected{ReportKind::unsettled, oracle::Kind::no_progress, "no-progress: unsettled"}));

TEST_P(ReportFinding, HasItsKindAndASignatureWithoutAddresses) {
  native::Machine machine;
  machine.reports().add(GetParam().report, native::Text() << "at 0x1234");
  std::vector<Finding> findings;
  append_findings(machine, findings);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, GetParam().finding);
  EXPECT_EQ(findings[0].signature, GetParam().signature);
  EXPECT_EQ(findings[0].detail, "at 0x1234");
}

TEST(MachineFindings, CoverEveryKindOfReport) {
  native::Machine machine;
  for (unsigned i = 0; i < native::report_kind_count; ++i) {
    machine.reports().add(static_cast<ReportKind>(i), native::Text() << "it");
  }
  std::vector<Finding> findings;
  append_findings(machine, findings);
  EXPECT_EQ(findings.size(), native::report_kind_count);
}

TEST(MachineFindings, WhatIsLeftInTheSlabIsALeak) {
  native::Machine machine;
  const native::CpuOwner me(machine);
  kernel::AllocFailure why{};
  void* freed = kernel::kmalloc_node(64, kernel::Gfp::nowait, kernel::Cpu{0}, nullptr, why);
  kernel::kfree(freed);
  std::vector<Finding> findings;
  append_findings(machine, findings);
  EXPECT_TRUE(findings.empty());
  void* lost = kernel::kmalloc_node(64, kernel::Gfp::nowait, kernel::Cpu{0}, nullptr, why);
  append_findings(machine, findings);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, oracle::Kind::leak);
  EXPECT_EQ(findings[0].signature, "leak");
  EXPECT_EQ(findings[0].detail.rfind("1 objects are not back in the slab", 0), 0U) << findings[0].detail;
  ASSERT_TRUE(findings[0].leak);
  EXPECT_EQ(findings[0].leak->objects, 1U);
  EXPECT_EQ(findings[0].leak->bytes, 64U);
  EXPECT_EQ(findings[0].leak->list, "");
  kernel::kfree(lost);
}

}  // namespace
}  // namespace rcufarm::harness
