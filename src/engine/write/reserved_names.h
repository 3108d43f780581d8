#pragma once

#include <string>
#include <string_view>

namespace tinynas::engine {

/// Why no model may be named so, as the end of a sentence: "is a keyword of C or C++". Empty: it may.
std::string reserved_because(std::string_view name);

}  // namespace tinynas::engine
