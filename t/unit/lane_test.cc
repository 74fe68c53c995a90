// SPDX-License-Identifier: GPL-3.0-or-later
// The lane, one behaviour at a time, both ends in this process but for the tests of death.
// What happens under load and kills is t/lane_torture.cc's.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>

#include "common/lane.h"
#include "common/lane_client.h"
#include "common/lane_server.h"

namespace alphamail {
namespace {

using Buffer = std::vector<std::byte>;
using Clock = std::chrono::steady_clock;

Buffer buffer(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}
std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
Deadline soon(int ms = 5000) { return Deadline::in(Millis{ms}); }

/// The byte at `position` of a stream that no shifted or stale copy equals.
std::byte pattern(std::size_t position) {
  return static_cast<std::byte>((position * 2654435761u) >> 13);
}
Buffer pattern_piece(std::size_t from, std::size_t size) {
  Buffer piece(size);
  for (std::size_t i = 0; i < size; ++i) piece[i] = pattern(from + i);
  return piece;
}

Result<std::string> read_all(Call& call, Deadline deadline) {
  std::string all;
  std::byte into[4096];
  for (;;) {
    const auto got = call.read(into, deadline);
    if (!got) return got.error();
    if (*got == 0) return all;
    all += text_of({into, *got});
  }
}
Result<std::string> ask(LaneClient& client, std::string_view request, Deadline deadline = soon(),
                        std::string_view secret = {}) {
  auto call = client.ask(buffer(request), deadline, std::as_bytes(std::span(secret.data(), secret.size())));
  if (!call) return call.error();
  return read_all(*call, deadline);
}

template <typename T>
std::string code_of(const Result<T>& result) {
  if (result) return "a value";
  return std::to_string(static_cast<int>(result.error().code)) + " " + result.error().detail;
}
#define EXPECT_CODE(result, wanted)           \
  do {                                        \
    const auto& got_ = (result);              \
    ASSERT_FALSE(got_) << "a value came";     \
    EXPECT_EQ(static_cast<int>(got_.error().code), static_cast<int>(wanted)) << code_of(got_); \
  } while (0)

template <typename Condition>
bool eventually(Condition condition, int ms = 5000) {
  for (const auto until = Clock::now() + Millis{ms}; Clock::now() < until; usleep(500))
    if (condition()) return true;
  return condition();
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

void echo(LaneQuestion question) {
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

class LaneTest : public testing::Test {
 protected:
  LaneTest() {
    char name[] = "/tmp/lane-test-XXXXXX";
    folder_ = mkdtemp(name);
    path_ = folder_ + "/socket";
  }
  ~LaneTest() override { std::filesystem::remove_all(folder_); }

  LaneServer::Options options(std::size_t max_lanes = 256) { return {path_, {getuid()}, max_lanes}; }
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
    ::close(ready[1]);
    char c;
    EXPECT_EQ(read(ready[0], &c, 1), 1);
    ::close(ready[0]);
    return pid;
  }
  void end(pid_t pid, int signal = SIGKILL) {
    kill(pid, signal);
    if (signal == SIGKILL) waitpid(pid, nullptr, 0);
  }

  std::string folder_;
  std::string path_;
};

// ---- asking and answering ----

TEST_F(LaneTest, AnswersWhatWasAsked) {
  auto server = serve(echo);
  LaneClient client(to());
  for (int i = 0; i < 1000; ++i) {
    const std::string request = "question " + std::to_string(i);
    const auto answer = ask(client, request);
    ASSERT_TRUE(answer) << code_of(answer);
    ASSERT_EQ(*answer, request);
  }
  EXPECT_EQ(server->lanes(), 1u);
}

TEST_F(LaneTest, EmptyRequestAndEmptyAnswer) {
  auto server = serve(echo);
  LaneClient client(to());
  const auto answer = ask(client, "");
  ASSERT_TRUE(answer) << code_of(answer);
  EXPECT_EQ(*answer, "");
}

TEST_F(LaneTest, TheEndStaysTheEnd) {
  auto server = serve(echo);
  LaneClient client(to());
  auto call = client.ask(buffer("a"), soon());
  ASSERT_TRUE(call);
  EXPECT_EQ(*read_all(*call, soon()), "a");
  std::byte into[1];
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*call->read(into, soon()), 0u);
}

TEST_F(LaneTest, SmallReadsGiveTheRestLater) {
  auto server = serve(echo);
  LaneClient client(to());
  auto call = client.ask(buffer("abcdefg"), soon());
  ASSERT_TRUE(call);
  std::byte into[3];
  std::string all;
  for (const std::size_t wanted : {3u, 3u, 1u, 0u}) {
    const auto got = call->read(into, soon());
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, wanted);
    all += text_of({into, *got});
  }
  EXPECT_EQ(all, "abcdefg");
}

TEST_F(LaneTest, ManyThreadsGetTheirOwnAnswers) {
  auto server = serve(echo);
  LaneClient client(to());
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        const std::string request = std::to_string(t) + "/" + std::to_string(i) + std::string(static_cast<std::size_t>(i % 900), 'x');
        const auto answer = ask(client, request);
        if (!answer || *answer != request) ++wrong;
      }
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(server->lanes(), 1u);
}

