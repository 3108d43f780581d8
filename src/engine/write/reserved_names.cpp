// A model's name becomes a target of build tools, files, a header that `#include` finds, and the beginning of
// symbols: what each of these has taken already.
#include "engine/write/reserved_names.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace tinynas::engine {
namespace {

/// Of C up to C23 and C++ up to C++20, and C++'s other words for operators.
constexpr std::string_view kKeywords =
    " _Alignas _Alignof _Atomic _BitInt _Bool _Complex _Decimal128 _Decimal32 _Decimal64 _Generic _Imaginary "
    "_Noreturn _Static_assert _Thread_local alignas alignof and and_eq asm auto bitand bitor bool break case "
    "catch char char16_t char32_t char8_t class co_await co_return co_yield compl concept const const_cast "
    "consteval constexpr constinit continue decltype default delete do double dynamic_cast else enum "
    "explicit export extern false float for friend goto if inline int long mutable namespace new noexcept "
    "not not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires "
    "restrict return short signed sizeof static static_assert static_cast struct switch template this "
    "thread_local throw true try typedef typeid typename typeof typeof_unqual union unsigned using virtual "
    "void volatile wchar_t while xor xor_eq ";

/// Words in lower case between blanks, and what they are.
struct Taken {
  std::string_view words, by;
};
constexpr std::array kTaken = {
    Taken{" all clean depend edit_cache emulate help install lib list_install_components package "
          "package_source preinstall rebuild_cache test all_build run_tests zero_check ",
          "is a target of make or CMake"},  // CMake's: policy CMP0037
    Taken{" benchmark_layers board cycles main model_binding start ",
          "is a file or the beginning of a function of the programs in examples/"},
    Taken{" assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign "
          "stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar "
          "wchar wctype ",
          "is a header of C, which the model's own header would hide"},
};

/// How the kernels, their macros and their files begin.
constexpr std::array<std::string_view, 2> kKernels = {"tn_", "tinynas_"};

bool has_word(std::string_view words, std::string_view word) {
  return words.find(' ' + std::string(word) + ' ') != std::string_view::npos;
}

}  // namespace

std::string reserved_because(std::string_view name) {
  if (has_word(kKeywords, name)) return "is a keyword of C or C++";
  // File systems may take Board.h for board.h, and macros have capitals only.
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Taken& taken : kTaken)
    if (has_word(taken.words, lower)) return std::string(taken.by);
  if (std::any_of(kKernels.begin(), kKernels.end(),
                  [&](std::string_view prefix) { return (lower + '_').starts_with(prefix); }))
    return "begins as the kernels and their files do";
  return {};
}

}  // namespace tinynas::engine
