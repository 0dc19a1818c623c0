#include "native/reports.h"

#include <vector>

#include "native/test_support.h"

namespace rcufarm::native::test {
namespace {

TEST(Reports, KeepTheFirstAndCountAll) {
  Reports reports;
  EXPECT_EQ(reports.print(), "");
  for (unsigned i = 0; i < limits::reports_max + 3; ++i) reports.add(ReportKind::warning, Text() << "number " << i);
  reports.add(ReportKind::misuse, Text() << "too late to be kept");
  EXPECT_EQ(reports.count(), limits::reports_max + 4);
  EXPECT_EQ(reports.count(ReportKind::warning), limits::reports_max + 3);
  EXPECT_EQ(reports.count(ReportKind::misuse), 1u);
  EXPECT_EQ(reports.count(ReportKind::double_free), 0u);
  const std::vector<Report> list = reports.list();
  ASSERT_EQ(list.size(), limits::reports_max);
  EXPECT_EQ(list[5].kind, ReportKind::warning);
  EXPECT_EQ(list[5].text, "number 5");
  EXPECT_EQ(reports.print().find("warning: number 0\nwarning: number 1\n"), 0u);
  EXPECT_NE(reports.print().find("and 4 more\n"), std::string::npos);
}

TEST(Reports, TextIsCutOffAtItsLimit) {
  Text text;
  for (int i = 0; i < 100; ++i) text << "0123456789";
  EXPECT_EQ(text.view().size(), limits::report_bytes_max - 1);
  EXPECT_EQ(std::string(text.c_str()), text.view());
}

TEST(Reports, TextWritesNumbersAndAddresses) {
  Text text;
  text << std::uint64_t{18446744073709551615u} << " " << 0u << " " << reinterpret_cast<const void*>(0xabc0);
  EXPECT_EQ(text.view(), "18446744073709551615 0 0xabc0");
}

TEST(Reports, WarningsComeFromAnyContext) {
  Machine machine;
  const CpuOwner me(machine);
  EXPECT_FALSE(kernel::warn_on(false, "no"));
  EXPECT_TRUE(kernel::warn_on(true, "from task"));
  in_irq([] { kernel::warn_on(true, "from irq"); });
  in_nmi([] { kernel::warn_on(true, "from nmi"); });
  EXPECT_EQ(machine.warnings(), 3u);
  EXPECT_EQ(machine.reports().print(), "warning: from task\nwarning: from irq\nwarning: from nmi\n");
}

TEST(Reports, MisuseSaysWhatTheObjectWas) {
  Machine machine;
  const CpuOwner me(machine);
  kernel::AllocFailure why{};
  auto* object = static_cast<std::byte*>(kernel::kmalloc_node(96, Gfp::nowait, Cpu{0}, nullptr, why));
  kernel::report_misuse({.call = "free", .what = "not a live object of this allocator", .object = object + 8});
  kernel::report_misuse({.call = "alloc", .what = "no size classes", .object = nullptr});
  const std::vector<Report> list = machine.reports().list();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].text.find("free: not a live object of this allocator: live object of 96 bytes, sequence "), 0u)
      << list[0].text;
  EXPECT_EQ(list[1].text, "alloc: no size classes");
  in_nmi([&] { kernel::report_misuse({.call = "free", .what = "in nmi", .object = object}); });
  EXPECT_NE(machine.reports().print().find("not looked up in nmi"), std::string::npos);
  kernel::kfree(object);
}

TEST(Reports, ManyThreadsMayAdd) {
  Reports reports;
  std::vector<Job> jobs;
  for (int t = 0; t < 4; ++t) {
    jobs.push_back(run_on_pool([&] {
      for (int i = 0; i < 50; ++i) reports.add(ReportKind::misuse, Text() << "x");
    }));
  }
  while (reports.count() < 100) {
    for (const Report& report : reports.list()) EXPECT_EQ(report.text, "x");
  }
  jobs.clear();
  EXPECT_EQ(reports.count(ReportKind::misuse), 200u);
}

}  // namespace
}  // namespace rcufarm::native::test
