#include "tinynas/data/samples.h"

#include <cstring>

#include "data/pictures.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

namespace tinynas::data {
namespace {

using test::TemporaryFolder;

/// A .npy file as NumPy writes it: its header ends on a multiple of 64 bytes.
std::string npy(const std::string& descr, const std::string& shape, const std::string& values,
                int version = 1, const std::string& order = "False") {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': (" + shape + "), }";
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  while ((8 + length_bytes + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  for (std::size_t i = 0; i < length_bytes; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return bytes + header + values;
}

template <typename T>
std::string raw(std::initializer_list<T> values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), std::data(values), bytes.size());
  return bytes;
}

using Values = std::vector<float>;
constexpr SampleSettings kRow = {.h = 1, .w = 2, .c = 1};

}  // namespace

TEST_CASE("NumPy files of all versions and types are read") {
  const auto read = [](const std::string& bytes) { return read_numpy(bytes, "x.npy"); };
  for (const int version : {1, 2, 3}) {
    const NumpyArray array = read(npy("<f4", "2, 1", raw({1.5F, -2.0F}), version));
    CHECK(array.shape == std::vector<std::int64_t>{2, 1});
    CHECK(array.values == Values{1.5F, -2});
    CHECK_FALSE(array.is_integer);
  }
  CHECK(read(npy("<f8", "1,", raw({0.25}))).values == Values{0.25F});
  CHECK(read(npy("|i1", "2,", raw<std::int8_t>({-128, 5}))).values == Values{-128, 5});
  const NumpyArray bytes = read(npy("|u1", "2,", raw<std::uint8_t>({255, 5})));
  CHECK(bytes.values == Values{255, 5});
  CHECK((bytes.is_integer && bytes.is_byte));
  CHECK(read(npy("<f4", "", raw({7.0F}))).values == Values{7});
  CHECK(read(npy("<f4", "0, 4", "")).values.empty());
}

TEST_CASE("damaged NumPy files are refused, wherever they end") {
  const auto refuses = [](const std::string& bytes, const char* reason) {
    CHECK_THROWS_WITH(read_numpy(bytes, "x.npy"), Catch::StartsWith("x.npy: ") && Catch::Contains(reason));
  };
  const std::string good = npy("<f4", "2,", raw({1.0F, 2.0F}));
  for (std::size_t length = 0; length < good.size(); ++length)
    CHECK_THROWS_AS(read_numpy(good.substr(0, length), "x.npy"), IoError);
  refuses(good + "x", "holds 9 bytes of values");
  refuses("PK\x03\x04", "is no NumPy file");
  refuses(npy(">f4", "1,", raw({1.0F})), "type >f4; expected float32");
  refuses(npy("<i8", "1,", raw({std::int64_t{1}})), "type <i8");
  refuses(npy("<f4", "1,", raw({1.0F}), 1, "True"), "Fortran order");
  refuses(npy("<f4", "4294967296, 4294967296, 4294967296", raw({1.0F})), "which its shape");
  refuses(npy("<f4", "99999999999999999999,", raw({1.0F})), "shape is damaged");
  refuses(npy("<f4", "-1,", raw({1.0F})), "shape is damaged");
  refuses(npy("<f4", "1,", raw({1.0F}), 9), "version 9");
}

TEST_CASE("samples of pictures, arrays and raw files become real values") {
  const TemporaryFolder folder;
  write_file(folder / "in/a.npy", npy("<f4", "1, 1, 2, 1", raw({0.5F, 1.5F})));
  CHECK(read_samples(folder / "in", kRow).values == std::vector<Values>{{0.5F, 1.5F}});
  write_file(folder / "in/a.npy", npy("|i1", "2,", raw<std::int8_t>({-3, 7})));
  SampleSettings scaled = kRow;
  scaled.mean = 1;
  scaled.std = 2;
  CHECK(read_samples(folder / "in", scaled).values == std::vector<Values>{{-2, 3}});
  CHECK_FALSE(read_samples(folder / "in", scaled).are_bytes());

  write_file(folder / "raw/real.bin", raw({0.5F, 1.5F}));
  CHECK(read_samples(folder / "raw/real.bin", scaled).values == std::vector<Values>{{0.5F, 1.5F}});
  write_file(folder / "raw/byte.bin", raw<std::uint8_t>({1, 255}));
  CHECK(read_samples(folder / "raw/byte.bin", scaled).values == std::vector<Values>{{0, 127}});
  CHECK(read_samples(folder / "raw/byte.bin", scaled).are_bytes());
  CHECK(read_samples(folder / "raw", scaled).values.size() == 2);
  CHECK_FALSE(read_samples(folder / "raw", scaled).are_bytes());

  write_file(folder / "pictures/class/x.png",
             test::png(2, 4, PNG_FORMAT_GRAY, std::vector<std::uint8_t>(8, 101)));
  const Samples pictures = read_samples(folder / "pictures", scaled);
  CHECK(pictures.values == std::vector<Values>{{50, 50}});  // (101 - 1) / 2, shrunk to 1 x 2
  CHECK(pictures.are_bytes());
}

TEST_CASE("a shape says whether channels come first") {
  const TemporaryFolder folder;
  const std::string values = raw({1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F});
  SampleSettings settings = {.h = 1, .w = 3, .c = 2};
  const auto read = [&](const std::string& shape) {
    write_file(folder / "a.npy", npy("<f4", shape, values));
    return read_samples(folder / "a.npy", settings).values.front();
  };
  const Values as_it_is = {1, 2, 3, 4, 5, 6}, turned = {1, 4, 2, 5, 3, 6};
  CHECK(read("1, 1, 3, 2") == as_it_is);
  CHECK(read("1, 2, 1, 3") == turned);
  CHECK(read("6,") == as_it_is);
  settings.channels_first = true;
  CHECK(read("6,") == turned);
  CHECK(read("1, 3, 2") == as_it_is);
}

TEST_CASE("at most so many samples are drawn, the same for a seed, or all in order") {
  const TemporaryFolder folder;
  std::string values;
  for (int i = 0; i < 100; ++i) values += raw({static_cast<float>(i), 0.0F});
  write_file(folder / "a.npy", npy("<f4", "100, 1, 2, 1", values));
  SampleSettings settings = kRow;
  settings.most = 10;
  const auto some = read_samples(folder / "a.npy", settings).values;
  CHECK(some.size() == 10);
  CHECK(read_samples(folder / "a.npy", settings).values == some);
  settings.seed = 2;
  CHECK(read_samples(folder / "a.npy", settings).values != some);
  settings.most = 1000;
  CHECK(read_samples(folder / "a.npy", settings).values.size() == 100);
  settings.most = 3;
  settings.in_order = true;
  const auto all = read_samples(folder / "a.npy", settings).values;
  REQUIRE(all.size() == 100);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].front() == static_cast<float>(i));
}

