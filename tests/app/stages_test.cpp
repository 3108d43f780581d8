#include "tinynas/app/stages.h"

#include "app/support.h"
#include "support/catch.h"

namespace tinynas {
namespace {

using app::RunDirectory;
using app::Stage;
using test::message_of;
using test::TemporaryFolder;

/// Stages that write down that they ran: b and d read what a leaves, c what b leaves.
struct Fakes {
  RunDirectory run;
  std::string log;
  std::string fail_in;

  Stage stage(const std::string& name, const std::string& before = "") {
    return {.name = name,
            .reads = {before + ".out"},
            .writes = {name + ".partial", name + ".out"},
            .run = [this, name](const ProgressFn&, const StopToken& stop) {
              log += name;
              run.write(name + ".partial", "p");
              if (fail_in == name) throw IoError("disk full");
              stop.throw_if_stopped(name);
              run.write(name + ".out", name);
              return name + " done";
            }};
  }
  void go(std::string_view until = "", const StopToken& stop = {}) {
    const std::vector<Stage> stages = {stage("a"), stage("b", "a"), stage("c", "b"), stage("d", "a")};
    run_stages(run, stages, until, {}, stop);
  }
};

TEST_CASE("stages run in order and are not run again") {
  const TemporaryFolder folder;
  Fakes fakes{RunDirectory::create(folder / "run", {}), "", ""};
  fakes.go();
  CHECK(fakes.log == "abcd");
  fakes.go();
  CHECK(fakes.log == "abcd");
}

TEST_CASE("a run goes on where a stage failed, with that stage's checkpoint") {
  const TemporaryFolder folder;
  Fakes fakes{RunDirectory::create(folder / "run", {}), "", "b"};
  CHECK(message_of([&] { fakes.go(); }) == "disk full");
  CHECK(fakes.run.has("b.partial"));
  CHECK_FALSE(fakes.run.has("b.out"));
  fakes.fail_in = "";
  fakes.go();
  CHECK(fakes.log == "abbcd");
}

TEST_CASE("a stage that runs again takes all with it that read from it, at whatever distance") {
  const TemporaryFolder folder;
  Fakes fakes{RunDirectory::create(folder / "run", {}), "", ""};
  fakes.go();
  fakes.run.remove({"a.out"});
  fakes.fail_in = "a";
  CHECK_THROWS_AS(fakes.go(), IoError);
  CHECK_FALSE(fakes.run.has("b.out"));
  CHECK_FALSE(fakes.run.has("c.partial"));
  CHECK_FALSE(fakes.run.has("d.out"));
  CHECK(fakes.run.read("seconds.json").find("\"c\"") == std::string::npos);
  fakes.fail_in = "";
  fakes.go();
  CHECK(fakes.log == "abcdaabcd");
}

TEST_CASE("a stage that runs again leaves a later one alone that reads nothing from it") {
  const TemporaryFolder folder;
  Fakes fakes{RunDirectory::create(folder / "run", {}), "", ""};
  fakes.go();
  fakes.run.remove({"b.out"});
  fakes.go();
  CHECK(fakes.log == "abcdbc");
}

TEST_CASE("a run can end at a stage, and an unknown one is refused") {
  const TemporaryFolder folder;
  Fakes fakes{RunDirectory::create(folder / "run", {}), "", ""};
  fakes.go("b");
  CHECK(fakes.log == "ab");
  CHECK(message_of([&] { fakes.go("bb"); }) ==
        "--until: 'bb' is not a stage; did you mean 'b'? Stages: a, b, c, d");
}

TEST_CASE("a stop request ends the run between stages and keeps what was done") {
  const TemporaryFolder folder;
  Fakes fakes{RunDirectory::create(folder / "run", {}), "", ""};
  fakes.go("a");
  StopToken stop;
  stop.request_stop();
  CHECK(message_of([&] { fakes.go("", stop); }).find("tinynas resume") != std::string::npos);
  CHECK(fakes.log == "a");
}

TEST_CASE("seconds are kept per stage") {
  const TemporaryFolder folder;
  Fakes fakes{RunDirectory::create(folder / "run", {}), "", ""};
  fakes.go("b");
  const std::string seconds = fakes.run.read("seconds.json");
  CHECK(seconds.find("\"a\": ") != std::string::npos);
  CHECK(seconds.find("\"b\": ") != std::string::npos);
  CHECK(seconds.find("\"c\": ") == std::string::npos);
}

}  // namespace
}  // namespace tinynas
