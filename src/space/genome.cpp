#include "tinynas/space/genome.h"

#include <type_traits>

#include "tinynas/core/hash.h"

namespace tinynas::space {

std::uint64_t hash(const Genome& genome) {
  static_assert(std::has_unique_object_representations_v<Genome>, "equal genomes must be equal bytes");
  return fnv1a({reinterpret_cast<const char*>(&genome), sizeof genome});
}

}  // namespace tinynas::space
