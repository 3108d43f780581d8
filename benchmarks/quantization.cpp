// Networks of others in float, quantized here, against the int8 files of their makers.
#include <fmt/format.h>

#include <algorithm>

#include "benchmark.h"
#include "tinynas/core/rng.h"
#include "tinynas/data/samples.h"
#include "tinynas/import/import.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/post_training.h"

using namespace tinynas;

namespace {

struct Options {
  std::string in_float, in_int8, inputs = "random";
  std::string calibrate = {};
  int count = 200;
  float mean = 0, std = 1;
};

std::vector<std::vector<float>> read_files(const Options& options, const std::string& from,
                                           const ir::Shape& input) {
  return data::read_samples(from, {.h = input.h,
                                   .w = input.w,
                                   .c = input.c,
                                   .mean = options.mean,
                                   .std = options.std,
                                   .most = options.count})
      .values;
}

/// Uniform over the range of the int8 file's input.
std::vector<std::vector<float>> random_inputs(const Options& options, const ir::Graph& int8) {
  std::vector<std::vector<float>> inputs;
  const Rng rng(1);
  for (int i = 0; i < options.count; ++i) {
    Rng own = rng.fork("input", static_cast<std::uint64_t>(i));
    std::vector<std::int8_t> values(static_cast<std::size_t>(int8.tensor(int8.input).elements()));
    for (auto& value : values) value = static_cast<std::int8_t>(own.between(-128, 127));
    inputs.push_back(quant::to_real(values, int8.quant_of(int8.input)));
  }
  return inputs;
}

std::size_t largest(const auto& values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

void print(const char* whose, const ir::Graph& in_float, const ir::Graph& int8, const quant::Inputs& inputs) {
  const quant::Int8Interpreter interpreter(int8);
  std::size_t same = 0;
  for (std::size_t i = 0; i < inputs.count; ++i)
    same += largest(quant::run_float(in_float, inputs.input(i))) ==
                    largest(interpreter.run(quant::to_int8(inputs.input(i), int8.quant_of(int8.input))))
                ? 1
                : 0;
  fmt::print("{:<8} {:>10.2f} {:>8} of {}\n", whose, quant::output_noise(in_float, int8, inputs), same,
             inputs.count);
}

/// Every other input, or what is in the folder that was named.
std::vector<std::vector<float>> take_calibration(const Options& options, const ir::Shape& input,
                                                 std::vector<std::vector<float>>& inputs) {
  if (!options.calibrate.empty()) return read_files(options, options.calibrate, input);
  std::vector<std::vector<float>> calibration, rest;
  for (auto& one : inputs) (calibration.size() <= rest.size() ? calibration : rest).push_back(std::move(one));
  inputs = std::move(rest);
  return calibration;
}

/// Each way by itself.
void print_ways(const ir::Graph& in_float, const quant::Inputs& calibration, const quant::Inputs& inputs) {
  fmt::print("\n{:<12} {:<10} {:<10} {:>12} {:>12}\n", "ranges", "equalised", "corrected", "calibration",
             "measured dB");
  for (const auto clipping :
       {quant::Clipping::kNone, quant::Clipping::kPercentile, quant::Clipping::kSquaredError})
    for (const bool equalise : {false, true})
      for (const bool correct : {false, true}) {
        const quant::PostTraining made = quant::quantize_after_training(
            in_float, calibration, {.clipping = clipping, .equalise = equalise, .correct_bias = correct});
        fmt::print("{:<12} {:<10} {:<10} {:>12.2f} {:>12.2f}\n", quant::clipping_name(clipping),
                   equalise ? "yes" : "no", correct ? "yes" : "no", made.scores_noise,
                   quant::output_noise(in_float, made.graph, inputs));
      }
}

void compare(const Options& options) {
  const ir::Graph in_float = import::read_network(options.in_float).graph;
  const ir::Graph int8 = import::read_network(options.in_int8).graph;
  const ir::Shape& input = in_float.tensor(in_float.input);
  std::vector<std::vector<float>> measured =
      options.inputs == "random" ? random_inputs(options, int8) : read_files(options, options.inputs, input);
  const quant::Inputs calibration = quant::listed_inputs(take_calibration(options, input, measured));
  if (measured.empty()) throw ConfigError("--inputs: holds less than two inputs of the network's size");
  const quant::Inputs inputs = quant::listed_inputs(std::move(measured));
  const quant::PostTraining ours = quant::quantize_after_training(in_float, calibration);
  fmt::print("{:<8} {:>10} {:>8}\n", "int8", "noise dB", "largest output as in float");
  print("theirs", in_float, int8, inputs);
  print("ours", in_float, ours.graph, inputs);
  fmt::print("ours: ranges by {}{}{}\n", quant::clipping_name(ours.clipping),
             ours.equalised ? ", channels equalised" : "", ours.bias_corrected ? ", biases corrected" : "");
  print_ways(in_float, calibration, inputs);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{
      "A network in float, quantized here, against the int8 file of its maker: signal to noise of the "
      "output, reference the float network. Unless --calibrate names others, every second input calibrates "
      "ours and the rest is measured.",
      "bench_quantization"};
  app.add_option("float", options.in_float, "the network in float (.tflite, .onnx)")->required();
  app.add_option("int8", options.in_int8, "the same in int8")->required();
  app.add_option("--inputs", options.inputs,
                 "folder of pictures, .npy or .bin files; or random: uniform over the range of the int8 file")
      ->capture_default_str();
  app.add_option("--count", options.count, "random inputs, and most that calibrate")->capture_default_str();
  app.add_option("--calibrate", options.calibrate,
                 "folder of pictures, .npy or .bin files to calibrate ours on; all inputs are measured then");
  app.add_option("--input-mean", options.mean, "of pixels: (pixel - mean) / std")->capture_default_str();
  app.add_option("--input-std", options.std, "the same")->capture_default_str();
  app.footer("Example:\n  bench_quantization resnet8_float.tflite resnet8_int8.tflite --inputs pictures");
  return bench::run(app, argc, argv, [&] { compare(options); });
}
