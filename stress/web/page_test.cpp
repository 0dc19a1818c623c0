#include "stress/web/page.h"

#include <gtest/gtest.h>

#include "stress/web/changes_page.h"
#include "stress/web/open_metrics.h"

namespace rcufarm::stress {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Snapshot snapshot() {
  Snapshot s;
  s.node = "<b>node</b>";
  s.slots.push_back({0, "explore (pct)", 12, 1 << 20});
  s.lanes.push_back(
      {.name = "explore", .target = "sim", .state = "running", .share = 30, .seconds = 100, .executions = 12345});
  s.config = "[http]\nport = 1 # </pre><script>";
  return s;
}

TEST(Page, EscapesWhatComesFromOutside) {
  Snapshot s = snapshot();
  Finding f;
  f.key = "abc";
  f.signature = "leak: <script>alert(1)</script>";
  s.findings.push_back(f);
  const std::string page = status_page(s);
  EXPECT_FALSE(has(page, "<script>"));
  EXPECT_FALSE(has(page, "<b>node"));
  EXPECT_TRUE(has(page, "leak: &lt;script&gt;"));
  EXPECT_FALSE(has(finding_page(f, "<script>", "<script>"), "<script"));
}

TEST(Page, AFindingWithoutAnInputHasNoLinkToOne) {
  Finding f;
  f.key = "0123456789abcdef";
  EXPECT_FALSE(has(finding_page(f, "", ""), ".finding"));
  f.input = "some";
  EXPECT_TRUE(has(finding_page(f, "", ""), "href=\"0123456789ab.finding\""));
}

TEST(Page, SaysWhatIsWrong) {
  Snapshot s = snapshot();
  EXPECT_FALSE(has(status_page(s), "class=\"banner"));
  s.store_trouble = "disk full";
  s.blind = true;
  s.checks.push_back({.name = "stress_tsan", .trouble = "vm.mmap_rnd_bits is 32"});
  s.checks.push_back({.name = "afl_sim", .trouble = "unwanted trouble", .wanted = false});
  s.checks.push_back({.name = "afl_native", .trouble = "no such program", .being_built = true});
  const std::string page = status_page(s);
  EXPECT_TRUE(has(page, "disk full"));
  EXPECT_TRUE(has(page, "blind"));
  EXPECT_TRUE(has(page, "stress_tsan cannot run: vm.mmap_rnd_bits is 32"));
  EXPECT_FALSE(has(page, "unwanted trouble"));
  EXPECT_TRUE(has(page, "3 things are wrong: the farm is blind, the store takes nothing</summary>"));
  EXPECT_TRUE(has(page, "Not built yet: afl_native."));
  EXPECT_FALSE(has(page, "afl_native cannot run"));
}

// Findings come next, however many kinds of workers cannot run.
TEST(Page, FoldsManyTroublesIntoALineWithACount) {
  Snapshot s = snapshot();
  for (const char* name : {"afl_sim", "afl_native", "stress_tsan"})
    s.checks.push_back({.name = name, .trouble = "missing"});
  const std::string page = status_page(s);
  EXPECT_TRUE(has(page, "<summary class=\"bad\">3 things are wrong</summary>"));
  EXPECT_TRUE(has(page, "afl_native cannot run: missing"));
}

TEST(Page, PagesOfFindingsKeepTheSearch) {
  Finding f;
  f.key = "abc";
  f.signature = "leak: <a>";
  Listing listing{.text = "a&\"b", .state = "open", .count_max = 1};
  const std::string page = findings_page({f}, listing, 2);
  EXPECT_TRUE(has(page, "href=\"findings/abc\""));
  EXPECT_TRUE(has(page, "leak: &lt;a&gt;"));
  EXPECT_TRUE(has(page, "findings?text=a%26%22b&amp;state=open&amp;kind=&amp;page=1\">newer"));
  EXPECT_TRUE(has(page, "page=3\">older"));
  EXPECT_TRUE(has(page, "value=\"a&amp;&quot;b\""));
  EXPECT_FALSE(has(findings_page({}, listing, 2), ">older<"));
}

TEST(Page, TheGravestComesFirstWithItsPictureAndWhatIsFixedIsFolded) {
  Snapshot s = snapshot();
  for (const char* kind : {"data-race", "leak", "use-after-free", "spurious-null"}) {
    Finding f;
    f.key = f.kind = f.signature = kind;
    f.diagram_svg = std::string("drawn-") + kind;
    if (f.kind == "leak") f.state = FindingState::fixed;
    s.findings.push_back(f);
  }
  const std::string page = status_page(s);
  EXPECT_LT(page.find("\"findings/use-after-free\""), page.find("\"findings/spurious-null\""));
  EXPECT_LT(page.find("\"findings/spurious-null\""), page.find("\"findings/data-race\""));
  EXPECT_LT(page.find("<summary>1 fixed</summary>"), page.find("findings/leak\">leak<"));
  EXPECT_TRUE(has(page, "src=\"blob/drawn-use-after-free.svg\""));
}

TEST(Page, APatchAndItsAnswerAreShown) {
  Change c;
  c.key = "abc";
  c.title = "[PATCH] <b>";
  c.target = "alloc";
  c.state = "not built";
  c.told = "a.cpp:1: error: <x>\nb";
  EXPECT_TRUE(has(change_page(c, ""), "a.cpp:1: error: &lt;x&gt;<br>b"));
  EXPECT_TRUE(has(change_page(c, ""), "no verdict: it does not build"));
  c.state = "wrong";
  const std::string result =
      R"({"searched": [{"model": "sc", "schedules": 1234, "points": 5, "seconds": 1.5}], "findings": [{"signature": "leak: <i>",
      "detail": "d", "model": "sc", "seen": 2, "known": false, "svg": "<svg/>", "diagram": "<pre>"}]})";
  const std::string page = change_page(c, result);
  EXPECT_TRUE(has(page, "1,234"));
  EXPECT_TRUE(has(page, "leak: &lt;i&gt;"));
  EXPECT_TRUE(has(page, "src=\"abc/0.svg\""));
  EXPECT_EQ(drawing_of(result, 0), "<svg/>");
  EXPECT_EQ(drawing_of(result, 1), "");
  EXPECT_EQ(drawing_of("no json", 0), "");
  EXPECT_FALSE(has(change_page(c, "[1]"), "<h2>"));
  Snapshot s = snapshot();
  s.changes = {c};
  s.change_counts = {{"", "waiting", 2}, {"", "at work", 1}};
  EXPECT_TRUE(has(status_page(s), "href=\"changes/abc\">[PATCH] &lt;b&gt;</a>"));
  EXPECT_TRUE(has(status_page(s), "3 wait"));
}

