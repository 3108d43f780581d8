#pragma once

#include <string_view>

namespace tinynas {

/// The project's version (CMakeLists.txt holds the same; a test of app/ compares them).
inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace tinynas
