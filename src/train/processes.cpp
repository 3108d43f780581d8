#include "tinynas/train/processes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "tinynas/core/error.h"
#include "tinynas/core/log.h"
#include "train/message_store.h"
#include "train/process_groups.h"

namespace tinynas::train {
namespace {

using Clock = std::chrono::steady_clock;

/// How often the store is asked for what is not there yet.
constexpr useconds_t kPollMicroseconds = 10'000;
/// How long to wait for an answer from processes that have nothing else to do.
constexpr std::chrono::seconds kGrace{10};

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "?";
}

std::string key(const char* what, int rank) { return fmt::format("{}/{}", what, rank); }

/// Polls until `done` or the time is up; what `done` said last.
template <typename Done>
bool wait_until(const Done& done, Clock::duration limit) {
  const Clock::time_point end = Clock::now() + limit;
  while (!done()) {
    if (Clock::now() > end) return false;
    ::usleep(kPollMicroseconds);
  }
  return true;
}

}  // namespace

struct Processes::Impl {
  Rendezvous where;
  MessageStore messages;
  std::unique_ptr<ProcessGroups> groups;
  std::vector<std::string> hosts;
  std::int64_t orders = 0;
  std::string lost;  ///< why no more can be done together; empty: it can

  explicit Impl(const Rendezvous& rendezvous) : where(rendezvous), messages(rendezvous) { meet(); }

  std::string name(int rank) const {
    const auto r = static_cast<std::size_t>(rank);
    const std::string host = r < hosts.size() ? hosts[r] : (rank == 0 ? where.address : "?");
    return fmt::format("rank {} of {} ({})", rank, where.size, host);
  }

  std::string names(const std::vector<int>& ranks) const {
    std::vector<std::string> all;
    for (const int rank : ranks) all.push_back(name(rank));
    return fmt::format("{}", fmt::join(all, " and "));
  }

  std::vector<int> without(const char* what) const {
    std::vector<int> ranks;
    for (int rank = 0; rank < where.size; ++rank)
      if (!messages.has(key(what, rank))) ranks.push_back(rank);
    return ranks;
  }

  void meet() {
    messages.write(key("host", where.rank), host_name());
    if (!wait_until([&] { return without("host").empty(); }, where.join_timeout))
      throw InterruptedError(fmt::format(
          "processes: {} did not join within {} s; start all with the same MASTER_ADDR and MASTER_PORT",
          names(without("host")),
          std::chrono::duration_cast<std::chrono::seconds>(where.join_timeout).count()));
    for (int rank = 0; rank < where.size; ++rank) hosts.push_back(messages.read(key("host", rank)));
    groups = std::make_unique<ProcessGroups>(messages.store(), where);
  }

  /// Why a common operation failed, in words that name a process; the first to know writes it down for all.
  std::string verdict(bool timed_out) {
    constexpr const char* kVerdict = "verdict";
    if (messages.has(kVerdict)) return messages.read(kVerdict);
    std::vector<int> ended = timed_out ? std::vector<int>() : groups->closed();
    if (messages.has(kVerdict)) return messages.read(kVerdict);
    std::string text;
    for (const int rank : ended)
      if (messages.has(key("failed", rank)))
        text = fmt::format("{} failed: {}", name(rank), messages.read(key("failed", rank)));
    if (text.empty() && !ended.empty()) text = names(ended) + " ended";
    if (text.empty()) {
      groups.reset();  // now the others' operations fail, too, and they come here
      messages.write(key("alive", where.rank), "");
      const auto all_here = [&] { return messages.has(kVerdict) || without("alive").empty(); };
      wait_until(all_here, std::min<Clock::duration>(kGrace, where.timeout));
      if (messages.has(kVerdict)) return messages.read(kVerdict);
      const std::vector<int> missing = without("alive");
      text = missing.empty() ? fmt::format("one was waited for longer than {} s (TINYNAS_TIMEOUT)",
                                           std::chrono::duration<double>(where.timeout).count())
                             : names(missing) + " does not answer";
    }
    messages.write(kVerdict, text);
    return text;
  }

