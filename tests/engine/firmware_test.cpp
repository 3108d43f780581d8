#include "tinynas/engine/firmware.h"

#include <fmt/format.h>

#include "engine/host_build.h"
#include "engine/networks.h"
#include "engine/schedules.h"
#include "support/catch.h"
#include "support/schedule_simulator.h"
#include "tinynas/core/error.h"

using namespace tinynas;
using test::Images;

namespace {

/// Every kind of schedule the planner could ever choose.
std::vector<cost::Schedule> schedules_of(const ir::Graph& graph) {
  using cost::InputMode;
  const cost::KernelIsa isa = cost::KernelIsa::kDsp;
  return {cost::plan(graph, {.input = InputMode::kRows, .isa = isa}),
          cost::plan(graph, {.input = InputMode::kFrame, .isa = isa}),
          test::SimulatedSchedule(graph, InputMode::kRows, test::one_segment(graph), isa).get(),
          test::SimulatedSchedule(graph, InputMode::kFrame, test::segment_per_layer(graph), isa).get()};
}

std::string model_name(int network, std::size_t schedule) {
  return fmt::format("net{}_{}", network, schedule);
}

void check_on_host(const std::string& compiler, const std::vector<test::Oracle>& oracles) {
  test::HostProgram program;
  const int networks = static_cast<int>(oracles.size());
  for (int n = 0; n < networks; ++n) {
    const test::Oracle& oracle = oracles[static_cast<std::size_t>(n)];
    const std::vector<cost::Schedule> schedules = schedules_of(oracle.graph);
    for (std::size_t s = 0; s < schedules.size(); ++s) {
      CHECK(test::check_schedule(oracle.graph, schedules[s], cost::KernelIsa::kDsp).empty());
      program.add(
          model_name(n, s),
          engine::generate_firmware(oracle.graph, schedules[s], test::firmware_options(model_name(n, s))),
          oracle.images);
    }
  }
  program.build_and_run(compiler);
  for (int n = 0; n < networks; ++n) {
    const test::Oracle& oracle = oracles[static_cast<std::size_t>(n)];
    Images expected;  // rows pushed, then the whole image
    for (const auto& output : oracle.expected)
      expected.insert(expected.end(), 2, test::in_planes(oracle.graph, output));
    for (std::size_t s = 0; s < schedules_of(oracle.graph).size(); ++s) {
      INFO("network " << n << ", schedule " << s << ", " << ir::dump(oracle.graph));
      CHECK(program.outputs(model_name(n, s), expected[0].size()) == expected);
    }
  }
}

std::vector<test::Oracle> random_oracles(std::uint64_t first_seed, int count) {
  std::vector<test::Oracle> oracles;
  for (int i = 0; i < count; ++i) oracles.emplace_back(first_seed + static_cast<std::uint64_t>(i));
  return oracles;
}

std::vector<test::Oracle> oracles_with_every_operation(std::uint64_t first_seed, int count) {
  std::vector<test::Oracle> oracles;
  for (int i = 0; i < count; ++i) {
    const Rng rng(first_seed + static_cast<std::uint64_t>(i));
    oracles.emplace_back(test::quantize_on_noise(test::every_operation(rng), rng.fork("images")),
                         rng.fork("test"));
  }
  return oracles;
}

}  // namespace

TEST_CASE("generated C equals the interpreter for every kind of schedule, warning-free with gcc") {
  check_on_host("gcc", random_oracles(1, 2));
}

TEST_CASE("generated C equals the interpreter and is warning-free with clang") {
  check_on_host("clang", random_oracles(1001, 1));
}

TEST_CASE("generated C equals the interpreter for every operation there is") {
  check_on_host("gcc", oracles_with_every_operation(1, 1));
  const Rng rng(3);
  check_on_host("gcc",
                {test::Oracle(test::quantize_on_noise(test::further_operations(rng), rng.fork("images")),
                              rng.fork("test"))});
}

