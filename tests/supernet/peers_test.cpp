#include <barrier>
#include <thread>

#include "supernet/support.h"
#include "support/catch.h"
#include "tinynas/supernet/chain.h"
#include "tinynas/supernet/forward.h"

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

/// A batch as one process sees it, and as two do.
struct Shared {
  Result whole, two;
};

Shared run_shared(int images_each, Kernels kernels) {
  Rng rng(3);
  const Supernet net(test::elastic_space(), test::kElasticTask, rng.fork("net"));
  const torch::Tensor images = test::random_images(2 * images_each, 3, 10, rng);
  const torch::Tensor direction =
      test::random_images(2 * images_each, 5, 1, rng).contiguous(torch::MemoryFormat::Contiguous).flatten(1);

  Meeting meeting;
  std::array<Result, 2> part;
  const auto process = [&](std::size_t rank) {
    const auto half = [&](const torch::Tensor& t) {
      return t.narrow(0, images_each * static_cast<int>(rank), images_each);
    };
    part[rank] =
        run(net.shared(), half(images), half(direction), {.kernels = kernels, .peers = meeting.peers(rank)});
  };
  std::thread other([&] { process(1); });
  process(0);
  other.join();

  Shared result{.whole = run(net.shared(), images, direction, {.kernels = kernels}),
                .two = {.logits = torch::cat({part[0].logits, part[1].logits}), .gradients = {}}};
  for (std::size_t i = 0; i < part[0].gradients.size(); ++i)
    result.two.gradients.push_back((part[0].gradients[i] + part[1].gradients[i]) / 2);
  return result;
}

void check_shared(Kernels kernels, double tolerance) {
  const auto [whole, two] = run_shared(8, kernels);
  CHECK(test::largest_difference(two.logits, whole.logits) < tolerance);
  double error = 0, length = 0;
  for (std::size_t i = 0; i < whole.gradients.size(); ++i) {
    error += (two.gradients[i] - whole.gradients[i]).square().sum().item<double>();
    length += whole.gradients[i].square().sum().item<double>();
  }
  CHECK(std::sqrt(error / length) < tolerance);
}

}  // namespace

TEST_CASE("two shares of a batch have the logits and gradients of the whole batch") {
  // Full convolutions are LibTorch's here too, and the last batch norms see a pixel of each image.
  SECTION("our kernels") { check_shared(Kernels::kFastest, 2e-5); }
  SECTION("LibTorch's operators") { check_shared(Kernels::kLibTorch, 2e-4); }
}

TEST_CASE("with our kernels, shares of 32 images or a multiple give the whole batch's gradients to the bit",
          "[kernels]") {
  if (!chains_available()) return;
  for (const int images_each : {32, 96}) {
    CAPTURE(images_each);
    const auto [whole, two] = run_shared(images_each, Kernels::kFastest);
    CHECK(two.logits.equal(whole.logits));
    REQUIRE(two.gradients.size() == whole.gradients.size());
    for (std::size_t i = 0; i < whole.gradients.size(); ++i) {
      CAPTURE(i);
      CHECK(two.gradients[i].equal(whole.gradients[i]));
    }
  }
}
