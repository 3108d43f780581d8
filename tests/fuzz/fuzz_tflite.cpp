#include "fuzz/model.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return tinynas::fuzz::read_model(data, size);
}
