#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tinynas/core/index.h"
#include "tinynas/cost/unrolled.h"

namespace tinynas::cost {

/// Bytes of unrolled code, each kind of it worked out and numbered once, and counted once a network.
class UnrolledSizes {
 public:
  /// The same each time.
  int number_of(const UnrolledCode& code) {
    const auto known = std::find(codes_.begin(), codes_.end(), code);
    const auto number = static_cast<int>(known - codes_.begin());
    if (known == codes_.end()) {
      codes_.push_back(code);
      sizes_.push_back({.bytes = code.bytes()});
    }
    return number;
  }
  /// A new network: nothing is counted yet.
  void begin() { ++network_; }
  /// Its bytes the first time that a network has it, 0 after that.
  Bytes count(int number) {
    Size& size = sizes_[at(number)];
    if (size.network == network_) return 0;
    size.network = network_;
    return size.bytes;
  }

 private:
  struct Size {
    Bytes bytes = 0;
    std::uint64_t network = 0;  ///< that it was counted for last
  };
  std::vector<UnrolledCode> codes_;
  std::vector<Size> sizes_;
  std::uint64_t network_ = 0;
};

}  // namespace tinynas::cost
