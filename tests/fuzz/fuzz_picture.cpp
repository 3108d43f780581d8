// A JPEG or a PNG.
#include "data/decode.h"
#include "fuzz/target.h"

using namespace tinynas;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = fuzz::text_of(data, size);
  fuzz::must_end_well([&] {
    const data::PictureSize picture = data::picture_size(bytes, "fuzz.picture");
    constexpr std::int64_t kMostPixels = 1 << 20;  // larger ones only take time
    if (std::int64_t{picture.h} * picture.w > kMostPixels) return;
    for (const int channels : {1, 3}) data::decode_picture(bytes, channels, "fuzz.picture");
  });
  return 0;
}
