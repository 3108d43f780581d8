# Warnings, optimisation and sanitizers shared by every C++ target of this project.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(tinynas_build_flags INTERFACE)
target_compile_options(tinynas_build_flags INTERFACE -Wall -Wextra -Wno-missing-field-initializers
                       $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
                       # GCC 12 warns about its own std::string (bug 105651).
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
                       # The same sums on every machine: no fused or re-ordered floating point.
                       -ffp-contract=off)
if(TINYNAS_SANITIZE)
  target_compile_options(tinynas_build_flags INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer
                         -fno-sanitize-recover=undefined)
  target_link_options(tinynas_build_flags INTERFACE -fsanitize=address,undefined)
endif()
if(TINYNAS_BUILD_FUZZERS)  # what the targets call tells libFuzzer which ways it went
  target_compile_options(tinynas_build_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(tinynas_build_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
