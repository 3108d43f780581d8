#include "engine/write/c_text.h"
#include "tinynas/engine/firmware.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kBinding =
    R"(/* What a program calls the model that it runs, whatever the model's own name is. */
#ifndef TN_NET_NAME
#include "@n@.h"

#define TN_NET_NAME "@n@"
#define TN_NET_HEIGHT @U@_INPUT_HEIGHT
#define TN_NET_ROW_BYTES @U@_ROW_BYTES
#define TN_NET_INPUT_SCALE @U@_INPUT_SCALE
#define TN_NET_INPUT_ZERO_POINT @U@_INPUT_ZERO_POINT
#define TN_NET_OUTPUT_BYTES @U@_OUTPUT_BYTES
#define TN_NET_OUTPUT_SCALE @U@_OUTPUT_SCALE
#define TN_NET_OUTPUT_ZERO_POINT @U@_OUTPUT_ZERO_POINT
#ifdef @U@_INPUTS /* several inputs or outputs */
#define TN_NET_INPUTS @U@_INPUTS
#define TN_NET_OUTPUTS @U@_OUTPUTS
#define TN_NET_INPUTS_BYTES @U@_INPUTS_BYTES
#define TN_NET_OUTPUT_SIZES @U@_OUTPUT_SIZES
#define tn_net_set_input @n@_set_input
#define tn_net_output_at @n@_output_at
#endif
#define tn_net_input_row @n@_input_row
#define tn_net_push_row @n@_push_row
#define tn_net_run @n@_run
#define tn_net_output @n@_output
static inline void tn_net_init(void) {
#ifdef @U@_ARENA_FROM_CALLER
  static _Alignas(@U@_ARENA_ALIGN) int8_t arena[@U@_ARENA_BYTES];
  @n@_init(arena);
#else
  @n@_init();
#endif
}
#ifdef @U@_TRACE
#define TN_NET_TRACE
#define tn_net_tracer @n@_tracer
#define tn_net_trace @n@_trace
#endif
#endif
)";

}  // namespace

std::string model_binding(std::string_view name) {
  return fill_template(kBinding, {{"n", std::string(name)}, {"U", macro_prefix(name)}});
}

}  // namespace tinynas::engine
