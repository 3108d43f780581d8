#include <fmt/format.h>

#include "report/bars.h"
#include "report/sections.h"
#include "report/text.h"

namespace tinynas::report {
namespace {

std::string megahertz(const cost::Device& device) {
  return fmt::format("{}, {} at {:g} MHz", device.name, cost::core_info(device.core).name,
                     device.clock_hz / 1e6);
}

/// Bytes against the budget, or against what the device has when nothing was asked.
Meter bytes_meter(std::string name, Bytes used, const std::optional<Bytes>& budget, Bytes device) {
  const Bytes limit = budget.value_or(device);
  Meter meter{.name = std::move(name), .used = short_bytes(used)};
  if (limit <= 0) return meter;
  meter.share = static_cast<double>(used) / static_cast<double>(limit);
  meter.limit = fmt::format("{} of {} {}", percent(*meter.share), short_bytes(limit),
                            budget ? "allowed" : "on the device");
  return meter;
}

Meter real_meter(std::string name, std::string used, double value, const std::optional<double>& budget,
                 std::string_view unit) {
  Meter meter{.name = std::move(name), .used = std::move(used)};
  if (!budget || *budget <= 0) return meter;
  meter.share = value / *budget;
  meter.limit = fmt::format("{} of {:g}{} allowed", percent(*meter.share), *budget, unit);
  return meter;
}

std::string tiles(const RunReport& report) {
  std::string out = "<div class='tiles'>\n";
  if (const AccuracyStage* accuracy = headline_accuracy(report))
    out += to_html(Meter{.name = "Accuracy, " + accuracy->name,
                         .used = accuracy_text(accuracy->percent),
                         .limit = accuracy->images > 0
                                      ? fmt::format("{} {}", grouped(accuracy->images), accuracy->note)
                                      : accuracy->note});
  if (report.network) {
    const Profile& p = *report.network;
    const cost::Footprint& f = p.footprint;
    out += to_html(bytes_meter("SRAM", f.sram_bytes, p.budget.sram_bytes, p.device.sram_bytes));
    out += to_html(bytes_meter("Flash", f.flash_bytes, p.budget.flash_bytes, p.device.flash_bytes));
    out += to_html(real_meter("Latency, estimated", fmt::format("{:.3g} ms", f.latency_ms), f.latency_ms,
                              p.budget.latency_ms, " ms"));
    if (f.energy_mj > 0)
      out += to_html(real_meter("Energy, estimated", fmt::format("{:.3g} mJ", f.energy_mj), f.energy_mj,
                                p.budget.energy_mj, " mJ"));
    const std::optional<double> macs =
        p.budget.macs ? std::optional(static_cast<double>(*p.budget.macs) / 1e6) : std::nullopt;
    const double used = static_cast<double>(f.macs) / 1e6;
    Meter meter = real_meter("MACs", format_macs(f.macs), used, macs, " M");
    if (meter.limit.empty()) meter.limit = grouped(f.params) + " parameters";
    out += to_html(meter);
  }
  return out + "</div>\n";
}

}  // namespace

const AccuracyStage* headline_accuracy(const RunReport& report) {
  for (auto stage = report.accuracy.rbegin(); stage != report.accuracy.rend(); ++stage)
    if (stage->name == "int8") return &*stage;
  return report.accuracy.empty() ? nullptr : &report.accuracy.back();
}

std::string accuracy_text(double percent) { return fmt::format("{:.2f} %", percent); }

std::string summary(const RunReport& report) {
  std::string out;
  if (report.network) {
    const Profile& p = *report.network;
    const auto missed = cost::misses(p.footprint, p.budget);
    out += fmt::format("<p class='lead'>{}</p>\n", escape(megahertz(p.device)));
    if (!missed.empty())
      out += fmt::format("<p class='bad'>Does not fit: {}</p>\n", escape(cost::describe(missed)));
  }
  out += tiles(report);
  if (!report.genome.empty()) out += fmt::format("<p>Network: <code>{}</code></p>\n", escape(report.genome));
  return out;
}

}  // namespace tinynas::report
