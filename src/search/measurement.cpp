#include "tinynas/search/measurement.h"

#include <cmath>

#include "tinynas/core/error.h"

namespace tinynas::search {
namespace {

constexpr int kFirstLook = 512;

double standard_error(double share, double images) { return std::sqrt(share * (1 - share) / images); }

}  // namespace

std::vector<int> look_sizes(int images) {
  std::vector<int> sizes;
  for (int size = kFirstLook; size < images; size *= 2) sizes.push_back(size);
  sizes.push_back(images);
  return sizes;
}

bool is_below(const Look& look, double cutoff) {
  constexpr double kErrors = 3;
  const double images = look.images + kErrors * kErrors;
  const double share = (look.right + kErrors * kErrors / 2) / images;
  return 100 * (share + kErrors * standard_error(share, images)) < cutoff;
}

Measurement measurement_of(std::vector<Look> looks, int all) {
  TINYNAS_CHECK(!looks.empty() && looks.back().images > 0, "accuracy needs images");
  const Look last = looks.back();
  const double share = static_cast<double>(last.right) / last.images;
  return {.accuracy = 100 * share,
          .standard_error = 100 * standard_error(share, last.images),
          .images = last.images,
          .all = all,
          .looks = std::move(looks)};
}

}  // namespace tinynas::search
