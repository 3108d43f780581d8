// A library for the Arduino IDE and arduino-cli: https://docs.arduino.cc/arduino-cli/library-specification
#include "engine/package/kinds.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kProperties = R"(# @origin@
name=@n@
version=@version@
author=tinynas
maintainer=tinynas
sentence=@description@.
paragraph=Rows of an image are pushed as a camera delivers them; nothing is allocated.
category=Data Processing
url=@url@
architectures=*
includes=@n@.h
)";

constexpr std::string_view kArduinoInstall =
    R"(- Arduino IDE: Sketch > Include Library > Add .ZIP Library..., then `@n@.zip`, which lies beside this folder. Or copy
  this folder into the sketchbook's `libraries/`; or `arduino-cli lib install --zip-path @n@.zip`.
- File > Examples > @n@ shows a sketch that runs the network.
- Arduino compiles with `-Os`, and a library cannot change that. Stack and latency above are for `-O2`; with `-Os` one
  network took 370600 instructions on a Cortex-M4 instead of 301560. To compile with `-O2`, write the line
  `compiler.c.extra_flags=-O2` into `platform.local.txt`, beside the `platform.txt` of your board's core; or
  `arduino-cli compile --build-property compiler.c.extra_flags=-O2`; or, where the board has it, the menu Tools >
  Optimize.
- Before you publish it, put your name and address into `library.properties`.
)";

std::vector<GeneratedFile> write_arduino(const PackageSource& source) {
  return {{"library.properties", fill(kProperties, source)},
          {fill("examples/@n@/@n@.ino", source), write_sketch(source)}};
}

}  // namespace

const PackageKind kArduino = {.name = "arduino",
                              .install = kArduinoInstall,
                              .archive = Archive::kFolder,
                              .archive_name = "@n@.zip",
                              .write = write_arduino};

}  // namespace tinynas::engine
