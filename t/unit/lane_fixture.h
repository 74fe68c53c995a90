// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the lane share: both ends in this process, questions kept for later, streams
// whose every byte can be checked.
#ifndef T_UNIT_LANE_FIXTURE_H
#define T_UNIT_LANE_FIXTURE_H

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/lane_client.h"
#include "common/lane_server.h"

namespace alphamail {

using Buffer = std::vector<std::byte>;
using Clock = std::chrono::steady_clock;

inline Buffer buffer(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}
inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Deadline soon(int ms = 5000) {
  return Deadline::in(Millis{ms});
}

/// The byte at `position` of a stream that no shifted or stale copy equals.
inline std::byte pattern(std::size_t position) {
  return static_cast<std::byte>((position * 2654435761u) >> 13);
}
inline Buffer pattern_piece(std::size_t from, std::size_t size) {
  Buffer piece(size);
  for (std::size_t i = 0; i < size; ++i) piece[i] = pattern(from + i);
  return piece;
}

inline Result<std::string> read_all(Call& call, Deadline deadline) {
  std::string all;
  std::byte into[4096];
  for (;;) {
    const auto got = call.read(into, deadline);
    if (!got) return got.error();
    if (*got == 0) return all;
    all += text_of({into, *got});
  }
}
inline Result<std::string> ask(LaneClient& client, std::string_view request,
                               Deadline deadline = soon(), std::string_view secret = {}) {
  auto call =
      client.ask(buffer(request), deadline, std::as_bytes(std::span(secret.data(), secret.size())));
  if (!call) return call.error();
  return read_all(*call, deadline);
}

template <typename T>
std::string code_of(const Result<T>& result) {
  if (result) return "a value";
  return std::to_string(static_cast<int>(result.error().code)) + " " + result.error().detail;
}
#define EXPECT_CODE(result, wanted)                                                            \
  do {                                                                                         \
    const auto& got_ = (result);                                                               \
    ASSERT_FALSE(got_) << "a value came";                                                      \
    EXPECT_EQ(static_cast<int>(got_.error().code), static_cast<int>(wanted)) << code_of(got_); \
  } while (0)

template <typename Condition>
bool eventually(Condition condition, int ms = 5000) {
  for (const auto until = Clock::now() + Millis{ms}; Clock::now() < until; usleep(500))
    if (condition()) return true;
  return condition();
}

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

inline void echo(LaneQuestion question) {
  const Buffer answer(question.request().begin(), question.request().end());
  (void)question.answer_at_once(answer);
}

/// Questions that a test answers when it likes.
class Kept {
 public:
  LaneServer::Handler handler() {
    return [this](LaneQuestion q) {
      const std::lock_guard lock(mutex_);
      questions_.push_back(std::move(q));
      came_.notify_all();
    };
  }
  std::vector<LaneQuestion> take(std::size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::seconds(5), [&] { return questions_.size() >= count; });
    return std::exchange(questions_, {});
  }
  LaneQuestion one() {
    auto all = take(1);
    if (all.empty()) throw std::runtime_error("no question came");
    return std::move(all.front());
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<LaneQuestion> questions_;
};

inline void stream(LaneQuestion q, std::size_t total, std::size_t piece) {
  for (std::size_t sent = 0; sent < total;) {
    const std::size_t n = std::min(piece, total - sent);
    if (!q.write(pattern_piece(sent, n), soon(20000))) return;
    sent += n;
  }
  q.finish();
}

/// @return the bytes that came as they should, before the end or the first wrong one
inline std::size_t read_stream(Call& call, std::size_t piece, int pause_us) {
  Buffer into(piece);
  std::size_t total = 0;
  for (;;) {
    const auto got = call.read(into, soon(20000));
    if (!got || *got == 0) return total;
    for (std::size_t i = 0; i < *got; ++i)
      if (into[i] != pattern(total + i)) return total + i;
    total += *got;
    if (pause_us != 0) usleep(static_cast<useconds_t>(pause_us));
  }
}

class LaneTest : public testing::Test {
 protected:
  LaneTest() {
    char name[] = "/tmp/lane-test-XXXXXX";
    folder_ = mkdtemp(name);
    path_ = folder_ + "/socket";
  }
  ~LaneTest() override {
    while (!daemons_.empty()) end(*daemons_.begin());
    std::filesystem::remove_all(folder_);
  }

  LaneServer::Options options(std::size_t max_lanes = 256) {
    return {path_, {getuid()}, max_lanes};
  }
  std::unique_ptr<LaneServer> serve(LaneServer::Handler handler, std::size_t max_lanes = 256) {
    auto server = LaneServer::open(options(max_lanes), std::move(handler));
    EXPECT_TRUE(server) << code_of(server);
    return server ? std::move(*server) : nullptr;
  }
  LaneClient::Options to() { return {path_, getuid()}; }

  /// A daemon of its own, to be killed; call before this process has threads.
  pid_t fork_daemon(const LaneServer::Handler& handler) {
    int ready[2];
    if (pipe(ready) != 0) return -1;
    const pid_t pid = fork();
    if (pid == 0) {
      auto server = LaneServer::open(options(), handler);
      if (!server || write(ready[1], "x", 1) != 1) _exit(1);
      for (;;) pause();
    }
    daemons_.insert(pid);
    ::close(ready[1]);
    char c;
    EXPECT_EQ(read(ready[0], &c, 1), 1);
    ::close(ready[0]);
    return pid;
  }
  void end(pid_t pid, int signal = SIGKILL) {
    kill(pid, signal);
    // A stop, too, takes effect only later; waiting makes it sure.
    if (signal != SIGCONT) waitpid(pid, nullptr, WUNTRACED);
    if (signal == SIGKILL) daemons_.erase(pid);
  }
  /// Waits for one that ends by itself.
  void gone(pid_t pid) {
    waitpid(pid, nullptr, 0);
    daemons_.erase(pid);
  }

  std::string folder_;
  std::string path_;

 private:
  std::set<pid_t> daemons_;
};

}  // namespace alphamail

#endif
