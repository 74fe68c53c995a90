// SPDX-License-Identifier: GPL-3.0-or-later
// Typed questions against a lane's other end that answers in FlatBuffers, in this process.
#include "mod_alphamail/webcache_client.h"

#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "common/lane.h"
#include "mod_alphamail/reply_bytes.h"
#include "t/unit/lane_fixture.h"

namespace alphamail {
namespace {

using flatbuffers::FlatBufferBuilder;

/// What a test's daemon saw and says.
struct Asked {
  wire::Question kind;
  std::uint64_t high, low;
  std::string text;  // the fields, as one line
  std::string secret;
};

std::string fields(const wire::Request& request) {
  const auto number = [](auto n) { return " " + std::to_string(n); };
  if (const auto* q = request.question_as_Login())
    return q->user()->str() + " " + q->domain()->str() + " " + q->network()->str() +
           number(q->want_seconds());
  if (const auto* q = request.question_as_Resume())
    return q->user()->str() + " " + q->domain()->str() + number(q->sealed()->size());
  if (const auto* q = request.question_as_ShowFolder())
    return q->folder()->str() + number(q->page()) + number(q->rows()) + number(q->refresh());
  if (const auto* q = request.question_as_ShowMessage())
    return q->folder()->str() + number(q->uid()) + number(q->rows()) + number(q->peek());
  if (const auto* q = request.question_as_ReadPart())
    return q->folder()->str() + number(q->uid()) + number(q->uid_validity()) + " " +
           q->section()->str() + number(q->limit());
  return "";
}

Buffer framed(const FlatBufferBuilder& built) {
  const auto size = static_cast<std::uint32_t>(built.GetSize());
  Buffer all(sizeof size + size);
  std::memcpy(all.data(), &size, sizeof size);  // this machine's order is the wire's
  std::memcpy(all.data() + sizeof size, built.GetBufferPointer(), size);
  return all;
}

template <typename Table>
Buffer reply_of(FlatBufferBuilder& fbb, flatbuffers::Offset<Table> table) {
  fbb.Finish(wire::CreateReply(fbb, wire::AnswerTraits<Table>::enum_value, table.Union()));
  return framed(fbb);
}
Buffer failure(Code code, const char* detail = "", std::uint32_t retry_after = 0) {
  FlatBufferBuilder fbb;
  return reply_of(
      fbb, wire::CreateFailureDirect(fbb, static_cast<std::uint8_t>(code), detail, retry_after));
}
Buffer done() {
  FlatBufferBuilder fbb;
  return reply_of(fbb, wire::CreateDone(fbb));
}
Buffer folder_page(std::uint32_t rows) {
  FlatBufferBuilder fbb;
  const auto inbox =
      wire::CreateFolderDirect(fbb, "INBOX", "Inbox", 0, wire::Role::Inbox, true, 3, rows, true);
  std::vector<flatbuffers::Offset<wire::Row>> all;
  for (std::uint32_t i = 0; i < rows; ++i)
    all.push_back(
        wire::CreateRowDirect(fbb, i + 1, 0, 0, 0, 100, "A B", "a@example.edu", "subject", "text"));
  const std::vector<flatbuffers::Offset<wire::Folder>> folders{inbox};
  return reply_of(fbb, wire::CreateFolderPageDirect(fbb, &folders, inbox, 7, false, 1, 1, 50, rows,
                                                    3, rows, 0, &all));
}
Buffer part_head(std::uint64_t size) {
  FlatBufferBuilder fbb;
  return reply_of(fbb, wire::CreatePartHead(fbb, 0, size));
}

class WebcacheClientTest : public LaneTest {
 protected:
  /// @param answer  the bytes to send for a question; they may be anything
  void daemon(std::function<Buffer(const Asked&)> answer) {
    server_ = serve([this, answer](LaneQuestion q) {
      flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(q.request().data()),
                                     q.request().size());
      if (!verifier.VerifyBuffer<wire::Request>(nullptr)) return;
      const auto* request = flatbuffers::GetRoot<wire::Request>(q.request().data());
      last_deadline_ = request->deadline_ms();
      const Asked asked{request->question_type(), request->handle()->high(),
                        request->handle()->low(), fields(*request),
                        std::string(q.take_secret().text())};
      {
        const std::lock_guard lock(mutex_);
        asked_.push_back(asked);
      }
      (void)q.write(answer(asked), soon());
      q.finish();
    });
  }
  std::vector<Asked> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  Caller caller() { return {wire::Handle(11, 22), "ann", "example.edu", sealed_, {}, key_}; }

