#pragma once

#include "tinynas/ir/weights.h"
#include "tinynas/supernet/network.h"

namespace tinynas::supernet {

/// The tensors of a named network as plain arrays (ir::Weights says the names and orders). GraphError if the
/// layers have no names, ConfigError if batch norm was not re-estimated.
ir::Weights to_weights(const Network& network);

/// The reverse: a trainable network of its own. GraphError names a missing or wrongly sized blob,
/// or says that the layers have no names.
Network from_weights(ir::Graph graph, const ir::Weights& weights);

}  // namespace tinynas::supernet