TEST_CASE("generated C equals the interpreter where values move") {
  std::vector<test::Oracle> oracles;
  for (const std::uint64_t seed : {1, 2})
    oracles.emplace_back(test::quantize_on_noise(test::moving_network(Rng(seed)), Rng(10 + seed)),
                         Rng(20 + seed));
  check_on_host("gcc", oracles);
}

TEST_CASE("a window's output may be taller than its input") {
  test::GraphBuilder b({.h = 5, .w = 5, .c = 3}, Rng(51));
  const int t = b.append({.op = ir::OpKind::kAveragePool,
                          .kernel_h = 2,
                          .kernel_w = 2,
                          .pad_top = 1,
                          .pad_left = 1,
                          .pad_bottom = 1,
                          .pad_right = 1,
                          .inputs = {b.conv(0, 6, 3), -1}},
                         0);
  const ir::Graph graph = b.finish(b.dense(b.global_pool(b.conv(t, 4, 1)), 3));
  check_on_host("gcc", {test::Oracle(test::quantize_on_noise(graph, Rng(52)), Rng(53), 1)});
}

TEST_CASE("generated C equals the interpreter on many networks", "[slow]") {
  check_on_host("gcc", random_oracles(2001, 40));
  check_on_host("clang", oracles_with_every_operation(2001, 20));
}

TEST_CASE("two models take turns row by row in one program, one of them in memory of the caller") {
  const test::Oracle first(11, 1), second(12, 2);
  test::HostProgram program;
  program.add("first", test::generate(first, test::firmware_options("first")), first.images);
  program.add("second", test::generate(second, test::firmware_options("second")), second.images);
  program.build_and_run("gcc", {"-DSECOND_ARENA_FROM_CALLER"}, R"(
#include <stdalign.h>
#include <stdio.h>
#include "first.h"
#include "second.h"

static int8_t first_image[FIRST_INPUT_HEIGHT * FIRST_ROW_BYTES];
static int8_t second_image[SECOND_INPUT_HEIGHT * SECOND_ROW_BYTES];

int main(void) {
  static alignas(SECOND_ARENA_ALIGN) int8_t memory[SECOND_ARENA_BYTES];
  FILE *in = fopen("first.images", "rb");
  if (in == NULL || fread(first_image, sizeof first_image, 1, in) != 1) return 1;
  fclose(in);
  in = fopen("second.images", "rb");
  if (in == NULL || fread(second_image, sizeof second_image, 1, in) != 1) return 1;
  fclose(in);

  first_init();
  second_init(memory);
  for (int y = 0; y < FIRST_INPUT_HEIGHT || y < SECOND_INPUT_HEIGHT; ++y) {
    if (y < FIRST_INPUT_HEIGHT) first_push_row(first_image + y * FIRST_ROW_BYTES);
    if (y < SECOND_INPUT_HEIGHT) second_push_row(second_image + y * SECOND_ROW_BYTES);
  }
  FILE *out = fopen("first.outputs", "wb");
  if (out == NULL || fwrite(first_output(), FIRST_OUTPUT_BYTES, 1, out) != 1 || fclose(out) != 0) return 1;
  out = fopen("second.outputs", "wb");
  if (out == NULL || fwrite(second_output(), SECOND_OUTPUT_BYTES, 1, out) != 1) return 1;
  return fclose(out);
}
)");
  CHECK(program.outputs("first", first.expected[0].size()) == Images{first.expected[0]});
  CHECK(program.outputs("second", second.expected[0].size()) == Images{second.expected[0]});
}

