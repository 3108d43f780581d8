#include "support/catch.h"
#include "tinynas/supernet/forward.h"
#include "tinynas/supernet/supernet.h"

// What a user compiles with, -Wextra, asks for every field that has no default.
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wmissing-field-initializers"

using namespace tinynas::supernet;

TEST_CASE("options of a supernet are given by the fields that differ from their defaults") {
  const ForwardOptions options{.statistics = Statistics::kStored};
  const Peers peers{.count = 2};
  const LayerTensors tensors{.weight = torch::ones({1})};
  const Supernet::Options supernet{.kernel_transforms = true};
  CHECK(options.peers.count + peers.count == 3);
  CHECK_FALSE(tensors.gamma.defined());
  CHECK(supernet.kernel_transforms);
}

#pragma GCC diagnostic pop
