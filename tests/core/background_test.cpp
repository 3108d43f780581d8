#include "tinynas/core/background.h"

#include <atomic>
#include <future>
#include <stdexcept>
#include <vector>

#include "support/catch.h"

using namespace tinynas;

TEST_CASE("a background task runs while its caller waits for something else") {
  Background background(1);
  std::promise<int> question;
  std::future<int> answer =
      background.start([asked = question.get_future()]() mutable { return 2 * asked.get(); });
  question.set_value(21);  // a task that ran inside start() would have waited for this for ever
  CHECK(answer.get() == 42);
}

TEST_CASE("background tasks give their results to their own futures, exceptions too") {
  Background background(3);
  std::vector<std::future<int>> results;
  for (int i = 0; i < 100; ++i)
    results.push_back(background.start([i] {
      if (i == 70) throw std::runtime_error("seventy");
      return i * i;
    }));
  for (int i = 0; i < 100; ++i) {
    if (i == 70)
      CHECK_THROWS_WITH(results[70].get(), "seventy");
    else
      CHECK(results[static_cast<std::size_t>(i)].get() == i * i);
  }
}

TEST_CASE("tasks that were started are done before their workers are gone") {
  std::atomic<int> done = 0;
  {
    Background background(2);
    for (int i = 0; i < 50; ++i) background.start([&done] { ++done; });
  }
  CHECK(done == 50);
}
