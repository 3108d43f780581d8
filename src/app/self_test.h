#pragma once

#include "app/images.h"
#include "tinynas/app/self_test.h"

namespace tinynas::app {

/// The first of the test images of an experiment, as inputs of a network's self-test.
engine::SelfTest test_image_inputs(Images& images, const std::string& data_set, const ir::Graph& graph,
                                   std::optional<int> count = {});

}  // namespace tinynas::app
