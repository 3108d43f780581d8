// Published networks, one row an operation, with the sizes, MACs and weights other tools counted for them.
#include <filesystem>
#include <map>
#include <sstream>

#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/files.h"
#include "tinynas/ir/graph.h"

namespace tinynas::ir {
namespace {

const std::map<std::string, OpKind> kOperations = {{"CONV_2D", OpKind::kConv2d},
                                                   {"DEPTHWISE_CONV_2D", OpKind::kDepthwiseConv2d},
                                                   {"FULLY_CONNECTED", OpKind::kDense},
                                                   {"ADD", OpKind::kAdd},
                                                   {"AVERAGE_POOL_2D", OpKind::kAveragePool},
                                                   {"SOFTMAX", OpKind::kSoftmax}};

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  return cells;
}

/// A row of a zoo table by column name; empty cells are 0.
class Row {
 public:
  Row(const std::vector<std::string>& header, const std::string& line) {
    const auto cells = split(line);
    for (std::size_t i = 0; i < header.size() && i < cells.size(); ++i) cells_[header[i]] = cells[i];
  }
  const std::string& text(const std::string& column) const { return cells_.at(column); }
  int number(const std::string& column, int if_empty = 0) const {
    return text(column).empty() ? if_empty : std::stoi(text(column));
  }

 private:
  std::map<std::string, std::string> cells_;
};

Layer layer_of(const Row& row) {
  const auto small = [&](const char* column, int if_empty) {
    return static_cast<std::int16_t>(row.number(column, if_empty));
  };
  return {.op = kOperations.at(row.text("op")),
          .kernel_h = small("k_h", 1),
          .kernel_w = small("k_w", 1),
          .stride_h = small("stride", 1),
          .stride_w = small("stride", 1),
          .pad_top = small("pad_t", 0),
          .pad_left = small("pad_l", 0),
          .pad_bottom = small("pad_b", 0),
          .pad_right = small("pad_r", 0),
          .inputs = {0, -1},
          .output = 1};
}

}  // namespace

TEST_CASE("shapes, MACs and weights of published networks are reproduced") {
  const auto folder = test::test_data("reference/zoo", "published networks");
  if (!folder) return;
  int rows = 0;
  for (const auto& file : std::filesystem::directory_iterator(*folder)) {
    std::istringstream lines(read_file(file.path()));
    std::string line;
    std::getline(lines, line);
    const auto header = split(line);
    while (std::getline(lines, line)) {
      CAPTURE(file.path().filename().string(), line);
      const Row row(header, line);
      const Layer layer = layer_of(row);
      const Shape in = {row.number("h_in"), row.number("w_in"), row.number("cin")};
      const Shape out = {row.number("h_out"), row.number("w_out"), row.number("cout")};
      REQUIRE(infer_output(layer, in, in, out.c) == out);
      const Graph graph = {.tensors = {in, out}, .layers = {layer}, .input = 0, .output = 1};
      REQUIRE(layer_macs(graph, layer) == row.number("macs"));
      REQUIRE(layer_weights(graph, layer) == row.number("weights"));
      REQUIRE(layer_biases(graph, layer) == row.number("bias"));
      ++rows;
    }
  }
  CHECK(rows > 500);
}

}  // namespace tinynas::ir
