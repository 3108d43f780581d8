#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tinynas/report/report.h"

namespace tinynas::report {

/// What a model card says beside what stands on the page.
struct CardFacts {
  std::string license = {};  ///< as the user names it; empty: not stated
  std::string data = {};     ///< name of the data set
  std::int64_t classes = 0;
  std::int64_t train_images = 0, held_out_images = 0, test_images = 0;
  bool tuned_on_held_out = false;
  std::string space = {};     ///< its file
  std::string recipe = {};    ///< of the supernet's training
  std::string supernet = {};  ///< the run that it was trained in; empty: this one
  int train_epochs = 0, tune_epochs = 0;
  std::string compute = {};  ///< where training ran, in words
  std::int64_t emulated_images = 0;
  std::optional<bool> emulated_equal = {};  ///< to the interpreter's outputs; null: not emulated
  std::string not_emulated = {};            ///< why
};

/// A model card (arXiv:1810.03993) in Markdown: what the network is, how it was made, how good it is, what it
/// costs, what it is for, and what nobody measured. Same report, same bytes.
std::string model_card(const RunReport& report, const CardFacts& facts);

}  // namespace tinynas::report
