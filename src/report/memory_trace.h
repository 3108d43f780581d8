#pragma once

#include <string>
#include <vector>

#include "tinynas/report/profile.h"

namespace tinynas::report {

/// What some bytes of the arena hold.
enum class Content { kInput, kRing, kWhole, kScratch };

/// A tensor's or a kernel's bytes in the arena.
struct Place {
  Content content = Content::kRing;
  int index = 0;  ///< tensor; layer for scratch
  Bytes offset = 0, bytes = 0;
  double begin = 0, end = 0;  ///< from the first byte's birth to the last one's death
};

/// Bytes [offset, offset + bytes) of places[place] hold something that is still needed, from begin to end.
struct Alive {
  int place = 0;
  Bytes offset = 0, bytes = 0;
  double begin = 0, end = 0;
};

/// One step: layer `layer` makes a row (or takes one in, for a global pool).
struct Step {
  int layer = 0;
  double begin = 0, end = 0;
};

/// A run of the network, row by row, in the order that the generated code has (cost/schedule.h). Time is in
/// milliseconds, or in steps if the layers have no latency.
struct MemoryTrace {
  std::vector<Place> places = {};
  std::vector<Alive> alive = {};
  std::vector<Step> steps = {};
  std::vector<double> segment_begin = {};  ///< one per segment
  double end = 0;
  bool in_ms = false;
};
MemoryTrace trace_memory(const Profile& profile);

/// The first moment at which most bytes are needed.
struct LivePeak {
  double time = 0;
  Bytes bytes = 0;
};
LivePeak live_peak(const MemoryTrace& trace);

/// "input", "stage0.block0.expand" (the layer that makes the tensor), "stem scratch".
std::string place_name(const Profile& profile, const Place& place);

}  // namespace tinynas::report
