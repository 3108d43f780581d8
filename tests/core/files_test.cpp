#include "tinynas/core/files.h"

#include <sys/stat.h>

#include <fstream>

#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/file_lock.h"

using namespace tinynas;
namespace fs = std::filesystem;

TEST_CASE("a file is written whole, with its folders, and leaves no temporary behind") {
  const test::TemporaryFolder folder;
  write_file(folder / "a/b/c.txt", "hello");
  CHECK(read_file(folder / "a/b/c.txt") == "hello");
  write_file(folder / "a/b/c.txt", "again");
  CHECK(read_file(folder / "a/b/c.txt") == "again");
  CHECK(std::distance(fs::directory_iterator(folder / "a/b"), fs::directory_iterator()) == 1);
}

TEST_CASE("a link stays, and what it names is written") {
  const test::TemporaryFolder folder;
  write_file(folder / "file.txt", "old");
  fs::create_symlink(folder / "file.txt", folder / "link.txt");
  write_file(folder / "link.txt", "new");
  CHECK(fs::is_symlink(folder / "link.txt"));
  CHECK(read_file(folder / "file.txt") == "new");
}

TEST_CASE("what is no regular file is not written over") {
  const test::TemporaryFolder folder;
  const fs::path pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(write_file(pipe, "bytes"), Catch::Contains("pipe: is no regular file"));
  CHECK(fs::is_fifo(pipe));
}

TEST_CASE("a file that cannot be written says so and leaves the old one") {
  const test::TemporaryFolder folder;
  write_file(folder / "file", "x");
  CHECK_THROWS_WITH(write_file(folder / "file/below", "y"), Catch::Contains("cannot create this folder"));
  CHECK_THROWS_AS(require_writable_folder(folder / "file"), IoError);
  fs::create_directory(folder / "taken");
  CHECK_THROWS_WITH(write_file(folder / "taken", "y"), Catch::Contains("cannot be written"));
  CHECK(read_file(folder / "file") == "x");
}

TEST_CASE("reading refuses missing files, folders and files that are too large") {
  const test::TemporaryFolder folder;
  write_file(folder / "big", std::string(100, 'x'));
  CHECK_THROWS_WITH(read_file(folder / "none"), Catch::Contains("cannot be read"));
  CHECK_THROWS_WITH(read_file(folder.path()), Catch::Contains("is a folder"));
  CHECK_THROWS_WITH(read_file(folder / "big", 99), Catch::Contains("has 100 bytes"));
}

TEST_CASE("a file is extended where it is the beginning, and written anew where it is not") {
  const test::TemporaryFolder folder;
  const fs::path file = folder / "a/file";
  extend_file(file, "one");
  std::ifstream reader(file);  // as of a program that watches it
  std::string seen(3, ' ');
  reader.read(seen.data(), 3);
  extend_file(file, "one two");
  CHECK(read_file(file) == "one two");
  seen.resize(4);
  CHECK(reader.read(seen.data(), 4));
  CHECK(seen == " two");
  for (const char* other : {"one", "other", ""}) {
    extend_file(file, other);
    CHECK(read_file(file) == other);
  }
  CHECK_THROWS_AS(extend_file(folder / "a", "x"), IoError);
}

TEST_CASE("a half-written last line of a log is dropped") {
  const test::TemporaryFolder folder;
  append_line(folder / "log", "one");
  append_line(folder / "log", "two");
  std::ofstream(folder / "log", std::ios::app) << "thr";
  CHECK(read_complete_lines(folder / "log") == std::vector<std::string>{"one", "two"});
}

TEST_CASE("a file is locked once, until the last copy of the lock is gone") {
  const test::TemporaryFolder folder;
  std::shared_ptr<void> lock = try_lock_file(folder / "lock"), copy = lock;
  REQUIRE(lock);
  lock.reset();
  CHECK_FALSE(try_lock_file(folder / "lock"));
  copy.reset();
  CHECK(try_lock_file(folder / "lock"));
  CHECK_THROWS_WITH(try_lock_file(folder / "none/lock"), Catch::Contains("cannot be written"));
}

TEST_CASE("a resource that is not there names where it was looked for") {
  CHECK_THROWS_WITH(find_resource("configs/devices/none.yaml"), Catch::Contains("TINYNAS_HOME"));
}
