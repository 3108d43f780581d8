#pragma once

#include "tinynas/search/oracle.h"

namespace tinynas::search {

/// Remembers the answers of `oracle`, so that several searches of one supernet (evolution and its random
/// baseline, one search per device) never evaluate a network twice. Not for use from several threads at once.
AccuracyOracle remember(AccuracyOracle oracle);

}  // namespace tinynas::search