  LaneClient lane_{{path_, getuid()}};
  WebcacheClient client_{lane_, soon()};
  const Buffer sealed_ = buffer("sealed password bytes");
  const Buffer key_ = buffer("the key of the cookie, 32 bytes.");
  std::atomic<std::uint32_t> last_deadline_{0};

 private:
  std::mutex mutex_;
  std::vector<Asked> asked_;

 protected:
  std::unique_ptr<LaneServer> server_;  // last: its threads use all of the above
};

TEST_F(WebcacheClientTest, LogInSendsThePasswordAsTheSecretOnly) {
  daemon([](const Asked&) {
    FlatBufferBuilder fbb;
    return reply_of(fbb, wire::CreateLoggedInDirect(fbb, "ann@example.edu", "imap.example.edu"));
  });
  const Buffer password = buffer("hunter2");
  const auto in =
      client_.log_in(wire::Handle(1, 2), "ann", "example.edu", "192.0.2.7", "known", 1800, password);
  ASSERT_TRUE(in) << code_of(in);
  EXPECT_EQ((*in)->address()->str(), "ann@example.edu");
  const auto all = asked();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].kind, wire::Question::Login);
  EXPECT_EQ(all[0].text, "ann example.edu 192.0.2.7 1800");
  EXPECT_EQ(all[0].secret, "hunter2");
  EXPECT_EQ(all[0].high, 1u);
  EXPECT_EQ(all[0].low, 2u);
  EXPECT_GT(last_deadline_.load(), 4000u);
  EXPECT_LT(last_deadline_.load(), 5000u);
}

TEST_F(WebcacheClientTest, EachQuestionCarriesItsFields) {
  daemon([](const Asked&) { return done(); });
  (void)client_.folder_page(caller(), "Work/Reports", 3, 50, true);
  (void)client_.message(caller(), "INBOX", 99, 100, true);
  (void)client_.part(caller(), "INBOX", 99, 7, "1.2", 1000);
  (void)client_.folders(caller());
  EXPECT_TRUE(client_.log_out(caller()));
  const auto all = asked();
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].text, "Work/Reports 3 50 1");
  EXPECT_EQ(all[1].text, "INBOX 99 100 1");
  EXPECT_EQ(all[2].text, "INBOX 99 7 1.2 1000");
  EXPECT_EQ(all[3].kind, wire::Question::ListFolders);
  EXPECT_EQ(all[4].kind, wire::Question::Logout);
  for (const Asked& a : all) {
    EXPECT_EQ(a.secret, "");
    EXPECT_EQ(a.high, 11u);
  }
  EXPECT_EQ(lane_.control_bytes(), 0u);  // a page puts nothing there
}

TEST_F(WebcacheClientTest, AFolderPageComesWholeAndOutlivesTheDaemon) {
  daemon([](const Asked&) { return folder_page(200); });
  const auto page = client_.folder_page(caller(), "INBOX", 1, 200, false);
  ASSERT_TRUE(page) << code_of(page);
  server_.reset();
  EXPECT_EQ((*page)->rows()->size(), 200u);
  EXPECT_EQ((*page)->rows()->Get(199)->uid(), 200u);
  EXPECT_EQ((*page)->folder()->address()->str(), "INBOX");
}

TEST_F(WebcacheClientTest, AReplyOverTheRingsSizeComesWhole) {
  daemon([](const Asked&) { return folder_page(20000); });
  const auto page = client_.folder_page(caller(), "INBOX", 1, 200, false);
  ASSERT_TRUE(page) << code_of(page);
  EXPECT_EQ((*page)->rows()->size(), 20000u);
}

