#include "stress/web/changes_page.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "stress/web/page.h"

namespace rcufarm::stress {

namespace {

using nlohmann::json;

json parsed(const std::string& result) {
  json said = json::parse(result, nullptr, false);
  return said.is_object() ? said : json::object();
}

std::string text(const json& of, const char* key) {
  const auto found = of.find(key);
  return found != of.end() && found->is_string() ? found->get<std::string>() : "";
}

json list(const json& of, const char* key) {
  const auto found = of.find(key);
  return found != of.end() && found->is_array() ? *found : json::array();
}

const char* style_of(const Change& change) {
  if (change.state == "wrong" || change.state == "failed") return "bad";
  return change.state == "clean" ? "good" : "";
}

std::string cell(const std::string& html, const char* style = "") {
  return fmt::format("<td class=\"{}\">{}</td>", style, html);
}
std::string fact(const char* name, const std::string& html) {
  return fmt::format("<tr><th>{}</th>{}</tr>", name, cell(html));
}

// The reasons may have several lines.
std::string lines(const std::string& told) {
  std::string html;
  for (const char c : escaped(told)) html += c == '\n' ? std::string("<br>") : std::string(1, c);
  return html;
}

std::string searched_table(const json& said) {
  std::string rows;
  for (const auto& [key, what] : {std::pair{"searched", "with it"}, std::pair{"base", "without it"}}) {
    for (const json& one : list(said, key)) {
      rows += fmt::format("<tr>{}{}{}{}{}</tr>", cell(what), cell(escaped(text(one, "model"))),
                          cell(with_commas(one.value("schedules", std::uint64_t{0})), "n"),
                          cell(with_commas(one.value("points", std::uint64_t{0})), "n"),
                          cell(fmt::format("{:.0f} s", one.value("seconds", 0.0)), "n"));
    }
  }
  if (rows.empty()) return "";
  return "<h2>What was searched</h2><div class=\"wide\"><table><thead><tr><th>tree</th><th>memory model</th><th "
         "class=\"n\">schedules</th><th class=\"n\">points</th><th class=\"n\">time</th></tr></thead><tbody>" +
         rows + "</tbody></table></div>";
}

std::string meaning_of(const Change& c) {
  if (c.state == "waiting" && c.claimed) return "a farm is looking at it now";
  if (c.state == "waiting" && !c.source.empty()) return "it waits until no patch does";
  if (c.state == "waiting") return wants_of(c).empty() ? "it waits for the next farm that is free" : wants_of(c);
  if (c.state == "wrong")
    return c.source.empty() ? "it shows what the tree without it does not"
                            : "it shows what no commit before it was known to show";
  if (c.state == "same")
    return c.source.empty() ? "what it shows the tree without it shows, too" : "what it shows is known";
  if (c.state == "clean") return "nothing was found; that is no proof: what was searched stands below";
  if (c.state == "incomplete") return "no verdict: a part of a series is not judged";
  if (c.state == "not applied") return "no verdict: it does not apply";
  if (c.state == "not built") return "no verdict: it does not build";
  if (c.state == "dropped") return "not looked at: its watch asks for it no more";
  return "no verdict: it could not be searched";
}

}  // namespace

std::string state_text(const Change& change) {
  return change.state == "waiting" && change.claimed ? "at work" : change.state;
}

std::string wants_of(const Change& c) {
  if (!c.source.empty() || c.target == "alloc") return "";
  if (c.target == "linux")
    return "it waits for a farm that has a kernel's tree ([changes] linux_tree), or a [[watch]] named linux";
  return fmt::format("it waits for a farm that has a [[watch]] named {}", c.target);
}

std::string changes_table(const std::vector<Change>& changes, const std::string& up) {
  std::string rows;
  for (const Change& c : changes) {
    const std::string from = c.source.empty() ? "patch"
                                              : fmt::format("<a href=\"{0}watch/{1}\">{1}</a> {2}", up,
                                                            escaped(c.source), escaped(c.name.substr(0, 12)));
    rows += "<tr>" + cell(fmt::format("<a href=\"{}changes/{}\">{}</a>", up, c.key, escaped(c.title))) +
            cell(fmt::format("<span class=\"{}\">{}</span>", style_of(c), escaped(state_text(c)))) + cell(from) +
            cell(escaped(c.target), "opt") + cell(time_text(c.came), "opt") + "</tr>";
  }
  return "<div class=\"wide\"><table><thead><tr><th>change</th><th>state</th><th>from</th><th "
         "class=\"opt\">target</th><th "
         "class=\"opt\">came</th></tr></thead><tbody>" +
         rows + "</tbody></table></div>";
}

std::string changes_page(const std::vector<Change>& changes, std::size_t page, std::size_t per_page) {
  std::string body = "<p><a href=\"./\">status</a></p><h1>Patches and commits</h1>";
  body += changes.empty() ? "<p>None. Submit one: <code>rcufarm-farm submit my.mbox</code></p>"
                          : changes_table(changes, "");
  body += "<p>";
  if (page > 1) body += fmt::format("<a href=\"changes?page={}\">newer</a> ", page - 1);
  if (changes.size() == per_page) body += fmt::format("<a href=\"changes?page={}\">older</a>", page + 1);
  return framed("Patches and commits", body + "</p>", false);
}

std::string change_page(const Change& c, const std::string& result) {
  const json said = parsed(result);
  std::string body = fmt::format(
      "<p><a href=\"../changes\">all changes</a></p><h1>{}</h1><div class=\"wide\"><table><tbody>", escaped(c.title));
  body += fact("state",
               fmt::format("<span class=\"{}\">{}</span>: {}", style_of(c), escaped(state_text(c)), meaning_of(c)));
  if (!c.told.empty()) body += fact("why", lines(c.told));
  body += fact("from", c.source.empty() ? fmt::format("a patch; <a href=\"{}/patch\">as it came</a>", c.key)
                                        : fmt::format("<a href=\"../watch/{0}\">{0}</a>, commit {1}", escaped(c.source),
                                                      escaped(c.name)));
  body += fact("target", escaped(c.target)) + fact("came", time_text(c.came));
  if (c.ended > 0) body += fact("ended", fmt::format("{}, by {}", time_text(c.ended), escaped(c.node)));
  if (const std::string confined = text(said, "confined"); !confined.empty())
    body += fact("built with", escaped(confined));
  if (!result.empty()) body += fact("answer", fmt::format("<a href=\"{}/reply\">as plain text for a mail</a>", c.key));
  body += "</tbody></table></div>" + searched_table(said);
  std::size_t number = 0;
  for (const json& found : list(said, "findings")) {
    const bool known = found.value("known", false);
    body += fmt::format("<h2>{}</h2><p class=\"{}\">{}</p><p>{}. Met {} times under the model {}.</p>",
                        escaped(text(found, "signature")), known ? "sub" : "bad",
                        known ? "Shown before it, too." : "Not shown by the tree without it.",
                        escaped(text(found, "detail")), with_commas(found.value("seen", std::uint64_t{0})),
                        escaped(text(found, "model")));
    if (found.contains("first_bad")) {
      body += fmt::format("<p>First bad commit: {} {}</p>", escaped(text(found["first_bad"], "commit").substr(0, 12)),
                          escaped(text(found["first_bad"], "title")));
    }
    if (!text(found, "svg").empty()) {
      body += fmt::format("<figure class=\"wide\"><img src=\"{}/{}.svg\" alt=\"the interleaving, drawn\"></figure>",
                          c.key, number);
    }
    body += "<details><summary>as text</summary><pre>" + escaped(text(found, "diagram")) + "</pre></details>";
    ++number;
  }
  return framed(c.title, body, c.state == "waiting", "../");
}

std::string watch_page(const std::string& name, const std::string& trouble, const std::vector<Change>& commits,
                       const std::vector<std::pair<Finding, Blame>>& findings) {
  std::string body = fmt::format("<p><a href=\"../\">status</a></p><h1>Branch {}</h1>", escaped(name));
  if (!trouble.empty()) body += fmt::format("<p class=\"banner bad\">It cannot be looked at: {}</p>", escaped(trouble));
  body += "<h2>Findings</h2>";
  std::string rows;
  for (const auto& [f, blame] : findings) {
    rows += "<tr>" + cell(fmt::format("<a href=\"../findings/{}\">{}</a>", f.key, escaped(f.signature))) +
            cell(fmt::format("<span class=\"{}\">{}</span>", f.state == FindingState::fixed ? "good" : "bad",
                             name_of(f.state))) +
            cell(fmt::format("{} {}", escaped(blame.first_bad.substr(0, 12)), escaped(blame.bad_told))) +
            cell(fmt::format("{} {}", escaped(blame.cured_by.substr(0, 12)), escaped(blame.cured_told))) + "</tr>";
  }
  body +=
      rows.empty()
          ? "<p class=\"good\">None.</p>"
          : "<div class=\"wide\"><table><thead><tr><th>signature</th><th>state</th><th>first bad commit</th><th>fixed "
            "by</th></tr></thead><tbody>" +
                rows + "</tbody></table></div>";
  body += "<h2>Commits</h2>";
  body += commits.empty() ? "<p>None was looked at yet.</p>" : changes_table(commits, "../");
  return framed("Branch " + name, body, true, "../");
}

std::string as_json(const Change& c) {
  return json{{"key", c.key},     {"source", c.source},     {"target", c.target}, {"title", c.title},
              {"commit", c.name}, {"state", state_text(c)}, {"told", c.told},     {"came", c.came},
              {"ended", c.ended}, {"farm", c.node}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

Change submitted(Store& store, const std::string& content, const std::string& target) {
  Change change;
  change.target = target.empty() ? target_of_patch(content) : target;
  change.key = patch_key(content, change.target);
  change.title = title_of_patch(content);
  change.content = store.blobs().put(content);
  store.submit(change);
  return store.change(change.key).value_or(change);
}

std::string reply_text(Store& store, const Change& change) {
  return change.result.empty() ? "" : text(parsed(store.blobs().get(change.result).value_or("")), "reply");
}

std::string drawing_of(const std::string& result, std::size_t number) {
  const json findings = list(parsed(result), "findings");
  return number < findings.size() ? text(findings[number], "svg") : "";
}

}  // namespace rcufarm::stress
