#include "onnx/tensor_proto.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "tinynas/core/error.h"
#include "tinynas/core/index.h"

namespace tinynas::onnx {
namespace {

using ::onnx::TensorProto;
static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

constexpr std::int64_t kMostElements = std::int64_t{1} << 28;  // more than any microcontroller's network

template <typename T>
TensorProto make(const std::string& name, std::span<const std::int64_t> dims, std::span<const T> values,
                 TensorProto::DataType type) {
  TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (const std::int64_t dim : dims) tensor.add_dims(dim);
  tensor.set_raw_data(values.data(), values.size_bytes());
  return tensor;
}

std::int64_t element_count(const TensorProto& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t dim : tensor.dims()) {
    if (dim < 0 || dim > kMostElements || count * dim > kMostElements)
      throw IoError(fmt::format("constant '{}' has an impossible dimension {}", tensor.name(), dim));
    count *= dim;
  }
  return count;
}

/// Stored is the type in raw_data; `typed` the field used instead of it.
template <typename Stored, typename To, typename Field>
void copy_values(const TensorProto& tensor, const Field& typed, std::vector<To>& to) {
  const auto count = at(element_count(tensor));
  const std::string& raw = tensor.raw_data();
  const std::size_t found = raw.empty() ? at(typed.size()) : raw.size() / sizeof(Stored);
  if (found != count || raw.size() % sizeof(Stored) != 0)
    throw IoError(fmt::format("constant '{}' has {} values, its shape says {}", tensor.name(), found, count));
  to.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    Stored value;
    if (raw.empty())
      value = static_cast<Stored>(typed.Get(static_cast<int>(i)));
    else
      std::memcpy(&value, raw.data() + i * sizeof(Stored), sizeof(Stored));
    to[i] = value;
  }
}

}  // namespace

TensorProto make_tensor(const std::string& name, std::span<const std::int64_t> dims,
                        std::span<const float> values) {
  return make(name, dims, values, TensorProto::FLOAT);
}
TensorProto make_tensor(const std::string& name, std::span<const std::int64_t> dims,
                        std::span<const std::int8_t> values) {
  return make(name, dims, values, TensorProto::INT8);
}
TensorProto make_tensor(const std::string& name, std::span<const std::int64_t> dims,
                        std::span<const std::int32_t> values) {
  return make(name, dims, values, TensorProto::INT32);
}
TensorProto make_tensor(const std::string& name, std::span<const std::int64_t> dims,
                        std::span<const std::int64_t> values) {
  return make(name, dims, values, TensorProto::INT64);
}

Constant read_tensor(const TensorProto& tensor) {
  if (tensor.data_location() == TensorProto::EXTERNAL)
    throw UnsupportedError(
        fmt::format("constant '{}' lies in another file; save the model in one file", tensor.name()));
  Constant constant;
  constant.dims.assign(tensor.dims().begin(), tensor.dims().end());
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      copy_values<float>(tensor, tensor.float_data(), constant.floats);
      break;
    case TensorProto::INT8:
      copy_values<std::int8_t>(tensor, tensor.int32_data(), constant.integers);
      break;
    case TensorProto::UINT8:
      copy_values<std::uint8_t>(tensor, tensor.int32_data(), constant.integers);
      constant.is_unsigned = true;
      break;
    case TensorProto::INT32:
      copy_values<std::int32_t>(tensor, tensor.int32_data(), constant.integers);
      break;
    case TensorProto::INT64:
      copy_values<std::int64_t>(tensor, tensor.int64_data(), constant.integers);
      break;
    default:
      throw UnsupportedError(
          fmt::format("constant '{}' has data type {}; float, int8, uint8, int32 and int64 are read",
                      tensor.name(), tensor.data_type()));
  }
  return constant;
}

}  // namespace tinynas::onnx
