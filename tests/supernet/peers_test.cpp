#include <barrier>
#include <thread>

#include "supernet/support.h"
#include "support/catch.h"

using namespace tinynas;
using namespace tinynas::supernet;

namespace {

/// Two threads as two processes: adds up what both bring.
class Meeting {
 public:
  Peers peers(std::size_t rank) {
    return {.count = 2, .add_up = [this, rank](torch::Tensor& tensor) {
              brought_[rank] = tensor;
              both_.arrive_and_wait();
              const torch::Tensor sum = brought_[0] + brought_[1];
              both_.arrive_and_wait();
              tensor.copy_(sum);
            }};
  }

 private:
  std::barrier<> both_{2};
  std::array<torch::Tensor, 2> brought_;
};

/// Logits, and the gradients of mean(logits * direction).
struct Result {
  torch::Tensor logits;
  std::vector<torch::Tensor> gradients;
};

Result run(const Network& network, const torch::Tensor& images, const torch::Tensor& direction,
           const ForwardOptions& options) {
  const Network own = detached_copy(network);
  const torch::Tensor logits = forward(own, images, options);
  (logits * direction).mean().backward();
  Result result{.logits = logits.detach(), .gradients = {}};
  for (const torch::Tensor& parameter : parameters(own)) result.gradients.push_back(parameter.grad());
  return result;
}

void check_shared(Kernels kernels, double tolerance) {
  Rng rng(3);
  const Supernet net(test::elastic_space(), test::kElasticTask, rng.fork("net"));
  const torch::Tensor images = test::random_images(16, 3, 10, rng);
  const torch::Tensor direction =
      test::random_images(16, 5, 1, rng).contiguous(torch::MemoryFormat::Contiguous).flatten(1);
  const Result whole = run(net.shared(), images, direction, {.kernels = kernels});

  Meeting meeting;
  std::array<Result, 2> part;
  const auto process = [&](std::size_t rank) {
    const auto half = [&](const torch::Tensor& t) { return t.narrow(0, 8 * static_cast<int>(rank), 8); };
    part[rank] =
        run(net.shared(), half(images), half(direction), {.kernels = kernels, .peers = meeting.peers(rank)});
  };
  std::thread other([&] { process(1); });
  process(0);
  other.join();

  CHECK(test::largest_difference(torch::cat({part[0].logits, part[1].logits}), whole.logits) < tolerance);
  double error = 0, length = 0;
  for (std::size_t i = 0; i < whole.gradients.size(); ++i) {
    const torch::Tensor mean = (part[0].gradients[i] + part[1].gradients[i]) / 2;
    error += (mean - whole.gradients[i]).square().sum().item<double>();
    length += whole.gradients[i].square().sum().item<double>();
  }
  CHECK(std::sqrt(error / length) < tolerance);
}

}  // namespace

TEST_CASE("two shares of a batch have the logits and gradients of the whole batch") {
  SECTION("our kernels, whose tasks are the same") { check_shared(Kernels::kFastest, 1e-6); }
  SECTION("LibTorch's operators") { check_shared(Kernels::kLibTorch, 2e-4); }
}
