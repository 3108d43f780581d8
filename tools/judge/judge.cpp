// tinynas-judge MODEL.tflite|MODEL.onnx FOLDER
// tinynas-judge --watch MODEL.onnx FOLDER
//
// Judges how tinynas computes a model of others by the values in FOLDER that LiteRT or ONNX Runtime had for
// its tensors (litert.mjs, onnxruntime.mjs; for the latter --watch prepares the model):
//   each node alone, fed the other's own inputs, against its result (int8: in steps; float: relative);
//   the whole model.
// Prints a line per operator: nodes, values, the largest difference, the share of values that differ inside
// the image and at its border (where a window reaches into the padding). Exit code: 0, or 1 where a
// difference is larger than 1, or 4 where the model is refused.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <utility>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/import/import.h"
#include "tinynas/onnx/file.h"
#include "tinynas/quant/interpreter.h"
#include "watch.h"

using namespace tinynas;
namespace fs = std::filesystem;

namespace {

constexpr double kNearReals = 1e-4;  // of the largest value
constexpr int kLead = 2;             // steps by which a score must lead to be compared

/// How two results differ.
struct Difference {
  std::int64_t values = 0, differing = 0;  ///< inside the image
  std::int64_t border_values = 0, border_differing = 0;
  double largest = 0;  ///< steps; of floats, relative to the largest value
  void add(const Difference& other) {
    values += other.values;
    differing += other.differing;
    border_values += other.border_values;
    border_differing += other.border_differing;
    largest = std::max(largest, other.largest);
  }
};

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

/// The values that LiteRT or ONNX Runtime had for its tensors.
class Dump {
 public:
  explicit Dump(fs::path folder) : folder_(std::move(folder)) {}
  bool has(int number, int tensor) const { return fs::exists(file(number, tensor)); }
  std::string bytes(int number, int tensor) const { return read_file(file(number, tensor), 1 << 28); }
  /// As int8: of uint8, less 128; of float32 (found by the bytes), with the network's own scale and zero
  /// point.
  std::vector<std::int8_t> integers(int number, int tensor, import::Type type, const ir::Graph& graph,
                                    int of) const {
    const std::string raw = bytes(number, tensor);
    std::vector<std::int8_t> values;
    if (raw.size() == sizeof(float) * static_cast<std::size_t>(graph.tensor(of).elements())) {
      const ir::TensorQuant& quant = graph.quant_of(of);
      for (const float real : reals(number, tensor))
        values.push_back(static_cast<std::int8_t>(std::clamp(
            std::round(real / quant.scale) + static_cast<float>(quant.zero_point), -128.0F, 127.0F)));
      return values;
    }
    for (const char byte : raw)
      values.push_back(static_cast<std::int8_t>(type == import::Type::kUint8 ? byte ^ '\x80' : byte));
    return values;
  }
  std::vector<float> reals(int number, int tensor) const {
    const std::string raw = bytes(number, tensor);
    std::vector<float> values(raw.size() / sizeof(float));
    std::memcpy(values.data(), raw.data(), values.size() * sizeof(float));
    return values;
  }

 private:
  fs::path file(int number, int tensor) const { return folder_ / fmt::format("{}.{}.bin", number, tensor); }
  fs::path folder_;
};

/// A model of one node of another.
tinynas::import::Model only(const import::Model& model, const import::Node& node) {
  import::Model alone = model;
  alone.nodes = {node};
  alone.inputs.clear();
  alone.outputs = node.outputs;
  for (const int input : node.inputs)
    if (input >= 0 && !model.values[at(input)].constant && std::ranges::count(alone.inputs, input) == 0)
      alone.inputs.push_back(input);
  return alone;
}

/// Whether a window of one of the layers reaches into its padding for row y, column x of the output.
bool at_border(const ir::Graph& graph, int y, int x) {
  constexpr int kMostLayers = 3;  // of one node
  if (graph.layer_count() > kMostLayers) return false;
  return std::ranges::any_of(graph.layers, [&](const ir::Layer& layer) {
    if (layer.pad_top + layer.pad_left + layer.pad_bottom + layer.pad_right == 0) return false;
    const ir::Shape& in = graph.in_shape(layer);
    const int row = y * layer.stride_h - layer.pad_top, column = x * layer.stride_w - layer.pad_left;
    return row < 0 || column < 0 || row + layer.kernel_h > in.h || column + layer.kernel_w > in.w;
  });
}

/// One output of a graph, in the file's order where that is [H, W, C], against the other's.
template <typename T>
Difference compare(const ir::Graph& graph, int tensor, std::span<const T> ours, std::span<const T> theirs,
                   double unit) {
  Difference difference;
  const ir::Shape& shape = graph.tensor(tensor);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const auto pixel = static_cast<std::int64_t>(i) / shape.c;
    const double apart = std::abs(static_cast<double>(ours[i]) - static_cast<double>(theirs[i])) / unit;
    const bool differs = apart > kNearReals, border = at_border(graph, static_cast<int>(pixel / shape.w),
                                                                static_cast<int>(pixel % shape.w));
    (border ? difference.border_values : difference.values) += 1;
    (border ? difference.border_differing : difference.differing) += differs;
    difference.largest = std::max(difference.largest, std::isfinite(apart) ? apart : 1e9);
  }
  return difference;
}

