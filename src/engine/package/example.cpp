#include <fmt/format.h>

#include "engine/package/kinds.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kExample = R"(/* @origin@
 * Runs the network on a grey image and prints its outputs@and_time@. */
#include <stdbool.h>
#include <string.h>
@includes@
#include "@n@.h"

@entry@ {
  @n@_init();
@begin@  for (bool done = false; !done;) {
    int8_t *const row = @n@_input_row();
    memset(row, 0, @U@_ROW_BYTES); /* a line of your camera: pixel - 128, channels interleaved */
    done = @n@_push_row(row);
  }
@time@  for (int i = 0; i < @U@_OUTPUT_BYTES; ++i)
    @print@("@format@: %d\n", @label@, @n@_output()[i]);
@finish@}
)";

constexpr std::string_view kSketch = R"(// @origin@
// Runs the network on a grey image, over and over, and prints its outputs and how long an image takes.
#include <Arduino.h>
#include <@n@.h>

void setup() {
  Serial.begin(115200);
  while (!Serial && millis() < 5000) {  // boards whose USB is their serial port
  }
  @n@_init();
}

void loop() {
  const unsigned long begin = micros();
  for (bool done = false; !done;) {
    int8_t *const row = @n@_input_row();
    memset(row, 0, @U@_ROW_BYTES);  // a line of your camera: pixel - 128, channels interleaved
    done = @n@_push_row(row);
  }
  const unsigned long end = micros();
  for (int i = 0; i < @U@_OUTPUT_BYTES; ++i) {
    Serial.print(@label@);
    Serial.print(": ");
    Serial.println(int(@n@_output()[i]));
  }
  Serial.print("microseconds: ");
  Serial.println(end - begin);
  delay(1000);
}
)";

std::string label(const FirmwareModel& model) {
  return model.options.classes.empty() ? "i" : model.name() + "_labels[i]";
}

std::string line(std::string_view text) { return text.empty() ? "" : fmt::format("  {}\n", text); }

}  // namespace

std::string write_c_example(const PackageSource& source, const ExampleWords& words) {
  const bool timed = !words.time.empty();
  const FirmwareModel& model = source.model;
  return fill(
      kExample, source,
      {{"includes", std::string(words.includes)},
       {"entry", std::string(words.entry)},
       {"print", std::string(words.print)},
       {"and_time", timed ? " and how long it took" : ""},
       {"begin", line(words.begin)},
       {"time", timed ? fmt::format("  {}(\"microseconds: %ld\\n\", {});\n", words.print, words.time) : ""},
       {"format", model.options.classes.empty() ? "%d" : "%s"},
       {"label", label(model)},
       {"finish", line(words.finish)}});
}

std::string write_sketch(const PackageSource& source) {
  return fill(kSketch, source, {{"label", label(source.model)}});
}

}  // namespace tinynas::engine
