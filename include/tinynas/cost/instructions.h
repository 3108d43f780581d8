#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tinynas/core/units.h"
#include "tinynas/cost/core.h"

namespace tinynas::cost {

/// What costs a processor time, as an emulator can count it. The first nine are classes of instructions, each
/// instruction is of one class; the others happen to instructions on top.
enum class Event : std::uint8_t {
  kLoad,          ///< one or more registers
  kStore,         ///< one or more registers
  kMultiply,      ///< 32-bit result, with or without an addition; SIMD ones too
  kLongMultiply,  ///< 64-bit result
  kDivide,
  kBranch,
  kVectorMemory,  ///< MVE loads and stores
  kVector,        ///< other MVE instructions
  kOther,
  kPipelined,   ///< a load or store of one register right behind another
  kWords,       ///< registers beyond the first that a load or store moves
  kTaken,       ///< branches taken, calls and returns; not the ends of hardware loops
  kSplit,       ///< accesses added because an address is not aligned
  kOverlapped,  ///< an MVE instruction right behind one of the other group (memory, arithmetic)
  kCount
};

struct EventInfo {
  Event event;
  std::string_view name;  ///< as in configs/calibration/instruction_cycles.yaml
  bool is_instruction;
};
constexpr std::array kEvents = {
    EventInfo{Event::kLoad, "load", true},
    EventInfo{Event::kStore, "store", true},
    EventInfo{Event::kMultiply, "multiply", true},
    EventInfo{Event::kLongMultiply, "long_multiply", true},
    EventInfo{Event::kDivide, "divide", true},
    EventInfo{Event::kBranch, "branch", true},
    EventInfo{Event::kVectorMemory, "vector_memory", true},
    EventInfo{Event::kVector, "vector", true},
    EventInfo{Event::kOther, "other", true},
    EventInfo{Event::kPipelined, "pipelined", false},
    EventInfo{Event::kWords, "words", false},
    EventInfo{Event::kTaken, "taken", false},
    EventInfo{Event::kSplit, "split", false},
    EventInfo{Event::kOverlapped, "overlapped", false},
};
static_assert(kEvents.size() == static_cast<std::size_t>(Event::kCount), "one row per Event");

/// How often each event happened.
struct EventCounts {
  std::array<std::int64_t, kEvents.size()> counts{};
  std::int64_t& operator[](Event event) { return counts[static_cast<std::size_t>(event)]; }
  std::int64_t operator[](Event event) const { return counts[static_cast<std::size_t>(event)]; }
  /// Instructions of all classes.
  std::int64_t instructions() const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < kEvents.size(); ++i)
      if (kEvents[i].is_instruction) sum += counts[i];
    return sum;
  }
  friend bool operator==(const EventCounts&, const EventCounts&) = default;
};

/// Cycles that each event takes; negative where it saves some.
using EventCycles = std::array<double, kEvents.size()>;
/// The estimates of configs/calibration/instruction_cycles.yaml for a core, with their sources there.
EventCycles load_event_cycles(Core core);
Cycles estimated_cycles(const EventCounts& counts, const EventCycles& cycles);

}  // namespace tinynas::cost
