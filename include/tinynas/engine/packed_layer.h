#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tinynas::engine {

/// A constant C array of a layer: `static const TYPE model_lN_NAME[] = {values}`; NAME is also the struct's
/// field.
struct PackedArray {
  std::string name;  ///< "weights"
  std::string type;  ///< element type in C: "int8_t", "int32_t", ...
  std::vector<std::int64_t> values;
  int align = 1;  ///< bytes
  /// Bytes of the array in Flash.
  std::int64_t bytes() const;
};

/// A kernel whose code is made for the sizes of a layer: `definition` stands once in the C file that uses it,
/// after the `header`; the field `unrolled` of the layer struct is `value`.
struct UnrolledKernel {
  std::string header;      ///< "tinynas_depthwise_unrolled.h"
  std::string definition;  ///< "TN_DEPTHWISE_UNROLLED(3, 1, 24, 1, 24)"
  std::string value;       ///< "TN_UNROLLED(tn_depthwise_3_1_24_1_24)"
};

/// What the code generator prints for one layer: a const struct and the arrays it points to.
struct PackedLayer {
  std::string function;     ///< "tn_conv1x1"; for the global pool the stem of tn_global_pool_row and _end
  std::string struct_type;  ///< "tn_conv1x1_layer"
  std::vector<std::pair<std::string, std::string>> fields;  ///< name, C initialiser; without the array fields
  std::vector<PackedArray> arrays;
  std::optional<UnrolledKernel> unrolled;
};

}  // namespace tinynas::engine
