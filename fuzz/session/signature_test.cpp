#include "session/signature.h"

#include <gtest/gtest.h>

namespace rcufarm::session {
namespace {

TEST(Signature, OfAnAddressSanitizerReport) {
  const auto report = [](const char* pid, const char* address, const char* line) {
    return std::string("==") + pid + "==ERROR: AddressSanitizer: heap-use-after-free on address " + address +
           "\n    #0 0x55" + pid + " in __interceptor_free (/b/fuzz_native+0x4)\n    #1 0x56" + pid +
           " in rcufarm::native::unit_free(void*) /src/refill.cpp:" + line +
           ":3\nSUMMARY: AddressSanitizer: heap-use-after-free /src/refill.cpp:" + line +
           ":3 in rcufarm::native::unit_free(void*)\n";
  };
  EXPECT_EQ(signature(report("10", "0x5020", "12")),
            "AddressSanitizer: heap-use-after-free in rcufarm::native::unit_free");
  EXPECT_EQ(signature(report("10", "0x5020", "12")), signature(report("999", "0x7777", "15")));
}

TEST(Signature, OfAReportWithoutSymbols) {
  EXPECT_EQ(signature("    #0 0x5635f49860a6  (/b/fuzz_native+0x10e0a6) (BuildId: 670c)\n"
                      "SUMMARY: AddressSanitizer: heap-buffer-overflow (/b/fuzz_native+0x10e0a6) (BuildId: 670c)\n"),
            "AddressSanitizer: heap-buffer-overflow in fuzz_native+0x10e0a6");
}

TEST(Signature, OfAThreadSanitizerReport) {
  EXPECT_EQ(signature("WARNING: ThreadSanitizer: data race (pid=1)\n  Write of size 8 at 0x7b0 by thread T1:\n"
                      "    #0 rcufarm::free_bulk(Cache&) /src/refill.cpp:10:3 (bin+0x1)\n"
                      "SUMMARY: ThreadSanitizer: data race /src/refill.cpp:10:3 in rcufarm::free_bulk(Cache&)\n"),
            "ThreadSanitizer: data race in rcufarm::free_bulk");
}

TEST(Signature, OfUndefinedBehaviour) {
  EXPECT_EQ(signature("/src/a.cpp:3:4: runtime error: shift exponent 77 is too large for 32-bit type 'int'\n"
                      "    #0 0x1 in shift(int) /src/a.cpp:3:4\n"
                      "SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior /src/a.cpp:3:4 in\n"),
            "UndefinedBehaviorSanitizer: shift exponent N is too large for N-bit type 'int' in shift");
}

TEST(Signature, TheTargetsOwnRecordComesFirst) {
  constexpr const char* report = "rcufarm: signature: in words\nSUMMARY: libFuzzer: deadly signal\n";
  harness::Received received;
  EXPECT_EQ(first_finding(received, report).signature, "libFuzzer: deadly signal");
  received.record = harness::RunRecord{.findings = {{.kind = oracle::Kind::leak, .signature = "leak: class64"}}};
  EXPECT_EQ(first_finding(received, report).signature, "leak: class64");
  EXPECT_EQ(first_finding(received, report).kind, oracle::Kind::leak);
}

TEST(Signature, ARecordThatCannotBeReadIsTold) {
  const harness::Finding finding = first_finding({.trouble = "not a record: no kind 'leek'"}, "SUMMARY: x");
  EXPECT_EQ(finding.kind, oracle::Kind::crash);
  EXPECT_EQ(finding.signature, "not a record: no kind 'leek'");
}

TEST(Signature, SanitizersHaveKindsOfTheirOwn) {
  using oracle::Kind;
  EXPECT_EQ(first_finding({}, "SUMMARY: AddressSanitizer: heap-use-after-free /a.cpp:1:2 in f").kind, Kind::asan);
  EXPECT_EQ(first_finding({}, "SUMMARY: ThreadSanitizer: data race /a.cpp:1:2 in f").kind, Kind::tsan);
  EXPECT_EQ(first_finding({}, "/a.cpp:1:2: runtime error: shift exponent 77").kind, Kind::ubsan);
  EXPECT_EQ(first_finding({}, "leak: something new").kind, Kind::crash);
}

TEST(Signature, OfADeadlySignalAndATimeout) {
  EXPECT_EQ(signature("==9==ERROR: libFuzzer: deadly signal\n    #0 0x1 in raise x.c\n    #1 0x2 in die(char const*) "
                      "/a.cpp:1\nSUMMARY: libFuzzer: deadly signal\n"),
            "libFuzzer: deadly signal in die");
  EXPECT_EQ(signature("==9== ERROR: libFuzzer: timeout after 20 seconds\nSUMMARY: libFuzzer: timeout\n"),
            "libFuzzer: timeout");
}

TEST(Signature, OfAnythingElse) {
  EXPECT_EQ(signature(""), "no report");
  EXPECT_EQ(signature(" \n"), "no report");
  EXPECT_EQ(signature("\nout of luck after 3 tries\nmore\n"), "out of luck after N tries");
  EXPECT_LE(signature(std::string(5000, 'x')).size(), 160U);
}

}  // namespace
}  // namespace rcufarm::session
