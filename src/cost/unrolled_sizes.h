#pragma once

#include <cstdint>
#include <vector>

#include "tinynas/cost/unrolled.h"

namespace tinynas::cost {

/// Bytes of unrolled code, each kind of it worked out once: the search meets the same few again and again.
class UnrolledSizes {
 public:
  /// A new network: nothing is counted yet.
  void begin() { ++network_; }
  /// Its bytes the first time that a network has it, 0 after that.
  Bytes add(const UnrolledCode& code) {
    if (2 * used_ >= entries_.size()) grow();
    Entry& entry = find(code);
    if (entry.network == 0) {
      entry = {.code = code, .bytes = unrolled_bytes(code), .network = 0};
      ++used_;
    }
    if (entry.network == network_) return 0;
    entry.network = network_;
    return entry.bytes;
  }

 private:
  struct Entry {
    UnrolledCode code;
    Bytes bytes = 0;
    std::uint64_t network = 0;  ///< that it was counted for last; 0: the entry is free
  };
  /// The entry of `code`, or the free one where it belongs.
  Entry& find(const UnrolledCode& code) {
    auto hash = static_cast<std::size_t>(code.kind);
    for (const int number : code.numbers)
      hash = (hash + static_cast<std::size_t>(number)) * 0x9E3779B97F4A7C15ULL;
    for (std::size_t i = hash >> 32;; ++i) {
      Entry& entry = entries_[i & (entries_.size() - 1)];
      if (entry.network == 0 || entry.code == code) return entry;
    }
  }
  void grow() {
    std::vector<Entry> old(entries_.empty() ? 64 : 2 * entries_.size());  // a power of two
    old.swap(entries_);
    for (const Entry& entry : old)
      if (entry.network != 0) find(entry.code) = entry;
  }

  std::vector<Entry> entries_;
  std::size_t used_ = 0;
  std::uint64_t network_ = 0;
};

}  // namespace tinynas::cost
