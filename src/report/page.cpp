#include "report/page.h"

#include <fmt/format.h>

#include "report/text.h"
#include "tinynas/report/svg.h"

namespace tinynas::report {
namespace {

constexpr std::string_view kStyle = R"css(
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);line-height:1.5;font-size:15px;
font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif}
main,header,footer{max-width:1120px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
h1{font-size:27px;line-height:1.25;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:19px;margin:44px 0 10px;padding-top:14px;border-top:1px solid var(--rule)}
h3{font-size:15px;margin:22px 0 8px}
p{margin:8px 0;max-width:76ch}
.lead{font-size:17px}
.bad{color:var(--bad);font-weight:600}
nav{margin:14px 0 0;font-size:14px}
nav a{margin-right:16px;white-space:nowrap}
a{color:var(--t1)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:13px}
code{overflow-wrap:anywhere}
pre{background:var(--panel);padding:14px;border-radius:6px;overflow-x:auto}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0 4px}
.tile{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:12px 14px}
.tile .name{color:var(--soft);font-size:13px}
.tile .figure{font-size:22px;font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap}
.tile .limit{color:var(--soft);font-size:12.5px;margin-top:5px}
.tile .meter{height:6px;border-radius:3px;background:var(--rule);margin-top:8px;overflow:hidden}
.tile .meter i{display:block;height:100%;min-width:2px;background:var(--t3)}
.missed .meter i{background:var(--bad)}.missed .figure{color:var(--bad)}
figure{margin:14px 0}
figure svg{display:block;width:100%;height:auto;max-width:740px}
figure.wide{overflow-x:auto}figure.wide svg{max-width:none;min-width:720px}
figcaption{color:var(--soft);font-size:13.5px;margin-top:4px;max-width:90ch}
.sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:8px 28px;align-items:start}
.scroll{overflow-x:auto;margin:12px 0}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding-bottom:6px}
th,td{padding:4px 10px;text-align:left;white-space:nowrap;border-bottom:1px solid var(--rule)}
th{color:var(--soft);font-weight:600;border-bottom:2px solid var(--rule)}
.n{text-align:right}
td.bar{background:linear-gradient(to right,color-mix(in srgb,var(--t1) 22%,transparent) var(--share),transparent var(--share))}
tbody tr:hover{background:var(--panel)}
.marked td{font-weight:700}
.marked td:first-child{box-shadow:inset 3px 0 var(--tw);padding-left:13px}
tfoot td{font-weight:600;border-bottom:0;border-top:2px solid var(--rule)}
td.wrap{white-space:normal}
details{margin:12px 0}
summary{cursor:pointer;font-weight:600}
footer{color:var(--soft);font-size:13px;padding-top:30px;padding-bottom:40px}
@media print{body{font-size:11px}main,header,footer{max-width:none;padding:0}nav{display:none}
figure,.tile,tr{break-inside:avoid}figure.wide svg{min-width:0}h2,h3{break-after:avoid}.scroll{overflow:visible}table{font-size:8.5px}
th,td{padding:2px 5px}details::details-content{content-visibility:visible;height:auto}}
)css";

std::string figure_of_class(std::string_view attribute, std::string_view drawing, std::string_view caption) {
  std::string out = fmt::format("<figure{}>\n{}", attribute, drawing);
  if (!caption.empty()) out += fmt::format("<figcaption>{}</figcaption>", escape(caption));
  return out + "</figure>\n";
}

}  // namespace

std::string to_html(const Page& page) {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'/>\n"
      "<meta name='viewport' content='width=device-width, initial-scale=1'/>\n<title>{}</title>\n"
      "<style>\n{}{}{}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n{}",
      escape(page.title), svg_colours(), svg_style(), kStyle, escape(page.title), page.head);
  out += "<nav aria-label='Contents'>";
  for (const Section& section : page.sections)
    out += fmt::format("<a href='#{}'>{}</a>\n", escape(section.id), escape(section.heading));
  out += "</nav>\n</header>\n<main>\n";
  for (const Section& section : page.sections)
    out += fmt::format("<section id='{}'>\n<h2>{}</h2>\n{}</section>\n", escape(section.id),
                       escape(section.heading), section.body);
  return out + "</main>\n<footer>\n" + page.foot + "</footer>\n</body>\n</html>\n";
}

std::string figure(std::string_view drawing, std::string_view caption) {
  return figure_of_class("", drawing, caption);
}

std::string wide_figure(std::string_view drawing, std::string_view caption) {
  return figure_of_class(" class='wide'", drawing, caption);
}

std::string side_by_side(const std::vector<std::string>& figures) {
  std::string out = "<div class='sides'>\n";
  for (const std::string& one : figures) out += one;
  return out + "</div>\n";
}

std::string folded(std::string_view summary, std::string_view body, Fold fold) {
  return fmt::format("<details{}><summary>{}</summary>\n{}</details>\n",
                     fold == Fold::kOpen ? " open='open'" : "", escape(summary), body);
}

std::string paragraph(std::string_view text) { return fmt::format("<p>{}</p>\n", escape(text)); }

}  // namespace tinynas::report
