# What tinynas links. Also installed beside tinynasConfig.cmake, so that programs that link tinynas find the same.
find_package(TBB REQUIRED)
find_package(yaml-cpp REQUIRED)
if(NOT TARGET yaml-cpp)  # newer yaml-cpp exports yaml-cpp::yaml-cpp only
  add_library(yaml-cpp INTERFACE IMPORTED)
  target_link_libraries(yaml-cpp INTERFACE yaml-cpp::yaml-cpp)
endif()
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(ZLIB REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(Protobuf REQUIRED)

# Debian's libonnx-dev has no CMake file of its own.
find_path(ONNX_INCLUDE_DIR onnx/onnx_pb.h REQUIRED)
find_library(ONNX_LIBRARY onnx REQUIRED)
find_library(ONNX_PROTO_LIBRARY onnx_proto REQUIRED)
if(NOT TARGET tinynas_onnx_proto)
  add_library(tinynas_onnx_proto INTERFACE IMPORTED)
  target_include_directories(tinynas_onnx_proto SYSTEM INTERFACE ${ONNX_INCLUDE_DIR})
  target_compile_definitions(tinynas_onnx_proto INTERFACE ONNX_NAMESPACE=onnx ONNX_ML=1)
  target_link_libraries(tinynas_onnx_proto INTERFACE ${ONNX_LIBRARY} ${ONNX_PROTO_LIBRARY} protobuf::libprotobuf)
endif()

if(TINYNAS_WITH_TORCH)
  find_package(OpenMP REQUIRED)  # at::parallel_for is inline: without it, its loops run on one thread, silently
  find_package(Torch QUIET)
  if(NOT Torch_FOUND)
    message(FATAL_ERROR "LibTorch was not found. Install libtorch-dev (tools/install-deps does), point CMAKE_PREFIX_PATH "
                        "at a LibTorch, or build the torch-free half with -DTINYNAS_WITH_TORCH=OFF.")
  endif()
endif()
