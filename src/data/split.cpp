#include <fmt/format.h>

#include <algorithm>

#include "tinynas/core/error.h"
#include "tinynas/core/rng.h"
#include "tinynas/data/dataset.h"

namespace tinynas::data {
namespace {

using Indices = std::vector<std::size_t>;

/// Indices of each class, shuffled.
std::vector<Indices> shuffled_classes(const ImageSet& images, std::uint64_t seed) {
  std::vector<Indices> classes;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (images.labels[i] >= classes.size()) classes.resize(images.labels[i] + std::size_t{1});
    classes[images.labels[i]].push_back(i);
  }
  for (std::size_t k = 0; k < classes.size(); ++k)
    Rng(seed).fork("hold_out", k).shuffle(std::span(classes[k]));
  return classes;
}

void append(ImageSet& to, const ImageSet& from, std::size_t i) {
  const auto pixels = from.image(i);
  to.pixels.insert(to.pixels.end(), pixels.begin(), pixels.end());
  to.labels.push_back(from.labels[i]);
}

}  // namespace

Split hold_out(const ImageSet& images, std::size_t held_out, std::uint64_t seed) {
  if (held_out >= images.size())
    throw ConfigError(
        fmt::format("cannot hold out {} of {} training images; hold out fewer, or use more data", held_out,
                    images.size()));
  const auto classes = shuffled_classes(images, seed);
  std::vector<bool> chosen(images.size());
  std::size_t taken = 0;
  for (std::size_t round = 0; taken < held_out; ++round)  // one image of each class a round
    for (const Indices& members : classes)
      if (round < members.size() && taken < held_out) {
        chosen[members[round]] = true;
        ++taken;
      }

  Split split;
  for (ImageSet* part : {&split.train, &split.validation})
    *part = {.h = images.h, .w = images.w, .c = images.c, .pixels = {}, .labels = {}};
  split.train.pixels.reserve((images.size() - held_out) * images.image_bytes());
  split.validation.pixels.reserve(held_out * images.image_bytes());
  for (std::size_t i = 0; i < images.size(); ++i)
    append(chosen[i] ? split.validation : split.train, images, i);
  return split;
}

}  // namespace tinynas::data
