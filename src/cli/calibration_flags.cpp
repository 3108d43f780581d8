#include "cli/calibration_flags.h"

namespace tinynas::cli {

void add_calibration_flags(CLI::App& command, app::CalibrationSource& source, const std::string& without) {
  command
      .add_option(
          "--calibrate", source.from,
          "of a network in float: a folder of inputs like those in use, or one file (.jpg, .png, .npy, "
          ".bin); random: for figures only; " +
              without)
      ->type_name("DIR");
  command.add_option("--calibrate-images", source.most, "at most N of the inputs, drawn if there are more")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      .add_option("--input-mean", source.mean,
                  "pixels, bytes and int8 values become (value - mean) / std, as where the network was "
                  "trained: mean 127.5 and std 127.5 make -1 .. 1, 0 and 255 make 0 .. 1")
      ->type_name("VALUE")
      ->capture_default_str();
  command.add_option("--input-std", source.std, "the same")->type_name("VALUE")->capture_default_str();
  command.add_option("--seed", source.seed, "of what is drawn")->type_name("N")->capture_default_str();
}

}  // namespace tinynas::cli
