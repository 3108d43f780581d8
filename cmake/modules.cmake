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

# With TINYNAS_UNITY the compiler reads the headers once for up to a dozen files of a folder. Files with options of their
# own stay apart.
function(tinynas_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${TINYNAS_UNITY} UNITY_BUILD_MODE GROUP)
  get_target_property(sources ${target} SOURCES)
  set(count 0)
  set(group 0)
  foreach(source ${sources})
    get_filename_component(folder ${source} DIRECTORY)
    if(NOT folder STREQUAL last OR count EQUAL 12)
      math(EXPR group "${group} + 1")
      set(count 0)
    endif()
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
    math(EXPR count "${count} + 1")
    set(last "${folder}")
  endforeach()
endfunction()

# Files named *_avx2.cpp and *_avx512.cpp are compiled for those instructions; their callers ask the CPU first.
function(tinynas_cpu_options sources)
  if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    return()
  endif()
  set(avx2 -mavx2 -mfma)
  set(avx512 ${avx2} -mavx512f -mavx512vl)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)  # sees faults in its own intrinsics: bug 105593
    list(APPEND avx512 -Wno-uninitialized -Wno-maybe-uninitialized)
  endif()
  foreach(cpu avx2 avx512)
    set(files ${sources})
    list(FILTER files INCLUDE REGEX "_${cpu}\\.cpp$")
    set_source_files_properties(${files} PROPERTIES COMPILE_OPTIONS "${${cpu}}" SKIP_PRECOMPILE_HEADERS ON)
  endforeach()
endfunction()

# tinynas_module(NAME MAY_USE module... [LINKS library...] [HEADER_ONLY library...] [SOURCES file...] [TORCH])
# One static library per module from src/NAME and its rooms (src/NAME/ROOM/*.cpp), or of SOURCES alone; it links what
# it may use and nothing above it. Programs that link it need its LINKS too, but not its HEADER_ONLY libraries: no public
# header includes them.
function(tinynas_module name)
  cmake_parse_arguments(M "TORCH" "" "MAY_USE;LINKS;HEADER_ONLY;SOURCES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp
       ${PROJECT_SOURCE_DIR}/src/${name}/*/*.cpp)
  if(M_SOURCES)
    list(TRANSFORM M_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/src/${name}/ OUTPUT_VARIABLE sources)
  endif()
  set(target tinynas_m_${name})
  add_library(${target} STATIC ${sources})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME tinynas_${name} EXPORT_NAME ${name}_module
                                             POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                              $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
                             PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_compile_features(${target} PUBLIC cxx_std_20)
  list(TRANSFORM M_MAY_USE PREPEND tinynas_m_)
  list(TRANSFORM M_HEADER_ONLY REPLACE "(.+)" "$<BUILD_INTERFACE:\\1>")
  target_link_libraries(${target} PUBLIC ${M_MAY_USE} PRIVATE ${M_LINKS} fmt::fmt ${M_HEADER_ONLY}
                        $<BUILD_INTERFACE:tinynas_build_flags>)
  if(M_TORCH)
    target_link_libraries(${target} PUBLIC ${TORCH_LIBRARIES} OpenMP::OpenMP_CXX)
    tinynas_torch_headers(${target})
  endif()
  tinynas_unity(${target})
  tinynas_cpu_options("${sources}")
endfunction()

# tinynas_package(NAME module...): tinynas::NAME, one name for several modules, which are installed.
function(tinynas_package name)
  list(TRANSFORM ARGN PREPEND tinynas_m_ OUTPUT_VARIABLE modules)
  add_library(tinynas_${name} INTERFACE)
  set_target_properties(tinynas_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(tinynas_${name} INTERFACE ${modules})
  add_library(tinynas::${name} ALIAS tinynas_${name})
  install(TARGETS tinynas_${name} ${modules} EXPORT tinynasTargets)
endfunction()
