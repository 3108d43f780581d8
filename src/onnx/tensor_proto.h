#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tinynas::onnx {

/// Constants of a model. Values travel as little-endian raw bytes, so that equal graphs make equal files.
::onnx::TensorProto make_tensor(const std::string& name, std::span<const std::int64_t> dims,
                                std::span<const float> values);
::onnx::TensorProto make_tensor(const std::string& name, std::span<const std::int64_t> dims,
                                std::span<const std::int8_t> values);
::onnx::TensorProto make_tensor(const std::string& name, std::span<const std::int64_t> dims,
                                std::span<const std::int32_t> values);
::onnx::TensorProto make_tensor(const std::string& name, std::span<const std::int64_t> dims,
                                std::span<const std::int64_t> values);

/// A constant as read: integers of any width, or floats; exactly as many as `dims` says.
struct Constant {
  std::vector<std::int64_t> dims = {};
  std::vector<std::int64_t> integers = {};
  std::vector<float> floats = {};
  bool is_unsigned = false;  ///< of type uint8

  std::size_t size() const { return integers.empty() ? floats.size() : integers.size(); }
};
/// Reads float, int8, uint8, int32 and int64, raw or in typed fields. Throws UnsupportedError naming the
/// tensor for other types and external data, IoError where the data do not fit the shape.
Constant read_tensor(const ::onnx::TensorProto& tensor);

}  // namespace tinynas::onnx
