#include "tinynas/core/progress.h"

#include "tinynas/core/error.h"

namespace tinynas {

void StopToken::throw_if_stopped(const std::string& what) const {
  if (stop_requested())
    throw InterruptedError("interrupted during " + what + "; nothing is lost, continue with tinynas resume");
}

}  // namespace tinynas
