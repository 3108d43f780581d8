#pragma once

#include <string>
#include <string_view>

namespace tinynas::report {

/// Drawings are <svg> elements that take their colours from classes, so that a page sets light and dark once.
/// The classes of tones: "t1".."t6" (a fixed order of colours that tell apart, colour-blind readers
/// included), "tm" muted, "tw" the winner.

/// CSS for every drawing of this module; the custom properties it leans on are svg_colours().
std::string_view svg_style();
/// Custom properties (--ink, --soft, --rule, --paper, --t1 ...) on :root, light and dark.
std::string_view svg_colours();

/// A drawing as a file of its own: XML header, name space, colours, style, paper.
std::string standalone_svg(std::string_view svg);

/// Text as an SVG <text>; `classes` sets its look, `anchor` is start, middle or end.
std::string svg_text(double x, double y, std::string_view classes, std::string_view anchor,
                     std::string_view text);
/// Horizontal or vertical hair line.
std::string svg_line(double x1, double y1, double x2, double y2, std::string_view classes);
/// Opens an <svg> with its size, an accessible name and a longer description.
std::string svg_open(double width, double height, std::string_view title, std::string_view description);

/// Width of `text` at `font_px` in a system sans-serif, within some percent: enough to place labels.
double text_width(std::string_view text, double font_px);

}  // namespace tinynas::report
