#pragma once

#include <cstdint>
#include <vector>

#include "cost/layer_facts.h"

namespace tinynas::cost {

/// The facts of layers met before: a search meets the same hundred again and again, and to look one up
/// takes a tenth of the time that working it out does. For one core and one cycle table, which must outlive
/// it.
class KnownLayers {
 public:
  KnownLayers(Core core, const CycleTable& cycles) : core_(core), cycles_(cycles) {}

  /// Valid until the next call.
  const LayerFacts& facts(const ir::Graph& graph, const ir::Layer& layer) {
    if (!depends_on_shapes_alone(graph, layer)) return work_out(graph, layer, other_);
    const Key key(graph, layer);
    Entry& entry = find(key);
    return entry.key == key ? entry.facts : enter(graph, layer, key);
  }
  UnrolledSizes& unrolled() { return unrolled_; }

 private:
  /// Forgotten and begun anew when there are more. One space has 100 to 150, the 108 spaces of mcunet 5,510.
  static constexpr std::size_t kMost = 1 << 14;

  /// The shapes and the window that facts depend on, packed; the output's height and width follow from them.
  struct Key {
    Key() = default;
    Key(const ir::Graph& graph, const ir::Layer& layer)
        : size(both(graph.in_shape(layer).h, graph.in_shape(layer).w)),
          channels(both(graph.in_shape(layer).c, graph.out_shape(layer).c)),
          window(four(layer.kernel_h, layer.kernel_w, layer.stride_h, layer.stride_w)),
          padding(four(layer.pad_top, layer.pad_left, layer.pad_bottom, layer.pad_right)),
          op(static_cast<std::uint64_t>(layer.op) | std::uint64_t{layer.streams} << 32) {}
    friend bool operator==(const Key& a, const Key& b) {
      return ((a.size ^ b.size) | (a.channels ^ b.channels) | (a.window ^ b.window) |
              (a.padding ^ b.padding) | (a.op ^ b.op)) == 0;
    }
    std::size_t hash() const {
      const std::uint64_t sum = size * 0x9E3779B97F4A7C15 + channels * 0xC2B2AE3D27D4EB4F +
                                window * 0x165667B19E3779F9 + padding * 0xD6E8FEB86659FD93 + op;
      return static_cast<std::size_t>((sum ^ sum >> 32) * 0xA0761D6478BD642F >> 32);
    }
    static std::uint64_t both(int a, int b) {
      return static_cast<std::uint32_t>(a) | std::uint64_t{static_cast<std::uint32_t>(b)} << 32;
    }
    static std::uint64_t four(std::int16_t a, std::int16_t b, std::int16_t c, std::int16_t d) {
      const auto bits = [](std::int16_t value) { return std::uint64_t{static_cast<std::uint16_t>(value)}; };
      return bits(a) | bits(b) << 16 | bits(c) << 32 | bits(d) << 48;
    }

    std::uint64_t size = 0, channels = 0, window = 0, padding = 0;
    std::uint64_t op = kFree;
    static constexpr auto kFree = static_cast<std::uint64_t>(ir::OpKind::kCount);
  };
  struct Entry {
    Key key;
    LayerFacts facts;
  };

  /// Not those that read the camera's interleaved rows, nor pairs of unlike inputs; an ADD that is quantized
  /// has code for its shift.
  static bool depends_on_shapes_alone(const ir::Graph& graph, const ir::Layer& layer) {
    const bool one_shape = layer.inputs[1] < 0 || layer.op == ir::OpKind::kAdd;
    return one_shape && layer.inputs[0] != graph.input && layer.inputs[1] != graph.input && !graph.quant;
  }
  /// The entry of `key`, or the free one where it belongs.
  Entry& find(const Key& key) {
    for (std::size_t i = key.hash();; ++i) {
      Entry& entry = entries_[i & mask_];
      if (entry.key == key || entry.key.op == Key::kFree) return entry;
    }
  }
  const LayerFacts& work_out(const ir::Graph& graph, const ir::Layer& layer, LayerFacts& facts);
  const LayerFacts& enter(const ir::Graph& graph, const ir::Layer& layer, const Key& key);
  void make_room();

  Core core_;
  const CycleTable& cycles_;
  UnrolledSizes unrolled_;
  std::vector<Entry> entries_ = std::vector<Entry>(256);  ///< a power of two, at most half of them in use
  std::size_t mask_ = entries_.size() - 1, used_ = 0;
  LayerFacts other_;
};

}  // namespace tinynas::cost
