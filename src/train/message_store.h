#pragma once

#include <string>
#include <vector>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "tinynas/train/rendezvous.h"

namespace tinynas::train {

/// Small texts that all processes see: c10d's store, which the first process (or torchrun's agent) serves.
class MessageStore {
 public:
  explicit MessageStore(const Rendezvous& where) {
    c10d::TCPStoreOptions options;
    options.port = static_cast<std::uint16_t>(where.port);
    options.isServer = where.rank == 0 && !where.agent_listens;
    options.waitWorkers = false;
    options.timeout = where.join_timeout;
    const auto tcp = c10::make_intrusive<c10d::TCPStore>(where.address, options);
    store_ = c10::make_intrusive<c10d::PrefixStore>("tinynas" + where.attempt, tcp);
  }
  const c10::intrusive_ptr<c10d::Store>& store() const { return store_; }

  bool has(const std::string& name) const { return store_->check({name}); }
  void write(const std::string& name, const std::string& text) const {
    // A text may be empty, a value of the store may not.
    std::vector<std::uint8_t> bytes(text.begin(), text.end());
    bytes.push_back(0);
    store_->set(name, bytes);
  }
  std::string read(const std::string& name) const {
    const std::vector<std::uint8_t> bytes = store_->get(name);
    return {bytes.begin(), bytes.end() - 1};
  }
  std::int64_t add(const std::string& name, std::int64_t count) const { return store_->add(name, count); }

 private:
  c10::intrusive_ptr<c10d::Store> store_;
};

}  // namespace tinynas::train
