#include <fmt/format.h>

#include <map>

#include "support/catch.h"
#include "support/random_layers.h"

namespace tinynas::test {
namespace {

/// The layer structs of tinynas_kernels.h, filled as the code generator would fill them in C.
class HostLayer {
 public:
  HostLayer(const LayerCase& c, cost::KernelIsa isa) : packed_(engine::pack_layer(c.graph, c.index(), isa)) {
    for (const engine::PackedArray& array : packed_.arrays)
      if (array.type == "int32_t") {
        words_[array.name] = {array.values.begin(), array.values.end()};
      } else {
        bytes_[array.name] = {array.values.begin(), array.values.end()};
      }
  }
  const engine::PackedLayer& packed() const { return packed_; }
  /// A field as whatever integer the struct holds.
  template <typename T>
  void set(T& field, const char* name) const {
    for (const auto& [key, value] : packed_.fields)
      if (key == name) {
        field = static_cast<T>(std::stoll(value));
        CHECK(std::to_string(static_cast<long long>(field)) == value);  // it fits
        return;
      }
    FAIL("no field " << name);
  }
  const std::int32_t* words(const char* name) const { return words_.at(name).data(); }
  const std::int8_t* bytes(const char* name) const { return bytes_.at(name).data(); }
  const std::uint8_t* shifts() const {
    return bytes_.contains("shifts") ? reinterpret_cast<const std::uint8_t*>(bytes("shifts")) : nullptr;
  }

