#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tinynas::data {

/// An array of a NumPy file, rows first.
struct NumpyArray {
  std::vector<std::int64_t> shape = {};
  bool is_integer = false;  ///< int8 or uint8, else float32 or float64
  bool is_byte = false;     ///< uint8
  std::vector<float> values = {};
};
/// Reads a .npy file of version 1, 2 or 3: float32, float64, int8 or uint8, little-endian, C order. IoError
/// names `path`, what is wrong and what to do; a file takes no more memory than four times its size.
NumpyArray read_numpy(std::string_view bytes, const std::filesystem::path& path);
/// The bytes of such a file, of float32 values.
std::string numpy_file(const std::vector<std::int64_t>& shape, std::span<const float> values);

/// What the samples of a network look like, and which are taken.
struct SampleSettings {
  int h = 1, w = 1, c = 1;
  /// Of values without a shape of their own: channels, rows, columns instead of rows, columns, channels.
  bool channels_first = false;
  bool raw_is_int8 = false;  ///< bytes of a .bin file are int8, else 0 to 255
  /// Whole numbers (pictures, bytes, int8) become (value - mean) / std; real values stay as they are.
  float mean = 0, std = 1;
  /// All samples, files by their names; without it `most` of them, drawn if there are more.
  bool in_order = false;
  int most = 200;
  std::uint64_t seed = 1;
};

/// What the values of a sample were in its file; bytes are 0 to 255.
enum class SampleKind : std::uint8_t { kReal, kInt8, kByte };

struct Samples {
  std::vector<std::vector<float>> values = {};  ///< [H, W, C] of each
  std::vector<SampleKind> kinds = {};           ///< of each
  std::vector<std::string> names = {};          ///< of each: its file, "calls.npy[3]" where that has several
  /// All were pictures or bytes.
  bool are_bytes() const {
    return std::ranges::all_of(kinds, [](SampleKind kind) { return kind == SampleKind::kByte; });
  }
};

/// Reads a file or all files of a folder and its folders: pictures (.jpg, .png), stretched to the network's
/// size; .npy, one sample or many; .bin, one sample of raw float32 or of bytes. Other files are passed over.
/// IoError names the file, the size that was expected and what to do.
Samples read_samples(const std::filesystem::path& from, const SampleSettings& settings);

}  // namespace tinynas::data
