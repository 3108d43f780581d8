#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// Curves as TensorBoard reads them.
namespace tinynas::report {

/// What was measured at one step.
struct Scalars {
  double time = 0;  ///< seconds since 1970; 0: not known
  std::int64_t step = 0;
  std::vector<std::pair<std::string, double>> values = {};  ///< by tag; kept as 32-bit floats
};

/// A TensorBoard event file: TFRecords (length, its checksum, data, its checksum) of tensorflow.Event
/// messages (tensorflow/core/util/event.proto): one that names the version, then one for each of `events`. A
/// prefix of the events, unless it is empty, gives a prefix of the bytes.
std::string event_file(std::span<const Scalars> events);

}  // namespace tinynas::report
