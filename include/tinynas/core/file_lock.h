#pragma once

#include <filesystem>
#include <memory>

namespace tinynas {

/// Takes an advisory lock on a file (made if absent) that is held as long as a copy of the result lives and
/// ends with the process, however it ends. Null if somebody else holds it. IoError if the file cannot be
/// written.
std::shared_ptr<void> try_lock_file(const std::filesystem::path& path);

}  // namespace tinynas
