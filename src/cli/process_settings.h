#pragma once

namespace tinynas::cli {

/// Sets what libraries read from the environment before main() begins, and starts the process once more if
/// anything was missing; what the user has set stays. Returns when all is set, or if the process cannot be
/// started again (then training is slower). Does nothing in a build without LibTorch.
void settle_process(char** argv);

}  // namespace tinynas::cli
