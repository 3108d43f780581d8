#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/layer_cases.h"
#include "tinynas/core/files.h"
#include "tinynas/emulator/emulator.h"

namespace tinynas::test {

/// A firmware folder whose "model" runs kernel cases: its input is ignored, its outputs are int32 numbers,
/// two for a case (wrong bytes, ticks of the board). The portable form is built on cores that have another,
/// too.
class KernelProgram {
 public:
  explicit KernelProgram(cost::KernelIsa isa) : isa_(isa) {}

  void add(const LayerCase& c) {
    const std::string id = std::to_string(count_++);
    const engine::PackedLayer packed = engine::pack_layer(c.graph, c.index(), isa_);
    std::string fields;
    for (const auto& [name, value] : packed.fields) fields += fmt::format(".{} = {}, ", name, value);
    for (const engine::PackedArray& array : packed.arrays) {
      text_ += fmt::format("static const _Alignas({}) {} {}{}[] = {{{}}};\n", array.align, array.type,
                           array.name, id, fmt::join(array.values, ","));
      fields += fmt::format(".{0} = {0}{1}, ", array.name, id);
    }
    if (packed.unrolled) {
      if (unrolled_.insert(packed.unrolled->definition).second)
        text_ += fmt::format("#include \"{}\"\n{}\n", packed.unrolled->header, packed.unrolled->definition);
      fields += fmt::format(".unrolled = {}, ", packed.unrolled->value);
    }
    text_ += fmt::format("static const {} layer{} = {{{}}};\n", packed.struct_type, id, fields);
    bytes("first" + id, c.first);
    bytes("second" + id, c.second);
    bytes("expected" + id, c.expected);
    const kernel_case n = case_numbers(c, isa_);
    const bool pool = n.form == CASE_POOL;
    cases_ += fmt::format(
        "  {{{}, &layer{}, {}, first{}, second{}, expected{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, "
        "{}}},\n",
        static_cast<int>(n.form), id, pool ? "0" : "(void (*)(void))" + packed.function, id, id, id, n.in_h,
        n.in_row_bytes, n.out_h, n.out_row_bytes, n.second_row_bytes, n.kernel_h, n.stride_h, n.pad_top,
        n.scratch_bytes, n.dilation_h, n.part_bytes);
    files_.insert(std::string(cost::kernel_for(c.graph, c.layer(), isa_).file));
  }

  struct Result {
    std::int32_t wrong_bytes = 0;
    std::int32_t ticks = 0;
  };
  /// Runs all cases on a core; one result for each. `folder` is overwritten.
  std::vector<Result> run(cost::Core core, const std::filesystem::path& folder) const {
    write(folder);
    emulator::EmulateOptions options{.name = "kernels", .core = core, .image_rows = 1, .image_bytes = 1};
    options.output_bytes = 8 * count_;
    const auto emulation = emulator::emulate(folder, options, {{0}}, folder / "build", {}, {});
    std::vector<Result> results(static_cast<std::size_t>(count_));
    std::memcpy(static_cast<void*>(results.data()), emulation.outputs.at(0).data(),
                emulation.outputs.at(0).size());
    return results;
  }

  void write(const std::filesystem::path& folder) const {
    const std::filesystem::path source = find_resource("src/engine/c");
    for (const std::string& name : files_) write_file(folder / name, read_file(source / name));
    for (const auto& entry : std::filesystem::directory_iterator(source))
      if (entry.path().extension() == ".h")
        write_file(folder / entry.path().filename(), read_file(entry.path()));
    if (isa_ == cost::KernelIsa::kPortable)
      write_file(folder / "tinynas_kernels.h",
                 "#define TN_PORTABLE\n" + read_file(source / "tinynas_kernels.h"));
    write_file(folder / "kernel_case.h", read_file(find_resource("tests/support/kernel_case.h")));
    write_file(folder / "kernels.h",
               fmt::format("#include <stdint.h>\n"
                           "enum {{ KERNELS_INPUT_HEIGHT = 1, KERNELS_ROW_BYTES = 1, "
                           "KERNELS_OUTPUT_BYTES = {} }};\n"
                           "void kernels_init(void);\nvoid kernels_push_row(const int8_t *row);\n"
                           "const int8_t *kernels_output(void);\n",
                           8 * count_));
    write_file(
        folder / "kernels.c",
        "#include \"kernels.h\"\n#include \"kernel_case.h\"\n"
        "uint64_t ticks_now(void);\n" +
            text_ + "static const kernel_case cases[] = {\n" + cases_ +
            "};\nenum { COUNT = sizeof cases / sizeof *cases };\n"
            "static int32_t results[COUNT][2];\nstatic _Alignas(8) uint8_t arena[1 << 16];\n"
            "static void time_case(const kernel_case *c) {\n"
            "  for (int y = 0; y < c->out_h; ++y) case_run_row(c, y, (int8_t *)arena + 32768, arena);\n}\n"
            "void kernels_init(void) {}\n"
            "void kernels_push_row(const int8_t *row) {\n  (void)row;\n"
            "  for (int i = 0; i < COUNT; ++i) {\n"
            "    results[i][0] = case_wrong_bytes(&cases[i], arena, sizeof arena);\n"
            "    const uint64_t start = ticks_now();\n    time_case(&cases[i]);\n"
            "    results[i][1] = (int32_t)(ticks_now() - start);\n  }\n}\n"
            "const int8_t *kernels_output(void) { return (const int8_t *)results; }\n");
  }

 private:
  void bytes(const std::string& name, const Int8s& values) {
    text_ += fmt::format("static const _Alignas(4) int8_t {}[] = {{{}}};\n", name,
                         values.empty() ? "0" : fmt::format("{}", fmt::join(values, ",")));
  }
  cost::KernelIsa isa_;
  int count_ = 0;
  std::string text_, cases_;
  std::set<std::string> unrolled_;
  std::set<std::string> files_ = {"tinynas_pool.c"};  // case_run_row names its functions
};

}  // namespace tinynas::test