  /// The first process serves the store: it stays until the others have read, or seem to be gone.
  void leave() noexcept {
    try {
      messages.add("left", 1);
      if (where.rank == 0 && !where.agent_listens)
        wait_until([&] { return messages.add("left", 0) >= where.size; }, kGrace / 5);
    } catch (const std::exception&) {  // the store is gone: nobody to wait for
    }
  }

  [[noreturn]] void give_up(const char* doing, const std::exception& cause, bool timed_out) {
    log_debug(
        fmt::format("processes_lost rank={} doing=\"{}\" cause=\"{}\"", where.rank, doing, cause.what()));
    try {
      lost = verdict(timed_out);
    } catch (const std::exception&) {  // the store does not answer
      lost = name(0) + " ended";
    }
    groups.reset();
    leave();
    throw_lost();
  }

  [[noreturn]] void throw_lost() const {
    throw InterruptedError(fmt::format(
        "processes: {}; start all of them again, the run continues from its last checkpoint", lost));
  }

  template <typename Body>
  void together(const char* doing, const Body& body) {
    if (!lost.empty()) throw_lost();
    const Clock::time_point start = Clock::now();
    try {
      body();
    } catch (const std::exception& error) {
      give_up(doing, error, Clock::now() - start >= where.timeout);
    }
  }
};

Processes::Processes(const Rendezvous& rendezvous) {
  try {
    impl_ = std::make_unique<Impl>(rendezvous);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    const std::string text = error.what();
    const std::string where = fmt::format("{}:{}", rendezvous.address, rendezvous.port);
    throw InterruptedError(
        fmt::format("processes: rank 0 of {} {} {} ({}); is MASTER_ADDR its host, and MASTER_PORT free?",
                    rendezvous.size, rendezvous.rank == 0 ? "cannot listen at" : "does not answer at", where,
                    text.substr(0, text.find('\n'))));
  }
}

Processes::~Processes() {
  if (!impl_->lost.empty()) return;
  try {
    if (is_first()) impl_->messages.write(fmt::format("order/{}", impl_->orders), "end");
  } catch (const std::exception&) {
    return;  // the agent's store is gone, and the others with it
  }
  impl_->groups.reset();
  impl_->leave();
}

int Processes::rank() const { return impl_->where.rank; }
int Processes::size() const { return impl_->where.size; }

int Processes::local_rank() const {
  const auto own = impl_->hosts.begin() + rank();
  return static_cast<int>(std::count(impl_->hosts.begin(), own, *own));
}

int Processes::local_size() const {
  return static_cast<int>(
      std::count(impl_->hosts.begin(), impl_->hosts.end(), impl_->hosts[static_cast<std::size_t>(rank())]));
}

void Processes::sum(torch::Tensor& tensor) {
  impl_->together("adding up", [&] { impl_->groups->sum(tensor); });
}

void Processes::broadcast(torch::Tensor& tensor) {
  impl_->together("handing out", [&] { impl_->groups->broadcast(tensor); });
}

supernet::Peers Processes::peers() {
  return {.count = size(), .add_up = [this](torch::Tensor& tensor) { sum(tensor); }};
}

void Processes::give_order(const std::string& order) {
  TINYNAS_CHECK(is_first(), "only the first process gives orders");
  impl_->together("giving an order",
                  [&] { impl_->messages.write(fmt::format("order/{}", impl_->orders++), "do " + order); });
}

std::optional<std::string> Processes::next_order(const StopToken& stop) {
  std::string order;
  impl_->together("waiting for an order", [&] {
    const std::string name = fmt::format("order/{}", impl_->orders);
    while (!impl_->messages.has(name) && !stop.stop_requested()) ::usleep(kPollMicroseconds);
    if (!stop.stop_requested()) order = impl_->messages.read(name);
  });
  stop.throw_if_stopped("waiting for rank 0");
  ++impl_->orders;
  if (order == "end") return std::nullopt;
  return order.substr(3);  // behind "do "
}

void Processes::report_failure(const std::string& reason) noexcept {
  try {
    impl_->messages.write(key("failed", rank()), reason.substr(0, reason.find('\n')));
  } catch (const std::exception&) {  // nobody is there to read it
  }
}

}  // namespace tinynas::train