TEST_F(LaneTest, AWorkerMayAnswerFromAnotherThread) {
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  auto asked = std::async(std::launch::async, [&] { return ask(client, "later"); });
  LaneQuestion question = kept.one();
  EXPECT_EQ(text_of(question.request()), "later");
  EXPECT_TRUE(question.write(buffer("one "), soon()));
  usleep(20000);
  EXPECT_TRUE(question.write(buffer("two"), soon()));
  question.finish();
  const auto answer = asked.get();
  ASSERT_TRUE(answer) << code_of(answer);
  EXPECT_EQ(*answer, "one two");
}

TEST_F(LaneTest, AnAnswerThatIsLetGoIsCut) {
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  auto asked = std::async(std::launch::async, [&] { return ask(client, "q"); });
  { LaneQuestion question = kept.one(); }
  EXPECT_CODE(asked.get(), Code::kInternal);

  auto call = client.ask(buffer("q"), soon());
  ASSERT_TRUE(call);
  {
    LaneQuestion question = kept.one();
    EXPECT_TRUE(question.write(buffer("half"), soon()));
  }
  std::byte into[100];
  EXPECT_EQ(*call->read(into, soon()), 4u);
  EXPECT_CODE(call->read(into, soon()), Code::kInternal);
  EXPECT_CODE(call->read(into, soon()), Code::kInternal);
}

TEST_F(LaneTest, AHandlerThatThrowsCutsItsAnswerOnly) {
  auto server = serve([](LaneQuestion q) {
    if (text_of(q.request()) == "throw") throw std::runtime_error("no");
    echo(std::move(q));
  });
  LaneClient client(to());
  EXPECT_CODE(ask(client, "throw"), Code::kInternal);
  EXPECT_EQ(*ask(client, "calm"), "calm");
  EXPECT_EQ(server->lanes(), 1u);
}

// ---- sizes ----

TEST_F(LaneTest, ARequestUpToTheLimitPassesOneByteMoreDoesNot) {
  auto server = serve(echo);
  LaneClient client(to());
  const std::string longest(kRequestBytes, 'r');
  EXPECT_EQ(*ask(client, longest), longest);
  EXPECT_CODE(ask(client, longest + "r"), Code::kTooLarge);
  EXPECT_CODE(ask(client, std::string(kRequestBytes * 1000, 'r')), Code::kTooLarge);
}

TEST_F(LaneTest, AnAnswerAtOnceFillsTheRingAndNoMore) {
  std::atomic<bool> refused{false};
  auto server = serve([&](LaneQuestion q) {
    if (q.answer_at_once(pattern_piece(0, kRingBytes + 1)).has_value()) return;
    refused = true;
    (void)q.answer_at_once(pattern_piece(0, kRingBytes));
  });
  LaneClient client(to());
  const auto answer = ask(client, "big");
  ASSERT_TRUE(answer) << code_of(answer);
  EXPECT_TRUE(refused);
  EXPECT_EQ(*answer, text_of(pattern_piece(0, kRingBytes)));
}

void stream(LaneQuestion q, std::size_t total, std::size_t piece) {
  for (std::size_t sent = 0; sent < total;) {
    const std::size_t n = std::min(piece, total - sent);
    if (!q.write(pattern_piece(sent, n), soon(20000))) return;
    sent += n;
  }
  q.finish();
}

