// SPDX-License-Identifier: GPL-3.0-or-later
// A query over an index against the same query over plain rows, looked at one by one.
#include "webcache/row_match.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/text_fold.h"
#include "webcache/index_writer.h"

namespace alphamail {
namespace {

using Kind = Term::Kind;

constexpr QueryClock kClock{1795127400, 3600};
const std::vector<std::string> kMe{"Noor@example.edu", "n.lindqvist@example.edu"};
constexpr FolderNames kFolder{"Travel and grants", ""};

std::uint16_t bits(std::initializer_list<wire::Flag> flags) {
  std::uint16_t all = 0;
  for (const wire::Flag flag : flags) all = static_cast<std::uint16_t>(all | static_cast<std::uint16_t>(flag));
  return all;
}

NewRow row(std::uint32_t uid, std::string from, std::string from_address, std::string subject) {
  NewRow r;
  r.uid = Uid{uid};
  r.arrived = kClock.now - uid * 3600;
  r.size = uid * 1000;
  r.from = std::move(from);
  r.from_address = std::move(from_address);
  r.subject = std::move(subject);
  return r;
}

class Matching : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<NewRow> rows;
    rows.push_back(row(1, "Anna Müller", "anna@example.edu", "Re: Sitzung am Montag"));
    rows.back().recipients = {{"Noor", "NOOR@example.edu"}};
    rows.push_back(row(2, "", "board@physics.example.edu", "Minutes of the board"));
    rows.back().flags = bits({wire::Flag::Seen, wire::Flag::Flagged});
    rows.push_back(row(3, "Noor", "noor@example.edu", ""));
    rows.back().flags = bits({wire::Flag::Seen, wire::Flag::Answered, wire::Flag::HasAttachment});
    rows.back().attachment = "minutes.pdf";
    rows.push_back(row(4, "佐藤 美咲", "sato@example.jp", "来週の研究会"));
    rows.back().recipients = {{"Physics office", "office@example.edu"}, {"Łukasz", "lukasz@example.pl"},
                              {"Noor", "n.lindqvist@example.edu", true}, {"Dean", "dean@example.edu", true}};
    rows.back().more_recipients = true;
    rows.back().keywords = {"Work", "$label1"};
    rows.push_back(row(5, "Long", "long@example.edu", std::string(3000, 'x') + "end"));
    writer_.add(std::move(rows));
    writer_.set_snippet(Uid{2}, "Présents: all but one. Three points.");
    writer_.set_complete(true);
  }

  // The UIDs that are meant, and behind "?" those that perhaps are.
  std::string found(std::string_view text) {
    const auto index = writer_.publish();
    const SearchQuery query = SearchQuery::parse(text, kClock);
    RowMatch match(*index, query, kMe, kFolder);
    const MatchedRows all = match.all();
    std::string yes, perhaps;
    index->each_row([&](RowId id, const IndexRow& r) {
      const Tri one = match.tell(id);
      EXPECT_EQ(all.yes.has(id), one == Tri::kYes);
      EXPECT_EQ(all.perhaps.has(id), one == Tri::kPerhaps);
      if (one != Tri::kNo) (one == Tri::kYes ? yes : perhaps) += std::to_string(r.uid);
    });
    EXPECT_EQ(all.yes.count(), yes.size());
    EXPECT_EQ(all.perhaps.count(), perhaps.size());
    return perhaps.empty() ? yes : yes + "?" + perhaps;
  }

  IndexWriter writer_{7};
};

TEST_F(Matching, NothingAskedIsAll) { EXPECT_EQ(found(""), "12345"); }

TEST_F(Matching, People) {
  EXPECT_EQ(found("from:muller"), "1");
  EXPECT_EQ(found("from:\"anna MÜLLER\""), "1");
  EXPECT_EQ(found("from:EXAMPLE.EDU"), "1235");
  EXPECT_EQ(found("from:美咲"), "4");
  EXPECT_EQ(found("-from:example"), "");
  EXPECT_EQ(found("from:me"), "3");
  EXPECT_EQ(found("from:anna from:board"), "");
  EXPECT_EQ(found("from:anna OR from:board"), "12");
}

TEST_F(Matching, Recipients) {
  EXPECT_EQ(found("to:me"), "14");
  EXPECT_EQ(found("to:noor"), "14");
  EXPECT_EQ(found("to:lukasz"), "4");
  EXPECT_EQ(found("cc:lukasz"), "?4");  // among those that are not kept there may be one more
  EXPECT_EQ(found("cc:dean"), "4");
  EXPECT_EQ(found("cc:me"), "4");
  EXPECT_EQ(found("to:nobody"), "?4");
  EXPECT_EQ(found("-to:nobody"), "1235?4");
  EXPECT_EQ(found("cc:noor"), "4");
}

TEST_F(Matching, Labels) {
  EXPECT_EQ(found("label:work"), "4");
  EXPECT_EQ(found("label:$LABEL1 label:Work"), "4");
  EXPECT_EQ(found("label:wor"), "");
  EXPECT_EQ(found("-label:work"), "1235");
}

TEST_F(Matching, Subjects) {
  EXPECT_EQ(found("subject:sitzung"), "1?5");
  EXPECT_EQ(found("subject:re:"), "1?5");
  EXPECT_EQ(found("subject:\"re: sitz\""), "1?5");
  EXPECT_EQ(found("subject:\": sitzung\""), "1?5");
  EXPECT_EQ(found("subject:e: subject:montag"), "1?5");
  EXPECT_EQ(found("subject:xyz"), "?5");            // what was cut off may have it
  EXPECT_EQ(found("-subject:minutes"), "134?5");    // the attachment's name is no subject
  EXPECT_EQ(found("subject:研究会"), "4?5");
}

