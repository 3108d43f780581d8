// Makes a supernet by tinynas::torch, runs it, trains one step, and takes a network out of it.
#include <tinynas/core/error.h>
#include <tinynas/core/files.h>
#include <tinynas/supernet/batch_norm.h>
#include <tinynas/supernet/extract.h>
#include <tinynas/supernet/supernet.h>
#include <tinynas/train/context.h>
#include <tinynas/train/losses.h>
#include <tinynas/train/optimizer.h>
#include <tinynas/train/recipe.h>
#include <tinynas/train/trainer.h>

#include <cstdio>

using namespace tinynas;

namespace {

int run() {
  const auto spaces = space::SearchSpace::load(find_resource("search_spaces/small_images.yaml"));
  const auto space = space::restrict_to(spaces, 0, 0);
  const space::Task task{.input_channels = 1, .classes = 10};
  [[maybe_unused]] const train::Context context{.space = space, .task = task, .threads = 1};
  [[maybe_unused]] const train::Recipe recipe{.epochs = 1};
  [[maybe_unused]] const train::Trainer::Options trainer{.stage = "supernet"};

  const supernet::Supernet net(space, task, Rng(1), {.kernel_transforms = true});
  const space::Genome genome = space::smallest(space);
  const std::int64_t side = space.resolutions.front();
  const torch::Tensor images = torch::randn({4, 1, side, side});
  const torch::Tensor labels = torch::arange(4);

  train::FlatSgd optimizer(net.parameters(), {.momentum = 0});
  const torch::Tensor logits = net.forward(images, genome);
  const torch::Tensor before = train::label_loss(logits, labels, 0);
  optimizer.zero_gradients();
  before.backward();
  optimizer.step(0.01);
  const torch::Tensor after = train::label_loss(net.forward(images, genome), labels, 0);

  supernet::Network network = supernet::detached_copy(net.sub_network(genome));
  supernet::reestimate_batch_norm(
      network, [&](std::size_t) { return images; }, 1);
  const ir::Weights weights = supernet::to_weights(network);
  std::printf("loss %.3f, after a step %.3f; %zu arrays of weights\n", before.item<double>(),
              after.item<double>(), weights.size());
  const bool good = logits.sizes() == torch::IntArrayRef{4, task.classes} &&
                    after.item<double>() < before.item<double>() && weights.contains("stem.weight");
  return good ? 0 : 1;
}

}  // namespace

int main() try { return run(); } catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return static_cast<int>(error.code());
}
