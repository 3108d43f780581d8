// A NumPy array.
#include "fuzz/target.h"
#include "tinynas/data/samples.h"

using namespace tinynas;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = fuzz::text_of(data, size);
  fuzz::must_end_well([&] { data::read_numpy(bytes, "fuzz.npy"); });
  return 0;
}