TEST_F(Matching, Words) {
  EXPECT_EQ(found("minutes"), "2?1345");
  EXPECT_EQ(found("-minutes"), "?1345");
  EXPECT_EQ(found("three"), "2?1345");                 // in the snippet
  EXPECT_EQ(found("\"three points\""), "?12345");      // there other text may have stood between
  EXPECT_EQ(found("présents"), "2?1345");
  EXPECT_EQ(found("presents"), "?12345");              // accents count in the text
  EXPECT_EQ(found("body:minutes"), "?12345");
  EXPECT_EQ(found("office"), "4?1235");
  EXPECT_EQ(found("minutes from:board"), "2");
  EXPECT_EQ(found("minutes from:anna"), "?1");
}

TEST_F(Matching, States) {
  EXPECT_EQ(found("is:unread"), "145");
  EXPECT_EQ(found("is:read"), "23");
  EXPECT_EQ(found("is:starred"), "2");
  EXPECT_EQ(found("is:answered"), "3");
  EXPECT_EQ(found("has:attachment"), "3");
  EXPECT_EQ(found("is:read -is:answered"), "2");
  EXPECT_EQ(found("is:starred OR is:unread"), "1245");
}

TEST_F(Matching, NumbersAndPlaces) {
  EXPECT_EQ(found("larger:2k"), "345");
  EXPECT_EQ(found("smaller:2k"), "1");
  EXPECT_EQ(found("after:today"), "12345");
  EXPECT_EQ(found("before:today"), "");
  EXPECT_EQ(found("in:\"travel AND grants\" larger:4k"), "5");
  EXPECT_EQ(found("in:inbox"), "");
  EXPECT_EQ(found("-in:inbox larger:4k"), "5");
}

// Rows of a few words, so that much is found, with chunks made and left by rows that go.
TEST(RowMatch, SaysWhatLookingAtEachRowSays) {
  constexpr std::string_view kWords[] = {"Anna", "MÜLLER", "müller", "board", "Re:", "re: ", "minutes", "研究会", "e", "b", "Ångström"};
  std::mt19937 random(99);
  const auto some = [&] {
    std::string text;
    for (std::size_t n = random() % 4; n > 0; --n) text.append(text.empty() ? "" : " ").append(kWords[random() % std::size(kWords)]);
    return text;
  };
  std::vector<NewRow> rows;
  for (std::uint32_t uid = 1; uid <= 5000; ++uid) {
    rows.push_back(row(uid, some(), kMe[uid % 2] + std::to_string(uid % 3), some()));
    rows.back().flags = static_cast<std::uint16_t>(random() % 512);
    rows.back().recipients = {{"", uid % 5 == 0 ? kMe[0] : "other@example.edu"}};
  }
  IndexWriter writer(1);
  writer.add(rows);
  std::vector<Uid> gone;
  for (std::uint32_t uid = 1; uid <= 5000; uid += 7) gone.push_back(Uid{uid});
  writer.remove(gone);
  writer.set_complete(true);
  const auto index = writer.publish();
  const auto plainly = [&](const NewRow& r, const Term& t) {
    const auto has = [&](std::string_view text) { return folded(text).find(folded(t.text)) != std::string::npos; };
    switch (t.kind) {
      case Kind::kFrom: return has(r.from) || has(r.from_address);
      case Kind::kTo: return t.me ? folded(r.recipients[0].address) == folded(kMe[0]) : has(r.recipients[0].address);
      case Kind::kSubject: return has(r.subject);
      case Kind::kUnread: return (r.flags & bits({wire::Flag::Seen})) == 0;
      case Kind::kStarred: return (r.flags & bits({wire::Flag::Flagged})) != 0;
      case Kind::kLarger: return static_cast<std::int64_t>(r.size) > t.number;
      default: return r.arrived >= t.number;
    }
  };
  const std::string terms[] = {"from:anna", "from:\"anna müller\"", "to:me", "to:other", "subject:re:", "subject:\"re: re:\"", "subject:\"e m\"",
                               "subject:研究", "subject:angstrom", "is:unread", "is:read", "is:starred", "larger:2M", "after:7d", "from:1"};
  for (int i = 0; i < 60; ++i) {
    std::string text;
    for (std::size_t n = 1 + random() % 4; n > 0; --n) {
      text += (random() % 4 == 0 ? " -" : random() % 4 == 0 ? " OR " : " ") + terms[random() % std::size(terms)];
    }
    const SearchQuery query = SearchQuery::parse(text, kClock);
    const MatchedRows all = RowMatch(*index, query, kMe, kFolder).all();
    for (const NewRow& r : rows) {
      const auto id = index->id_of(r.uid);
      if (!id) continue;
      const Tri wanted = query.tell([&](const Term& t) { return plainly(r, t) ? Tri::kYes : Tri::kNo; });
      ASSERT_EQ(all.yes.has(*id), wanted == Tri::kYes) << text << " " << r.subject << " from " << r.from;
      ASSERT_FALSE(all.perhaps.has(*id)) << text;
    }
  }
}

}  // namespace
}  // namespace alphamail
