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
- Arduino compiles with `-Os`. The network and its kernels are compiled as for `-O2` all the same, where the compiler
  is GCC: they ask for it themselves.
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
