#include "app/experiment/experiment_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <sstream>

#include "tinynas/search/objectives.h"
#include "tinynas/train/recipes.h"

namespace tinynas::app {
namespace {

template <typename T>
using At = std::function<T&(Experiment&)>;

template <typename T>
const T& value(const At<T>& at, const Experiment& experiment) {
  return at(const_cast<Experiment&>(experiment));  // read only: one accessor serves both directions
}

Field text(std::string key, At<std::string> at) {
  return {std::move(key), [at](Experiment& e, const yaml::Node& node) { at(e) = node.text(); },
          [at](const Experiment& e) { return value(at, e); }};
}

Field integer(std::string key, At<int> at, int low, int high) {
  return {std::move(key),
          [=](Experiment& e, const yaml::Node& node) { at(e) = static_cast<int>(node.integer(low, high)); },
          [=](const Experiment& e) { return std::to_string(value(at, e)); }};
}

Field seed(std::string key, At<std::uint64_t> at) {
  return {std::move(key),
          [=](Experiment& e, const yaml::Node& node) {
            at(e) = static_cast<std::uint64_t>(node.integer(0, std::numeric_limits<std::int64_t>::max()));
          },
          [=](const Experiment& e) { return std::to_string(value(at, e)); }};
}

Field number(std::string key, At<double> at, double low, double high) {
  return {std::move(key), [=](Experiment& e, const yaml::Node& node) { at(e) = node.number(low, high); },
          [=](const Experiment& e) { return fmt::format("{}", value(at, e)); }};
}

Field boolean(std::string key, At<bool> at) {
  return {std::move(key), [=](Experiment& e, const yaml::Node& node) { at(e) = node.boolean(); },
          [=](const Experiment& e) { return std::string(value(at, e) ? "true" : "false"); }};
}

/// A limit that may be absent; "none" takes one away that the file sets.
template <typename T>
Field limit(std::string key, At<std::optional<T>> at, auto parse, std::string (*print)(T)) {
  return {std::move(key),
          [=](Experiment& e, const yaml::Node& node) {
            if (node.text() == "none") return at(e).reset();
            at(e) = std::invoke(parse, node);
            if (!(*at(e) > 0)) node.fail("the limit must be above 0; write none for no limit");
          },
          [=](const Experiment& e) { return value(at, e) ? print(*value(at, e)) : std::string(); }};
}

std::string print_millis(Millis ms) { return fmt::format("{}ms", ms); }
std::string print_number(double number) { return fmt::format("{}", number); }
std::string print_macs(Macs macs) { return fmt::format("{}", macs); }

constexpr std::array<std::string_view, 2> kComputeDevices = {"cpu", "cuda"};

Field input_mode(std::string key) {
  return {std::move(key),
          [](Experiment& e, const yaml::Node& node) {
            e.input = cost::parse_input_mode(node.choice(cost::kInputModes), "input");
          },
          [](const Experiment& e) { return std::string(cost::input_mode_name(e.input)); }};
}

/// Two or more names, "error, latency"; "error" alone, the default, is an empty list.
Field objectives(std::string key, At<std::vector<std::string>> at) {
  return {std::move(key),
          [=](Experiment& e, const yaml::Node& node) {
            std::vector<std::string> names;
            std::istringstream words(node.text());
            for (std::string name; std::getline(words >> std::ws, name, ',');)
              names.push_back(name.substr(0, name.find_last_not_of(' ') + 1));
            search::objectives_named(names, node.where());
            if (names == std::vector<std::string>{"error"}) names.clear();
            if (names.size() == 1 || (!names.empty() && std::ranges::count(names, "error") == 0))
              node.fail("name error and what is to be small with it, such as: error, latency");
            at(e) = names;
          },
          [=](const Experiment& e) { return fmt::format("{}", fmt::join(value(at, e), ", ")); }};
}

/// Field accessor: AT(search.seed) is a function that returns e.search.seed.
#define TINYNAS_AT(path) \
  [](Experiment & e) -> auto& { return e.path; }

/// The same keys for the supernet ("train") and for the winner ("tune").
void add_recipe(std::vector<Field>& fields, const std::string& section, const At<train::Recipe>& recipe,
                int least_epochs) {
  const auto key = [&](const char* name) { return section + "." + name; };
  fields.push_back(
      {key("recipe"),
       [=](Experiment& e, const yaml::Node& node) { recipe(e).name = node.choice(train::recipe_names()); },
       [=](const Experiment& e) { return value(recipe, e).name; }});
  const auto real = [&](const char* name, double train::Recipe::*member, double low, double high) {
    fields.push_back(number(
        key(name), [=](Experiment& e) -> double& { return recipe(e).*member; }, low, high));
  };
  const auto whole = [&](const char* name, int train::Recipe::*member, int low, int high) {
    fields.push_back(integer(
        key(name), [=](Experiment& e) -> int& { return recipe(e).*member; }, low, high));
  };
  whole("epochs", &train::Recipe::epochs, least_epochs, 100000);
  whole("batch", &train::Recipe::batch, 2, 65536);
  real("learning_rate", &train::Recipe::learning_rate, 0, 100);
  real("momentum", &train::Recipe::momentum, 0, 1);
  real("weight_decay", &train::Recipe::weight_decay, 0, 1);
  real("label_smoothing", &train::Recipe::label_smoothing, 0, 0.99);
  real("warmup_epochs", &train::Recipe::warmup_epochs, 0, 1000);
  real("distillation", &train::Recipe::distillation, 0, 1);
  fields.push_back(boolean(key("flip"), [=](Experiment& e) -> bool& { return recipe(e).flip; }));
  whole("crop_padding", &train::Recipe::crop_padding, 0, 64);
  real("cutout", &train::Recipe::cutout, 0, 1);
  real("colour", &train::Recipe::colour, 0, 1);
  real("mixup", &train::Recipe::mixup, 0, 1);
  real("clip_norm", &train::Recipe::clip_norm, 0, 1e6);
  real("average", &train::Recipe::average, 0, 0.99999);
  fields.push_back(
      boolean(key("mixed_precision"), [=](Experiment& e) -> bool& { return recipe(e).mixed_precision; }));
}

/// What a network is for: the same keys at the top of the file and in every entry of `also`.
std::vector<Field> target_fields() {
  return {
      text("device", TINYNAS_AT(device)),
      limit<Bytes>("budget.sram", TINYNAS_AT(budget.sram_bytes), &yaml::Node::bytes, format_bytes),
      limit<Bytes>("budget.flash", TINYNAS_AT(budget.flash_bytes), &yaml::Node::bytes, format_bytes),
      limit<Millis>("budget.latency", TINYNAS_AT(budget.latency_ms), &yaml::Node::millis, print_millis),
      limit<Macs>("budget.macs", TINYNAS_AT(budget.macs), &yaml::Node::macs, print_macs),
      limit<double>(
          "budget.energy_mj", TINYNAS_AT(budget.energy_mj),
          [](const yaml::Node& n) { return n.number(0, 1e9); }, print_number),
  };
}

/// An entry of `also`, "{ device: rp2040, budget: { sram: 64K } }".
Experiment::Further further_of(const yaml::Node& entry) {
  Experiment target;
  target.device = entry.at("device").text();
  read_fields(target_fields(), target, entry);
  return {.device = target.device, .budget = target.budget};
}

/// The same in a flag: "rp2040,sram=64K,flash=256K".
Experiment::Further further_of_flag(const yaml::Node& flag) {
  const std::vector<Field> fields = target_fields();
  Experiment target;
  std::istringstream words(flag.text());
  std::getline(words, target.device, ',');
  for (std::string word; std::getline(words, word, ',');) {
    const auto equals = word.find('=');
    const auto field =
        std::ranges::find(fields, "budget." + word.substr(0, equals), [](const Field& f) { return f.key; });
    if (equals == std::string::npos || field == fields.end())
      flag.fail(fmt::format("'{}' is not a limit; write DEVICE,sram=64K,flash=256K,latency=50ms", word));
    const std::string line = "limit: " + yaml_scalar(word.substr(equals + 1));
    field->read(target, yaml::Node::parse(line, flag.where()).at("limit"));
  }
  return {.device = target.device, .budget = target.budget};
}

std::string further_text(const Experiment::Further& further) {
  Experiment target;
  target.device = further.device;
  target.budget = further.budget;
  std::string limits;
  for (const Field& field : target_fields())
    if (const auto [section, name] = split_key(field.key); !section.empty() && !field.text(target).empty())
      limits += fmt::format("{}{}: {}", limits.empty() ? "" : ", ", name, yaml_scalar(field.text(target)));
  return fmt::format("{{ device: {}{} }}", yaml_scalar(further.device),
                     limits.empty() ? "" : fmt::format(", budget: {{ {} }}", limits));
}

/// Further devices: a list of entries in the file; a flag adds one, or with "none" takes all away.
Field further(std::string key) {
  const auto read = [](Experiment& e, const yaml::Node& node) {
    if (node.is_map() || node.is_list()) {
      e.also.clear();
      for (const yaml::Node& entry : node.items()) e.also.push_back(further_of(entry));
    } else if (node.text() == "none") {
      e.also.clear();
    } else {
      e.also.push_back(further_of_flag(node));
    }
  };
  const auto text = [](const Experiment& e) {
    std::vector<std::string> entries;
    for (const Experiment::Further& one : e.also) entries.push_back(further_text(one));
    return entries.empty() ? std::string() : fmt::format("[{}]", fmt::join(entries, ", "));
  };
  return {std::move(key), read, text, Written::kYaml};
}

std::vector<Field> make_fields() {
  constexpr int kMany = 100'000'000;
  std::vector<Field> fields = {
      text("data.set", TINYNAS_AT(data.set)),
      text("data.folder", TINYNAS_AT(data.folder)),
      integer("data.held_out", TINYNAS_AT(data.held_out), 1, kMany),
      integer("data.train_images", TINYNAS_AT(data.train_images), 0, kMany),
      integer("data.test_images", TINYNAS_AT(data.test_images), 0, kMany),
      boolean("data.tune_on_held_out", TINYNAS_AT(data.tune_on_held_out)),
  };
  const auto add = [&](const std::vector<Field>& more) {
    fields.insert(fields.end(), more.begin(), more.end());
  };
  add(target_fields());
  add({
      further("also"),
      input_mode("input"),
      text("space", TINYNAS_AT(space)),
      text("supernet", TINYNAS_AT(supernet)),
      limit<Millis>("time", TINYNAS_AT(time_ms), &yaml::Node::millis, print_millis),
      number("shares.train", TINYNAS_AT(shares.train), 0.01, 0.98),
      number("shares.search", TINYNAS_AT(shares.search), 0.01, 0.98),
      integer("rank.samples", TINYNAS_AT(rank.samples), 10, 1'000'000),
      integer("rank.resolution", TINYNAS_AT(rank.resolution), 0, 65536),
      number("rank.width", TINYNAS_AT(rank.width), 0, 100),
  });
  add_recipe(fields, "train", TINYNAS_AT(train), 1);
  fields.push_back(boolean("train.kernel_transforms", TINYNAS_AT(kernel_transforms)));
  add({
      integer("search.population", TINYNAS_AT(search.population), 2, 100'000),
      integer("search.generations", TINYNAS_AT(search.generations), 1, 100'000),
      integer("search.parents", TINYNAS_AT(search.parents), 1, 100'000),
      number("search.mutation_rate", TINYNAS_AT(search.mutation_rate), 0, 1),
      integer("search.screening", TINYNAS_AT(search.screening), 1, 1000),
      objectives("search.objectives", TINYNAS_AT(search.objectives)),
      integer("search.finalists", TINYNAS_AT(search.finalists), 0, 1000),
      integer("search.finalist_epochs", TINYNAS_AT(search.finalist_epochs), 1, 100'000),
      integer("search.bn_images", TINYNAS_AT(search.bn_images), 2, kMany),
      seed("search.seed", TINYNAS_AT(search.seed)),
  });
  add_recipe(fields, "tune", TINYNAS_AT(tune), 0);
  add({
      integer("export.bits", TINYNAS_AT(exported.bits), 8, 8),
      integer("export.calibration_images", TINYNAS_AT(exported.calibration_images), 1, kMany),
      integer("emulate.images", TINYNAS_AT(emulated_images), 0, kMany),
      {"compute.device",
       [](Experiment& e, const yaml::Node& node) { e.compute.device = node.choice(kComputeDevices); },
       [](const Experiment& e) { return e.compute.device; }},
      integer("compute.threads", TINYNAS_AT(compute.threads), 0, 4096),
      text("license", TINYNAS_AT(license)),
  });
  return fields;
}

#undef TINYNAS_AT

}  // namespace

std::pair<std::string, std::string> split_key(const std::string& key) {
  const auto dot = key.find('.');
  return dot == std::string::npos ? std::pair{std::string(), key}
                                  : std::pair{key.substr(0, dot), key.substr(dot + 1)};
}

std::string yaml_scalar(std::string_view text) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) || std::string_view("_-./+ ").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return std::string(text);
  std::string result(1, '\'');
  for (const char c : text) {
    if (c == '\'') result.push_back(c);  // doubled inside single quotes
    result.push_back(c);
  }
  result.push_back('\'');
  return result;
}

void read_fields(std::span<const Field> fields, Experiment& experiment, const yaml::Node& node) {
  for (const Field& field : fields) {
    const auto [section, name] = split_key(field.key);
    const auto parent = section.empty() ? std::optional(node) : node.find(section);
    if (!parent) continue;
    if (const auto value = parent->find(name)) field.read(experiment, *value);
  }
}

const std::vector<Field>& experiment_fields() {
  static const std::vector<Field> fields = make_fields();
  return fields;
}

}  // namespace tinynas::app
