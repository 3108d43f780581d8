#pragma once

#include <cstring>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/networks.h"
#include "support/fixtures.h"
#include "tinynas/core/files.h"
#include "tinynas/core/parallel.h"
#include "tinynas/core/process.h"
#include "tinynas/engine/firmware.h"

namespace tinynas::test {

/// Generated models of different names in one folder, one program that runs them all on this computer.
class HostProgram {
 public:
  HostProgram() = default;
  /// In a folder where an earlier program was built: the kernels, which are always the same, are not compiled
  /// again.
  explicit HostProgram(const std::filesystem::path& kept) : kept_(kept) {
    std::filesystem::create_directories(kept);
  }
  void add(const std::string& name, const std::vector<engine::GeneratedFile>& files, const Images& images) {
    engine::write_firmware(files, folder());
    for (const auto& file : files)
      if (file.path.ends_with(".c") && !file.path.starts_with("examples/")) sources_.insert(file.path);
    names_.push_back(name);
    std::string bytes;
    for (const auto& image : images) bytes.append(reinterpret_cast<const char*>(image.data()), image.size());
    write_file(folder() / (name + ".images"), bytes);
  }
  /// Compiles with `compiler` and every warning an error, under the sanitizers, and runs. Without a main of
  /// the test's own, every model sees all its images.
  void build_and_run(const std::string& compiler, const std::vector<std::string>& flags = {},
                     const std::string& main = {}) {
    write_file(folder() / "host_main.c", main.empty() ? main_text() : main);
    std::vector<std::string> sources(sources_.begin(), sources_.end());
    sources.push_back("host_main.c");
    parallel_for_index(sources.size(), [&](std::size_t i) {
      if (sources[i].starts_with("tinynas_") && std::filesystem::exists(folder() / object_of(sources[i])))
        return;
      std::vector<std::string> command = {
          compiler,     "-std=c11",     "-O1",     "-Wall",   "-Wextra",
          "-Wpedantic", "-Wconversion", "-Werror", kSanitize, "-fno-sanitize-recover=all",
          "-c"};
      command.insert(command.end(), flags.begin(), flags.end());
      command.push_back(sources[i]);
      run(command);
    });
    std::vector<std::string> link = {compiler, kSanitize, "-o", "host_main"};
    for (const std::string& source : sources) link.push_back(object_of(source));
    run(link);
    run({"./host_main"});
  }
  /// Outputs of a model, twice per image: rows pushed, then the whole image.
  Images outputs(const std::string& name, std::size_t output_bytes) const {
    const std::string bytes = read_file(folder() / (name + ".outputs"));
    Images outputs;
    for (std::size_t at = 0; at + output_bytes <= bytes.size(); at += output_bytes) {
      outputs.emplace_back(output_bytes);
      std::memcpy(outputs.back().data(), bytes.data() + at, output_bytes);
    }
    return outputs;
  }
  const std::filesystem::path& folder() const { return kept_.empty() ? folder_.path() : kept_; }

 private:
  static constexpr const char* kSanitize = "-fsanitize=address,undefined";

  static std::string object_of(const std::string& source) {
    return source.substr(0, source.size() - 1) + "o";
  }
  void run(const std::vector<std::string>& command) const {
    const auto result = run_process(command, {.folder = folder()});
    if (result.exit_status != 0)
      throw std::runtime_error(command[0] + " " + command.back() + ": " + result.output);
  }
  std::string main_text() const {
    constexpr const char* kRun = R"(#include "@n@.h"
static void give_@n@(const int8_t *values) { /* the inputs after the first */
#if defined(@U@_INPUTS) && @U@_INPUTS > 1
  for (int i = 1; i < @U@_INPUTS; ++i) values = @n@_set_input(i, values);
#endif
  (void)values;
}
static void take_@n@(FILE *out, const int8_t *first) {
#ifdef @U@_OUTPUTS
  static const uint32_t sizes[] = @U@_OUTPUT_SIZES;
  (void)first;
  for (int i = 0; i < @U@_OUTPUTS; ++i) fwrite(@n@_output_at(i), 1, sizes[i], out);
#else
  fwrite(first, 1, @U@_OUTPUT_BYTES, out);
#endif
}
static int run_@n@(void) {
#ifdef @U@_INPUTS
  static int8_t image[@U@_INPUTS_BYTES];
#else
  static int8_t image[@U@_INPUT_HEIGHT * @U@_ROW_BYTES];
#endif
  FILE *in = fopen("@n@.images", "rb"), *out = fopen("@n@.outputs", "wb");
  if (in == NULL || out == NULL) return 1;
  @n@_init();
  while (fread(image, 1, sizeof image, in) == sizeof image) {
    give_@n@(image + @U@_INPUT_HEIGHT * @U@_ROW_BYTES);
    for (int y = 0; y < @U@_INPUT_HEIGHT; ++y)
      if (@n@_push_row(image + y * @U@_ROW_BYTES) != (y + 1 == @U@_INPUT_HEIGHT)) return 2;
    take_@n@(out, @n@_output());
    take_@n@(out, @n@_run(image));
  }
  fclose(in);
  return fclose(out);
}
)";
    std::string text = "#include <stdio.h>\n", calls;
    for (const std::string& name : names_) {
      std::string run = kRun;
      const auto put = [&](const std::string& mark, const std::string& word) {
        for (std::size_t at = run.find(mark); at != std::string::npos; at = run.find(mark))
          run.replace(at, mark.size(), word);
      };
      put("@n@", name);
      put("@U@", engine::macro_prefix(name));
      text += run;
      calls += "  if (run_" + name + "() != 0) return 1;\n";
    }
    return text + "int main(void) {\n" + calls + "  return 0;\n}\n";
  }

  TemporaryFolder folder_;
  std::filesystem::path kept_ = {};
  std::set<std::string> sources_;
  std::vector<std::string> names_;
};

}  // namespace tinynas::test
