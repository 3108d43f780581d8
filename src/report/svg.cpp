#include "tinynas/report/svg.h"

#include <fmt/format.h>

#include "report/text.h"

namespace tinynas::report {

std::string_view svg_colours() {
  // Tones after Okabe and Ito (2008), darkened or lightened until each has 3:1 against its paper
  // (WCAG 1.4.11).
  return R"css(:root{--paper:#ffffff;--panel:#f6f7f9;--ink:#17202a;--soft:#5a6672;--rule:#e2e6ea;
--t1:#0067b1;--t2:#c25400;--t3:#00805c;--t4:#a8437f;--t5:#8a6d00;--t6:#3d86b8;--tm:#8b95a0;--tw:#0067b1;--bad:#b3261e;
color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--paper:#12171d;--panel:#1a2129;--ink:#e7ecf1;--soft:#a3afbb;--rule:#2c3640;
--t1:#5db0f2;--t2:#f08c48;--t3:#3fc39a;--t4:#df8fbd;--t5:#d9b441;--t6:#9ccbeb;--tm:#6d7884;--tw:#5db0f2;--bad:#ff8a80}}
@media print{:root{--paper:#fff;--panel:#fff;--ink:#000;--soft:#444;--rule:#ccc;
--t1:#0067b1;--t2:#c25400;--t3:#00805c;--t4:#a8437f;--t5:#8a6d00;--t6:#3d86b8;--tm:#8b95a0;--tw:#0067b1;--bad:#b3261e}}
)css";
}

std::string_view svg_style() {
  return R"css(svg{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif;font-size:12px}
svg text{fill:var(--soft)}
svg .t1{--tone:var(--t1)}svg .t2{--tone:var(--t2)}svg .t3{--tone:var(--t3)}svg .t4{--tone:var(--t4)}
svg .t5{--tone:var(--t5)}svg .t6{--tone:var(--t6)}svg .tm{--tone:var(--tm)}svg .tw{--tone:var(--tw)}
svg .title{font-size:14px;font-weight:600;fill:var(--ink)}
svg .strong{fill:var(--ink);font-weight:600}svg .ink{fill:var(--ink)}svg .small{font-size:10.5px}
svg .tick{font-size:11px;font-variant-numeric:tabular-nums}
svg .grid{stroke:var(--rule)}svg .axis{stroke:var(--soft)}
svg .line{fill:none;stroke:var(--tone);stroke-width:2;stroke-linejoin:round}
svg .line.tm{stroke-width:1;opacity:.45}svg .line.tw{stroke-width:3}
svg .dot{fill:none;stroke:var(--tone);stroke-opacity:.55;stroke-width:5;stroke-linecap:round}svg .star{fill:var(--tone);stroke:var(--paper);stroke-width:1.5}
svg .key,svg .bar{fill:var(--tone)}
svg .heat{fill:var(--t1)}svg .frame{fill:none;stroke:var(--ink);stroke-width:2.5}svg .none{stroke:var(--rule)}
svg .on{fill:var(--paper)}
svg .alive{fill:var(--tone);fill-opacity:.62;shape-rendering:crispEdges}
svg .place{fill:var(--tone);fill-opacity:.1;stroke:var(--tone);stroke-opacity:.7;stroke-width:.7}
svg .halo{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-opacity:.75;stroke-linejoin:round}
svg .limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:6 4}svg .limit-text{fill:var(--bad);font-weight:600}
svg .peak{stroke:var(--ink);stroke-width:1.5}
svg .area{fill:var(--tone);fill-opacity:.35}
)css";
}

std::string standalone_svg(std::string_view svg) {
  const std::size_t name_end = svg.find("<svg") + 4;
  const std::size_t tag_end = svg.find('>', name_end) + 1;
  std::string out = "<?xml version='1.0' encoding='UTF-8'?>\n<svg xmlns='http://www.w3.org/2000/svg'";
  out += svg.substr(name_end, tag_end - name_end);
  out += "<style>" + escape(svg_colours()) + escape(svg_style()) + "</style>";
  out += "<rect width='100%' height='100%' style='fill:var(--paper)'/>";
  out += svg.substr(tag_end);
  return out;
}

std::string svg_text(double x, double y, std::string_view classes, std::string_view anchor,
                     std::string_view text) {
  return fmt::format("<text class='{}' x='{:.1f}' y='{:.1f}' text-anchor='{}'>{}</text>", classes, x, y,
                     anchor, escape(text));
}

std::string svg_line(double x1, double y1, double x2, double y2, std::string_view classes) {
  return fmt::format("<line class='{}' x1='{:.1f}' y1='{:.1f}' x2='{:.1f}' y2='{:.1f}'/>", classes, x1, y1,
                     x2, y2);
}

std::string svg_open(double width, double height, std::string_view title, std::string_view description) {
  return fmt::format(
      "<svg viewBox='0 0 {0} {1}' width='{0}' height='{1}' role='img' aria-label='{2}'>\n"
      "<title>{2}</title>\n<desc>{3}</desc>\n",
      width, height, escape(title), escape(description));
}

double text_width(std::string_view text, double font_px) {
  // Mean advances of DejaVu Sans and Segoe UI, in em.
  constexpr double kNarrow = 0.32, kLetter = 0.56, kWide = 0.72;
  double em = 0;
  for (const char c : text) {
    if ((c & 0xC0) == 0x80) continue;  // inside a UTF-8 character
    const bool narrow = std::string_view("iljtfI.,:;'|! ()[]").find(c) != std::string_view::npos;
    const bool wide = (c >= 'A' && c <= 'Z') || c == 'm' || c == 'w' || c == '%';
    em += narrow ? kNarrow : wide ? kWide : kLetter;
  }
  return em * font_px;
}

}  // namespace tinynas::report