/// the other's inputs of one case as a quantized graph takes them.
std::vector<std::int8_t> case_input(const import::Folded& folded, const import::Model& model,
                                    const Dump& dump, int number) {
  const ir::Graph& graph = folded.graph;
  std::vector<std::int8_t> inputs;
  for (int i = 0; i < graph.input_count(); ++i) {
    const int input = model.inputs[at(i)];
    std::ranges::copy(
        dump.integers(number, input, model.values[at(input)].type, graph, graph.input_tensor(i)),
        std::back_inserter(inputs));
  }
  return inputs;
}

/// All outputs of `folded` for one case.
Difference run_case(const import::Folded& folded, const import::Model& model, const Dump& dump, int number) {
  Difference difference;
  const ir::Graph& graph = folded.graph;
  const auto each_output = [&](auto&& compare_output) {
    std::size_t first = 0;
    for (int i = 0; i < graph.output_count(); ++i) {
      const auto count = static_cast<std::size_t>(graph.tensor(graph.output_tensor(i)).elements());
      compare_output(graph.output_tensor(i), model.outputs[at(i)], first, count);
      first += count;
    }
  };
  if (graph.quant) {
    const std::vector<std::int8_t> ours =
        quant::Int8Interpreter(graph).run(case_input(folded, model, dump, number));
    each_output([&](int tensor, int value, std::size_t first, std::size_t count) {
      const auto theirs = dump.integers(number, value, model.values[at(value)].type, graph, tensor);
      difference.add(compare<std::int8_t>(graph, tensor, std::span(ours).subspan(first, count), theirs, 1));
    });
  } else {
    std::vector<float> inputs;
    for (const int input : model.inputs)
      std::ranges::copy(dump.reals(number, input), std::back_inserter(inputs));
    const std::vector<float> ours = quant::run_float(graph, inputs);
    each_output([&](int tensor, int value, std::size_t first, std::size_t count) {
      const std::vector<float> theirs = dump.reals(number, value);
      float largest = 1e-30F;
      for (const float real : theirs) largest = std::max(largest, std::abs(real));
      difference.add(compare<float>(graph, tensor, std::span(ours).subspan(first, count), theirs,
                                    static_cast<double>(largest)));
    });
  }
  return difference;
}

/// Whether the other's values of the ends can be fed and compared: all written, and as many as ours.
bool comparable(const import::Folded& folded, const import::Model& model, const Dump& dump) {
  const ir::Graph& graph = folded.graph;
  const auto fits = [&](int value, int tensor) {
    if (!dump.has(1, value)) return false;
    const auto elements = static_cast<std::size_t>(graph.tensor(tensor).elements());
    const std::size_t size = dump.bytes(1, value).size();
    const bool is_float = model.values[at(value)].type == import::Type::kFloat32;
    return size == elements * sizeof(float) || (graph.quant && !is_float && size == elements);
  };
  if (!folded.input.order.empty() || !folded.output.order.empty()) return false;  // other orders than ours
  for (int i = 0; i < graph.input_count(); ++i)
    if (!fits(model.inputs[at(i)], graph.input_tensor(i))) return false;
  for (int i = 0; i < graph.output_count(); ++i)
    if (!fits(model.outputs[at(i)], graph.output_tensor(i))) return false;
  return true;
}

struct Row {
  int nodes = 0;
  Difference difference;
};

constexpr const char* kColumns =
    "operator                 nodes     values  differ           border  differ           largest\n";

void print_row(const std::string& name, const Row& row) {
  const Difference& d = row.difference;
  fmt::print("{:<24} {:>5} {:>10} {:>7} {:>6.3f} % {:>9} {:>7} {:>6.3f} % {:>9.3g}\n", name, row.nodes,
             d.values, d.differing, share(d.differing, d.values), d.border_values, d.border_differing,
             share(d.border_differing, d.border_values), d.largest);
}

/// Whether a node's results need not be within 1 of the other's: it computes float layers with int8 weights
/// on activations that it rounds to int8 itself, or int16 ones.
bool rounds_otherwise(const import::Model& single, bool is_float) {
  return is_float && std::ranges::any_of(single.nodes[0].inputs, [&](int input) {
           if (input < 0) return false;
           const import::Type type = single.values[at(input)].type;
           return type == import::Type::kInt8 || type == import::Type::kInt16;
         });
}

