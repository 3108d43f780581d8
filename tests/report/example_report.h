#pragma once

#include "tinynas/report/report.h"

namespace tinynas::test {

/// A network of the MCUNet space on an STM32F746, planned and costed by the real model.
report::Profile example_profile(int resolution = 144);
/// A page with every part filled: the network above, ranking, search and training curves drawn from a seed.
report::RunReport example_report();

}  // namespace tinynas::test