TEST(Page, ATargetHasItsKindsOfWorkersAlone) {
  Snapshot s = snapshot();
  s.lanes.push_back({.name = "stress_tsan", .target = "native", .state = "running", .share = 1});
  EXPECT_EQ(programs_of_target(s, "native"), std::vector<std::string>{"stress_tsan"});
  EXPECT_TRUE(programs_of_target(s, "none").empty());
  const std::string page = target_page(s, "sim", {});
  EXPECT_TRUE(has(page, ">explore<"));
  EXPECT_FALSE(has(page, "tsan"));
}

TEST(OpenMetrics, CountersLoseTheirEndInNamesOfFamiliesAndAnEndIsMarked) {
  EXPECT_EQ(
      open_metrics(
          "# HELP a_total How many.\n# TYPE a_total counter\na_total{x=\"y\"} 3\n# HELP g_total Odd.\n# TYPE g_total "
          "gauge\ng_total 1\n# TYPE u untyped\nu 1\n"),
      "# HELP a How many.\n# TYPE a counter\na_total{x=\"y\"} 3\n# HELP g_total Odd.\n# TYPE g_total gauge\ng_total "
      "1\n# "
      "TYPE u unknown\nu 1\n# EOF\n");
  EXPECT_TRUE(wants_open_metrics("application/openmetrics-text; version=1.0.0,text/plain;q=0.5"));
  EXPECT_TRUE(wants_open_metrics("text/plain;q=0.5, application/openmetrics-text;q=0.75"));
  EXPECT_FALSE(wants_open_metrics("text/plain"));
  EXPECT_FALSE(wants_open_metrics("application/openmetrics-text;q=0"));
}