TEST_CASE("an image that was dropped in part leaves no trace, rows may be written in place") {
  const test::Oracle oracle(21, 2);
  test::HostProgram program;
  program.add("net", test::generate(oracle, test::firmware_options("net")), oracle.images);
  program.build_and_run("gcc", {}, R"(
#include <stdio.h>
#include <string.h>
#include "net.h"

int main(void) {
  static int8_t image[NET_INPUT_HEIGHT * NET_ROW_BYTES];
  FILE *in = fopen("net.images", "rb"), *out = fopen("net.outputs", "wb");
  if (in == NULL || out == NULL) return 1;
  while (fread(image, sizeof image, 1, in) == 1) {
    for (int y = 0; y < NET_INPUT_HEIGHT - 1; ++y) net_push_row(image); /* the camera lost its picture */
    net_init();
    for (int y = 0; y < NET_INPUT_HEIGHT; ++y) {
      int8_t *row = net_input_row();
      memcpy(row, image + y * NET_ROW_BYTES, NET_ROW_BYTES);
      net_push_row(row);
    }
    if (fwrite(net_output(), NET_OUTPUT_BYTES, 1, out) != 1) return 1;
  }
  fclose(in);
  return fclose(out);
}
)");
  CHECK(program.outputs("net", oracle.expected[0].size()) == oracle.expected);
}

TEST_CASE("sensor values arrive in portions of any size") {
  const test::Oracle oracle(23, 2);
  test::HostProgram program;
  program.add("net", test::generate(oracle, test::firmware_options("net")), oracle.images);
  program.build_and_run("gcc", {"-DNET_PUSH_SAMPLES"}, R"(
#include <stdio.h>
#include "net.h"

int main(void) {
  static int8_t values[100];
  FILE *in = fopen("net.images", "rb"), *out = fopen("net.outputs", "wb");
  if (in == NULL || out == NULL) return 1;
  net_init();
  for (size_t portion = 1;; portion = portion % sizeof values + 1) { /* rows and images end anywhere in a portion */
    const int8_t *samples = values;
    int count = (int)fread(values, 1, portion, in);
    if (count == 0) break;
    while (net_push_samples(&samples, &count))
      if (fwrite(net_output(), NET_OUTPUT_BYTES, 1, out) != 1) return 1;
    if (count != 0) return 2;
  }
  fclose(in);
  return fclose(out);
}
)");
  CHECK(program.outputs("net", oracle.expected[0].size()) == oracle.expected);
}

TEST_CASE("pixels are pushed as a camera gives them, in place or not") {
  const test::Oracle oracle(24, 2);
  test::HostProgram program;
  program.add("net", test::generate(oracle, test::firmware_options("net")), oracle.images);
  program.build_and_run("gcc", {}, R"(
#include <stdio.h>
#include <string.h>
#include "net.h"

int main(void) {
  static uint8_t image[NET_INPUT_HEIGHT][NET_ROW_BYTES];
  FILE *in = fopen("net.images", "rb"), *out = fopen("net.outputs", "wb");
  if (in == NULL || out == NULL) return 1;
  net_init();
  for (int images = 0; fread(image, sizeof image, 1, in) == 1; ++images) {
    for (int y = 0; y < NET_INPUT_HEIGHT; ++y) {
      for (int i = 0; i < NET_ROW_BYTES; ++i) image[y][i] = (uint8_t)(image[y][i] + 128); /* int8 to pixels */
      uint8_t *row = image[y];
      if (images % 2 == 1) row = memcpy(net_input_row(), row, NET_ROW_BYTES);
      net_push_row_u8(row);
    }
    if (fwrite(net_output(), NET_OUTPUT_BYTES, 1, out) != 1) return 1;
  }
  fclose(in);
  return fclose(out);
}
)");
  CHECK(program.outputs("net", oracle.expected[0].size()) == oracle.expected);
}

