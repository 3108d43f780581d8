#pragma once

#include <functional>
#include <optional>

#include "tinynas/app/run_directory.h"
#include "tinynas/engine/firmware.h"
#include "tinynas/ir/graph.h"

namespace tinynas::app {

/// Gives a network's self-test its inputs.
using SelfTestInputs = std::function<engine::SelfTest(const ir::Graph&)>;

/// How many inputs a self-test has where nobody says: 4, fewer where these would take more than 128 KB of
/// Flash, at least 1.
int usual_self_test_images(const ir::Graph& graph);

/// Random inputs, the same in every call; `count` not set: the usual number, 0: none.
SelfTestInputs random_inputs(std::optional<int> count = {});

/// The first `count` test images of a run (all, with a warning, if there are fewer). They are read when the
/// inputs are asked for; where that fails IoError says what else may be done.
SelfTestInputs test_images_of(const RunDirectory& run, std::optional<int> count = {});

}  // namespace tinynas::app
