#pragma once

#include <string>
#include <string_view>

namespace tinynas::test {

/// Empty if `text` is well-formed as far as a page needs it: every tag closed in order, attributes quoted and
/// not given twice, only the five entities of XML, no bare & or <. A doctype and <?xml?> may come first;
/// <style> is read as text, as HTML does. Otherwise what is wrong, and where.
std::string xml_error(std::string_view text);

}  // namespace tinynas::test
