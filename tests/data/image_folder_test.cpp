#include <cstring>

#include "../../src/data/decode.h"
#include "../../src/data/packed.h"
#include "data/pictures.h"
#include "data/support.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/files.h"

using namespace tinynas;
using Catch::Matchers::Contains;
using Pixels = std::vector<std::uint8_t>;

namespace {

/// A data folder and a cache folder of its own.
class Fixture {
 public:
  Fixture() { setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1); }
  ~Fixture() { unsetenv("XDG_CACHE_HOME"); }
  std::filesystem::path data() const { return folder_ / "set"; }
  std::filesystem::path cache() const { return folder_ / "cache" / "tinynas"; }
  void add(const std::string& name, const std::string& bytes) const { write_file(data() / name, bytes); }
  data::Dataset load() const { return data::load_dataset("images", data()); }
  std::string failure() const {
    return test::message_of([&] { load(); });
  }

 private:
  test::TemporaryFolder folder_;
};

std::string grey(int h, int w, std::uint8_t value) {
  return test::png(h, w, PNG_FORMAT_GRAY, Pixels(static_cast<std::size_t>(h * w), value));
}

void add_cats_and_dogs(const Fixture& set) {
  set.add("train/cat/a.png", grey(2, 2, 10));
  set.add("train/cat/b.png", grey(2, 2, 11));
  set.add("train/dog/a.png", grey(2, 2, 20));
  set.add("test/dog/z.png", grey(2, 2, 21));
}

std::filesystem::path packed_file(const Fixture& set) {
  for (const auto& entry : std::filesystem::directory_iterator(set.cache())) return entry.path();
  return {};
}

}  // namespace

TEST_CASE("a folder of pictures is a data set: classes by name, files in order") {
  const Fixture set;
  add_cats_and_dogs(set);
  set.add("train/cat/notes.txt", "not a picture");
  set.add("train/.hidden/a.png", grey(2, 2, 1));
  const auto loaded = set.load();
  CHECK(loaded.classes == std::vector<std::string>{"cat", "dog"});
  CHECK(loaded.train.labels == std::vector<std::uint16_t>{0, 0, 1});
  CHECK(loaded.train.pixels == Pixels{10, 10, 10, 10, 11, 11, 11, 11, 20, 20, 20, 20});
  CHECK(loaded.train.c == 1);
  CHECK(loaded.test.labels == std::vector<std::uint16_t>{1});
}

