#pragma once

#include "tinynas/cost/cycles.h"

namespace tinynas::cost {

inline Cycles cycles_of(const CycleTerms& terms, const LayerWork& work) {
  return terms.row * static_cast<double>(work.rows) + terms.output * static_cast<double>(work.outputs) +
         terms.mac * static_cast<double>(work.macs) + terms.input * static_cast<double>(work.inputs);
}

}  // namespace tinynas::cost
