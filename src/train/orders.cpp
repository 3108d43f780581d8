#include "train/orders.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "tinynas/core/error.h"
#include "tinynas/core/hash.h"
#include "tinynas/train/fingerprint.h"
#include "tinynas/train/processes.h"
#include "train/recipe_settings.h"

namespace tinynas::train {
namespace {

using Json = nlohmann::json;

/// JSON has no infinities; no accuracy is below this either.
constexpr double kLowest = std::numeric_limits<double>::lowest();

Json to_json(const space::SearchSpace& space) {
  Json stages = Json::array();
  for (const space::Stage& s : space.stages)
    stages.push_back({{"block", s.block},
                      {"channels", s.channels},
                      {"stride", s.stride},
                      {"depths", s.depths},
                      {"kernels", s.kernels},
                      {"expansions", s.expansions},
                      {"widths", s.widths}});
  return {{"name", space.name},
          {"resolutions", space.resolutions},
          {"widths", space.widths},
          {"elastic_resolution", space.elastic_resolution},
          {"channel_divisor", space.channel_divisor},
          {"stem", {space.stem_channels, space.stem_kernel, space.stem_stride}},
          {"first_channels", space.first_channels},
          {"stages", stages},
          {"mix_channels", space.mix_channels}};
}

space::SearchSpace space_from(const Json& json) {
  space::SearchSpace space{.name = json.at("name"),
                           .resolutions = json.at("resolutions"),
                           .widths = json.at("widths"),
                           .elastic_resolution = json.at("elastic_resolution"),
                           .channel_divisor = json.at("channel_divisor"),
                           .stem_channels = json.at("stem").at(0),
                           .stem_kernel = json.at("stem").at(1),
                           .stem_stride = json.at("stem").at(2),
                           .first_channels = json.at("first_channels"),
                           .stages = {},
                           .mix_channels = json.at("mix_channels")};
  for (const Json& s : json.at("stages"))
    space.stages.push_back({.block = s.at("block"),
                            .channels = s.at("channels"),
                            .stride = s.at("stride"),
                            .depths = s.at("depths"),
                            .kernels = s.at("kernels"),
                            .expansions = s.at("expansions"),
                            .widths = s.at("widths")});
  return space;
}

Json to_json(const Recipe& recipe) {
  Json json;
  for_each_setting(recipe, [&](const char* name, const auto& value) { json[name] = value; });
  return json;
}

Recipe recipe_from(const Json& json) {
  Recipe recipe;
  for_each_setting(recipe, [&](const char* name, auto& value) { json.at(name).get_to(value); });
  return recipe;
}

}  // namespace

std::string images_of(const Context& context) {
  if (!context.processes) return {};
  return hex(hash_images(*context.train)) + hex(hash_images(*context.validation));
}

std::string to_text(const Order& order) {
  std::vector<std::string> genomes;
  for (const space::Genome& genome : order.genomes)
    genomes.push_back(space::to_string(order.context.space, genome));
  const Context& context = order.context;
  const Json json = {{"job", static_cast<int>(order.job)},
                     {"space", to_json(context.space)},
                     {"task", {context.task.input_channels, context.task.classes}},
                     {"pixels", {context.pixels.scale, context.pixels.zero_point}},
                     {"seed", context.seed},
                     {"threads", context.threads},
                     {"compute_device", context.compute_device},
                     {"kernel_transforms", context.kernel_transforms},
                     {"mixed_precision", context.mixed_precision},
                     {"recipe", to_json(order.recipe)},
                     {"genomes", genomes},
                     {"cutoff", std::max(order.cutoff, kLowest)},
                     {"tune_name", order.tune_name},
                     {"bn_images", order.bn_images},
                     {"images", order.images}};
  return json.dump();
}

Order parse_order(const std::string& text) {
  const Json json = Json::parse(text);
  Order order{.job = static_cast<Job>(json.at("job").get<int>()),
              .recipe = recipe_from(json.at("recipe")),
              .cutoff = json.at("cutoff"),
              .tune_name = json.at("tune_name"),
              .bn_images = json.at("bn_images"),
              .images = json.at("images")};
  order.context.space = space_from(json.at("space"));
  order.context.task = {.input_channels = json.at("task").at(0), .classes = json.at("task").at(1)};
  order.context.pixels = {.scale = json.at("pixels").at(0), .zero_point = json.at("pixels").at(1)};
  order.context.seed = json.at("seed");
  order.context.threads = json.at("threads");
  order.context.compute_device = json.at("compute_device");
  order.context.kernel_transforms = json.at("kernel_transforms");
  order.context.mixed_precision = json.at("mixed_precision");
  for (const std::string genome : json.at("genomes"))
    order.genomes.push_back(space::parse_genome(order.context.space, genome, "an order of rank 0"));
  return order;
}

void announce(const Context& context, Order order) {
  if (!context.processes) return;
  Processes& processes = *context.processes;
  TINYNAS_CHECK(processes.is_first(), "the first process alone calls the stages; the others serve");
  order.context = context;
  processes.give_order(to_text(order));
  if (order.images == processes.held_images) return;
  for (const data::ImageSet* set : {context.train, context.validation}) {
    data::ImageSet& images = const_cast<data::ImageSet&>(*set);  // the first process's are not written
    broadcast_images(processes, images);
  }
  processes.held_images = order.images;
}

void broadcast_bytes(Processes& processes, void* bytes, std::size_t size) {
  constexpr std::size_t kPart = std::size_t{64} << 20;  // a slow network sends a part within the timeout
  for (std::size_t at = 0; at < size; at += kPart) {
    const auto count = static_cast<std::int64_t>(std::min(kPart, size - at));
    torch::Tensor part = torch::from_blob(static_cast<char*>(bytes) + at, {count}, torch::kByte);
    processes.broadcast(part);
  }
}

void broadcast_images(Processes& processes, data::ImageSet& images) {
  torch::Tensor shape = torch::tensor({std::int64_t{images.h}, std::int64_t{images.w}, std::int64_t{images.c},
                                       static_cast<std::int64_t>(images.size())});
  processes.broadcast(shape);
  if (!processes.is_first()) {
    images.h = shape[0].item<int>();
    images.w = shape[1].item<int>();
    images.c = shape[2].item<int>();
    images.labels.resize(static_cast<std::size_t>(shape[3].item<std::int64_t>()));
    images.pixels.resize(images.size() * images.image_bytes());
  }
  broadcast_bytes(processes, images.pixels.data(), images.pixels.size());
  broadcast_bytes(processes, images.labels.data(), images.labels.size() * sizeof(images.labels[0]));
}

}  // namespace tinynas::train
