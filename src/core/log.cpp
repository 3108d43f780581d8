#include "tinynas/core/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>

#include "tinynas/core/error.h"

namespace tinynas {
namespace {

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_pattern("tinynas: %v");
    sink->set_level(spdlog::level::warn);
    auto made = std::make_shared<spdlog::logger>("tinynas", sink);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

}  // namespace

void set_log_level(LogLevel level) {
  static constexpr spdlog::level::level_enum kLevels[] = {
      spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err, spdlog::level::off};
  logger().sinks().front()->set_level(kLevels[static_cast<int>(level)]);
}

void set_log_file(const std::filesystem::path& path) {
  auto& sinks = logger().sinks();
  sinks.resize(1);
  if (path.empty()) return;
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string());
    sink->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    sinks.push_back(sink);
  } catch (const spdlog::spdlog_ex& error) {
    throw IoError(path.string() + ": the log cannot be written (" + error.what() + ")");
  }
}

void log_debug(std::string_view event) { logger().debug("{}", event); }
void log_info(std::string_view event) { logger().info("{}", event); }
void log_warning(std::string_view event) { logger().warn("{}", event); }

}  // namespace tinynas
