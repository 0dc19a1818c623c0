#include "stress/web/page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "oracle/kind.h"
#include "stress/metrics/metrics.h"
#include "stress/web/changes_page.h"

namespace rcufarm::stress {

namespace {

constexpr std::size_t changes_shown = 8;

std::string row(const std::string& cells) { return "<tr>" + cells + "</tr>"; }
std::string cell(const std::string& html, const char* style = "") {
  return fmt::format("<td class=\"{}\">{}</td>", style, html);
}
std::string number(const std::string& text, const char* style = "n") { return cell(text, style); }
std::string table(const std::string& heads, const std::string& rows) {
  return "<div class=\"wide\"><table><thead><tr>" + heads + "</tr></thead><tbody>" + rows + "</tbody></table></div>";
}

// What is wrong, in a line: what somebody has to know before all else. What is being built is not wrong.
std::string banners(const Snapshot& s) {
  std::vector<std::pair<std::string, std::string>> wrong;  // in a few words, and all of it
  const auto add = [&](const char* words, const std::string& text) { wrong.emplace_back(words, text); };
  if (!s.cannot_run.empty()) add("nothing is started", "Nothing is started: " + s.cannot_run);
  if (!s.journal_trouble.empty())
    add("findings cannot be kept", "Findings cannot be kept, and nothing is started: " + s.journal_trouble);
  if (s.blind)
    add("the farm is blind",
        "The farm is blind: no planted mistake has been found for longer than it may take. Its silence proves "
        "nothing.");
  if (!s.store_trouble.empty())
    add("the store takes nothing", fmt::format("The store takes nothing, and {} entries wait in the journal: {}",
                                               with_commas(s.owed), s.store_trouble));
  if (s.refused > 0)
    add("the store refuses entries",
        fmt::format("The store refuses {} entries for good; they stay in journal.sqlite.", with_commas(s.refused)));
  std::vector<std::string> built;
  for (const Check& check : s.checks) {
    if (!check.wanted || check.trouble.empty()) continue;
    if (check.being_built) {
      built.push_back(check.name);
    } else if (check.name != "disk" || s.cannot_run.empty()) {
      add("", check.name + " cannot run: " + check.trouble);
    }
  }
  for (const auto& [name, trouble] : s.watch_troubles)
    add("", fmt::format("Branch {} cannot be looked at: {}", name, trouble));
  std::string html;
  if (s.stopping) html += "<p class=\"banner bad\">The farm is stopping.</p>";
  if (wrong.size() == 1) html += "<p class=\"banner bad\">" + escaped(wrong[0].second) + "</p>";
  // One line, however many: findings come next.
  if (wrong.size() > 1) {
    std::vector<std::string> words;
    for (const auto& [few, all] : wrong) {
      if (!few.empty()) words.push_back(few);
    }
    html +=
        fmt::format("<details class=\"banner\" id=\"wrong\"><summary class=\"bad\">{} things are wrong{}{}</summary>",
                    wrong.size(), words.empty() ? "" : ": ", fmt::join(words, ", "));
    for (const auto& [few, all] : wrong) html += "<p>" + escaped(all) + "</p>";
    html += "</details>";
  }
  if (!built.empty())
    html += fmt::format("<p class=\"sub\">Not built yet: {}.</p>", escaped(fmt::to_string(fmt::join(built, ", "))));
  return html;
}

std::string running(const Snapshot& s) {
  std::string rows;
  for (const SlotView& slot : s.slots) {
    rows += row(number(fmt::format("{}", slot.number)) + cell(slot.doing.empty() ? "free" : escaped(slot.doing)) +
                number(duration_text(slot.seconds)) + number(bytes_text(slot.resident_bytes)));
  }
  return "<h2>Running now</h2>" +
         table("<th class=\"n\">slot</th><th>worker</th><th class=\"n\">for</th><th class=\"n\">memory</th>", rows);
}

// A name that a narrow screen may break at its underscores.
std::string breakable(const std::string& name) {
  std::string html;
  for (const char c : name) html += c == '_' ? "_<wbr>" : escaped({&c, 1});
  return html;
}

std::string state_text(const LaneView& lane) {
  if (lane.share == 0) return "off";
  if (lane.being_built) return "not built yet";
  if (!lane.can_run) return "cannot run";
  return lane.state == "stopped" ? "waits" : lane.state;
}

// Of one target, or of all ("").
std::string kinds(const Snapshot& s, const std::string& only = "", const std::string& up = "") {
  std::string rows;
  for (const LaneView& lane : s.lanes) {
    const bool bad = lane.state == "parked" || lane.state == "backoff";
    if (!only.empty() && lane.target != only) continue;
    rows += row(cell(breakable(lane.name)) +
                cell(fmt::format("<a href=\"{0}target/{1}\">{1}</a>", up, escaped(lane.target)), "opt") +
                cell(fmt::format("<span class=\"{}\">{}</span>", bad ? "bad" : "", state_text(lane))) +
                number(fmt::format("{}", lane.share), "n opt") + number(duration_text(lane.seconds), "n opt") +
                number(with_commas(lane.stints), "n opt") + number(with_commas(lane.executions)) +
                number(fmt::format("{:.1f}", lane.rate)));
  }
  const char* heads =
      "<th>kind</th><th class=\"opt\">target</th><th>state</th><th class=\"n opt\">share</th><th class=\"n "
      "opt\">time</th><th class=\"n "
      "opt\">stints</th>"
      "<th class=\"n\">executions</th><th class=\"n\">per second</th>";
  return "<h2>Kinds of workers</h2>" + table(heads, rows);
}

// A small picture of the interleaving, which leads to the whole of it.
std::string picture(const Finding& f, const std::string& up) {
  if (f.diagram_svg.empty()) return "";
  return fmt::format(
      "<a href=\"{0}findings/{1}\"><img class=\"small\" loading=\"lazy\" src=\"{0}blob/{2}.svg\" alt=\"the "
      "interleaving\"></a>",
      up, f.key, f.diagram_svg);
}

oracle::Gravity gravity_of(const Finding& f) {
  const auto kind = oracle::kind_named(f.kind);
  return kind ? oracle::gravity_of(*kind) : oracle::Gravity::rest;
}

// Links are relative: they hold behind a proxy that serves the farm below a path of its own. `up`: the way to its root.
std::string findings_table(const std::vector<Finding>& findings, const std::string& up = "") {
  std::string rows;
  for (const Finding& f : findings) {
    rows += row(cell(picture(f, up), "picture") +
                cell(fmt::format("<a href=\"{}findings/{}\">{}</a>", up, f.key, escaped(f.signature))) +
                cell(fmt::format("<span class=\"{}\">{}</span>{}", f.state == FindingState::fixed ? "good" : "bad",
                                 name_of(f.state), f.acknowledged == 0 ? "" : ", " + escaped(f.note))) +
                cell(name_of(gravity_of(f)), "opt") + cell(escaped(f.engine), "opt") +
                number(with_commas(f.count), "n opt") + number(fmt::format("{}/{}", f.reproduced, f.replays), "n opt") +
                cell(time_text(f.last_seen), "opt"));
  }
  return table(
      "<th></th><th>signature</th><th>state</th><th class=\"opt\">gravity</th><th class=\"opt\">engine</th><th "
      "class=\"n "
      "opt\">seen</th><th class=\"n opt\">reproduced</th><th class=\"opt\">last</th>",
      rows);
}

std::string search_form(const Listing& listing) {
  std::string states;
  for (const char* state : {"", "open", "reopened", "fixed"}) {
    states += fmt::format("<option value=\"{}\"{}>{}</option>", state, listing.state == state ? " selected" : "",
                          *state == '\0' ? "any state" : state);
  }
  std::string kinds = "<option value=\"\">any kind</option>";
  for (const oracle::Kind kind : oracle::all_kinds) {
    const char* name = oracle::name_of(kind);
    kinds += fmt::format("<option{}>{}</option>", listing.kind == name ? " selected" : "", name);
  }
  return fmt::format(
      "<form action=\"findings\"><input name=\"text\" value=\"{}\" aria-label=\"part of the signature\" "
      "placeholder=\"part of the signature\"> <select name=\"state\" aria-label=\"state\">{}</select> <select "
      "name=\"kind\" "
      "aria-label=\"kind\">{}</select> <button>Search</button></form>",
      escaped(listing.text), states, kinds);
}

// What is open, the gravest first; what is fixed is folded.
std::string findings(const Snapshot& s) {
  std::string html = "<h2>Findings</h2>";
  if (s.waiting > 0) html += fmt::format("<p class=\"sub\">{} wait to be examined.</p>", with_commas(s.waiting));
  if (s.findings.empty()) return html + "<p class=\"good\">None.</p>";
  html += search_form({});
  if (s.findings_all > s.findings.size()) {
    html += fmt::format("<p class=\"sub\">The last {} of <a href=\"findings\">{}</a>.</p>", s.findings.size(),
                        with_commas(s.findings_all));
  }
  std::vector<Finding> open;
  std::vector<Finding> fixed;
  for (const Finding& f : s.findings) (f.state == FindingState::fixed ? fixed : open).push_back(f);
  std::ranges::sort(open, {}, [](const Finding& f) { return std::tuple(gravity_of(f), -f.last_seen, f.key); });
  html += open.empty() ? "<p class=\"good\">None is open.</p>" : findings_table(open);
  if (!fixed.empty()) {
    html += fmt::format("<details id=\"fixed\"><summary>{} fixed</summary>{}</details>", fixed.size(),
                        findings_table(fixed));
  }
  return html;
}

// Patches and commits.
std::string changes(const Snapshot& s) {
  if (s.changes.empty()) return "";
  std::uint64_t waiting = 0;
  for (const ChangeCount& count : s.change_counts)
    waiting += count.state == "waiting" || count.state == "at work" ? count.count : 0;
  std::vector<Change> newest = s.changes;
  newest.resize(std::min(newest.size(), changes_shown));
  std::string html = fmt::format(
      "<h2>Patches and commits</h2><p class=\"sub\">{} wait; <a href=\"changes\">all</a></p>", with_commas(waiting));
  if (waiting > 0 && !s.takes_no_changes.empty())
    html += fmt::format("<p class=\"sub\">This farm leaves them to others: {}.</p>", escaped(s.takes_no_changes));
  return html + changes_table(newest, "");
}

std::string proofs(const Snapshot& s) {
  if (s.proofs.empty()) return "";
  std::string rows;
  for (const Proof& proof : s.proofs) {
    const bool fails = std::ranges::any_of(proof.sizes, [](const ProofSize& size) { return size.wrong != 0; });
    rows += row(cell(fmt::format("<span class=\"{}\">{}</span>", fails ? "bad" : "", escaped(sentence_of(proof)))) +
                cell(escaped(proof.build), "opt") + number(with_commas(proof.at_work), "n opt") +
                cell(time_text(proof.began), "opt"));
  }
  return "<h2>Proofs</h2>" +
         table(
             "<th>what is proven</th><th class=\"opt\">build</th><th class=\"n opt\">at work</th><th "
             "class=\"opt\">began</th>",
             rows);
}

std::string canary(const Snapshot& s) {
  const std::string last = s.canary_ago_seconds < 0 ? "none yet" : duration_text(s.canary_ago_seconds) + " ago";
  std::string html = fmt::format("<h2>Planted mistakes</h2><p>Found in {} of {} searches; the last {}.</p>",
                                 with_commas(s.canary_found), with_commas(s.canary_found + s.canary_missed), last);
  if (s.defects.empty()) return html;
  std::string rows;
  for (const DefectView& d : s.defects) {
    const bool blind = d.found == 0 && d.missed > 0;
    rows += row(cell(escaped(d.name)) +
                number(fmt::format("<span class=\"{}\">{} of {}</span>", blind ? "bad" : "", with_commas(d.found),
                                   with_commas(d.found + d.missed))) +
                number(d.found == 0 ? "" : fmt::format("{:.2f} s", d.seconds_mean)) +
                cell(d.last == 0 ? (blind ? "never" : "not tried yet") : time_text(d.last), "opt"));
  }
  return html + table(
                    "<th>build</th><th class=\"n\">found</th><th class=\"n\">after, on average</th><th "
                    "class=\"opt\">last</th>",
                    rows);
}

std::string coverage(const Snapshot& s) {
  std::string charts;
  for (const Curve& curve : s.coverage) charts += chart(curve);
  return charts.empty() ? "" : "<h2>Over time</h2><div class=\"charts\">" + charts + "</div>";
}

std::string farms(const Snapshot& s) {
  if (s.farms.size() < 2) return "";
  std::string rows;
  for (const FarmSeen& farm : s.farms) {
    const bool is_lost = farm.ago > 60'000;
    rows += row(cell(escaped(farm.node)) + cell(fmt::format("<span class=\"{}\">{} ago</span>", is_lost ? "bad" : "",
                                                            duration_text(static_cast<double>(farm.ago) / 1000))));
  }
  return "<h2>Farms on this store</h2>" + table("<th>farm</th><th>heard of</th>", rows);
}

std::string corpus(const Snapshot& s) {
  std::string rows;
  for (const auto& [target, size] : s.corpora) {
    rows += row(cell(escaped(target)) + number(with_commas(size.entries)) + number(bytes_text(size.bytes)));
  }
  return "<h2>Corpus</h2>" + table("<th>target</th><th class=\"n\">inputs</th><th class=\"n\">size</th>", rows);
}

std::string link(const std::string& blob, const char* text) {
  return blob.empty() ? "" : fmt::format("<a href=\"../blob/{}\">{}</a> ", blob, text);
}

// Of a text in a link.
std::string in_query(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    safe += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return safe;
}

std::string fact(const char* name, const std::string& html) {
  return row(fmt::format("<th>{}</th>", name) + cell(html));
}

// Of a watched branch.
std::string blame_facts(const std::optional<Blame>& blame) {
  if (!blame) return "";
  std::string html = fact("branch", fmt::format("<a href=\"../watch/{0}\">{0}</a>", escaped(blame->source)));
  html += fact("first bad commit", escaped(blame->first_bad + " " + blame->bad_told));
  if (!blame->cured_by.empty()) html += fact("fixed by", escaped(blame->cured_by + " " + blame->cured_told));
  return html;
}

}  // namespace

std::string status_page(const Snapshot& s) {
  const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(s.at.time_since_epoch()).count();
  std::string body = fmt::format(
      "<h1>rcufarm on {}</h1><p class=\"sub\">revision {}, up {}, as of {}; <a href=\"metrics\">metrics</a></p>",
      escaped(s.node), escaped(s.revision), duration_text(s.uptime_seconds), time_text(at));
  body += banners(s) + findings(s) + changes(s) + proofs(s) + running(s) + kinds(s) + coverage(s) + canary(s) +
          corpus(s) + farms(s);
  body += fmt::format(
      "<h2>Configuration in force</h2><p class=\"sub\">State: <code>{}</code>; <a href=\"config\">as a file</a></p>"
      "<details id=\"config\"><summary>show</summary><pre>{}</pre></details>",
      escaped(s.state_folder), escaped(s.config));
  body += fmt::format("<p class=\"sub\">The supervisor took {:.1f} s of CPU and {} at most.</p>", s.cpu_seconds,
                      bytes_text(s.resident_bytes_max));
  return framed("rcufarm on " + s.node, body, true);
}

std::string target_page(const Snapshot& s, const std::string& target, const std::vector<Finding>& findings) {
  std::string body =
      fmt::format("<p><a href=\"../\">status</a></p><h1>Target {}</h1><h2>Findings</h2>", escaped(target));
  body += findings.empty() ? "<p class=\"good\">None.</p>" : findings_table(findings, "../");
  body += kinds(s, target, "../");
  std::string charts;
  for (const Curve& curve : s.coverage) {
    for (const LaneView& lane : s.lanes) {
      const std::string series = fmt::format("edges {}", lane.name);
      const bool is_its = curve.name == series || curve.name.starts_with(series + ",");
      if (is_its && lane.target == target) charts += chart(curve);
    }
  }
  if (!charts.empty()) body += "<h2>Over time</h2><div class=\"charts\">" + charts + "</div>";
  return framed("Target " + target, body, true, "../");
}

std::vector<std::string> programs_of_target(const Snapshot& s, const std::string& target) {
  std::vector<std::string> programs;
  for (const LaneView& lane : s.lanes) {
    if (lane.target == target) programs.push_back(lane.name);
  }
  return programs;
}

std::string findings_page(const std::vector<Finding>& findings, const Listing& listing, std::size_t page) {
  std::string body = "<p><a href=\"./\">status</a></p><h1>Findings</h1>" + search_form(listing);
  body += findings.empty() ? "<p>None.</p>" : findings_table(findings);
  const auto to = [&](std::size_t number, const char* text) {
    return fmt::format("<a href=\"findings?text={}&amp;state={}&amp;kind={}&amp;page={}\">{}</a> ",
                       in_query(listing.text), in_query(listing.state), in_query(listing.kind), number, text);
  };
  body += "<p>";
  if (page > 1) body += to(page - 1, "newer");
  if (findings.size() == listing.count_max) body += to(page + 1, "older");
  return framed("Findings", body + "</p>", false);
}

std::string finding_page(const Finding& f, const std::string& diagram, const std::string& report,
                         const std::optional<Blame>& blame) {
  std::string body = fmt::format("<p><a href=\"../\">all findings</a></p><h1>{}</h1>", escaped(f.signature));
  body += "<div class=\"wide\"><table><tbody>";
  body += fact("kind", escaped(f.kind)) + fact("state", name_of(f.state)) +
          fact("seen", fmt::format("{} times, first {}, last {}", with_commas(f.count), time_text(f.first_seen),
                                   time_text(f.last_seen))) +
          fact("by", escaped(fmt::format("{} ({}) on {}, build {}", f.engine, f.program, f.node, f.build))) +
          blame_facts(blame) +
          fact("replays", fmt::format("{} of {} showed it; newest build tried: {}", f.reproduced, f.replays,
                                      escaped(f.checked_build))) +
          fact("again", f.input.empty()
                            ? "its input is not known"
                            : fmt::format("save <a href=\"{0}\">{0}</a>, and in a tree that ./farm run has built: "
                                          "<code>{1}</code>",
                                          escaped(file_name(f)), escaped(replay_command(f, "")))) +
          fact("looked at by", f.acknowledged == 0
                                   ? fmt::format("nobody: <code>rcufarm-farm findings ack {} --note WHO</code>",
                                                 escaped(f.key.substr(0, 12)))
                                   : escaped(fmt::format("{}, {}", f.note, time_text(f.acknowledged)))) +
          fact("files", link(f.report, "report") + link(f.diagram, "diagram")) + "</tbody></table></div>";
  if (!f.diagram_svg.empty()) {
    body += fmt::format(
        "<h2>Interleaving</h2><figure class=\"wide\"><img src=\"../blob/{}.svg\" alt=\"the interleaving, "
        "drawn\"></figure>",
        f.diagram_svg);
  }
  if (!diagram.empty()) body += "<h2>As text</h2><pre>" + escaped(diagram) + "</pre>";
  if (!report.empty()) body += "<h2>Report</h2><pre>" + escaped(report) + "</pre>";
  return framed(f.signature, body, false);
}

}  // namespace rcufarm::stress