// Below a proxy's path, a link that begins with a slash leads elsewhere.
TEST(Page, LinksAreRelative) {
  Snapshot s = snapshot();
  Finding f;
  f.key = "abc";
  f.input = f.report = f.diagram = f.diagram_svg = "hash";
  s.findings.push_back(f);
  s.findings_all = 100;
  Change c;
  c.key = "abc";
  c.source = "main";
  s.changes = {c};
  for (const std::string& page :
       {status_page(s), finding_page(f, "", ""), findings_page({f}, {.count_max = 1}, 2), target_page(s, "sim", {f}),
        watch_page("main", "", {c}, {{f, {}}}), changes_page({c}, 2, 1), change_page(c, "{}")}) {
    for (const char* absolute : {"href=\"/", "src=\"/", "action=\"/"}) EXPECT_FALSE(has(page, absolute)) << page;
  }
}

TEST(Page, SaysWhatWaitsForTheStoreAndWhoIsThere) {
  Snapshot s = snapshot();
  s.store_trouble = "away";
  s.owed = 1234;
  s.farms = {{"first", 1000}, {"second", 120'000}};
  const std::string page = status_page(s);
  EXPECT_TRUE(has(page, "1,234 entries wait in the journal: away"));
  EXPECT_TRUE(has(page, "second"));
  EXPECT_TRUE(has(page, "<span class=\"bad\">2 min 0 s ago"));
}

TEST(Page, ShowsWhichPlantedMistakesAreFound) {
  Snapshot s = snapshot();
  s.defects.push_back({.name = "rcufarm-defect-04", .found = 2, .missed = 1, .seconds_mean = 0.5, .last = 1'000});
  s.defects.push_back({.name = "rcufarm-defect-05", .found = 0, .missed = 7});
  const std::string page = status_page(s);
  EXPECT_TRUE(has(page, "rcufarm-defect-04"));
  EXPECT_TRUE(has(page, "2 of 3"));
  EXPECT_TRUE(has(page, "0.50 s"));
  EXPECT_TRUE(has(page, "<span class=\"bad\">0 of 7</span>"));
}

TEST(Page, SaysWhatIsProvenAndWhatFails) {
  Snapshot s;
  EXPECT_EQ(status_page(s).find("<h2>Proofs</h2>"), std::string::npos);
  s.proofs.push_back({.key = "k", .program = "explore", .build = "<b>", .model = "tso", .at_work = 3});
  s.proofs[0].sizes = {{.operations = 1, .programs = 7, .proven = 6, .wrong = 1, .executions = 9}};
  const std::string page = status_page(s);
  EXPECT_NE(page.find("<span class=\"bad\">nothing proven yet under tso; with 1 operation: 6 of 7 programs right, 9 "
                      "executions so far; 1 fails</span>"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("&lt;b&gt;"), std::string::npos);
}

TEST(Page, DrawsCoverage) {
  EXPECT_EQ(chart({"edges", {}}), "");
  EXPECT_EQ(chart({"edges", {{0, 10}}}), "");
  const std::string svg = chart({"edges", {{0, 10}, {60'000, 20}, {120'000, 20}}});
  EXPECT_TRUE(has(svg, "<polyline points=\"4.0,88.0 150.0,8.0 296.0,8.0 \""));
  EXPECT_TRUE(has(svg, "edges: 20 (10 at first)"));
}

TEST(Page, TextsReadWell) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(duration_text(59), "59 s");
  EXPECT_EQ(duration_text(3 * 3600 + 120), "3 h 2 min");
  EXPECT_EQ(time_text(1'000), "1970-01-01 00:00:01Z");
}

}  // namespace
}  // namespace rcufarm::stress
