#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tinynas::report {

/// A part of the page under its own heading.
struct Section {
  std::string id = {};       ///< of the link to it
  std::string heading = {};  ///< plain text
  std::string body = {};     ///< HTML
};

struct Page {
  std::string title = {};
  std::string head = {};  ///< HTML below the title: the summary and the tiles
  std::vector<Section> sections = {};
  std::string foot = {};  ///< HTML
};

/// The whole document: styles inside, nothing loaded, no script.
std::string to_html(const Page& page);

/// A drawing with its caption, HTML in both.
std::string figure(std::string_view drawing, std::string_view caption = {});
/// A figure over the whole width of the page.
std::string wide_figure(std::string_view drawing, std::string_view caption);
/// Drawings beside each other where there is room.
std::string side_by_side(const std::vector<std::string>& figures);
enum class Fold { kOpen, kClosed };
/// A part that folds away under a line of text.
std::string folded(std::string_view summary, std::string_view body, Fold fold);
std::string paragraph(std::string_view text);

}  // namespace tinynas::report
