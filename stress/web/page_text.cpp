// What both pages share: the frame, its style, and figures as text.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "session/present.h"
#include "stress/web/page.h"

namespace rcufarm::stress {

namespace {

constexpr const char* style = R"(
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--bad:#c22;--good:#2a7a2a}
@media(prefers-color-scheme:dark){:root{--bad:#ff7b72;--good:#7ee787}}
body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:0 1rem 3rem}
h1{font-size:1.4rem;margin:1rem 0 .2rem}h2{font-size:1.1rem;margin:1.8rem 0 .4rem}
.sub{opacity:.75}.bad{color:var(--bad);font-weight:600}.good{color:var(--good)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.25rem .7rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}
pre{background:var(--soft);padding:.7rem;overflow-x:auto;font:13px/1.35 ui-monospace,monospace}
code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}
.banner p{margin:.3rem 0}.banner{border-left:4px solid var(--bad);padding:.4rem .8rem;background:var(--soft);margin:.8rem 0}
img.small{width:7rem;height:4.5rem;object-fit:cover;object-position:top left;border:1px solid var(--line);border-radius:3px}
td.picture{padding-right:.7rem;width:7.2rem}form{margin:.5rem 0;display:flex;flex-wrap:wrap;gap:.4rem}
input,select,button{font:inherit;max-width:100%}details{margin:.4rem 0}summary{cursor:pointer}
figure{margin:.6rem 0}figcaption{opacity:.75}svg{max-width:100%;height:auto}
@media(max-width:40rem){.opt{display:none}img.small{width:4.5rem;height:3.4rem}td.picture{width:4.7rem}td{overflow-wrap:anywhere}td>span{overflow-wrap:normal}}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1rem}
)";

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      case '\'': safe += "&#39;"; break;
      default: safe += c;
    }
  }
  return safe;
}

std::string with_commas(std::uint64_t number) { return session::with_commas(number); }

std::string bytes_text(std::uint64_t bytes) {
  constexpr double step = 1024;
  double value = static_cast<double>(bytes);
  for (const char* unit : {"B", "KiB", "MiB", "GiB"}) {
    if (value < step) return fmt::format("{:.{}f} {}", value, value < 10 && unit[0] != 'B' ? 1 : 0, unit);
    value /= step;
  }
  return fmt::format("{:.1f} TiB", value);
}

std::string duration_text(double seconds) {
  const auto s = static_cast<std::uint64_t>(seconds < 0 ? 0 : seconds);
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
  if (s < 86'400) return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
  return fmt::format("{} d {} h", s / 86'400, s / 3600 % 24);
}

std::string time_text(Milliseconds at) {
  return fmt::format("{:%F %T}Z", fmt::gmtime(static_cast<std::time_t>(at / 1000)));
}

// Fetches the page again and puts its body in the place of this one's; what was unfolded stays so, and who fills in a form, or
// looks elsewhere, is left alone.
const char* const live_script = R"(
setInterval(async () => {
  const busy = document.activeElement && document.activeElement.form;
  if (document.hidden || busy || String(getSelection()) !== '') return;
  const open = [...document.querySelectorAll('details[open]')].map((one) => one.id);
  try {
    const answer = await fetch(location.href, {cache: 'no-store'});
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const id of open) if (id && page.getElementById(id)) page.getElementById(id).open = true;
    document.querySelector('main').replaceWith(page.querySelector('main'));
  } catch { /* it is tried again */ }
}, 5000);
)";

std::string framed(const std::string& title, const std::string& body, bool refreshed, const char* up) {
  return fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><link rel=\"icon\" "
      "href=\"data:,\">{}<title>{}</title><style>{}</style></head><body><main>{}</main></body></"
      "html>\n",
      refreshed ? fmt::format("<noscript><meta http-equiv=\"refresh\" content=\"15\"></noscript><script defer "
                              "src=\"{}live.js\"></script>",
                              up)
                : "",
      escaped(title), style, body);
}

}  // namespace rcufarm::stress