bool judge_nodes(const import::Model& model, const Dump& dump, int cases) {
  std::map<std::string, Row> rows;
  bool near = true;
  // Networks whose scales are computed while they run hold integers where ours holds what they mean.
  const bool runs_integers = std::ranges::any_of(
      model.nodes, [](const import::Node& node) { return node.word.find("Integer") != std::string::npos; });
  for (const import::Node& node : model.nodes) {
    const import::Model single = only(model, node);
    try {
      const import::Folded folded = import::fold(single);
      if (!comparable(folded, single, dump)) continue;
      const bool is_float = !folded.graph.quant;
      const bool loosely = runs_integers || rounds_otherwise(single, is_float);
      Row& row = rows[node.word + (loosely ? " (hybrid)" : is_float ? " (float)" : "")];
      ++row.nodes;
      Difference difference;
      for (int number = 1; number <= cases; ++number) difference.add(run_case(folded, single, dump, number));
      row.difference.add(difference);
      if (loosely || difference.largest <= (is_float ? kNearReals : 1)) continue;
      near = false;
      fmt::print("node {} '{}' is {:.3g} apart\n", &node - model.nodes.data(),
                 model.values[at(node.outputs[0])].name, difference.largest);
    } catch (const UnsupportedError&) {
      continue;  // it only moves values, or is computed together with others
    }
  }
  for (const auto& [name, row] : rows) print_row(name, row);
  return near;
}

/// How far the largest of a case's scores stands before the next, in steps; and which it is.
struct Lead {
  std::size_t first = 0;
  int steps = 0;
};
Lead lead_of(std::span<const std::int8_t> scores) {
  Lead lead;
  for (std::size_t i = 1; i < scores.size(); ++i)
    if (scores[i] > scores[lead.first]) lead.first = i;
  lead.steps = 256;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (i != lead.first) lead.steps = std::min(lead.steps, scores[lead.first] - scores[i]);
  return lead;
}

void judge_whole(const import::Model& model, const Dump& dump, int cases) {
  const import::Folded whole = import::fold(model);
  if (!comparable(whole, model, dump)) return;
  const ir::Graph& graph = whole.graph;
  const ir::Shape& out = graph.tensor(graph.output);
  const bool classifies = graph.quant && !graph.has_several_ends() && out.h * out.w == 1 && out.c > 1;
  Row row{.nodes = graph.layer_count()};
  int clear = 0, same = 0;
  for (int number = 1; number <= cases; ++number) {
    row.difference.add(run_case(whole, model, dump, number));
    if (!classifies) continue;
    const int value = model.outputs[0];
    const auto theirs = dump.integers(number, value, model.values[at(value)].type, graph, graph.output);
    const Lead lead = lead_of(theirs);
    if (lead.steps <= kLead) continue;
    ++clear;
    const auto ours = quant::Int8Interpreter(graph).run(case_input(whole, model, dump, number));
    same += lead_of(ours).first == lead.first;
  }
  row.difference.values += std::exchange(row.difference.border_values, 0);
  row.difference.differing += std::exchange(row.difference.border_differing, 0);
  print_row("the whole model", row);
  if (classifies)
    fmt::print("the largest score is the same in {} of {} inputs where it leads by more than {} steps\n",
               same, clear, kLead);
}

tinynas::import::Model read_model(const fs::path& file) {
  std::string bytes = read_file(file, 1 << 30);
  if (import::is_tflite(bytes)) return import::read_tflite(std::move(bytes));
  return import::read_onnx(onnx::parse_file(bytes));
}

int judge(const fs::path& file, const Dump& dump) {
  const import::Model model = read_model(file);
  int cases = 0;
  while (!model.inputs.empty() && dump.has(cases + 1, model.inputs[0])) ++cases;
  if (cases == 0) throw IoError("no values: run tools/judge/check");
  fmt::print("{}: {} nodes, {} inputs\n{}", file.filename().string(), model.nodes.size(), cases, kColumns);
  const bool near = judge_nodes(model, dump, cases);
  judge_whole(model, dump, cases);
  return near ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  const bool watch = count == 4 && std::string_view(arguments[1]) == "--watch";
  if (count != 3 && !watch) {
    fmt::print(stderr, "tinynas-judge [--watch] MODEL FOLDER\n");
    return 2;
  }
  const char* const model = arguments[count - 2];
  try {
    if (!watch) return judge(model, Dump(arguments[2]));
    watch_values(model, read_model(model), arguments[3]);
    return 0;
  } catch (const Error& error) {
    fmt::print(stderr, "tinynas-judge: {}: {}\n", model, error.what());
    return static_cast<int>(error.code());
  }
}