TEST_CASE("samples that do not fit name the file, what was expected and what to do") {
  const TemporaryFolder folder;
  const auto refuses = [&](const std::string& name, const char* reason, const SampleSettings& s = kRow) {
    CHECK_THROWS_WITH(read_samples(folder / name, s), Catch::Contains(name) && Catch::Contains(reason));
  };
  refuses("gone", "no such file or folder");
  write_file(folder / "empty/readme.txt", "");
  refuses("empty", "holds no .jpg");
  refuses("empty/readme.txt", "expected a .jpg");
  write_file(folder / "three.bin", "abc");
  refuses("three.bin", "has 3 bytes; expected 8 (float32) or 2 (bytes)");
  write_file(folder / "nan.bin", raw({1.0F, std::nanf("")}));
  refuses("nan.bin", "not finite");
  write_file(folder / "five.npy", npy("<f4", "5,", raw({1.0F, 2.0F, 3.0F, 4.0F, 5.0F})));
  refuses("five.npy", "has shape (5); expected (1, 2, 1)");
  write_file(folder / "none.npy", npy("<f4", "0, 2", ""));
  refuses("none.npy", "holds no values");
  write_file(folder / "x.png", test::png(1, 1, PNG_FORMAT_GRAY, {1}));
  refuses("x.png", "1 or 3 channels, the network takes 2", {.h = 1, .w = 1, .c = 2});
}

}  // namespace tinynas::data
