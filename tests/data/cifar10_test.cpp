#include "data/support.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/files.h"

using namespace tinynas;
using Catch::Matchers::Contains;

namespace {

/// One record: red plane r, green plane g, blue plane b, and 255 in the last blue pixel.
std::string record(int label, char r, char g, char b) {
  std::string bytes(1, static_cast<char>(label));
  for (const char value : {r, g, b}) bytes += std::string(1024, value);
  bytes.back() = '\xff';
  return bytes;
}

void write_set(const std::filesystem::path& folder) {
  for (int i = 1; i <= 5; ++i)
    write_file(folder / ("data_batch_" + std::to_string(i) + ".bin"),
               record(i, 'r', 'g', 'b') + record(9, 'x', 'y', 'z'));
  write_file(folder / "test_batch.bin", record(3, 'R', 'G', 'B'));
}

std::string cifar10_failure(const std::filesystem::path& folder) {
  return test::message_of([&] { data::load_dataset("cifar10", folder); });
}

}  // namespace

TEST_CASE("CIFAR-10's planes become interleaved pixels") {
  const test::TemporaryFolder folder;
  write_set(folder / "cifar-10-batches-bin");
  for (const auto& where : {folder.path(), folder / "cifar-10-batches-bin"}) {
    const auto set = data::load_dataset("cifar10", where);
    CHECK(set.train.labels == std::vector<std::uint16_t>{1, 9, 2, 9, 3, 9, 4, 9, 5, 9});
    CHECK(set.train.h == 32);
    CHECK(set.train.c == 3);
    const auto image = set.test.image(0);
    CHECK(std::string(image.begin(), image.begin() + 6) == "RGBRGB");
    CHECK(image[3071] == 255);
    CHECK(set.classes[3] == "cat");
  }
}

TEST_CASE("missing, cut or mislabelled CIFAR-10 files are IoErrors with the remedy") {
  const test::TemporaryFolder folder;
  CHECK_THAT(cifar10_failure(""), Contains("cifar10 needs a folder") && Contains("--data DIR"));
  write_set(folder.path());
  write_file(folder / "data_batch_2.bin", record(1, 'r', 'g', 'b').substr(1));
  CHECK_THAT(cifar10_failure(folder.path()),
             Contains("data_batch_2.bin: expected whole records of 3073 bytes, found 3072"));
  write_file(folder / "data_batch_2.bin", record(10, 'r', 'g', 'b'));
  CHECK_THAT(cifar10_failure(folder.path()), Contains("label 10 of image 0 is not one of the 10 classes"));
  std::filesystem::remove(folder / "data_batch_2.bin");
  CHECK_THAT(cifar10_failure(folder.path()),
             Contains("holds no data_batch_2.bin") && Contains("cifar-10-binary.tar.gz"));
}
