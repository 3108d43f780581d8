// A sheet of measured layers, as a board's serial port prints it.
#include "fuzz/target.h"
#include "tinynas/cost/fit.h"

using namespace tinynas;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  fuzz::must_end_well([&] { cost::parse_samples(text, "fuzz.csv"); });
  fuzz::must_end_well([&] { cost::sample_origin(text, "fuzz.csv"); });
  return 0;
}
