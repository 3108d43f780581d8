#include "data/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "tinynas/core/error.h"

namespace tinynas::data {
namespace {

/// The largest window; adding 16 means "expect a gzip header" (zlib.h, inflateInit2).
constexpr int kGzipWindow = 15 + 16;

/// Owns zlib's stream.
class Inflater {
 public:
  explicit Inflater(const std::string& packed) {
    stream_.next_in =
        reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib does not write there
    stream_.avail_in = static_cast<uInt>(packed.size());
    ready_ = inflateInit2(&stream_, kGzipWindow) == Z_OK;
  }
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Appends up to one buffer's worth to `out`; zlib's status.
  int step(std::string& out) {
    if (!ready_) return Z_MEM_ERROR;
    stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    const int status = inflate(&stream_, Z_NO_FLUSH);
    out.append(buffer_.data(), buffer_.size() - stream_.avail_out);
    return status;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
  std::array<char, 1 << 16> buffer_{};
};

}  // namespace

bool is_gzip(const std::string& bytes) { return bytes.starts_with("\x1f\x8b"); }

std::string gunzip(const std::string& packed, std::int64_t max_bytes, const std::filesystem::path& path,
                   std::string_view remedy) {
  Inflater inflater(packed);
  std::string out;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    status = inflater.step(out);
    if (status == Z_BUF_ERROR)  // no progress possible: the input is at its end, the stream is not
      throw IoError(fmt::format("{}: the gzip stream is cut off: {} packed bytes give only {}; {}",
                                path.string(), packed.size(), out.size(), remedy));
    if (status != Z_OK && status != Z_STREAM_END)
      throw IoError(fmt::format("{}: the gzip stream is damaged after {} unpacked bytes; {}", path.string(),
                                out.size(), remedy));
    if (static_cast<std::int64_t>(out.size()) > max_bytes)
      throw IoError(fmt::format("{}: unpacks to more than the {} bytes this reader accepts; {}",
                                path.string(), max_bytes, remedy));
  }
  return out;
}

}  // namespace tinynas::data
