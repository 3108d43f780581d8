#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "import/flatbuffer.h"
#include "tinynas/import/plain_model.h"

namespace tinynas::import {

/// "CONV_2D", "CUSTOM ethos-u".
std::string operator_word(std::size_t number, std::string_view custom);
/// Fills op and attributes of a node whose word is set; an operator without options has their defaults.
void read_operator(const std::optional<Table>& options, Node& node);

}  // namespace tinynas::import
