#include "supernet/chain/chain_kernels.h"

#if defined(__AVX2__) && defined(__FMA__)
#include "supernet/chain/kernel_table.h"
#define TINYNAS_TABLE &kTable
#else
#define TINYNAS_TABLE nullptr
#endif

namespace tinynas::supernet::kernels {

const Table* for_avx2() { return TINYNAS_TABLE; }

}  // namespace tinynas::supernet::kernels

#undef TINYNAS_TABLE