TEST_CASE("a DMA writes the next row, also of the next image, whenever a layer works") {
  const ir::Graph graph = test::quantize_on_noise(test::every_operation(Rng(25)), Rng(26));
  const test::Oracle oracle(graph, Rng(27), 3);
  test::HostProgram program;
  program.add("net",
              engine::generate_firmware(
                  graph, cost::plan(graph, {.input = cost::InputMode::kDma, .isa = cost::KernelIsa::kDsp}),
                  test::firmware_options("net")),
              oracle.images);
  program.build_and_run("gcc", {"-DNET_TRACE"}, R"(
#include <stdio.h>
#include <string.h>
#include "net.h"

static int8_t images[3 * NET_INPUT_HEIGHT][NET_ROW_BYTES];
static int next_row; /* of all images, one after the other */
static int8_t *next_place;

/* The DMA is as late, or as early, as it can be. */
static void dma(int tensor) {
  (void)tensor;
  if (next_row < 3 * NET_INPUT_HEIGHT) memcpy(next_place, images[next_row], NET_ROW_BYTES);
}

int main(void) {
  FILE *in = fopen("net.images", "rb"), *out = fopen("net.outputs", "wb");
  if (in == NULL || out == NULL || fread(images, sizeof images, 1, in) != 1) return 1;
  _Static_assert(NET_ARENA_ALIGN == 32, "rows begin on a cache line");
  net_init();
  net_trace(&(net_tracer){.begin = dma});
  next_place = net_input_row();
  dma(0);
  for (next_row = 1; next_row <= 3 * NET_INPUT_HEIGHT; ++next_row) {
    int8_t *const row = net_input_row();
    next_place = net_dma_row();
    if ((uintptr_t)next_place % 32 != 0 || row == next_place) return 2;
    const bool done = net_push_row(row);
    dma(0); /* a push that made no layer work */
    if (done != (next_row % NET_INPUT_HEIGHT == 0)) return 3;
    if (done && fwrite(net_output(), NET_OUTPUT_BYTES, 1, out) != 1) return 1;
  }
  fclose(in);
  return fclose(out);
}
)");
  CHECK(program.outputs("net", oracle.expected[0].size()) == oracle.expected);
}