/// @return the bytes that came as they should, before the end or the first wrong one
std::size_t read_stream(Call& call, std::size_t piece, int pause_us) {
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

TEST_F(LaneTest, StreamsMuchMoreThanTheRing) {
  constexpr std::size_t kTotal = 25 * 1024 * 1024 + 17;
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  auto call = client.ask(buffer("stream"), soon());
  ASSERT_TRUE(call);
  std::thread worker([&, q = kept.one()]() mutable { stream(std::move(q), kTotal, 100 * 1000); });
  EXPECT_EQ(read_stream(*call, 77 * 1000, 0), kTotal);
  worker.join();
}

TEST_F(LaneTest, ASlowReaderHoldsTheWriterBack) {
  constexpr std::size_t kTotal = 1024 * 1024;
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  auto call = client.ask(buffer("stream"), soon());
  ASSERT_TRUE(call);
  std::atomic<std::size_t> written{0};
  std::thread worker([&, q = kept.one()]() mutable {
    for (std::size_t sent = 0; sent < kTotal; sent += 4096) {
      if (!q.write(pattern_piece(sent, 4096), soon(20000))) return;
      written = sent + 4096;
    }
    q.finish();
  });
  ASSERT_TRUE(eventually([&] { return written >= kRingBytes; }));
  usleep(50000);
  EXPECT_EQ(written.load(), kRingBytes);  // not a byte more while nobody reads
  EXPECT_EQ(read_stream(*call, 10000, 500), kTotal);
  worker.join();
}

TEST_F(LaneTest, AReaderThatStopsCostsTheWriterItsDeadlineOnly) {
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  auto call = client.ask(buffer("stream"), soon());
  ASSERT_TRUE(call);
  LaneQuestion question = kept.one();
  EXPECT_TRUE(question.write(pattern_piece(0, kRingBytes), soon()));
  const auto start = Clock::now();
  EXPECT_CODE(question.write(buffer("x"), soon(100)), Code::kTimeout);
  const auto took = Clock::now() - start;
  EXPECT_GE(took, Millis{99});
  EXPECT_LT(took, Millis{1500});
}

TEST_F(LaneTest, LetGoOfTheCallStopsTheWriterAtOnce) {
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  auto call = client.ask(buffer("stream"), soon());
  ASSERT_TRUE(call);
  LaneQuestion question = kept.one();
  ASSERT_TRUE(question.write(pattern_piece(0, kRingBytes), soon()));
  auto writing = std::async(std::launch::async, [&] { return question.write(buffer("x"), soon()); });
  usleep(20000);
  const auto start = Clock::now();
  { const Call gone = std::move(*call); }
  EXPECT_CODE(writing.get(), Code::kUnreachable);
  EXPECT_LT(Clock::now() - start, Millis{1500});
  EXPECT_TRUE(question.abandoned());
}

// ---- deadlines, abandoned calls, full lanes ----

TEST_F(LaneTest, TheDeadlineHolds) {
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  const auto start = Clock::now();
  EXPECT_CODE(ask(client, "never", soon(100)), Code::kTimeout);
  const auto took = Clock::now() - start;
  EXPECT_GE(took, Millis{99});
  EXPECT_LT(took, Millis{1500});
}

TEST_F(LaneTest, AnAbandonedSlotComesBackOnceTheDaemonLetsGo) {
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  std::vector<LaneQuestion> questions;
  for (std::size_t i = 0; i < kSlots; ++i) {
    auto call = client.ask(buffer("dropped"), soon());
    ASSERT_TRUE(call);
    questions.push_back(kept.one());
  }
  EXPECT_CODE(client.ask(buffer("no room"), soon(50)), Code::kBusy);
  for (LaneQuestion& q : questions) {
    EXPECT_TRUE(q.abandoned());
    EXPECT_CODE(q.write(buffer("late"), soon()), Code::kUnreachable);
  }
  questions.clear();
  for (int round = 0; round < 3; ++round) {
    std::vector<Call> calls;
    for (std::size_t i = 0; i < kSlots; ++i) {
      auto call = client.ask(buffer(std::to_string(i)), soon());
      ASSERT_TRUE(call) << code_of(call);
      calls.push_back(std::move(*call));
    }
    std::size_t answered = 0;
    while (answered < kSlots)
      for (LaneQuestion& q : kept.take(1)) echo(std::move(q)), ++answered;
    for (std::size_t i = 0; i < kSlots; ++i) EXPECT_EQ(*read_all(calls[i], soon()), std::to_string(i));
  }
}

TEST_F(LaneTest, ACallDroppedAtOnceCostsNoSlot) {
  std::atomic<int> asked{0};
  auto server = serve([&](LaneQuestion q) {
    ++asked;
    echo(std::move(q));
  });
  LaneClient client(to());
  for (std::size_t i = 0; i < kSlots * 100; ++i) {
    const auto call = client.ask(buffer("dropped"), soon());
    ASSERT_TRUE(call) << code_of(call);
  }
  EXPECT_EQ(*ask(client, "kept"), "kept");
  EXPECT_GT(asked.load(), 0);
}

TEST_F(LaneTest, AnAnswerToAnAbandonedCallReachesNobodyElse) {
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  std::vector<LaneQuestion> late;
  for (int i = 0; i < 100; ++i) {
    if (late.size() > 40) late.clear();
    {
      const auto old = client.ask(buffer("old"), soon());
      ASSERT_TRUE(old) << code_of(old);
      late.push_back(kept.one());
    }
    for (LaneQuestion& q : late) (void)q.write(buffer("OLD ANSWER"), soon());
    auto fresh = std::async(std::launch::async, [&] { return ask(client, "new"); });
    LaneQuestion question = kept.one();
    EXPECT_EQ(text_of(question.request()), "new");
    echo(std::move(question));
    EXPECT_EQ(*fresh.get(), "new");
  }
}

TEST_F(LaneTest, AFullLaneIsBusyAtTheDeadlineAndWaitsForARoomBefore) {
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  std::vector<Call> calls;
  for (std::size_t i = 0; i < kSlots; ++i) calls.push_back(std::move(*client.ask(buffer("x"), soon())));
  auto start = Clock::now();
  EXPECT_CODE(client.ask(buffer("one more"), soon(100)), Code::kBusy);
  EXPECT_GE(Clock::now() - start, Millis{99});

  auto waiting = std::async(std::launch::async, [&] { return client.ask(buffer("one more"), soon()).has_value(); });
  usleep(20000);
  start = Clock::now();
  for (LaneQuestion& q : kept.take(kSlots)) echo(std::move(q));
  EXPECT_EQ(*read_all(calls[5], soon()), "x");  // frees its slot
  EXPECT_TRUE(waiting.get());
  EXPECT_LT(Clock::now() - start, Millis{1000});
}

// ---- coming and going ----

TEST_F(LaneTest, WithoutADaemonItSaysSoAtOnceAndWorksOnceThereIsOne) {
  LaneClient client(to());
  auto start = Clock::now();
  for (int i = 0; i < 50; ++i) EXPECT_CODE(ask(client, "anybody?"), Code::kUnreachable);
  EXPECT_LT(Clock::now() - start, Millis{1000});
  auto server = serve(echo);
  EXPECT_EQ(*ask(client, "you!"), "you!");  // the very first one
}

TEST_F(LaneTest, OutlivesTheDaemonsRestart) {
  LaneClient client(to());
  for (int i = 0; i < 20; ++i) {
    auto server = serve(echo);
    ASSERT_TRUE(eventually([&] { return ask(client, "hello").has_value(); }));
    EXPECT_EQ(*ask(client, "again"), "again");
  }
  EXPECT_TRUE(eventually([&] { return !ask(client, "gone"); }));
}

TEST_F(LaneTest, AChildThatLeavesTakesItsLaneWithIt) {
  const std::size_t before = open_descriptors();
  {
    auto server = serve(echo);
    for (int i = 0; i < 30; ++i) {
      LaneClient client(to());
      EXPECT_EQ(*ask(client, "hello"), "hello");
    }
    EXPECT_TRUE(eventually([&] { return server->lanes() == 0; }));
    LaneClient idle(to());  // has asked nothing: holds nothing
    EXPECT_LE(open_descriptors(), before + 2);  // listening, wake-up
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(LaneTest, TheServerEndsWhileWorkersStillWrite) {
  Kept kept;
  LaneClient client(to());
  auto server = serve(kept.handler());
  auto call = client.ask(buffer("stream"), soon());
  ASSERT_TRUE(call);
  LaneQuestion question = kept.one();
  ASSERT_TRUE(question.write(pattern_piece(0, kRingBytes), soon()));
  auto writing = std::async(std::launch::async, [&] { return question.write(buffer("x"), soon()); });
  usleep(20000);
  server.reset();
  EXPECT_CODE(writing.get(), Code::kUnreachable);
  EXPECT_TRUE(question.abandoned());
  EXPECT_EQ(read_stream(*call, 4096, 0), kRingBytes);  // what was written is still there
  std::byte into[1];
  EXPECT_CODE(call->read(into, soon()), Code::kUnreachable);
}

TEST_F(LaneTest, ADaemonThatIsKilledInMidAnswerIsKnownAtOnce) {
  const pid_t daemon = fork_daemon([](LaneQuestion q) {
    static std::vector<LaneQuestion> held;
    (void)q.write(buffer("half"), soon());
    held.push_back(std::move(q));
  });
  LaneClient client(to());
  auto call = client.ask(buffer("q"), soon());
  ASSERT_TRUE(call);
  std::byte into[100];
  EXPECT_EQ(*call->read(into, soon()), 4u);
  auto rest = std::async(std::launch::async, [&] { return call->read(into, soon()); });
  usleep(20000);
  const auto start = Clock::now();
  end(daemon);
  EXPECT_CODE(rest.get(), Code::kUnreachable);
  EXPECT_LT(Clock::now() - start, Millis{1500});
  auto server = serve(echo);  // in place of the stale socket
  EXPECT_EQ(*ask(client, "new"), "new");
}

TEST_F(LaneTest, ADaemonThatIsStoppedCostsTheDeadline) {
  const pid_t daemon = fork_daemon(echo);
  LaneClient client(to());
  ASSERT_TRUE(ask(client, "q"));
  end(daemon, SIGSTOP);
  auto start = Clock::now();
  EXPECT_CODE(ask(client, "q", soon(100)), Code::kTimeout);
  EXPECT_LT(Clock::now() - start, Millis{1500});
  LaneClient other(to());  // its greeting is never answered
  start = Clock::now();
  EXPECT_CODE(ask(other, "q", soon(100)), Code::kUnreachable);
  EXPECT_LT(Clock::now() - start, Millis{1500});
  end(daemon, SIGCONT);
  EXPECT_TRUE(eventually([&] { return ask(client, "q").has_value() && ask(other, "q").has_value(); }));
  end(daemon);
}

TEST_F(LaneTest, AClientMadeAndUsedBeforeForkWorksInTheChild) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer cannot follow a fork of a program with threads";
#endif
  const pid_t daemon = fork_daemon(echo);
  {
    LaneClient unused(to());
    LaneClient used(to());
    EXPECT_EQ(*ask(used, "parent"), "parent");
    const pid_t child = fork();
    if (child == 0) {
      const auto a = ask(unused, "child"), b = ask(used, "child");
      _exit(a && *a == "child" && b && *b == "child" ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(*ask(used, "parent again"), "parent again");  // its lane still lives
  }
  end(daemon);
}

// ---- who may come ----

TEST_F(LaneTest, AnotherUsersProcessGetsNoLane) {
  auto server = LaneServer::open({path_, {getuid() + 1}}, echo);
  ASSERT_TRUE(server) << code_of(server);
  LaneClient client(to());
  EXPECT_CODE(ask(client, "q"), Code::kUnreachable);
  EXPECT_EQ((*server)->lanes(), 0u);
}

TEST_F(LaneTest, AnotherUsersDaemonIsNotAsked) {
  std::atomic<int> asked{0};
  auto server = serve([&](LaneQuestion) { ++asked; });
  LaneClient client({path_, getuid() + 1});
  EXPECT_CODE(ask(client, "q", soon(), "password"), Code::kUnreachable);
  EXPECT_EQ(asked.load(), 0);
  EXPECT_EQ(server->control_bytes(), 0u);
}

TEST_F(LaneTest, MoreChildrenThanAllowedAreRefused) {
  auto server = serve(echo, 2);
  LaneClient a(to()), b(to());
  EXPECT_TRUE(ask(a, "q"));
  EXPECT_TRUE(ask(b, "q"));
  LaneClient c(to());
  EXPECT_CODE(ask(c, "q"), Code::kUnreachable);
  EXPECT_TRUE(ask(a, "q"));
}

UniqueFd raw_connect(const std::string& path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

/// The version of the greeting that answers a hello, 0 where the socket was closed instead.
int greeted_version(const std::string& path, const lane::Hello& hello) {
  const UniqueFd fd = raw_connect(path);
  EXPECT_EQ(send(fd.get(), &hello, sizeof hello, MSG_NOSIGNAL), static_cast<ssize_t>(sizeof hello));
  lane::Greeting greeting{};
  return recv(fd.get(), &greeting, sizeof greeting, 0) == sizeof greeting ? greeting.version : 0;
}

TEST_F(LaneTest, VersionsMeetInTheOlderOfTheTwo) {
  auto server = serve(echo);
  lane::Hello hello;
  EXPECT_EQ(greeted_version(path_, hello), lane::kVersion);
  hello.newest = lane::kVersion + 1;  // a child of the next release
  hello.oldest = lane::kVersion;
  EXPECT_EQ(greeted_version(path_, hello), lane::kVersion);
  hello.oldest = lane::kVersion + 1;  // one that no longer speaks ours
  EXPECT_EQ(greeted_version(path_, hello), 0);
  hello.newest = hello.oldest = lane::kOldestVersion - 1;
  EXPECT_EQ(greeted_version(path_, hello), 0);
  hello = {};
  hello.magic ^= 1;
  EXPECT_EQ(greeted_version(path_, hello), 0);
  EXPECT_TRUE(eventually([&] { return server->lanes() == 0; }));
}

TEST_F(LaneTest, AChildThatNeverGreetsBlocksNobody) {
  auto server = serve(echo);
  const UniqueFd silent = raw_connect(path_);
  LaneClient client(to());
  const auto start = Clock::now();
  EXPECT_TRUE(ask(client, "q"));
  EXPECT_LT(Clock::now() - start, Millis{1500});
}

// ---- the socket file ----

TEST_F(LaneTest, TheSocketIsPrivateAndGoesWithItsServer) {
  struct stat info {};
  {
    auto server = serve(echo);
    ASSERT_EQ(stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600u);
  }
  EXPECT_NE(stat(path_.c_str(), &info), 0);
  auto server = LaneServer::open({path_, {getuid(), getuid() + 1}}, echo);
  ASSERT_TRUE(server) << code_of(server);
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0660u);
}

TEST_F(LaneTest, ALivingDaemonsSocketIsNotTaken) {
  auto server = serve(echo);
  EXPECT_CODE(LaneServer::open(options(), echo), Code::kBusy);
  LaneClient client(to());
  EXPECT_EQ(*ask(client, "still"), "still");
}

TEST_F(LaneTest, OnlyASocketIsEverReplaced) {
  const UniqueFd file(open(path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  EXPECT_CODE(LaneServer::open(options(), echo), Code::kStorage);
  EXPECT_EQ(access(path_.c_str(), F_OK), 0);
  EXPECT_CODE(LaneServer::open({folder_ + "/none/socket", {getuid()}}, echo), Code::kStorage);
  EXPECT_CODE(LaneServer::open({folder_ + "/" + std::string(200, 'x'), {getuid()}}, echo), Code::kStorage);
  LaneClient client({folder_ + "/" + std::string(200, 'x'), getuid()});
  EXPECT_CODE(ask(client, "q"), Code::kUnreachable);
}

// ---- secrets ----

void tell_secret(LaneQuestion q) {
  const Secret secret = q.take_secret();
  (void)q.answer_at_once(buffer(std::string(secret.text()) + "|" + std::string(q.take_secret().text())));
}

TEST_F(LaneTest, ASecretComesWithItsOwnQuestionOnly) {
  auto server = serve(tell_secret);
  LaneClient client(to());
  EXPECT_EQ(*ask(client, "q"), "|");
  EXPECT_EQ(*ask(client, "q", soon(), "hunter2"), "hunter2|");  // and can be taken once
  for (int i = 0; i < 200; ++i) EXPECT_EQ(*ask(client, "q"), "|");
  const std::string longest(Secret::kMaxBytes, 's');
  EXPECT_EQ(*ask(client, "q", soon(), longest), longest + "|");
  EXPECT_CODE(ask(client, "q", soon(), longest + "s"), Code::kTooLarge);
  EXPECT_EQ(*ask(client, "q"), "|");
}

TEST_F(LaneTest, ManyThreadsSecretsAreNotMixedUp) {
  auto server = serve(tell_secret);
  LaneClient client(to());
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        const std::string secret = i % 3 == 0 ? "" : std::to_string(t) + "." + std::to_string(i);
        const auto answer = ask(client, "q", soon(), secret);
        if (!answer || *answer != secret + "|") ++wrong;
      }
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong.load(), 0);
}

TEST_F(LaneTest, ControlBytesAreCountedAndAPlainCallPutsNoneThere) {
  auto server = serve(tell_secret);
  LaneClient client(to());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(ask(client, "q"));
  EXPECT_EQ(client.control_bytes(), 0u);
  EXPECT_EQ(server->control_bytes(), 0u);
  ASSERT_TRUE(ask(client, "q", soon(), "hunter2"));
  EXPECT_EQ(client.control_bytes(), sizeof(lane::SecretHead) + 7);
  EXPECT_EQ(server->control_bytes(), client.control_bytes());
  ASSERT_TRUE(ask(client, "q"));
  EXPECT_EQ(client.control_bytes(), sizeof(lane::SecretHead) + 7);
}

TEST_F(LaneTest, ASecretIsNeverInTheSegment) {
  auto server = serve([](LaneQuestion q) {
    const bool came = q.take_secret().text() == "canary-5f2a" "-do-not-store";
    (void)q.answer_at_once(buffer(came ? "yes" : "no"));
  });
  LaneClient client(to());
  const std::string canary = std::string("canary-5f2a") + "-do-not-store";
  ASSERT_EQ(*ask(client, "q", soon(), canary), "yes");
  int segments = 0;
  FILE* maps = fopen("/proc/self/maps", "r");
  char line[512];
  while (fgets(line, sizeof line, maps) != nullptr) {
    if (strstr(line, "alphamail-lane") == nullptr) continue;
    unsigned long from = 0, to_address = 0;
    ASSERT_EQ(sscanf(line, "%lx-%lx", &from, &to_address), 2);
    const std::string_view memory(reinterpret_cast<const char*>(from), to_address - from);
    EXPECT_EQ(memory.find(canary), std::string_view::npos);
    ++segments;
  }
  fclose(maps);
  EXPECT_EQ(segments, 2);  // one mapping an end
}

// ---- hostile ends ----

struct RawLane {
  UniqueFd control, memory, doorbell;
};

/// A lane as a hostile child holds it: bare descriptors.
RawLane raw_lane(const std::string& path) {
  RawLane lane;
  lane.control = raw_connect(path);
  const lane::Hello hello;
  EXPECT_EQ(send(lane.control.get(), &hello, sizeof hello, 0), static_cast<ssize_t>(sizeof hello));
  lane::Greeting greeting;
  iovec piece{&greeting, sizeof greeting};
  alignas(cmsghdr) char rights[CMSG_SPACE(2 * sizeof(int))];
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = rights;
  message.msg_controllen = sizeof rights;
  EXPECT_EQ(recvmsg(lane.control.get(), &message, MSG_CMSG_CLOEXEC), static_cast<ssize_t>(sizeof greeting));
  int fds[2] = {-1, -1};
  std::memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fds);
  lane.memory.reset(fds[0]);
  lane.doorbell.reset(fds[1]);
  return lane;
}

void ring(const RawLane& lane) {
  const std::uint64_t one = 1;
  EXPECT_EQ(write(lane.doorbell.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
}

/// True once the daemon has closed this lane.
bool closed(const RawLane& lane) {
  char c;
  return eventually([&] { return recv(lane.control.get(), &c, 1, MSG_DONTWAIT) == 0; });
}

TEST_F(LaneTest, TheSegmentCannotChangeItsSize) {
  auto server = serve(echo);
  const RawLane lane = raw_lane(path_);
  EXPECT_TRUE(lane::is_sealed_segment(lane.memory.get()));
  EXPECT_NE(ftruncate(lane.memory.get(), 4096), 0);
  EXPECT_NE(ftruncate(lane.memory.get(), 1 << 30), 0);
  EXPECT_NE(fcntl(lane.memory.get(), F_ADD_SEALS, F_SEAL_WRITE), 0);
}

TEST_F(LaneTest, NonsenseInTheSegmentEndsItsLaneAndNoOther) {
  std::atomic<std::size_t> longest{0};
  auto server = serve([&](LaneQuestion q) {
    longest = std::max(longest.load(), q.request().size());
    echo(std::move(q));
  });
  LaneClient other(to());
  ASSERT_TRUE(ask(other, "q"));
  const auto try_it = [&](const auto& spoil) {
    const RawLane lane = raw_lane(path_);
    auto segment = lane::MappedSegment::map(lane.memory.get());
    ASSERT_TRUE(segment);
    spoil(**segment);
    ring(lane);
    EXPECT_TRUE(closed(lane));
    EXPECT_EQ(*ask(other, "still"), "still");
  };
  using lane::SlotState;
  try_it([](lane::Segment& s) {  // longer than its area
    s.slots[3].request_bytes = kRequestBytes + 1;
    s.slots[3].word = lane::slot_word(0, SlotState::kAsked);
    s.posted = 8;
  });
  try_it([](lane::Segment& s) {
    s.slots[63].request_bytes = 0xffffffff;
    s.slots[63].word = lane::slot_word(0x1fffffff, SlotState::kAsked);
    s.posted = std::uint64_t{1} << 63;
  });
  try_it([](lane::Segment& s) { s.posted = ~std::uint64_t{0}; });  // posted but not asked
  try_it([](lane::Segment& s) {
    for (auto& slot : s.slots) slot.word = 0xffffffff;
    s.posted = ~std::uint64_t{0};
  });
  EXPECT_LE(longest.load(), kRequestBytes);
  EXPECT_TRUE(eventually([&] { return server->lanes() == 1; }));
}

TEST_F(LaneTest, AnImpossibleReadingPositionStopsTheWriter) {
  Kept kept;
  auto server = serve(kept.handler());
  const RawLane lane = raw_lane(path_);
  auto segment = lane::MappedSegment::map(lane.memory.get());
  ASSERT_TRUE(segment);
  (*segment)->slots[0].word = lane::slot_word(0, lane::SlotState::kAsked);
  (*segment)->posted = 1;
  ring(lane);
  LaneQuestion question = kept.one();
  ASSERT_TRUE(question.write(buffer("abc"), soon()));
  (*segment)->slots[0].taken = 1000;  // more than was written
  EXPECT_CODE(question.write(buffer("abc"), soon()), Code::kUnreachable);
}

TEST_F(LaneTest, OddPacketsOnTheControlSocketEndTheLane) {
  auto server = serve(tell_secret);
  const auto try_it = [&](std::span<const std::byte> packet) {
    const RawLane lane = raw_lane(path_);
    EXPECT_EQ(send(lane.control.get(), packet.data(), packet.size(), MSG_NOSIGNAL), static_cast<ssize_t>(packet.size()));
    EXPECT_TRUE(closed(lane));
  };
  try_it(buffer("x"));
  Buffer packet(sizeof(lane::SecretHead) + Secret::kMaxBytes + 100);
  try_it(packet);  // too long
  const lane::SecretHead out_of_range{kSlots, 0};
  std::memcpy(packet.data(), &out_of_range, sizeof out_of_range);
  try_it(std::span(packet).first(20));
  EXPECT_TRUE(eventually([&] { return server->lanes() == 0; }));
}

TEST_F(LaneTest, DescriptorsThatAChildSendsAreNotKept) {
  auto server = serve(tell_secret);
  const RawLane lane = raw_lane(path_);
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    lane::SecretHead head{1, 0};
    iovec piece{&head, sizeof head};
    int fds[4] = {0, 0, 0, 0};
    alignas(cmsghdr) char rights[CMSG_SPACE(sizeof fds)] = {};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = rights;
    message.msg_controllen = sizeof rights;
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fds);
    std::memcpy(CMSG_DATA(c), fds, sizeof fds);
    ASSERT_GT(sendmsg(lane.control.get(), &message, 0), 0);
  }
  EXPECT_TRUE(eventually([&] { return server->control_bytes() == 20 * sizeof(lane::SecretHead); }));
  EXPECT_LE(open_descriptors(), before);
}

/// A daemon that greets with whatever a test likes.
class FalseDaemon {
 public:
  FalseDaemon(const std::string& path, const lane::Greeting& greeting, int memory, int count) {
    listening_.reset(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    EXPECT_EQ(bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listening_.get(), 1), 0);
    thread_ = std::thread([this, greeting, memory, count] {
      const UniqueFd peer(accept(listening_.get(), nullptr, nullptr));
      lane::Hello hello;
      (void)!recv(peer.get(), &hello, sizeof hello, 0);
      lane::Greeting copy = greeting;
      iovec piece{&copy, sizeof copy};
      int fds[4] = {memory, 0, 0, 0};
      alignas(cmsghdr) char rights[CMSG_SPACE(sizeof fds)] = {};
      msghdr message{};
      message.msg_iov = &piece;
      message.msg_iovlen = 1;
      if (count > 0) {
        message.msg_control = rights;
        message.msg_controllen = CMSG_SPACE(static_cast<std::size_t>(count) * sizeof(int));
        cmsghdr* c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(static_cast<std::size_t>(count) * sizeof(int));
        std::memcpy(CMSG_DATA(c), fds, static_cast<std::size_t>(count) * sizeof(int));
      }
      (void)!sendmsg(peer.get(), &message, MSG_NOSIGNAL);
      char c;
      (void)!recv(peer.get(), &c, 1, 0);  // until the client leaves
    });
  }
  ~FalseDaemon() { thread_.join(); }

 private:
  UniqueFd listening_;
  std::thread thread_;
};

TEST_F(LaneTest, AFalseGreetingIsRefusedAndLeaksNothing) {
  const std::size_t before = open_descriptors();
  UniqueFd unsealed(memfd_create("unsealed", MFD_CLOEXEC));
  ASSERT_EQ(ftruncate(unsealed.get(), sizeof(lane::Segment)), 0);
  auto sealed = lane::make_segment();
  ASSERT_TRUE(sealed);
  lane::Greeting good, other_size, other_version;
  other_size.ring_bytes *= 2;
  other_version.version = 9;
  const struct {
    lane::Greeting greeting;
    int memory, count;
  } cases[] = {{good, unsealed.get(), 2}, {good, 0, 2},          {good, sealed->get(), 1},
               {good, sealed->get(), 0},  {other_size, sealed->get(), 2}, {other_version, sealed->get(), 2},
               {other_version, sealed->get(), 4}};
  for (const auto& c : cases) {
    {
      LaneClient client(to());
      const FalseDaemon daemon(path_, c.greeting, c.memory, c.count);
      EXPECT_CODE(ask(client, "q", soon(500)), Code::kUnreachable);
    }
    unlink(path_.c_str());
    EXPECT_EQ(open_descriptors(), before + 2);
  }
}

TEST_F(LaneTest, RingsThatHeldAStreamGiveTheirMemoryBack) {
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  {
    std::vector<Call> calls;
    for (std::size_t i = 0; i < 32; ++i) calls.push_back(std::move(*client.ask(buffer("x"), soon())));
    std::size_t answered = 0;
    while (answered < 32)
      for (LaneQuestion& q : kept.take(1)) {
        ASSERT_TRUE(q.answer_at_once(pattern_piece(0, kRingBytes)));
        ++answered;
      }
    for (auto& call : calls) EXPECT_EQ(read_stream(call, kRingBytes, 0), kRingBytes);
  }
  const auto resident_kb = [] {
    std::ifstream smaps("/proc/self/smaps");
    std::string line;
    long total = 0;
    bool ours = false;
    while (std::getline(smaps, line)) {
      if (line.find("-") < 20 && line.find(':') > 20) ours = line.find("alphamail-lane") != std::string::npos;
      if (ours && line.rfind("Rss:", 0) == 0) total += std::stol(line.substr(4));
    }
    return total;
  };
  const long full = resident_kb();
  EXPECT_GT(full, 2 * 32 * 250);
  EXPECT_TRUE(eventually([&] { return resident_kb() < 2 * 32 * 80; }, 9000)) << resident_kb();
  auto asked = std::async(std::launch::async, [&] { return ask(client, "fine"); });
  echo(kept.one());
  EXPECT_EQ(*asked.get(), "fine");
}

}  // namespace
}  // namespace alphamail
