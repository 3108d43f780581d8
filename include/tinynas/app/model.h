#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tinynas/cost/cost.h"
#include "tinynas/ir/graph.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas::app {

/// A network, how it runs in memory, and what that costs on a device.
struct Profile {
  ir::Graph graph;
  cost::Device device;
  cost::Schedule schedule;
  cost::Footprint footprint;
  std::vector<cost::LayerCost> layers;
};
Profile profile(ir::Graph graph, const cost::Device& device, cost::InputMode input);

/// `macs`, `params`, `sram_bytes` ... and one object per layer and per segment; the keys are fixed.
std::string profile_json(const Profile& profile, const cost::Budget& budget);
/// "sram is bound by segment 2 (stage1.block0.expand .. stage2.block1.add)": where the bytes and the time go.
std::vector<std::string> bottlenecks(const Profile& profile);

/// "rows 0-12 13-20, arena 23456": as kept in the ONNX file.
std::string describe_schedule(const cost::Schedule& schedule);
/// "28 x 28 x 1 bytes, bilinear": how an image becomes the network's input.
std::string input_description(const ir::Graph& graph);

/// Reads an ONNX model back from disk and writes its firmware folder (C, headers, Makefile).
struct CompileOptions {
  std::string name = "model";
  cost::Device device;
  cost::InputMode input = cost::InputMode::kRows;
};
Profile compile_model(const std::filesystem::path& onnx_file, const std::filesystem::path& folder,
                      const CompileOptions& options);

}  // namespace tinynas::app