 private:
  engine::PackedLayer packed_;
  std::map<std::string, std::vector<std::int32_t>> words_;
  std::map<std::string, Int8s> bytes_;
};

int run(const LayerCase& c, kernel_case numbers) {
  numbers.first = c.first.data();
  numbers.second = c.second.data();
  numbers.expected = c.expected.data();
  alignas(8) static std::array<std::uint8_t, 1 << 16> arena;
  return case_wrong_bytes(&numbers, arena.data(), static_cast<int>(arena.size()));
}

template <typename Kernel>
void (*erased(Kernel* kernel))() {
  return reinterpret_cast<void (*)()>(kernel);
}

int wrong_bytes(const LayerCase& c, cost::KernelIsa isa) {
  const HostLayer host(c, isa);
  kernel_case numbers = case_numbers(c, isa);
  const std::string& function = host.packed().function;
  if (function == "tn_conv1x1") {
    tn_conv1x1_layer layer{};
    layer.weights = host.words("weights");
    layer.shifts = host.shifts();
    host.set(layer.in_c, "in_c");
    host.set(layer.out_c, "out_c");
    host.set(layer.w, "w");
    host.set(layer.out_zero_point, "out_zero_point");
    numbers.layer = &layer;
    numbers.kernel = erased(tn_conv1x1);
    return run(c, numbers);
  }
  if (function == "tn_conv" || function == "tn_conv_input") {
    tn_conv_layer layer{};
    layer.weights = host.words("weights");
    layer.shifts = host.shifts();
    host.set(layer.in_c, "in_c");
    host.set(layer.in_w, "in_w");
    host.set(layer.out_c, "out_c");
    host.set(layer.out_w, "out_w");
    host.set(layer.kernel_h, "kernel_h");
    host.set(layer.kernel_w, "kernel_w");
    host.set(layer.stride_w, "stride_w");
    host.set(layer.pad_left, "pad_left");
    host.set(layer.in_zero_point, "in_zero_point");
    host.set(layer.out_zero_point, "out_zero_point");
    numbers.layer = &layer;
    numbers.kernel = function == "tn_conv" ? erased(tn_conv) : erased(tn_conv_input);
    return run(c, numbers);
  }
  if (function == "tn_depthwise") {
    tn_depthwise_layer layer{};
    layer.weights = host.bytes("weights");
    layer.channels = host.words("channels");
    layer.shifts = host.shifts();
    host.set(layer.c, "c");
    host.set(layer.in_w, "in_w");
    host.set(layer.out_w, "out_w");
    host.set(layer.kernel_h, "kernel_h");
    host.set(layer.kernel_w, "kernel_w");
    host.set(layer.stride_w, "stride_w");
    host.set(layer.pad_left, "pad_left");
    host.set(layer.in_zero_point, "in_zero_point");
    host.set(layer.out_zero_point, "out_zero_point");
    numbers.layer = &layer;
    numbers.kernel = erased(tn_depthwise);
    return run(c, numbers);
  }
  if (function.starts_with("tn_depthwise_")) {
    tn_depthwise_square_layer layer{};
    layer.weights = host.words("weights");
    layer.shifts = host.shifts();
    host.set(layer.c, "c");
    host.set(layer.in_w, "in_w");
    host.set(layer.out_w, "out_w");
    host.set(layer.stride_w, "stride_w");
    host.set(layer.pad_left, "pad_left");
    host.set(layer.in_zero_point, "in_zero_point");
    host.set(layer.out_zero_point, "out_zero_point");
    numbers.layer = &layer;
    numbers.kernel = erased(c.layer().kernel_w == 3   ? tn_depthwise_3x3
                            : c.layer().kernel_w == 5 ? tn_depthwise_5x5
                                                      : tn_depthwise_7x7);
    return run(c, numbers);
  }
  if (function == "tn_add") {
    tn_add_layer layer{};
    host.set(layer.offset, "offset");
    host.set(layer.multiplier_a, "multiplier_a");
    host.set(layer.multiplier_b, "multiplier_b");
    host.set(layer.shift, "shift");
    host.set(layer.n, "n");
    numbers.layer = &layer;
    numbers.kernel = erased(tn_add);
    return run(c, numbers);
  }
  if (function == "tn_global_pool") {
    tn_global_pool_layer layer{};
    host.set(layer.offset, "offset");
    host.set(layer.multiplier, "multiplier");
    host.set(layer.c, "c");
    host.set(layer.w, "w");
    host.set(layer.out_zero_point, "out_zero_point");
    host.set(layer.shift, "shift");
    numbers.layer = &layer;
    return run(c, numbers);
  }
  REQUIRE(function == "tn_dense");
  tn_conv1x1_layer layer{};
  layer.weights = host.words("weights");
  layer.shifts = host.shifts();
  host.set(layer.in_c, "in_c");
  host.set(layer.out_c, "out_c");
  host.set(layer.w, "w");
  host.set(layer.out_zero_point, "out_zero_point");
  numbers.layer = &layer;
  numbers.kernel = erased(tn_dense);
  return run(c, numbers);
}

}  // namespace

TEST_CASE("every portable kernel equals the interpreter on random shapes and stays inside its buffers") {
  const Rng rng(20);
  constexpr int kShapes = 500;
  for (int kind = 0; kind < static_cast<int>(LayerKind::kCount); ++kind)
    for (int i = 0; i < kShapes; ++i) {
      const LayerCase c =
          random_layer(static_cast<LayerKind>(kind),
                       rng.fork("layer", static_cast<std::uint64_t>(kind), static_cast<std::uint64_t>(i)));
      INFO("kind " << kind << " shape " << i << "\n" << ir::dump(c.graph));
      REQUIRE(wrong_bytes(c, cost::KernelIsa::kPortable) == 0);
    }
}

TEST_CASE("a residual add may write over either of its inputs") {
  const LayerCase c = random_layer(LayerKind::kAdd, Rng(3));
  const HostLayer host(c, cost::KernelIsa::kPortable);
  tn_add_layer layer{};
  host.set(layer.offset, "offset");
  host.set(layer.multiplier_a, "multiplier_a");
  host.set(layer.multiplier_b, "multiplier_b");
  host.set(layer.shift, "shift");
  host.set(layer.n, "n");
  const Int8s expected(c.expected.begin(), c.expected.begin() + layer.n);
  for (const bool over_first : {true, false}) {
    Int8s a(c.first.begin(), c.first.begin() + layer.n), b(c.second.begin(), c.second.begin() + layer.n);
    tn_add(&layer, a.data(), b.data(), over_first ? a.data() : b.data());
    CHECK((over_first ? a : b) == expected);
  }
}

TEST_CASE("the register's constant bytes are those of the packed layer") {
  const std::map<std::string, std::int64_t> struct_bytes = {
      // with 32-bit pointers, tinynas_kernels.h
      {"tn_conv1x1_layer", 16},          {"tn_conv_layer", 24}, {"tn_depthwise_layer", 28},
      {"tn_depthwise_square_layer", 20}, {"tn_add_layer", 16},  {"tn_global_pool_layer", 16}};
  for (int kind = 0; kind < static_cast<int>(LayerKind::kCount); ++kind)
    for (int i = 0; i < 20; ++i) {
      const LayerCase c =
          random_layer(static_cast<LayerKind>(kind), Rng(static_cast<std::uint64_t>(100 * kind + i)));
      const engine::PackedLayer packed = engine::pack_layer(c.graph, c.index(), cost::KernelIsa::kDsp);
      std::int64_t bytes = struct_bytes.at(packed.struct_type);
      for (const engine::PackedArray& array : packed.arrays)
        if (array.name != "shifts")
          bytes += (array.bytes() + 3) / 4 * 4;  // shifts are rare: not in the model
      CHECK(cost::kernel_for(c.graph, c.layer()).constant_bytes(c.graph, c.layer(), cost::KernelIsa::kDsp) ==
            bytes);
      CHECK(cost::kernel_for(c.graph, c.layer()).name == packed.function);
    }
}

}  // namespace tinynas::test
