#include <cstddef>
#include <cstring>
#include <map>
#include <set>

#include "support/catch.h"
#include "support/random_layers.h"

namespace tinynas::test {
namespace {

/// A field of a layer struct.
struct Field {
  const char* name;
  std::size_t at, bytes;
};
/// A layer struct of tinynas_kernels.h: its fields, its size with 32-bit pointers.
struct Struct {
  const char* name;
  std::vector<Field> fields;
  std::int64_t bytes;
};

#define FIELD(STRUCT, NAME) \
  Field { #NAME, offsetof(STRUCT, NAME), sizeof(STRUCT::NAME) }
#define WINDOW_FIELDS(STRUCT)                                                                         \
  FIELD(STRUCT, kernel_h), FIELD(STRUCT, kernel_w), FIELD(STRUCT, stride_w), FIELD(STRUCT, pad_left), \
      FIELD(STRUCT, in_zero_point), FIELD(STRUCT, out_zero_point), FIELD(STRUCT, in_w), FIELD(STRUCT, out_w)
#define STREAM_FIELDS(STRUCT) FIELD(STRUCT, weights), FIELD(STRUCT, shifts)

const std::vector<Struct>& structs() {
  using Conv1x1 = tn_conv1x1_layer;
  using Conv1x1X16 = tn_conv1x1_x16_layer;
  using Conv = tn_conv_layer;
  using ConvX16 = tn_conv_x16_layer;
  using Depthwise = tn_depthwise_layer;
  using Square = tn_depthwise_square_layer;
  using Add = tn_add_layer;
  using GlobalPool = tn_global_pool_layer;
  using WindowPool = tn_window_pool_layer;
  using Mul = tn_mul_layer;
  using Concat = tn_concat_layer;
  using Resize = tn_resize_nearest_layer;
  using Gather = tn_gather_layer;
  using Slice = tn_slice_layer;
  using Reshape = tn_reshape_layer;
  using Softmax = tn_softmax_layer;
  using Lookup = tn_lookup_layer;
  using DepthToSpace = tn_depth_to_space_layer;
  using Extreme = tn_extreme_layer;
  using LogSoftmax = tn_log_softmax_layer;
  static const std::vector<Struct> all = {
      {"tn_conv1x1_layer",
       {STREAM_FIELDS(Conv1x1), FIELD(Conv1x1, in_c), FIELD(Conv1x1, out_c), FIELD(Conv1x1, w),
        FIELD(Conv1x1, out_zero_point)},
       16},
      {"tn_conv1x1_x16_layer",
       {STREAM_FIELDS(Conv1x1X16), FIELD(Conv1x1X16, channels), FIELD(Conv1x1X16, in_c),
        FIELD(Conv1x1X16, out_c), FIELD(Conv1x1X16, w), FIELD(Conv1x1X16, out_zero_point)},
       20},
      {"tn_conv_layer",
       {STREAM_FIELDS(Conv), WINDOW_FIELDS(Conv), FIELD(Conv, in_c), FIELD(Conv, out_c)},
       28},
      {"tn_conv_x16_layer",
       {STREAM_FIELDS(ConvX16), WINDOW_FIELDS(ConvX16), FIELD(ConvX16, channels), FIELD(ConvX16, in_c),
        FIELD(ConvX16, out_c)},
       28},
      {"tn_depthwise_layer",
       {STREAM_FIELDS(Depthwise), WINDOW_FIELDS(Depthwise), FIELD(Depthwise, channels), FIELD(Depthwise, c)},
       28},
      {"tn_depthwise_square_layer",
       {STREAM_FIELDS(Square), FIELD(Square, c), FIELD(Square, in_w), FIELD(Square, out_w),
        FIELD(Square, in_zero_point), FIELD(Square, out_zero_point), FIELD(Square, stride_w),
        FIELD(Square, pad_left)},
       24},
      {"tn_add_layer",
       {FIELD(Add, offset), FIELD(Add, multiplier_a), FIELD(Add, multiplier_b), FIELD(Add, shift),
        FIELD(Add, n)},
       20},
      {"tn_global_pool_layer",
       {FIELD(GlobalPool, offset), FIELD(GlobalPool, multiplier), FIELD(GlobalPool, c), FIELD(GlobalPool, w),
        FIELD(GlobalPool, out_zero_point), FIELD(GlobalPool, shift)},
       20},
      {"tn_window_pool_layer",
       {WINDOW_FIELDS(WindowPool), FIELD(WindowPool, multipliers), FIELD(WindowPool, shifts),
        FIELD(WindowPool, c), FIELD(WindowPool, channel_step), FIELD(WindowPool, column_step)},
       28},
      {"tn_mul_layer",
       {FIELD(Mul, multiplier), FIELD(Mul, c), FIELD(Mul, w), FIELD(Mul, a_zero_point),
        FIELD(Mul, b_zero_point), FIELD(Mul, out_zero_point), FIELD(Mul, shift)},
       16},
      {"tn_concat_layer",
       {FIELD(Concat, a_count), FIELD(Concat, b_count), FIELD(Concat, a_multiplier),
        FIELD(Concat, b_multiplier), FIELD(Concat, a_zero_point), FIELD(Concat, b_zero_point),
        FIELD(Concat, out_zero_point), FIELD(Concat, a_shift), FIELD(Concat, b_shift)},
       24},
      {"tn_resize_nearest_layer", {FIELD(Resize, in_count), FIELD(Resize, factor)}, 8},
      {"tn_gather_layer",
       {FIELD(Gather, map), FIELD(Gather, out_c), FIELD(Gather, w), FIELD(Gather, zero_point)},
       12},
      {"tn_slice_layer",
       {FIELD(Slice, c), FIELD(Slice, in_w), FIELD(Slice, out_w), FIELD(Slice, first), FIELD(Slice, step)},
       16},
      {"tn_reshape_layer",
       {FIELD(Reshape, in_c), FIELD(Reshape, out_c), FIELD(Reshape, in_w), FIELD(Reshape, out_w)},
       12},
      {"tn_softmax_layer", {FIELD(Softmax, exponentials), FIELD(Softmax, c), FIELD(Softmax, w)}, 8},
      {"tn_lookup_layer", {FIELD(Lookup, table), FIELD(Lookup, n)}, 8},
      {"tn_extreme_layer",
       {FIELD(Extreme, offset_a), FIELD(Extreme, offset_b), FIELD(Extreme, multiplier_a),
        FIELD(Extreme, multiplier_b), FIELD(Extreme, shift), FIELD(Extreme, n)},
       20},
      {"tn_log_softmax_layer",
       {FIELD(LogSoftmax, exponentials), FIELD(LogSoftmax, step), FIELD(LogSoftmax, log_step),
        FIELD(LogSoftmax, c), FIELD(LogSoftmax, w), FIELD(LogSoftmax, out_zero_point)},
       20},
      {"tn_depth_to_space_layer",
       {FIELD(DepthToSpace, c), FIELD(DepthToSpace, w), FIELD(DepthToSpace, factor)},
       8},
  };
  return all;
}

const Struct& struct_named(const std::string& name) {
  for (const Struct& s : structs())
    if (s.name == name) return s;
  FAIL("no struct " << name);
  return structs().front();
}

template <typename Kernel>
void (*erased(Kernel* kernel))() {
  return reinterpret_cast<void (*)()>(kernel);
}

/// Every function of the register; the two of the global pool are called by name (kernel_case.h).
const std::map<std::string, void (*)()>& kernels() {
#define KERNEL(NAME) \
  { #NAME, erased(NAME) }
  static const std::map<std::string, void (*)()> all = {KERNEL(tn_conv1x1),
                                                        KERNEL(tn_conv),
                                                        KERNEL(tn_conv_input),
                                                        KERNEL(tn_depthwise),
                                                        KERNEL(tn_depthwise_3x3),
                                                        KERNEL(tn_depthwise_5x5),
                                                        KERNEL(tn_depthwise_7x7),
                                                        KERNEL(tn_add),
                                                        KERNEL(tn_dense),
                                                        KERNEL(tn_average_pool),
                                                        KERNEL(tn_max_pool),
                                                        KERNEL(tn_mul),
                                                        KERNEL(tn_mul_channels),
                                                        KERNEL(tn_concat),
                                                        KERNEL(tn_softmax),
                                                        KERNEL(tn_lookup),
                                                        KERNEL(tn_conv1x1_x16),
                                                        KERNEL(tn_conv_x16),
                                                        KERNEL(tn_conv_input_x16),
                                                        KERNEL(tn_dense_x16),
                                                        KERNEL(tn_depthwise_tiles_3x3),
                                                        KERNEL(tn_depthwise_tiles_5x5),
                                                        KERNEL(tn_depthwise_tiles_7x7),
                                                        KERNEL(tn_resize_nearest),
                                                        KERNEL(tn_depth_to_space),
                                                        KERNEL(tn_concat_rows),
                                                        KERNEL(tn_gather),
                                                        KERNEL(tn_slice),
                                                        KERNEL(tn_reshape),
                                                        KERNEL(tn_minimum),
                                                        KERNEL(tn_maximum),
                                                        KERNEL(tn_log_softmax),
                                                        {"tn_global_pool", nullptr}};
#undef KERNEL
  return all;
}

/// A layer struct, filled from the packed layer as the code generator fills it in C.
class HostLayer {
 public:
  HostLayer(const LayerCase& c, cost::KernelIsa isa) : packed_(engine::pack_layer(c.graph, c.index(), isa)) {
    for (const auto& [name, value] : packed_.fields) store(field(name), std::stoll(value));
    for (const engine::PackedArray& array : packed_.arrays) {
      const auto width = static_cast<std::size_t>(array.bytes()) / array.values.size();
      auto& bytes = arrays_.emplace_back(array.values.size() * width);
      for (std::size_t i = 0; i < array.values.size(); ++i)
        std::memcpy(&bytes[i * width], &array.values[i], width);  // little-endian
      const void* pointer = bytes.data();
      std::memcpy(&memory_[field(array.name).at], &pointer, sizeof pointer);
    }
  }
  const engine::PackedLayer& packed() const { return packed_; }
  const void* layer() const { return memory_.data(); }

 private:
  const Field& field(const std::string& name) const {
    const Struct& s = struct_named(packed_.struct_type);
    for (const Field& f : s.fields)
      if (f.name == name) return f;
    FAIL(packed_.struct_type << " has no field " << name);
    return s.fields.front();
  }
  void store(const Field& f, std::int64_t value) {
    const std::int64_t most = (std::int64_t{1} << (8 * f.bytes)) - 1;  // unsigned, or signed half of it
    CHECK(value <= most);
    CHECK(value >= -(most + 1) / 2);
    std::memcpy(&memory_[f.at], &value, f.bytes);
  }

  engine::PackedLayer packed_;
  alignas(8) std::array<std::uint8_t, 64> memory_{};  // more than the largest struct
  std::vector<std::vector<std::uint8_t>> arrays_;     // their addresses do not move when this grows
};

int wrong_bytes(const LayerCase& c, cost::KernelIsa isa) {
  const HostLayer host(c, isa);
  kernel_case numbers = case_numbers(c, isa);
  numbers.layer = host.layer();
  numbers.kernel = kernels().at(host.packed().function);
  numbers.first = c.first.data();
  numbers.second = c.second.data();
  numbers.expected = c.expected.data();
  alignas(8) static std::array<std::uint8_t, 1 << 16> arena;
  return case_wrong_bytes(&numbers, arena.data(), static_cast<int>(arena.size()));
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
      for (const cost::KernelIsa isa :
           {cost::KernelIsa::kPortable, cost::KernelIsa::kDsp, cost::KernelIsa::kMve})
        REQUIRE(wrong_bytes(c, isa) == 0);  // packed for any core
    }
}

TEST_CASE("weights that cannot be paired are computed on every core") {
  struct Weights {
    const char* what;
    ir::Shape in;
    CaseOptions options;
  };
  // Some 1100 weights of 64 on average: more than the 65536 that a pair's second channel may sum up to.
  for (const Weights& weights :
       {Weights{"-128", {1, 1, 40}, {.lowest_weights = true}}, Weights{"many", {1, 1, 1100}, {}}})
    for (const ir::OpKind op : {ir::OpKind::kConv2d, ir::OpKind::kDense})
      for (const cost::KernelIsa isa :
           {cost::KernelIsa::kPortable, cost::KernelIsa::kDsp, cost::KernelIsa::kMve}) {
        INFO(weights.what);
        const LayerCase c = layer_case({.op = op}, weights.in, 4, Rng(5), weights.options);
        const cost::Kernel& kernel = cost::kernel_for(c.graph, c.layer(), isa);
        CHECK(kernel.least_isa == cost::KernelIsa::kMve);
        CHECK(wrong_bytes(c, isa) == 0);
      }
}

TEST_CASE("the tests know every kernel of the register") {
  std::set<std::string> names;
  for (const cost::Kernel& kernel : cost::kernel_register()) names.insert(std::string(kernel.name));
  for (const auto& [name, function] : kernels()) CHECK(names.erase(name) == 1);
  CHECK(names.empty());
}

TEST_CASE("an addition and a product of rows may write over either of their inputs") {
  for (const LayerKind kind : {LayerKind::kAdd, LayerKind::kMul, LayerKind::kMinimum}) {
    const LayerCase c = random_layer(kind, Rng(3));
    const HostLayer host(c, cost::KernelIsa::kPortable);
    const auto run = reinterpret_cast<two_rows_kernel*>(kernels().at(host.packed().function));
    const auto row = c.graph.out_shape(c.layer()).row_bytes();
    const Int8s expected(c.expected.begin(), c.expected.begin() + row);
    for (const bool over_first : {true, false}) {
      Int8s a(c.first.begin(), c.first.begin() + row), b(c.second.begin(), c.second.begin() + row);
      run(host.layer(), a.data(), b.data(), over_first ? a.data() : b.data());
      CHECK((over_first ? a : b) == expected);
    }
  }
}

TEST_CASE("the register's constant bytes are those of the packed layer, and every kernel has its packing") {
  std::set<std::string> unpacked;
  for (const cost::Kernel& kernel : cost::kernel_register()) unpacked.insert(std::string(kernel.name));
  for (int kind = 0; kind < static_cast<int>(LayerKind::kCount); ++kind)
    for (int i = 0; i < 60; ++i) {
      const LayerCase c =
          random_layer(static_cast<LayerKind>(kind), Rng(static_cast<std::uint64_t>(100 * kind + i)));
      const cost::KernelIsa isa = i % 2 == 0 ? cost::KernelIsa::kDsp : cost::KernelIsa::kMve;
      const engine::PackedLayer packed = engine::pack_layer(c.graph, c.index(), isa);
      std::int64_t bytes = struct_named(packed.struct_type).bytes;
      for (const engine::PackedArray& array : packed.arrays)
        if (array.name != "shifts" || packed.struct_type == std::string("tn_window_pool_layer"))
          bytes += (array.bytes() + 3) / 4 * 4;  // shifts of weights are rare: not in the model
      const cost::Kernel& kernel = cost::kernel_for(c.graph, c.layer(), isa);
      CHECK(kernel.constant_bytes(c.graph, c.layer(), isa) == bytes);
      CHECK(kernel.name == packed.function);
      unpacked.erase(packed.function);
    }
  CHECK(unpacked.empty());
}

}  // namespace tinynas::test
