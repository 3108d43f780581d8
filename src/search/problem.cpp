#include "tinynas/search/problem.h"

namespace tinynas::search {

bool better(const Evaluation& a, const Evaluation& b) {
  if (a.accuracy != b.accuracy) return a.accuracy > b.accuracy;
  if (a.cost.latency_ms != b.cost.latency_ms) return a.cost.latency_ms < b.cost.latency_ms;
  return a.cost.macs < b.cost.macs;
}

}  // namespace tinynas::search
