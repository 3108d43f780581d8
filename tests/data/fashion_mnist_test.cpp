#include <algorithm>

#include "data/support.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/files.h"

using namespace tinynas;
using Catch::Matchers::Contains;

namespace {

/// Two training images and one test image of 2 x 3 pixels.
void write_tiny_set(const std::filesystem::path& folder) {
  write_file(folder / "train-images-idx3-ubyte", test::idx({2, 2, 3}, "abcdefghijkl"));
  write_file(folder / "train-labels-idx1-ubyte.gz", test::gzip(test::idx({2}, "\x09\x03")));
  write_file(folder / "t10k-images-idx3-ubyte.gz", test::gzip(test::idx({1, 2, 3}, "ABCDEF")));
  write_file(folder / "t10k-labels-idx1-ubyte", test::idx({1}, "\x05"));
}

std::string fashion_mnist_failure(const std::filesystem::path& folder) {
  try {
    data::load_dataset("fashion-mnist", folder);
  } catch (const IoError& error) {
    return error.what();
  }
  return "no IoError";
}

}  // namespace

TEST_CASE("IDX files are read, gzipped or not") {
  const test::TemporaryFolder folder;
  write_tiny_set(folder.path());
  const data::Dataset set = data::load_dataset("fashion-mnist", folder.path());
  CHECK(set.classes.size() == 10);
  CHECK(set.train.size() == 2);
  CHECK(set.train.h == 2);
  CHECK(set.train.w == 3);
  CHECK(set.train.c == 1);
  CHECK(set.train.labels == std::vector<std::uint16_t>{9, 3});
  CHECK(set.train.image(1)[0] == 'g');
  CHECK(set.test.labels == std::vector<std::uint16_t>{5});
  CHECK(set.test.image(0)[5] == 'F');
}

TEST_CASE("a missing data folder and a missing file say what to do") {
  const test::TemporaryFolder folder;
  CHECK_THAT(fashion_mnist_failure(folder / "absent"),
             Contains("absent: no such folder") && Contains("train-images-idx3-ubyte"));
  write_tiny_set(folder.path());
  std::filesystem::remove(folder / "t10k-labels-idx1-ubyte");
  CHECK_THAT(fashion_mnist_failure(folder.path()),
             Contains("holds neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz") &&
                 Contains("dataset-fashion-mnist") && Contains("--data DIR"));
}

TEST_CASE("a truncated IDX file names file, expected and found sizes, and the remedy") {
  const test::TemporaryFolder folder;
  write_tiny_set(folder.path());
  write_file(folder / "train-images-idx3-ubyte", test::idx({2, 2, 3}, "abcdefghijk"));
  CHECK_THAT(fashion_mnist_failure(folder.path()),
             Contains("train-images-idx3-ubyte: truncated: its header promises 12 bytes of data, found 11") &&
                 Contains("dataset-fashion-mnist"));
}

TEST_CASE("damage to an IDX file is told apart") {
  const test::TemporaryFolder folder;
  write_tiny_set(folder.path());
  const auto images = folder / "train-images-idx3-ubyte";
  SECTION("too long") {
    write_file(images, test::idx({2, 2, 3}, "abcdefghijklm"));
    CHECK_THAT(fashion_mnist_failure(folder.path()),
               Contains("too long: its header promises 12 bytes of data, found 13"));
  }
  SECTION("only part of the header") {
    write_file(images, test::idx({2, 2, 3}, "").substr(0, 15));
    CHECK_THAT(fashion_mnist_failure(folder.path()),
               Contains("expected an IDX header of 16 bytes, found 15 bytes"));
  }
  SECTION("something else") {
    write_file(images, "a text file that somebody put here");
    CHECK_THAT(fashion_mnist_failure(folder.path()), Contains("not an IDX file of bytes with 3 dimensions"));
  }
  SECTION("an absurd dimension") {
    write_file(images, test::idx({0xffffffffU, 0xffffffffU, 3}, "abc"));
    CHECK_THAT(fashion_mnist_failure(folder.path()),
               Contains("damaged IDX header: dimension 0 is 4294967295"));
  }
  SECTION("an empty set") {
    write_file(images, test::idx({0, 2, 3}, ""));
    CHECK_THAT(fashion_mnist_failure(folder.path()), Contains("dimension 0 is 0"));
  }
  SECTION("fewer labels than images") {
    write_file(folder / "train-labels-idx1-ubyte.gz", test::idx({1}, "\x01"));
    CHECK_THAT(fashion_mnist_failure(folder.path()),
               Contains("has 1 labels for the 2 images of train-images-idx3-ubyte"));
  }
  SECTION("a label outside the classes") {
    write_file(folder / "train-labels-idx1-ubyte.gz", test::idx({2}, "\x01\x0a"));
    CHECK_THAT(fashion_mnist_failure(folder.path()),
               Contains("label 10 of image 1 is not one of the 10 classes"));
  }
  SECTION("test images of another size") {
    write_file(folder / "t10k-images-idx3-ubyte.gz", test::idx({1, 3, 3}, "ABCDEFGHI"));
    CHECK_THAT(fashion_mnist_failure(folder.path()), Contains("training images are 2x3 but test images 3x3"));
  }
}

TEST_CASE("a gzip stream that is cut off or damaged is an IoError") {
  const test::TemporaryFolder folder;
  write_tiny_set(folder.path());
  const std::string whole = test::gzip(test::idx({1, 2, 3}, "ABCDEF"));
  const auto images = folder / "t10k-images-idx3-ubyte.gz";
  for (std::size_t length = 2; length < whole.size(); ++length) {  // 2: enough to be taken for gzip
    write_file(images, whole.substr(0, length));
    CHECK_THAT(fashion_mnist_failure(folder.path()),
               Contains("t10k-images-idx3-ubyte.gz: the gzip stream is cut off"));
  }
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 0x55);
  write_file(images, damaged);
  CHECK_THAT(fashion_mnist_failure(folder.path()),
             Contains("t10k-images-idx3-ubyte.gz: the gzip stream is "));
}

TEST_CASE("an unknown data set is a ConfigError with the nearest name") {
  CHECK_THAT(test::message_of([] { data::load_dataset("fashion-mnits", ""); }),
             Contains("unknown data set 'fashion-mnits'; did you mean 'fashion-mnist'?"));
}

TEST_CASE("Debian's Fashion-MNIST has 60,000 and 10,000 images of 28 x 28 in ten equal classes") {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist")) {
    std::cout << "skipped: Debian's Fashion-MNIST: the package dataset-fashion-mnist is not installed\n";
    return;
  }
  const data::Dataset set = data::load_dataset("fashion-mnist", "");
  for (const auto& [part, images_per_class] : {std::pair{&set.train, 6000}, std::pair{&set.test, 1000}}) {
    CHECK(part->h == 28);
    CHECK(part->w == 28);
    for (std::uint16_t label = 0; label < 10; ++label)
      CHECK(std::count(part->labels.begin(), part->labels.end(), label) == images_per_class);
  }
  // Mean and deviation that everybody normalises this set with: 0.2860 and 0.3530 of 255.
  const data::PixelScaling scaling = data::measure_pixel_scaling(set.train);
  CHECK(scaling.zero_point == 73 - 128);
  CHECK(1 / scaling.scale == Approx(0.3530 * 255).epsilon(1e-3));
}
