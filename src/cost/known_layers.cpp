#include "cost/known_layers.h"

namespace tinynas::cost {

const LayerFacts& KnownLayers::work_out(const ir::Graph& graph, const ir::Layer& layer, LayerFacts& facts) {
  return facts = layer_facts(graph, layer, core_, cycles_, unrolled_);
}

const LayerFacts& KnownLayers::enter(const ir::Graph& graph, const ir::Layer& layer, const Key& key) {
  if (2 * ++used_ > entries_.size()) make_room();
  Entry& entry = find(key);
  work_out(graph, layer, entry.facts);
  entry.key = key;
  return entry.facts;
}

void KnownLayers::make_room() {
  if (used_ > kMost) {
    entries_.assign(entries_.size(), {});
    used_ = 1;
    return;
  }
  std::vector<Entry> old(2 * entries_.size());
  old.swap(entries_);
  mask_ = entries_.size() - 1;
  for (const Entry& entry : old)
    if (entry.key.op != Key::kFree) find(entry.key) = entry;
}

}  // namespace tinynas::cost
