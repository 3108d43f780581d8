#include "tinynas/cost/play.h"

#include <vector>

#include "tinynas/core/index.h"
#include "tinynas/cost/rows.h"

namespace tinynas::cost {
namespace {

class Player {
 public:
  Player(const ir::Graph& graph, const Schedule& schedule, const PlayListener& listener)
      : graph_(graph),
        schedule_(schedule),
        listener_(listener),
        made_(graph.tensors.size(), 0),
        taken_(graph.layers.size(), 0) {
    for (const int whole : graph.other_inputs) made_[at(whole)] = graph.tensor(whole).h;
  }

  void run() {
    if (schedule_.input == InputMode::kFrame)
      while (push()) {
      }
    for (int s = 0; s < static_cast<int>(schedule_.segments.size()); ++s) {
      listener_.segment(s);
      if (s == 0) push();  // layers of other inputs are ready already, but nothing runs before a row arrives
      const Segment& segment = schedule_.segments[at(s)];
      while (advance(segment) || (s == 0 && push())) {
      }
    }
  }

 private:
  bool push() {
    int& made = made_[at(graph_.input)];
    if (made == graph_.tensor(graph_.input).h) return false;
    listener_.pushed(made++);
    return true;
  }

  bool advance(const Segment& segment) {
    for (int l = segment.last; l >= segment.first; --l)
      if (step(l)) return true;
    return false;
  }

  bool step(int l) {
    const ir::Layer& layer = graph_.layer(l);
    return layer.op == ir::OpKind::kGlobalAveragePool ? take_row(l, layer) : make_row(l, layer);
  }

  bool take_row(int l, const ir::Layer& layer) {
    const int height = graph_.in_shape(layer).h;
    int& taken = taken_[at(l)];
    if (taken == height || made_[at(layer.inputs[0])] <= taken) return false;
    listener_.step(l, taken++);
    if (taken == height) ++made_[at(layer.output)];
    return true;
  }

  bool make_row(int l, const ir::Layer& layer) {
    const int row = made_[at(layer.output)];
    if (row == graph_.out_shape(layer).h) return false;
    for (int i = 0; i < 2; ++i)
      if (layer.inputs[at(i)] >= 0 &&
          made_[at(layer.inputs[at(i)])] <= input_rows(graph_, layer, i, row).last)
        return false;
    listener_.step(l, row);
    ++made_[at(layer.output)];
    return true;
  }

  const ir::Graph& graph_;
  const Schedule& schedule_;
  const PlayListener& listener_;
  std::vector<int> made_;   // rows per tensor
  std::vector<int> taken_;  // rows per global pool
};

}  // namespace

void play(const ir::Graph& graph, const Schedule& schedule, const PlayListener& listener) {
  Player(graph, schedule, listener).run();
}

}  // namespace tinynas::cost
