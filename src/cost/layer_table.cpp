#include "tinynas/cost/layer_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <vector>

#include "cost/latency/csv_line.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/ir/ops.h"

namespace tinynas::cost {

namespace {

constexpr std::array kOpNames = {
    std::pair{std::string_view("CONV_2D"), ir::OpKind::kConv2d},
    std::pair{std::string_view("DEPTHWISE_CONV_2D"), ir::OpKind::kDepthwiseConv2d},
    std::pair{std::string_view("FULLY_CONNECTED"), ir::OpKind::kDense},
    std::pair{std::string_view("ADD"), ir::OpKind::kAdd},
    std::pair{std::string_view("AVERAGE_POOL_2D"), ir::OpKind::kAveragePool},
    std::pair{std::string_view("MAX_POOL_2D"), ir::OpKind::kMaxPool},
    std::pair{std::string_view("SOFTMAX"), ir::OpKind::kSoftmax},
};

ir::OpKind op_kind(const CsvLine& line) {
  const std::string_view name = line.text("op");
  for (const auto& [known, kind] : kOpNames)
    if (known == name) return kind;
  Words names;
  for (const auto& row : kOpNames) names.push_back(row.first);
  line.fail(fmt::format("op: unknown operation '{}'; did you mean '{}'? Known: {}", name,
                        nearest_word(name, names), fmt::join(names, ", ")));
}

ir::Activation activation(const CsvLine& line) {
  std::string name(line.text("act"));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (name.empty() || name == "none") return ir::Activation::kNone;
  if (name == "relu") return ir::Activation::kRelu;
  if (name == "relu6") return ir::Activation::kRelu6;
  line.fail(fmt::format("act: found '{}', expected NONE, RELU or RELU6", line.text("act")));
}

/// Appends the layer of one line; `index` maps the table's tensor numbers to the graph's.
void add_layer(const CsvLine& line, ir::Graph& graph, std::map<int, int>& index) {
  ir::Layer layer{.op = op_kind(line), .activation = activation(line)};
  const auto small = [&](const char* column, int otherwise) {
    return static_cast<std::int16_t>(std::min<std::int64_t>(line.number(column, otherwise), 32767));
  };
  const auto size = [&](const char* column) { return static_cast<int>(line.number(column, 1)); };
  const ir::Shape in{size("h_in"), size("w_in"), size("cin")};
  const ir::Shape out{size("h_out"), size("w_out"), size("cout")};
  const bool pools_all = layer.op == ir::OpKind::kAveragePool && out.h == 1 && out.w == 1 &&
                         line.number("k_h", 1) == in.h && line.number("k_w", 1) == in.w;
  if (pools_all) layer.op = ir::OpKind::kGlobalAveragePool;
  if (ir::op_info(layer.op).windowed) {
    layer.kernel_h = small("k_h", 1), layer.kernel_w = small("k_w", 1);
    layer.stride_h = layer.stride_w = std::max<std::int16_t>(1, small("stride", 1));
    layer.pad_top = small("pad_t", 0), layer.pad_bottom = small("pad_b", 0);
    layer.pad_left = small("pad_l", 0), layer.pad_right = small("pad_r", 0);
  }
  const std::vector<int> inputs = line.numbers("in_tensors");
  if (inputs.empty() || inputs.size() > 2) line.fail("in_tensors: expected one or two tensor numbers");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (graph.layers.empty() && i == 0) index[inputs[0]] = 0, graph.tensors.push_back(in);
    const auto found = index.find(inputs[i]);
    if (found == index.end()) line.fail(fmt::format("in_tensors: no line above makes tensor {}", inputs[i]));
    layer.inputs[i] = found->second;
  }
  if (graph.in_shape(layer) != in)
    line.fail(fmt::format("the input is {} x {} x {} here, but tensor {} was made otherwise", in.h, in.w,
                          in.c, inputs[0]));
  const int output = static_cast<int>(line.number("out_tensors", -1));
  layer.output = static_cast<int>(graph.tensors.size());
  if (!index.emplace(output, layer.output).second)
    line.fail(fmt::format("out_tensors: tensor {} stands twice", output));
  graph.tensors.push_back(out);
  graph.names.emplace_back(line.text("tag"));
  graph.layers.push_back(layer);
}

}  // namespace

ir::Graph parse_layer_table(std::string_view text, const std::string& name) {
  const Words lines = split_lines(text);
  const Words header = split(lines.front(), ',');
  ir::Graph graph;
  std::map<int, int> index;
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (!lines[i].empty())
      add_layer(CsvLine(header, lines[i], fmt::format("{}:{}", name, i + 1)), graph, index);
  if (graph.layers.empty())
    throw ConfigError(name + ": no operation in this table; expected a header and one line each");
  graph.output = graph.layers.back().output;
  ir::validate(graph);
  return graph;
}

ir::Graph read_layer_table(const std::filesystem::path& path) {
  constexpr std::int64_t kMaxTableBytes = 16 << 20;
  return parse_layer_table(read_file(path, kMaxTableBytes), path.string());
}

}  // namespace tinynas::cost