TEST_F(WebcacheClientTest, APartsBytesFollowItsHead) {
  daemon([](const Asked&) {
    Buffer all = part_head(1'000'000);
    const Buffer body = pattern_piece(0, 1'000'000);
    all.insert(all.end(), body.begin(), body.end());
    return all;
  });
  auto part = client_.part(caller(), "INBOX", 1, 7, "2", 0);
  ASSERT_TRUE(part) << code_of(part);
  EXPECT_EQ((*part)->size(), 1'000'000u);
  EXPECT_EQ(read_stream(part->call(), 10'000, 0), 1'000'000u);
}

TEST_F(WebcacheClientTest, AFailureBecomesItsError) {
  daemon([](const Asked& a) {
    if (a.kind == wire::Question::Login) return failure(Code::kThrottled, "slowly", 42);
    return failure(Code::kServerSaid, "NO [ALERT] <b>disk full</b>");
  });
  const auto in = client_.log_in(wire::Handle(1, 2), "a", "b", "c", "", 1, buffer("p"));
  EXPECT_CODE(in, Code::kThrottled);
  EXPECT_EQ(in.error().retry_after, 42u);
  const auto page = client_.folder_page(caller(), "INBOX", 1, 50, false);
  EXPECT_CODE(page, Code::kServerSaid);
  EXPECT_EQ(page.error().detail, "NO [ALERT] <b>disk full</b>");
}

TEST_F(WebcacheClientTest, AnUnknownFailureOfALaterDaemonIsInternalAndWordsAreBounded) {
  daemon([](const Asked&) {
    return failure(static_cast<Code>(250), std::string(100'000, 'w').c_str());
  });
  const auto page = client_.folder_page(caller(), "INBOX", 1, 50, false);
  EXPECT_CODE(page, Code::kInternal);
  EXPECT_LE(page.error().detail.size(), 2000u);
}

TEST_F(WebcacheClientTest, AForgottenSessionIsResumedOnceWithTheKeyAsSecret) {
  std::atomic<bool> known{false};
  daemon([&](const Asked& a) {
    if (a.kind == wire::Question::Resume) {
      known = true;
      return done();
    }
    return known ? folder_page(3) : failure(Code::kNeedCredentials);
  });
  const auto page = client_.folder_page(caller(), "INBOX", 1, 50, false);
  ASSERT_TRUE(page) << code_of(page);
  EXPECT_EQ((*page)->rows()->size(), 3u);
  const auto all = asked();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].kind, wire::Question::Resume);
  EXPECT_EQ(all[1].text, "ann example.edu " + std::to_string(sealed_.size()));
  EXPECT_EQ(all[1].secret, text_of(key_));
  EXPECT_EQ(all[0].secret + all[2].secret, "");
  server_.reset();  // before what its handler uses
}

TEST_F(WebcacheClientTest, ASessionWhoseConnectionBreaksAgainIsNotTriedForEverNorLoggedOut) {
  daemon([](const Asked& a) {
    return a.kind == wire::Question::Resume ? done() : failure(Code::kNeedCredentials);
  });
  EXPECT_CODE(client_.folders(caller()), Code::kUnderWay);
  EXPECT_EQ(asked().size(), 3u);
}

TEST_F(WebcacheClientTest, APasswordChangedMeanwhileIsSaid) {
  daemon([](const Asked& a) {
    return failure(a.kind == wire::Question::Resume ? Code::kBadCredentials
                                                    : Code::kNeedCredentials);
  });
  EXPECT_CODE(client_.folders(caller()), Code::kBadCredentials);
  EXPECT_EQ(asked().size(), 2u);
}

TEST_F(WebcacheClientTest, LoggingOutOfAForgottenSessionIsDone) {
  daemon([](const Asked&) { return failure(Code::kNeedCredentials); });
  EXPECT_TRUE(client_.log_out(caller()));
  EXPECT_EQ(asked().size(), 1u);
}

TEST_F(WebcacheClientTest, WithoutADaemonItIsSaidAtOnce) {
  const auto start = Clock::now();
  EXPECT_CODE(client_.folders(caller()), Code::kNoWebcache);
  EXPECT_LT(Clock::now() - start, Millis{500});
}

TEST_F(WebcacheClientTest, ADaemonThatDiesOverAQuestionIsWaitedForOnce) {
  const auto dies = [](LaneQuestion) { _exit(1); };
  pid_t pid = fork_daemon(dies);
  std::thread supervisor([&] {
    gone(pid);
    usleep(200'000);
    daemon([](const Asked&) { return folder_page(1); });
  });
  const auto page = client_.folder_page(caller(), "INBOX", 1, 50, false);
  supervisor.join();
  EXPECT_TRUE(page) << code_of(page);
}

TEST_F(WebcacheClientTest, ADaemonThatDoesNotComeBackIsGivenUp) {
  fork_daemon([](LaneQuestion) { _exit(1); });
  const auto start = Clock::now();
  EXPECT_CODE(client_.folders(caller()), Code::kNoWebcache);
  EXPECT_LT(Clock::now() - start, Millis{3000});
}

TEST_F(WebcacheClientTest, TheDeadlineHolds) {
  Kept kept;
  server_ = serve(kept.handler());
  WebcacheClient impatient(lane_, soon(100));
  EXPECT_CODE(impatient.folders(caller()), Code::kTimeout);
  server_.reset();  // before what its handler uses
}

TEST_F(WebcacheClientTest, AnotherQuestionsAnswerIsRefused) {
  daemon([](const Asked&) { return part_head(3); });
  EXPECT_CODE(client_.folders(caller()), Code::kProtocol);
}

TEST_F(WebcacheClientTest, DamagedRepliesAreRefusedNeverBelieved) {
  std::mutex mutex;
  Buffer said;
  daemon([&](const Asked&) {
    const std::lock_guard lock(mutex);
    return said;
  });
  const Buffer good = folder_page(50);
  const auto page = [&](Buffer answer) {
    {
      const std::lock_guard lock(mutex);
      said = std::move(answer);
    }
    return client_.folder_page(caller(), "INBOX", 1, 50, false);
  };

  for (const std::size_t size : {0u, 1u, 3u, 4u, 5u, 100u}) {
    EXPECT_CODE(page(Buffer(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))),
                Code::kProtocol);
  }
  EXPECT_CODE(page(Buffer(100, std::byte{0xff})), Code::kProtocol);  // 4 GB announced
  EXPECT_CODE(page(Buffer(4, std::byte{0})), Code::kProtocol);       // nothing announced

  // Any byte flipped: refused, or a table that can be walked to its last string.
  std::size_t refused = 0, walked = 0;
  for (std::size_t at = 4; at < good.size(); ++at) {
    Buffer answer = good;
    answer[at] ^= std::byte{0x55};
    const auto got = page(std::move(answer));
    if (!got) {
      ++refused;
      continue;
    }
    std::size_t letters = 0;
    for (const auto* row : *(*got)->rows())
      for (const auto* s :
           {row->from(), row->from_address(), row->subject(), row->snippet(), row->attachment()})
        if (s != nullptr) letters += s->str().size();
    for (const auto* folder : *(*got)->folders()) letters += folder->name()->str().size();
    if (letters > 0) ++walked;
  }
  EXPECT_GT(refused, 100u);
  EXPECT_GT(walked, 100u);
  server_.reset();  // before what its handler uses
}

TEST_F(WebcacheClientTest, AnAbsurdlyLongQuestionIsRefusedHere) {
  daemon([](const Asked&) { return done(); });
  EXPECT_CODE(client_.folder_page(caller(), std::string(20'000, 'x'), 1, 50, false),
              Code::kTooLarge);
  EXPECT_CODE(client_.folder_page(caller(), {}, 1, 50, false),
              Code::kProtocol);  // asked, answered Done
  EXPECT_EQ(asked().size(), 1u);
}

TEST(ReplyBytes, AThreadsMemoryServesItsNextReplyUnlessItIsLarge) {
  const std::byte* first = nullptr;
  {
    ReplyBytes bytes(30'000);
    first = bytes.span().data();
    ReplyBytes beside(30'000);  // two at a time have each their own
    EXPECT_NE(beside.span().data(), first);
    ReplyBytes moved(std::move(bytes));
    EXPECT_EQ(moved.span().data(), first);
    EXPECT_EQ(moved.span().size(), 30'000u);
  }
  // `beside` ended first, so its memory is the one that was kept.
  const std::byte* kept = nullptr;
  {
    const ReplyBytes again(40'000);
    EXPECT_EQ(again.span().size(), 40'000u);
    kept = again.span().data();
  }
  EXPECT_EQ(ReplyBytes(50'000).span().data(), kept);
  { const ReplyBytes large(10'000'000); }
  EXPECT_EQ(ReplyBytes(50'000).span().data(), kept) << "the large one was not kept instead";
  std::thread([kept] { EXPECT_NE(ReplyBytes(100).span().data(), kept); }).join();
}

}  // namespace
}  // namespace alphamail
