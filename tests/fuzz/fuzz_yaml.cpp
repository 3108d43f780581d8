// A YAML file as an experiment, a search space, a device and a table of cycles.
#include "fuzz/target.h"
#include "tinynas/app/experiment.h"
#include "tinynas/cost/cycles.h"
#include "tinynas/cost/device.h"
#include "tinynas/space/search_space.h"

using namespace tinynas;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::MemoryFile file;
  const std::string text = fuzz::text_of(data, size);
  fuzz::must_end_well([&] { app::read_experiment(yaml::Node::parse(text, "fuzz.yaml")); });
  fuzz::must_end_well([&] { space::SearchSpace::read(yaml::Node::parse(text, "fuzz.yaml")); });
  fuzz::must_end_well([&] { cost::parse_cycle_table(text, "fuzz.yaml"); });
  fuzz::must_end_well([&] { cost::load_device(file.write(data, size), "fuzz"); });
  return 0;
}
