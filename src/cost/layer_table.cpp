#include "tinynas/cost/layer_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

namespace tinynas::cost {

namespace {

using Words = std::vector<std::string_view>;

Words split(std::string_view text, char separator) {
  Words words;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

constexpr std::array kOpNames = {
    std::pair{std::string_view("CONV_2D"), ir::OpKind::kConv2d},
    std::pair{std::string_view("DEPTHWISE_CONV_2D"), ir::OpKind::kDepthwiseConv2d},
    std::pair{std::string_view("FULLY_CONNECTED"), ir::OpKind::kDense},
    std::pair{std::string_view("ADD"), ir::OpKind::kAdd},
    std::pair{std::string_view("AVERAGE_POOL_2D"), ir::OpKind::kAveragePool},
    std::pair{std::string_view("MAX_POOL_2D"), ir::OpKind::kMaxPool},
    std::pair{std::string_view("SOFTMAX"), ir::OpKind::kSoftmax},
};

/// One line of the table, read by column name.
class Line {
 public:
  Line(const Words& header, std::string_view text, std::string where)
      : header_(header), cells_(split(text, ',')), where_(std::move(where)) {
    if (cells_.size() != header_.size())
      fail(fmt::format("{} cells, expected one for each of the {} columns", cells_.size(), header_.size()));
  }

  [[noreturn]] void fail(const std::string& message) const { throw ConfigError(where_ + ": " + message); }

  std::string_view text(std::string_view column) const {
    const auto found = std::find(header_.begin(), header_.end(), column);
    if (found == header_.end()) fail(fmt::format("the header has no column '{}'", column));
    return cells_[static_cast<std::size_t>(found - header_.begin())];
  }

  /// `otherwise` for an empty cell.
  int number(std::string_view column, int otherwise) const {
    const std::string_view cell = text(column);
    return cell.empty() ? otherwise : parse(cell, column);
  }

  std::vector<int> numbers(std::string_view column) const {
    std::vector<int> values;
    for (const std::string_view word : split(text(column), ' ')) values.push_back(parse(word, column));
    return values;
  }

 private:
  int parse(std::string_view word, std::string_view column) const {
    int value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || value < 0 || value > 1'000'000)
      fail(fmt::format("{}: found '{}', expected a whole number from 0 to 1000000", column, word));
    return value;
  }

  const Words& header_;
  Words cells_;
  std::string where_;
};

ir::OpKind op_kind(const Line& line) {
  const std::string_view name = line.text("op");
  for (const auto& [known, kind] : kOpNames)
    if (known == name) return kind;
  Words names;
  for (const auto& row : kOpNames) names.push_back(row.first);
  line.fail(fmt::format("op: unknown operation '{}'; did you mean '{}'? Known: {}", name,
                        nearest_word(name, names), fmt::join(names, ", ")));
}

ir::Activation activation(const Line& line) {
  std::string name(line.text("act"));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (name.empty() || name == "none") return ir::Activation::kNone;
  if (name == "relu") return ir::Activation::kRelu;
  if (name == "relu6") return ir::Activation::kRelu6;
  line.fail(fmt::format("act: found '{}', expected NONE, RELU or RELU6", line.text("act")));
}

/// Appends the layer of one line; `index` maps the table's tensor numbers to the graph's.
void add_layer(const Line& line, ir::Graph& graph, std::map<int, int>& index) {
  ir::Layer layer{.op = op_kind(line), .activation = activation(line)};
  const auto small = [&](const char* column, int otherwise) {
    return static_cast<std::int16_t>(std::min(line.number(column, otherwise), 32767));
  };
  const ir::Shape in{line.number("h_in", 1), line.number("w_in", 1), line.number("cin", 1)};
  const ir::Shape out{line.number("h_out", 1), line.number("w_out", 1), line.number("cout", 1)};
  const bool pools_all = layer.op == ir::OpKind::kAveragePool && out.h == 1 && out.w == 1 &&
                         line.number("k_h", 1) == in.h && line.number("k_w", 1) == in.w;
  const bool window = layer.op != ir::OpKind::kAdd && layer.op != ir::OpKind::kSoftmax &&
                      layer.op != ir::OpKind::kDense && !pools_all;
  if (pools_all) layer.op = ir::OpKind::kGlobalAveragePool;
  if (window) {
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
  const int output = line.number("out_tensors", -1);
  layer.output = static_cast<int>(graph.tensors.size());
  if (!index.emplace(output, layer.output).second)
    line.fail(fmt::format("out_tensors: tensor {} stands twice", output));
  graph.tensors.push_back(out);
  graph.names.emplace_back(line.text("tag"));
  graph.layers.push_back(layer);
}

}  // namespace

ir::Graph parse_layer_table(std::string_view text, const std::string& name) {
  Words lines = split(text, '\n');
  for (std::string_view& line : lines)
    if (line.ends_with('\r')) line.remove_suffix(1);
  const Words header = split(lines.front(), ',');
  ir::Graph graph;
  std::map<int, int> index;
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (!lines[i].empty()) add_layer(Line(header, lines[i], fmt::format("{}:{}", name, i + 1)), graph, index);
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
