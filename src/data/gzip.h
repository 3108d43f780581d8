#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace tinynas::data {

bool is_gzip(const std::string& bytes);

/// Unpacks a whole gzip file held in memory, at most `max_bytes`. `path` and `remedy` are for the IoError.
std::string gunzip(const std::string& packed, std::int64_t max_bytes, const std::filesystem::path& path,
                   std::string_view remedy);

}  // namespace tinynas::data
