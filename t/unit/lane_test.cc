// SPDX-License-Identifier: GPL-3.0-or-later
// The lane between honest ends, one behaviour at a time. What happens under load and kills is
// t/lane_torture.cc's; hostile ends are lane_trust_test.cc's.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "common/lane.h"
#include "t/unit/lane_fixture.h"

namespace alphamail {
namespace {

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

// ---- another daemon takes over ----

LaneServer::Handler says(const char* words) {
  return [words](LaneQuestion q) { (void)q.answer_at_once(buffer(words)); };
}

TEST_F(LaneTest, ARetiredServerAnswersWhatItWasAskedAndTheRestGoesToTheNext) {
  const auto socket = ControlSocket::listen(path_, {getuid()});
  ASSERT_TRUE(socket) << code_of(socket);
  Kept kept;
  auto first = LaneServer::open({path_, {getuid()}, 256, UniqueFd(dup(socket->fd()))}, kept.handler());
  ASSERT_TRUE(first);
  LaneClient client(to());
  auto early = client.ask(buffer("early"), soon());
  ASSERT_TRUE(early);
  LaneQuestion question = kept.one();
  EXPECT_EQ((*first)->questions(), 1u);
  (*first)->retire();
  // Nobody accepts yet: what is asked meanwhile waits.
  auto late = std::async(std::launch::async, [&] {
    usleep(100'000);
    return ask(client, "late");
  });
  usleep(200'000);
  auto second = LaneServer::open({path_, {getuid()}, 256, UniqueFd(dup(socket->fd()))}, says("second"));
  ASSERT_TRUE(second);
  const auto answer = late.get();
  ASSERT_TRUE(answer) << code_of(answer);
  EXPECT_EQ(*answer, "second");
  usleep(500'000);
  EXPECT_EQ((*first)->lanes(), 1u) << "a question is under way in it";
  EXPECT_TRUE(question.answer_at_once(buffer("first")));
  EXPECT_EQ(*read_all(*early, soon()), "first");
  for (int i = 0; i < 500 && (*first)->questions() > 0; ++i) usleep(10'000);
  EXPECT_EQ((*first)->questions(), 0u);
}

TEST_F(LaneTest, LanesOfARetiredServerEndWhenNothingIsUnderWay) {
  auto server = serve(echo);
  LaneClient client(to());
  EXPECT_TRUE(ask(client, "a"));
  EXPECT_EQ(server->lanes(), 1u);
  server->retire();
  for (int i = 0; i < 500 && server->lanes() > 0; ++i) usleep(10'000);
  EXPECT_EQ(server->lanes(), 0u);
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
        const std::string request = std::to_string(t) + "/" + std::to_string(i) +
                                    std::string(static_cast<std::size_t>(i % 900), 'x');
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
  auto quickest = Clock::duration::max();  // of some: the machine may be busy
  for (int i = 0; i < 5; ++i) {
    auto call = client.ask(buffer("stream"), soon());
    ASSERT_TRUE(call);
    LaneQuestion question = kept.one();
    ASSERT_TRUE(question.write(pattern_piece(0, kRingBytes), soon()));
    auto writing =
        std::async(std::launch::async, [&] { return question.write(buffer("x"), soon()); });
    usleep(10000);
    const auto start = Clock::now();
    { const Call gone = std::move(*call); }
    EXPECT_CODE(writing.get(), Code::kUnreachable);
    quickest = std::min(quickest, Clock::now() - start);
    EXPECT_TRUE(question.abandoned());
  }
  EXPECT_LT(quickest, Millis{100});
}

// ---- deadlines, abandoned calls, full lanes ----

TEST_F(LaneTest, TheDeadlineHolds) {
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  // The lane is there already: it is the question that is late.
  auto first = std::async(std::launch::async, [&] { return ask(client, "first"); });
  echo(kept.one());
  ASSERT_TRUE(first.get());
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
  const auto start = Clock::now();
  auto waiting = std::async(std::launch::async,
                            [&] { return client.ask(buffer("waits"), soon()).has_value(); });
  usleep(20000);
  questions.clear();
  EXPECT_TRUE(waiting.get());
  EXPECT_LT(Clock::now() - start, Millis{2500});  // well before its deadline
  kept.take(1);
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
    for (std::size_t i = 0; i < kSlots; ++i)
      EXPECT_EQ(*read_all(calls[i], soon()), std::to_string(i));
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
  for (std::size_t i = 0; i < kSlots; ++i)
    calls.push_back(std::move(*client.ask(buffer("x"), soon())));
  auto start = Clock::now();
  EXPECT_CODE(client.ask(buffer("one more"), soon(100)), Code::kBusy);
  EXPECT_GE(Clock::now() - start, Millis{99});

  auto waiting = std::async(std::launch::async,
                            [&] { return client.ask(buffer("one more"), soon()).has_value(); });
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
    LaneClient idle(to());                      // has asked nothing: holds nothing
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
  auto writing =
      std::async(std::launch::async, [&] { return question.write(buffer("x"), soon()); });
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
  EXPECT_TRUE(
      eventually([&] { return ask(client, "q").has_value() && ask(other, "q").has_value(); }));
  end(daemon);
}

TEST_F(LaneTest, AClientMadeAndUsedBeforeForkWorksInTheChild) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer cannot follow a fork of a program with threads";
#endif
  const pid_t daemon = fork_daemon([](LaneQuestion q) {
    static std::vector<LaneQuestion> held;
    if (text_of(q.request()) == "hold") return held.push_back(std::move(q));
    echo(std::move(q));
  });
  int held[2];
  ASSERT_EQ(pipe(held), 0);
  {
    LaneClient unused(to());
    LaneClient used(to());
    EXPECT_EQ(*ask(used, "parent"), "parent");
    const pid_t child = fork();
    if (child == 0) {
      const auto a = ask(unused, "child"), b = ask(used, "child");
      const auto call = used.ask(buffer("hold"), soon());
      (void)!write(held[1], "x", 1);
      pause();  // with a slot of its own lane in use; in the parent's it would be in the way
      _exit(a && *a == "child" && b && *b == "child" && call ? 0 : 1);
    }
    char c;
    EXPECT_EQ(read(held[0], &c, 1), 1);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(*ask(used, "parent again"), "parent again");
    EXPECT_TRUE(ask(unused, "parent too"));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    EXPECT_EQ(*ask(used, "and again"), "and again");  // the child's end was not the lane's
  }
  ::close(held[0]);
  ::close(held[1]);
  end(daemon);
}

TEST_F(LaneTest, RingsThatHeldAStreamGiveTheirMemoryBack) {
  Kept kept;
  auto server = serve(kept.handler());
  LaneClient client(to());
  const auto resident_kb = [] {
    std::ifstream smaps("/proc/self/smaps");
    std::string line;
    long total = 0;
    bool ours = false;
    while (std::getline(smaps, line)) {
      if (line.find("-") < 20 && line.find(':') > 20)
        ours = line.find("alphamail-lane") != std::string::npos;
      if (ours && line.rfind("Rss:", 0) == 0) total += std::stol(line.substr(4));
    }
    return total;
  };
  long full = 0;  // while they are in use; on a slow machine one end has given back its part by then
  {
    std::vector<Call> calls;
    for (std::size_t i = 0; i < 32; ++i)
      calls.push_back(std::move(*client.ask(buffer("x"), soon())));
    std::size_t answered = 0;
    while (answered < 32)
      for (LaneQuestion& q : kept.take(1)) {
        ASSERT_TRUE(q.answer_at_once(pattern_piece(0, kRingBytes)));
        ++answered;
      }
    for (auto& call : calls) EXPECT_EQ(read_stream(call, kRingBytes, 0), kRingBytes);
    full = resident_kb();
  }
  EXPECT_GT(full, 32 * 250);
  EXPECT_TRUE(eventually([&] { return resident_kb() < 2 * 32 * 80; }, 9000)) << resident_kb();
  auto asked = std::async(std::launch::async, [&] { return ask(client, "fine"); });
  echo(kept.one());
  EXPECT_EQ(*asked.get(), "fine");
}

}  // namespace
}  // namespace alphamail