TEST_CASE("a network with several inputs and outputs equals the interpreter, whatever its schedule") {
  const test::Oracle oracle(test::quantize_on_noise(test::several_ends(Rng(31)), Rng(32)), Rng(33));
  const ir::Graph& graph = oracle.graph;
  test::HostProgram program;
  const std::vector<cost::Schedule> schedules = schedules_of(graph);
  std::string main = R"(
#include <stdio.h>
#define RUN(name, U) \
  static int run_##name(void) { \
    static int8_t image[U##_INPUTS_BYTES]; \
    static const uint32_t sizes[U##_OUTPUTS] = U##_OUTPUT_SIZES; \
    FILE *in = fopen(#name ".images", "rb"), *out = fopen(#name ".outputs", "wb"); \
    if (in == NULL || out == NULL) return 1; \
    name##_init(); \
    while (fread(image, 1, sizeof image, in) == sizeof image) { \
      const int8_t *other = image + U##_INPUT_0_BYTES; \
      for (int y = 0; y < U##_INPUT_1_HEIGHT; ++y) \
        for (int c = 0; c < U##_INPUT_1_CHANNELS; ++c) \
          for (int x = 0; x < U##_INPUT_1_WIDTH; ++x) \
            name##_input_at(1)[(y * U##_INPUT_1_CHANNELS + c) * U##_INPUT_1_WIDTH + x] = \
                other[(y * U##_INPUT_1_WIDTH + x) * U##_INPUT_1_CHANNELS + c]; \
      for (int again = 0; again < 3; ++again) { /* the other input stays as it is */ \
        if (again == 2 && name##_run(image) != name##_output()) return 3; \
        for (int y = 0; again < 2 && y < U##_INPUT_HEIGHT; ++y) \
          if (name##_push_row(image + y * U##_ROW_BYTES) != (y + 1 == U##_INPUT_HEIGHT)) return 2; \
        for (int i = 0; i < U##_OUTPUTS; ++i) fwrite(name##_output_at(i), 1, sizes[i], out); \
      } \
    } \
    fclose(in); \
    return fclose(out); \
  }
)",
              calls;
  for (std::size_t s = 0; s < schedules.size(); ++s) {
    CHECK(test::check_schedule(graph, schedules[s], cost::KernelIsa::kDsp).empty());
    const std::string name = model_name(0, s);
    program.add(name, engine::generate_firmware(graph, schedules[s], test::firmware_options(name)),
                oracle.images);
    main += fmt::format("#include \"{}.h\"\nRUN({}, NET0_{})\n", name, name, s);
    calls += fmt::format("  if (run_{}() != 0) return 1;\n", name);
  }
  program.build_and_run("gcc", {}, main + "int main(void) {\n" + calls + "  return 0;\n}\n");
  Images expected;
  for (const auto& outputs : oracle.expected)
    expected.insert(expected.end(), 3, test::in_planes(graph, outputs));
  for (std::size_t s = 0; s < schedules.size(); ++s) {
    INFO("schedule " << s << ", " << ir::dump(graph));
    CHECK(program.outputs(model_name(0, s), expected[0].size()) == expected);
  }
}

TEST_CASE("pixels of cameras become those of pictures") {
  const test::Oracle oracle(28, 1);
  test::HostProgram program;
  program.add("net", test::generate(oracle, test::firmware_options("net")), oracle.images);
  program.build_and_run("gcc", {}, R"(
#include <stdlib.h>
#include <string.h>
#include "net.h"
#include "tinynas_pixels.h"

static void check(const uint8_t *found, const uint8_t *expected, size_t bytes) {
  if (memcmp(found, expected, bytes) != 0) exit(1);
}

int main(void) {
  const uint8_t camera[8] = {0xF8, 0x00, 0x07, 0xE0, 0x00, 0x1F, 0xFF, 0xFF}; /* red, green, blue, white */
  const uint8_t swapped[8] = {0x00, 0xF8, 0xE0, 0x07, 0x1F, 0x00, 0xFF, 0xFF};
  const uint8_t rgb[12] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255}, grey[4] = {76, 150, 29, 255};
  uint8_t pixels[12];
  tn_rgb565_to_rgb(camera, pixels, 4, true);
  check(pixels, rgb, 12);
  tn_rgb_to_grey(pixels, pixels, 4); /* in place */
  check(pixels, grey, 4);
  tn_rgb565_to_rgb(swapped, pixels, 4, false);
  check(pixels, rgb, 12);
  memcpy(pixels, camera, 8);
  tn_rgb565_to_grey(pixels, pixels, 4, true);
  check(pixels, grey, 4);
  for (int value = 0; value < 65536; ++value) { /* every grey stays what it is, every colour keeps its bits */
    const uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    tn_rgb565_to_rgb(bytes, pixels, 1, true);
    if ((pixels[0] >> 3 << 11 | pixels[1] >> 2 << 5 | pixels[2] >> 3) != value) return 2;
  }
  for (int level = 0; level < 256; ++level)
    if (tn_luma(level, level, level) != level) return 3;
  return 0;
}
)");
}

TEST_CASE("model.h says what the input is, for the compiler to check") {
  const test::Oracle oracle(29, 1);
  const auto header = [&](engine::InputFit fit) {
    auto options = test::firmware_options("net");
    options.fit = fit;
    return test::generate(oracle, options)[0].text;
  };
  const std::string crop = header(engine::InputFit::kCentreCrop),
                    unknown = header(engine::InputFit::kUnknown);
  CHECK_THAT(crop, Catch::Contains("#define NET_INPUT_IS_CENTRE_CROPPED 1") &&
                       Catch::Contains("#define NET_INPUT_IS_STRETCHED 0") &&
                       Catch::Contains("#define NET_INPUT_IS_ANTIALIASED 1"));
  CHECK_THAT(header(engine::InputFit::kStretch), Catch::Contains("#define NET_INPUT_IS_STRETCHED 1"));
  CHECK_THAT(unknown, Catch::Contains("#define NET_INPUT_IS_RGB 0") &&
                          Catch::Contains("#define NET_INPUT_IS_ANTIALIASED 0"));
  // Nobody knows that it is fed pixels: its numbers say what it is.
  CHECK_THAT(crop, Catch::Contains("int8: pixel - 128"));
  CHECK_THAT(unknown, !Catch::Contains("pixel - 128") && Catch::Contains("int8: real value = "));
}

TEST_CASE("the same network gives the same bytes") {
  const test::Oracle oracle(31, 1);
  const auto options = test::firmware_options("net");
  const auto first = test::generate(oracle, options), second = test::generate(oracle, options);
  REQUIRE(first.size() == second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].path == second[i].path);
    CHECK(first[i].text == second[i].text);
  }
}

TEST_CASE("text of others cannot leave its comment or string") {
  const test::Oracle oracle(41, 1);
  auto options = test::firmware_options("net");
  options.source = "a */ #error \n b";
  options.input_description = "say \"hi\" */ #error";
  options.classes = {"a\"b", "c\\", "what\?\?/"};
  test::HostProgram program;
  program.add("net", test::generate(oracle, options), oracle.images);
  program.build_and_run("gcc");
  CHECK(program.outputs("net", oracle.expected[0].size()).size() == 2 * oracle.images.size());
}

TEST_CASE("what cannot become firmware is refused with the reason") {
  const test::Oracle oracle(51, 1);
  CHECK_THROWS_WITH(test::generate(oracle, test::firmware_options("2nd model")),
                    Catch::Contains("2nd model") && Catch::Contains("C identifier"));
  ir::Graph bare = oracle.graph;
  bare.quant.reset();
  const cost::Schedule schedule = cost::plan(bare, {});
  CHECK_THROWS_WITH(engine::generate_firmware(bare, schedule, test::firmware_options("net")),
                    Catch::Contains("not quantized"));
  ir::Graph active = oracle.graph;
  active.layers[0].activation = ir::Activation::kRelu;
  CHECK_THROWS_WITH(engine::generate_firmware(active, schedule, test::firmware_options("net")),
                    Catch::Contains("relu"));
}

TEST_CASE("a name that a language, a build tool or the folder itself has taken is refused with the reason") {
  const test::Oracle oracle(51, 1);
  const auto refused = [&](const char* name, const char* reason) {
    INFO(name);
    CHECK_THROWS_WITH(test::generate(oracle, test::firmware_options(name)),
                      Catch::Contains("'" + std::string(name) + "'") && Catch::Contains(reason) &&
                          Catch::Contains("--name"));
  };
  for (const char* name : {"int", "for", "_Bool", "restrict", "class", "template", "and", "co_await"})
    refused(name, "keyword of C or C++");
  for (const char* name : {"all", "clean", "emulate", "help", "install", "lib", "package", "test", "INSTALL"})
    refused(name, "target of make or CMake");
  for (const char* name : {"board", "Board", "cycles", "main", "model_binding", "benchmark_layers"})
    refused(name, "examples/");
  for (const char* name : {"string", "stdint", "Math"}) refused(name, "header of C");
  for (const char* name : {"tn", "TN", "tn_net", "tinynas", "tinynas_conv"}) refused(name, "as the kernels");
  for (const char* name : {"Int", "forward", "tnt", "mainly", "tests", "boards"})
    CHECK_NOTHROW(test::generate(oracle, test::firmware_options(name)));
}

TEST_CASE("a model may be named as the engine's headers are without their prefix") {
  const test::Oracle oracle(52, 1);
  test::HostProgram program;
  for (const char* name : {"kernels", "runtime"})
    program.add(name, test::generate(oracle, test::firmware_options(name)), oracle.images);
  program.build_and_run("gcc");
  for (const char* name : {"kernels", "runtime"})
    CHECK(program.outputs(name, oracle.expected[0].size()).back() == oracle.expected.back());
}
