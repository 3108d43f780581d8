#include "tinynas/cost/layer_table.h"

#include "support/catch.h"
#include "tinynas/core/error.h"

using namespace tinynas;
using namespace tinynas::cost;

namespace {

const std::string kHeader =
    "idx,tag,op,k_h,k_w,stride,pad_t,pad_b,pad_l,pad_r,cin,cout,h_in,w_in,h_out,w_out,act,in_tensors,out_"
    "tensors\n";

}  // namespace

TEST_CASE("a layer table becomes a graph") {
  const ir::Graph graph = parse_layer_table(kHeader +
                                                "0,stem,CONV_2D,3,3,2,0,1,0,1,3,8,6,8,3,4,RELU6,7,9\n"
                                                "1,sum,ADD,,,,0,0,0,0,8,8,3,4,3,4,,9 9,10\n"
                                                "2,gap,AVERAGE_POOL_2D,3,4,3,0,0,0,0,8,8,3,4,1,1,,10,11\r\n",
                                            "net.csv");
  REQUIRE(graph.layers.size() == 3);
  CHECK(graph.tensors[0] == ir::Shape{6, 8, 3});
  CHECK(graph.layers[0].activation == ir::Activation::kRelu6);
  CHECK(graph.layers[0].pad_top == 0);
  CHECK(graph.layers[0].pad_bottom == 1);
  CHECK(graph.layers[1].inputs == std::array{1, 1});
  CHECK(graph.layers[2].op == ir::OpKind::kGlobalAveragePool);
  CHECK(graph.names[0] == "stem");
  CHECK(graph.output == 3);
}

TEST_CASE("a wrong layer table is refused with file, line and column") {
  const auto refused = [](const std::string& line, const std::string& why) {
    CHECK_THROWS_WITH(parse_layer_table(kHeader + line, "net.csv"), Catch::Contains("net.csv:2: " + why));
  };
  refused("0,a,CONV2D,1,1,1,0,0,0,0,3,8,6,6,6,6,,0,1\n",
          "op: unknown operation 'CONV2D'; did you mean 'CONV_2D'?");
  refused("0,a,CONV_2D,one,1,1,0,0,0,0,3,8,6,6,6,6,,0,1\n", "k_h: found 'one', expected a whole number");
  refused("0,a,CONV_2D,1,1,1\n", "6 cells, expected one for each of the 19 columns");
  refused("0,a,CONV_2D,1,1,1,0,0,0,0,3,8,6,6,6,6,SWISH,0,1\n", "act: found 'SWISH'");
  CHECK_THROWS_WITH(parse_layer_table("op\n", "net.csv"), Catch::Contains("no operation"));
}
