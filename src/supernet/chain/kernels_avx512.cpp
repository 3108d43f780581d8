#include "supernet/chain/chain_kernels.h"

#if defined(__AVX512F__) && defined(__AVX512VL__)
#include "supernet/chain/kernel_table.h"
#define TINYNAS_TABLE &kTable
#else
#define TINYNAS_TABLE nullptr
#endif

namespace tinynas::supernet::kernels {

const Table* for_avx512() { return TINYNAS_TABLE; }

}  // namespace tinynas::supernet::kernels

#undef TINYNAS_TABLE