TEST_CASE("one picture in colour makes all of them three channels") {
  const Fixture set;
  add_cats_and_dogs(set);
  set.add("train/dog/c.PNG", test::png(2, 2, PNG_FORMAT_RGB, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  const auto loaded = set.load();
  CHECK(loaded.train.c == 3);
  CHECK(loaded.train.image(0)[0] == 10);
  CHECK(loaded.train.image(0)[2] == 10);
  const auto last = loaded.train.image(3);
  CHECK(Pixels(last.begin(), last.end()) == Pixels{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
}

TEST_CASE("pictures of different sizes become squares of their median side, cut from the middle") {
  const Fixture set;
  add_cats_and_dogs(set);
  // 2 x 6: columns 2 and 3 are the middle square.
  set.add("train/dog/wide.png", test::png(2, 6, PNG_FORMAT_GRAY, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  set.add("train/dog/x.png", grey(8, 8, 200));
  const auto loaded = set.load();
  CHECK(loaded.train.h == 2);
  CHECK(loaded.train.w == 2);
  const auto wide = loaded.train.image(3), large = loaded.train.image(4);
  CHECK(Pixels(wide.begin(), wide.end()) == Pixels{3, 4, 9, 10});
  CHECK(Pixels(large.begin(), large.end()) == Pixels{200, 200, 200, 200});
}

TEST_CASE("transparent pixels lie on white") {
  const std::string bytes = test::png(1, 2, PNG_FORMAT_RGBA, {9, 8, 7, 255, 0, 0, 0, 0});
  CHECK(data::decode_picture(bytes, 3, "a.png") == Pixels{9, 8, 7, 255, 255, 255});
}

TEST_CASE("JPEG files are decoded, in grey and in colour") {
  Pixels ramp;
  for (int i = 0; i < 16 * 16; ++i) ramp.push_back(static_cast<std::uint8_t>(i / 16 * 8 + 50));
  const std::string bytes = test::jpeg(16, 16, 1, ramp);
  CHECK(data::picture_size(bytes, "a.jpg") == data::PictureSize{16, 16, 1});
  const Pixels decoded = data::decode_picture(bytes, 1, "a.jpg");
  for (std::size_t i = 0; i < ramp.size(); ++i) CHECK(std::abs(decoded[i] - ramp[i]) <= 2);  // quality 100

  const std::string red = test::jpeg(8, 8, 3, [] {
    Pixels pixels;
    for (int i = 0; i < 64; ++i) pixels.insert(pixels.end(), {200, 30, 40});
    return pixels;
  }());
  CHECK(data::picture_size(red, "b.jpg").c == 3);
  const Pixels colour = data::decode_picture(red, 3, "b.jpg");
  CHECK(std::abs(colour[0] - 200) <= 3);
  CHECK(std::abs(colour[1] - 30) <= 3);
  CHECK(data::decode_picture(red, 1, "b.jpg").size() == 64);
}

TEST_CASE("a picture cut off anywhere is an error that names it, never a crash") {
  Pixels noise(3 * 32 * 32);
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<std::uint8_t>(i * 37 % 251);
  const std::string as_jpeg = test::jpeg(32, 32, 3, noise), as_png = test::png(32, 32, PNG_FORMAT_RGB, noise);
  for (const std::string& whole : {as_jpeg, as_png})
    for (std::size_t length = 0; length + 16 < whole.size(); length += 41)  // the last bytes are end markers
      CHECK_THAT(test::message_of([&] { data::decode_picture(whole.substr(0, length), 3, "cut.img"); }),
                 Contains("cut.img: ") && Contains("remove or replace it"));
}

TEST_CASE("flipped bytes give pixels or an error, never a crash") {
  const std::string whole = test::jpeg(16, 16, 3, Pixels(768, 90));
  const std::string other = test::png(16, 16, PNG_FORMAT_RGB, Pixels(768, 90));
  for (const std::string& good : {whole, other})
    for (std::size_t i = 0; i < good.size(); ++i) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 0x5a);
      try {
        const auto size = data::picture_size(bad, "bad.img");
        if (size.h <= 1024 && size.w <= 1024) data::decode_picture(bad, 3, "bad.img");
      } catch (const IoError& error) {
        CHECK_THAT(error.what(), Contains("bad.img"));
      }
    }
}

TEST_CASE("a wrong layout says what was expected") {
  const Fixture set;
  CHECK_THAT(set.failure(), Contains("train: no such folder") && Contains("FOLDER/train/<class>/"));
  set.add("train/readme.txt", "x");
  CHECK_THAT(set.failure(), Contains("train: holds no class folders"));
  set.add("train/cat/a.txt", "x");
  set.add("test/cat/a.png", grey(2, 2, 1));
  CHECK_THAT(set.failure(), Contains("cat: holds no .jpg or .png file"));
  set.add("train/cat/a.png", grey(2, 2, 1));
  CHECK(set.failure().empty());
  set.add("test/cst/a.png", grey(2, 2, 1));
  CHECK_THAT(set.failure(), Contains("the class 'cst' has no training images; did you mean 'cat'?"));
  CHECK_THAT(test::message_of([] { data::load_dataset("images", ""); }), Contains("--data DIR"));
}

TEST_CASE("a damaged picture in a folder is named") {
  const Fixture set;
  add_cats_and_dogs(set);
  set.add("train/dog/bad.jpg", "not a picture at all");
  CHECK_THAT(set.failure(), Contains("train/dog/bad.jpg: neither a JPEG nor a PNG file (20 bytes)"));
}

TEST_CASE("a folder is decoded once, and again when a picture changes or the cache is damaged") {
  const Fixture set;
  add_cats_and_dogs(set);
  const auto first = set.load();
  const auto packed = packed_file(set);
  REQUIRE_FALSE(packed.empty());
  const std::string whole = read_file(packed);
  CHECK(set.load().train == first.train);

  SECTION("a picture is added") {
    set.add("train/cat/new.png", grey(2, 2, 99));
    CHECK(set.load().train.size() == 4);
  }
  SECTION("the cache is cut off or flipped") {
    for (std::size_t length = 0; length < whole.size(); length += 13) {
      write_file(packed, whole.substr(0, length));
      CHECK(set.load().train == first.train);
    }
    std::string flipped = whole;
    flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 1);
    write_file(packed, flipped);
    CHECK(set.load().train == first.train);
    CHECK(read_file(packed) == whole);
  }
  SECTION("the cache is used") {  // a marked pixel under a right checksum comes back
    auto marked = first;
    marked.train.pixels[0] = 77;
    std::uint64_t key = 0;
    std::memcpy(&key, whole.data() + std::string("tinynas packed images 1\n").size(), sizeof key);
    data::write_packed(packed, key, marked);
    CHECK(set.load().train.pixels[0] == 77);
  }
}

TEST_CASE("CIFAR-10's JPEG folder has 50,000 and 10,000 images in ten equal classes", "[slow]") {
  const auto root = test::test_data("cifar10-jpeg", "CIFAR-10 as JPEG");
  if (!root) return;
  const auto set = data::load_dataset("images", *root);
  CHECK(set.train.size() == 50000);
  CHECK(set.test.size() == 10000);
  CHECK(set.classes.size() == 10);
  CHECK(set.train.h == 32);
  CHECK(set.train.c == 3);
}
