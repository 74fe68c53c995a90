// SPDX-License-Identifier: GPL-3.0-or-later
// Who may hold an end of a lane, what a hostile one can do, and where secrets go.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "common/lane.h"
#include "t/lib/raw_lane.h"
#include "t/unit/lane_fixture.h"

namespace alphamail {
namespace {

using LaneTrustTest = LaneTest;

// ---- who may come ----

TEST_F(LaneTrustTest, AnotherUsersProcessGetsNoLane) {
  auto server = LaneServer::open({path_, {getuid() + 1}}, echo);
  ASSERT_TRUE(server) << code_of(server);
  LaneClient client(to());
  EXPECT_CODE(ask(client, "q"), Code::kUnreachable);
  EXPECT_EQ((*server)->lanes(), 0u);
}

TEST_F(LaneTrustTest, AnotherUsersDaemonIsNotAsked) {
  std::atomic<int> asked{0};
  auto server = serve([&](LaneQuestion) { ++asked; });
  LaneClient client({path_, getuid() + 1});
  EXPECT_CODE(ask(client, "q", soon(), "password"), Code::kUnreachable);
  EXPECT_EQ(asked.load(), 0);
  EXPECT_EQ(server->control_bytes(), 0u);
}

TEST_F(LaneTrustTest, MoreChildrenThanAllowedAreRefused) {
  auto server = serve(echo, 2);
  LaneClient a(to()), b(to());
  EXPECT_TRUE(ask(a, "q"));
  EXPECT_TRUE(ask(b, "q"));
  LaneClient c(to());
  EXPECT_CODE(ask(c, "q"), Code::kUnreachable);
  EXPECT_TRUE(ask(a, "q"));
}

/// The version of the greeting that answers a hello, 0 where the socket was closed instead.
int greeted_version(const std::string& path, const lane::Hello& hello) {
  const UniqueFd fd = raw_connect(path);
  EXPECT_EQ(send(fd.get(), &hello, sizeof hello, MSG_NOSIGNAL), static_cast<ssize_t>(sizeof hello));
  lane::Greeting greeting{};
  return recv(fd.get(), &greeting, sizeof greeting, 0) == sizeof greeting ? greeting.version : 0;
}

TEST_F(LaneTrustTest, VersionsMeetInTheOlderOfTheTwo) {
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

TEST_F(LaneTrustTest, AChildThatNeverGreetsBlocksNobody) {
  auto server = serve(echo);
  const UniqueFd silent = raw_connect(path_);
  LaneClient client(to());
  const auto start = Clock::now();
  EXPECT_TRUE(ask(client, "q"));
  EXPECT_LT(Clock::now() - start, Millis{1500});
}

// ---- the socket file ----

TEST_F(LaneTrustTest, TheSocketIsPrivateAndGoesWithItsServer) {
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

TEST_F(LaneTrustTest, ALivingDaemonsSocketIsNotTaken) {
  auto server = serve(echo);
  EXPECT_CODE(LaneServer::open(options(), echo), Code::kBusy);
  LaneClient client(to());
  EXPECT_EQ(*ask(client, "still"), "still");
}

TEST_F(LaneTrustTest, OnlyASocketIsEverReplaced) {
  const UniqueFd file(open(path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  EXPECT_CODE(LaneServer::open(options(), echo), Code::kStorage);
  EXPECT_EQ(access(path_.c_str(), F_OK), 0);
  EXPECT_CODE(LaneServer::open({folder_ + "/none/socket", {getuid()}}, echo), Code::kStorage);
  EXPECT_CODE(LaneServer::open({folder_ + "/" + std::string(200, 'x'), {getuid()}}, echo),
              Code::kStorage);
  LaneClient client({folder_ + "/" + std::string(200, 'x'), getuid()});
  EXPECT_CODE(ask(client, "q"), Code::kUnreachable);
}

// ---- secrets ----

void tell_secret(LaneQuestion q) {
  const Secret secret = q.take_secret();
  (void)q.answer_at_once(
      buffer(std::string(secret.text()) + "|" + std::string(q.take_secret().text())));
}

TEST_F(LaneTrustTest, ASecretComesWithItsOwnQuestionOnly) {
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

TEST_F(LaneTrustTest, ManyThreadsSecretsAreNotMixedUp) {
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

TEST_F(LaneTrustTest, ControlBytesAreCountedAndAPlainCallPutsNoneThere) {
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

TEST_F(LaneTrustTest, ASecretIsNeverInTheSegment) {
  auto server = serve([](LaneQuestion q) {
    const bool came = q.take_secret().text() ==
                      "canary-5f2a"
                      "-do-not-store";
    (void)q.answer_at_once(buffer(came ? "yes" : "no"));
  });
  LaneClient client(to());
  const std::string canary = std::string("canary-5f2a") + "-do-not-store";
  ASSERT_EQ(*ask(client, "q", soon(), canary), "yes");
  int segments = 0;
  std::ifstream maps("/proc/self/maps");
  const UniqueFd memory(open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  for (std::string line; std::getline(maps, line);) {
    if (line.find("alphamail-lane") == std::string::npos) continue;
    unsigned long from = 0, end = 0;
    ASSERT_EQ(sscanf(line.c_str(), "%lx-%lx", &from, &end), 2);
    std::string copy(end - from, '\0');
    ASSERT_EQ(pread(memory.get(), copy.data(), copy.size(), static_cast<off_t>(from)),
              static_cast<ssize_t>(copy.size()));
    EXPECT_EQ(copy.find(canary), std::string::npos);
    ++segments;
  }
  EXPECT_EQ(segments, 2);  // one mapping an end
}

// ---- hostile ends ----

/// True once the daemon has closed this lane.
bool ended(const RawLane& lane) {
  return eventually([&] { return lane.closed(); });
}

TEST_F(LaneTrustTest, TheSegmentCannotChangeItsSize) {
  auto server = serve(echo);
  const auto held = raw_lane(path_);
  ASSERT_TRUE(held);
  const RawLane& lane = *held;
  EXPECT_TRUE(lane::is_sealed_segment(lane.memory.get()));
  EXPECT_NE(ftruncate(lane.memory.get(), 4096), 0);
  EXPECT_NE(ftruncate(lane.memory.get(), 1 << 30), 0);
  EXPECT_NE(fcntl(lane.memory.get(), F_ADD_SEALS, F_SEAL_WRITE), 0);
}

TEST_F(LaneTrustTest, NonsenseInTheSegmentEndsItsLaneAndNoOther) {
  std::atomic<std::size_t> longest{0};
  auto server = serve([&](LaneQuestion q) {
    longest = std::max(longest.load(), q.request().size());
    echo(std::move(q));
  });
  LaneClient other(to());
  ASSERT_TRUE(ask(other, "q"));
  const auto try_it = [&](const auto& spoil) {
    const auto held = raw_lane(path_);
    ASSERT_TRUE(held);
    const RawLane& lane = *held;
    auto segment = lane::MappedSegment::map(lane.memory.get());
    ASSERT_TRUE(segment);
    spoil(**segment);
    lane.ring();
    EXPECT_TRUE(ended(lane));
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

TEST_F(LaneTrustTest, ASlotPostedTwiceEndsTheLane) {
  Kept kept;
  auto server = serve(kept.handler());
  const auto held = raw_lane(path_);
  ASSERT_TRUE(held);
  auto segment = lane::MappedSegment::map(held->memory.get());
  ASSERT_TRUE(segment);
  const auto post = [&] {
    (*segment)->slots[0].word = lane::slot_word(0, lane::SlotState::kAsked);
    (*segment)->posted = 1;
    held->ring();
  };
  post();
  LaneQuestion question = kept.one();
  post();  // while the first is being worked on
  EXPECT_TRUE(ended(*held));
  EXPECT_TRUE(question.abandoned());
}

TEST_F(LaneTrustTest, AnImpossibleReadingPositionStopsTheWriter) {
  Kept kept;
  auto server = serve(kept.handler());
  const auto held = raw_lane(path_);
  ASSERT_TRUE(held);
  const RawLane& lane = *held;
  auto segment = lane::MappedSegment::map(lane.memory.get());
  ASSERT_TRUE(segment);
  (*segment)->slots[0].word = lane::slot_word(0, lane::SlotState::kAsked);
  (*segment)->posted = 1;
  lane.ring();
  LaneQuestion question = kept.one();
  ASSERT_TRUE(question.write(buffer("abc"), soon()));
  (*segment)->slots[0].taken = 1000;  // more than was written
  EXPECT_CODE(question.write(buffer("abc"), soon()), Code::kUnreachable);
}

TEST_F(LaneTrustTest, ASecretOfAnotherGenerationIsDropped) {
  Kept kept;
  auto server = serve(kept.handler());
  const auto held = raw_lane(path_);
  ASSERT_TRUE(held);
  auto segment = lane::MappedSegment::map(held->memory.get());
  ASSERT_TRUE(segment);
  for (const std::uint32_t g : {7u, 8u}) {
    Buffer packet(sizeof(lane::SecretHead) + 5, std::byte{'s'});
    const lane::SecretHead head{0, g};
    std::memcpy(packet.data(), &head, sizeof head);
    ASSERT_GT(send(held->control.get(), packet.data(), packet.size(), 0), 0);
    lane::Slot& slot = (*segment)->slots[0];
    slot.has_secret = 1;
    slot.word = lane::slot_word(8, lane::SlotState::kAsked);
    (*segment)->posted = 1;
    held->ring();
    LaneQuestion question = kept.one();
    EXPECT_EQ(question.take_secret().text(), g == 8 ? "sssss" : "");
    question.finish();
  }
}

TEST_F(LaneTrustTest, OddPacketsOnTheControlSocketEndTheLane) {
  auto server = serve(tell_secret);
  const auto try_it = [&](std::span<const std::byte> packet) {
    const auto held = raw_lane(path_);
    ASSERT_TRUE(held);
    const RawLane& lane = *held;
    EXPECT_EQ(send(lane.control.get(), packet.data(), packet.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(packet.size()));
    EXPECT_TRUE(ended(lane));
  };
  try_it(buffer("x"));
  Buffer packet(sizeof(lane::SecretHead) + Secret::kMaxBytes + 100);
  try_it(packet);  // too long
  const lane::SecretHead out_of_range{kSlots, 0};
  std::memcpy(packet.data(), &out_of_range, sizeof out_of_range);
  try_it(std::span(packet).first(20));
  EXPECT_TRUE(eventually([&] { return server->lanes() == 0; }));
}

TEST_F(LaneTrustTest, DescriptorsThatAChildSendsAreNotKept) {
  auto server = serve(tell_secret);
  const auto held = raw_lane(path_);
  ASSERT_TRUE(held);
  const RawLane& lane = *held;
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

TEST_F(LaneTrustTest, AFalseGreetingIsRefusedAndLeaksNothing) {
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
  } cases[] = {{good, unsealed.get(), 2},        {good, 0, 2},
               {good, sealed->get(), 1},         {good, sealed->get(), 0},
               {other_size, sealed->get(), 2},   {other_version, sealed->get(), 2},
               {other_version, sealed->get(), 4}};
  for (const auto& c : cases) {
    {
      const FalseDaemon daemon(path_, c.greeting, c.memory, c.count);  // leaves after the client
      LaneClient client(to());
      EXPECT_CODE(ask(client, "q", soon(500)), Code::kUnreachable);
    }
    unlink(path_.c_str());
    EXPECT_EQ(open_descriptors(), before + 2);
  }
}

TEST_F(LaneTrustTest, AnImpossibleWritingPositionIsNotRead) {
  auto sealed = lane::make_segment();
  ASSERT_TRUE(sealed);
  auto segment = lane::MappedSegment::map(sealed->get());
  ASSERT_TRUE(segment);
  const FalseDaemon daemon(path_, lane::Greeting{}, sealed->get(), 2);
  LaneClient client(to());
  for (const std::uint32_t written :
       {static_cast<std::uint32_t>(kRingBytes) + 1, 0x80000000u, 0xffffffffu}) {
    auto call = client.ask(buffer("q"), soon());
    ASSERT_TRUE(call) << code_of(call);
    for (lane::Slot& slot : (*segment)->slots) slot.written = written;
    Buffer into(2 * kRingBytes);
    EXPECT_CODE(call->read(into, soon(200)), Code::kProtocol);
  }
}

}  // namespace
}  // namespace alphamail
