// SPDX-License-Identifier: GPL-3.0-or-later
// Replies are what protocol.fbs says, also those written by hand (wire_rows.h).
#include "webcache/wire.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "webcache/index_writer.h"

namespace alphamail {
namespace {

// Reads a reply as a web child does: copied out, verified.
class Read {
 public:
  explicit Read(ReplyBytes reply) {
    std::uint32_t length = 0;
    std::memcpy(&length, reply.data(), 4);
    EXPECT_EQ(length + 4, reply.size());
    const auto* begin = reinterpret_cast<const std::uint8_t*>(reply.data()) + 4;
    bytes_.assign(begin, begin + length);
    flatbuffers::Verifier verifier(bytes_.data(), bytes_.size(), 16, 300000);
    EXPECT_TRUE(verifier.VerifyBuffer<wire::Reply>(nullptr));
  }
  const wire::Reply* operator->() const { return flatbuffers::GetRoot<wire::Reply>(bytes_.data()); }

 private:
  std::vector<std::uint8_t> bytes_;
};

FolderView view_of(std::vector<NewRow> rows, const std::vector<std::string>& snippets = {}) {
  IndexWriter writer(77);
  const std::size_t count = rows.size();
  writer.add(std::move(rows));
  for (std::size_t i = 0; i < snippets.size() && i < count; ++i) {
    writer.set_snippet(Uid{static_cast<std::uint32_t>(i + 1)}, snippets[i]);
  }
  writer.set_complete(true);
  FolderView view;
  auto counts = std::make_shared<FolderCounts>();
  ListedFolder work;
  work.name = "Work";
  view.folders.tree = FolderTree::make({work}, NameRules{"", '/', false}, *counts);
  view.folders.counts = counts;
  view.index = writer.publish();
  return view;
}

TEST(Wire, RowsOfAnyLengthsComeOutAsTheyWentIn) {
  std::mt19937 random(5);
  const auto text = [&](int longest) {
    std::string s(random() % static_cast<unsigned>(longest + 1), 'x');
    for (char& c : s) c = static_cast<char>('a' + random() % 26);
    return random() % 4 == 0 ? std::string() : s;
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<NewRow> rows;
    std::vector<std::string> snippets;
    for (std::uint32_t uid = 1; uid <= 30; ++uid) {
      NewRow r;
      r.uid = Uid{uid};
      r.arrived = 1000 + uid;
      if (random() % 3) r.sent = 5 + uid;
      r.size = random();
      r.flags = static_cast<std::uint16_t>(random() & 0x7FFF);
      r.from = text(40);
      r.from_address = text(60);
      r.subject = text(500);
      r.attachment = text(30);
      rows.push_back(r);
      snippets.push_back(text(100));
    }
    const FolderView view = view_of(rows, snippets);
    const Read reply(reply_page(view, {1, 50, {}}));
    const wire::FolderPage& page = *reply->answer_as_FolderPage();
    ASSERT_EQ(page.rows()->size(), 30U);
    for (std::uint32_t i = 0; i < 30; ++i) {
      const wire::Row& got = *page.rows()->Get(i);
      const NewRow& want = rows[29 - i];
      ASSERT_EQ(got.uid(), static_cast<std::uint32_t>(want.uid));
      ASSERT_EQ(got.flags(), want.flags);
      ASSERT_EQ(got.arrived(), want.arrived);
      ASSERT_EQ(got.sent(), want.sent ? *want.sent : INT64_MIN);
      ASSERT_EQ(got.size(), want.size);
      ASSERT_EQ(got.from()->str(), want.from);
      ASSERT_EQ(got.from_address()->str(), want.from_address);
      ASSERT_EQ(got.subject()->str(), want.subject);
      ASSERT_EQ(got.attachment()->str(), want.attachment);
      ASSERT_EQ(got.snippet()->str(), snippets[29 - i]);
      ASSERT_EQ(std::strlen(got.subject()->c_str()), want.subject.size());
    }
  }
}

TEST(Wire, AnEmptyPageAndOnePastTheEnd) {
  const FolderView empty = view_of({});
  const Read none(reply_page(empty, {9, 50, {}}));
  EXPECT_EQ(none->answer_as_FolderPage()->rows()->size(), 0U);
  EXPECT_EQ(none->answer_as_FolderPage()->page(), 1U);
  EXPECT_EQ(none->answer_as_FolderPage()->uid_validity(), 77U);
  NewRow r;
  r.uid = Uid{1};
  const FolderView one = view_of({r});
  const Read last(reply_page(one, {9, 50, {}}));
  EXPECT_EQ(last->answer_as_FolderPage()->rows()->size(), 1U);
  EXPECT_EQ(last->answer_as_FolderPage()->folders()->size(), 2U);
}

// The bytes of a tree are kept for the next reply; each count has its own.
TEST(Wire, AKeptTreeIsTheTree) {
  NewRow row;
  row.uid = Uid{1};
  row.subject = "an odd length";
  FolderView view = view_of({row});
  const auto say = [](const FolderView& v) {
    std::string all;
    for (const Read& reply : {Read(reply_page(v, {1, 50, {}})), Read(reply_page(v, {1, 50, {}}))}) {
      const wire::FolderPage& page = *reply->answer_as_FolderPage();
      all += page.folder()->address()->str() + "|";
      for (const wire::Folder* f : *page.folders()) {
        all += f->address()->str() + " " + f->name()->str() + " " + std::to_string(f->unread()) + " " +
               std::to_string(f->total()) + " " + std::to_string(f->selectable()) + "|";
      }
      all += page.rows()->Get(0)->subject()->str() + "|";
    }
    const Read alone(reply_folders(v.folders));
    return all + alone->answer_as_FolderList()->folders()->Get(1)->address()->str();
  };
  const std::string without = say(view);
  view.folders.written = std::make_shared<WrittenFolders>();
  EXPECT_EQ(say(view), without);
  auto counts = std::make_shared<FolderCounts>(*view.folders.counts);
  counts->back() = {3, 7, true};
  view.folders.counts = counts;
  view.folders.written = std::make_shared<WrittenFolders>();
  EXPECT_NE(say(view).find("Work Work 3 7 1"), std::string::npos);
}

TEST(Wire, FailuresCarryNoControlCharactersAndNoEndlessWords) {
  const Read reply(reply_failure(Error{Code::kServerSaid, std::string(5000, 'y') + "\x1b", 7}));
  EXPECT_EQ(reply->answer_as_Failure()->code(), static_cast<std::uint8_t>(Code::kServerSaid));
  EXPECT_EQ(reply->answer_as_Failure()->retry_after(), 7U);
  EXPECT_LE(reply->answer_as_Failure()->detail()->size(), 1000U);
  const Read odd(reply_failure(Error{Code::kServerSaid, "a\r\nb\x1b[31m\xff", 0}));
  EXPECT_EQ(odd->answer_as_Failure()->detail()->str(), "a  b [31m\xEF\xBF\xBD");
}

TEST(Wire, NeighboursAreThoseOfTheList) {
  std::vector<NewRow> rows(3);
  for (std::uint32_t i = 0; i < 3; ++i) {
    rows[i].uid = Uid{i + 1};
    rows[i].arrived = i == 0 ? 500 : i;  // UID 1 arrived last
  }
  const FolderView view = view_of(rows);
  OpenedMessage message;
  message.opened.row.uid = Uid{3};
  message.opened.header = "Subject: x\r\n\r\n";
  const Read reply(reply_message(view, message, 1, {1, 50, {}}, 0));
  const wire::MessageView& shown = *reply->answer_as_MessageView();
  EXPECT_EQ(shown.newer(), 1U);
  EXPECT_EQ(shown.older(), 2U);
  EXPECT_EQ(shown.position(), 2U);
  EXPECT_EQ(shown.header()->size(), 14U);
}

}  // namespace
}  // namespace alphamail
