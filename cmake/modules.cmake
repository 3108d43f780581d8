# <torch/torch.h> takes 16 s to compile and 8 s to load when precompiled: the first target precompiles it, the others
# reuse that (which needs equal code generation, hence -fPIC for executables too).
function(tinynas_torch_headers target)
  get_property(owner GLOBAL PROPERTY TINYNAS_TORCH_HEADERS)
  target_compile_options(${target} PRIVATE -fPIC)
  if(owner)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  else()
    target_precompile_headers(${target} PRIVATE <torch/torch.h>)
    set_property(GLOBAL PROPERTY TINYNAS_TORCH_HEADERS ${target})
  endif()
endfunction()

# With TINYNAS_UNITY the compiler reads the headers once for a dozen files. Files with options of their own stay apart.
function(tinynas_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${TINYNAS_UNITY} UNITY_BUILD_BATCH_SIZE 12)
endfunction()

# tinynas_module(NAME MAY_USE module... LINKS library... [TORCH])
# One static library per module from src/NAME/*.cpp; it links what it may use and nothing above it.
function(tinynas_module name)
  cmake_parse_arguments(M "TORCH" "" "MAY_USE;LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  if(NOT sources)  # a module that has headers only
    file(WRITE ${CMAKE_BINARY_DIR}/empty_${name}.cpp "")
    set(sources ${CMAKE_BINARY_DIR}/empty_${name}.cpp)
  endif()
  set(target tinynas_m_${name})
  add_library(${target} STATIC ${sources})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME tinynas_${name} EXPORT_NAME ${name}_module LINKER_LANGUAGE CXX
                                             POSITION_INDEPENDENT_CODE ON)
  tinynas_unity(${target})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                              $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_compile_features(${target} PUBLIC cxx_std_20)
  list(TRANSFORM M_MAY_USE PREPEND tinynas_m_ OUTPUT_VARIABLE used)
  target_link_libraries(${target} PUBLIC ${used} PRIVATE ${M_LINKS} fmt::fmt $<BUILD_INTERFACE:tinynas_build_flags>)
  # Kernels for some CPUs have files of their own; who calls them asks the CPU first.
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    file(GLOB avx2 ${PROJECT_SOURCE_DIR}/src/${name}/*_avx2.cpp)
    set_source_files_properties(${avx2} PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma" SKIP_PRECOMPILE_HEADERS ON)
    file(GLOB avx512 ${PROJECT_SOURCE_DIR}/src/${name}/*_avx512.cpp)
    set(avx512_options -mavx2 -mfma -mavx512f -mavx512vl)
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)  # sees faults in its own intrinsics: bug 105593
      list(APPEND avx512_options -Wno-uninitialized -Wno-maybe-uninitialized)
    endif()
    set_source_files_properties(${avx512} PROPERTIES COMPILE_OPTIONS "${avx512_options}" SKIP_PRECOMPILE_HEADERS ON)
  endif()
  if(M_TORCH)
    target_include_directories(${target} SYSTEM PUBLIC $<BUILD_INTERFACE:${TORCH_INCLUDE_DIRS}>)
    target_link_libraries(${target} PUBLIC ${TORCH_LIBRARIES} OpenMP::OpenMP_CXX)
    tinynas_torch_headers(${target})
  endif()
  set_property(GLOBAL APPEND PROPERTY TINYNAS_MODULES ${name})
endfunction()

# tinynas_umbrella(NAME module...): tinynas::NAME, one name for several modules.
function(tinynas_umbrella name)
  list(TRANSFORM ARGN PREPEND tinynas_m_ OUTPUT_VARIABLE parts)
  add_library(tinynas_${name} INTERFACE)
  set_target_properties(tinynas_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(tinynas_${name} INTERFACE ${parts})
  add_library(tinynas::${name} ALIAS tinynas_${name})
  set_property(GLOBAL APPEND PROPERTY TINYNAS_UMBRELLAS tinynas_${name})
endfunction()
