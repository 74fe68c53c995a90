// SPDX-License-Identifier: GPL-3.0-or-later
// How many messages each filter would show, beside a count over plain rows, while all kinds of changes are made.
#include "webcache/chosen_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "webcache/index_writer.h"

namespace alphamail {
namespace {

constexpr FolderNames kFolder{"INBOX", "inbox"};
constexpr std::int64_t kBegin = 1795000000;
const std::array<std::string, 3> kPeople{"noor@example.edu", "n.lindqvist@example.edu", "dean@example.edu"};

struct Plain {
  std::uint16_t flags;
  std::int64_t arrived;
  std::string to;
};

bool has(std::uint16_t flags, wire::Flag flag) { return (flags & static_cast<std::uint16_t>(flag)) != 0; }

Choice counts_for(std::vector<std::string> me, std::int64_t since) {
  flatbuffers::FlatBufferBuilder fbb;
  const auto addresses = fbb.CreateVectorOfStrings(me);
  const auto moments = fbb.CreateVector(std::vector<std::int64_t>{since, since + 500});
  fbb.Finish(wire::CreateChosen(fbb, 0, since, 0, 0, addresses, moments));
  auto choice = Choice::of(*flatbuffers::GetRoot<wire::Chosen>(fbb.GetBufferPointer()), kBegin);
  EXPECT_TRUE(choice);
  return *std::move(choice);
}

/// A folder, and the same as plain rows.
class Counting : public testing::Test {
 protected:
  void add(std::uint32_t uid) {
    NewRow row;
    row.uid = Uid{uid};
    row.arrived = kBegin + uid;
    row.flags = some_flags();
    const std::string to = kPeople[random_() % kPeople.size()];
    row.recipients = {{"Somebody", to}};
    rows_[uid] = {row.flags, row.arrived, to};
    std::vector<NewRow> all;
    all.push_back(std::move(row));
    writer_.add(std::move(all));
  }
  std::uint16_t some_flags() {
    using F = wire::Flag;
    std::uint16_t flags = 0;
    for (const F flag : {F::Seen, F::Flagged, F::Answered, F::HasAttachment})
      if (random_() % 2) flags = static_cast<std::uint16_t>(flags | static_cast<std::uint16_t>(flag));
    return flags;
  }
  std::uint32_t some_uid() { return std::next(rows_.begin(), static_cast<long>(random_() % rows_.size()))->first; }

  void change() {
    const std::uint32_t uid = some_uid();
    switch (random_() % 4) {
      case 0: add(rows_.rbegin()->first + 1 + static_cast<std::uint32_t>(random_() % 3)); break;
      case 1:
        rows_.erase(uid);
        writer_.remove(std::array{Uid{uid}});
        break;
      case 2: writer_.set_snippet(Uid{uid}, "Words"); break;
      default:
        // What is attached is no flag of the server's.
        const auto kept = static_cast<std::uint16_t>(wire::Flag::HasAttachment);
        const auto flags = static_cast<std::uint16_t>((some_flags() & ~kept) | (rows_[uid].flags & kept));
        rows_[uid].flags = flags;
        writer_.set_flags(Uid{uid}, flags);
    }
  }

  void expect_right(const FolderIndex& index, const Choice& choice) {
    std::array<std::uint32_t, 5> wanted{};
    std::uint32_t later = 0;
    for (const auto& [uid, row] : rows_) {
      wanted[0] += !has(row.flags, wire::Flag::Seen);
      wanted[1] += has(row.flags, wire::Flag::Flagged);
      wanted[2] += has(row.flags, wire::Flag::HasAttachment);
      wanted[3] += std::find(choice.me.begin(), choice.me.end(), row.to) != choice.me.end();
      wanted[4] += row.arrived >= choice.since;
      later += row.arrived >= choice.since + 500;
    }
    const auto counts = count_filters(index, choice, kFolder);
    EXPECT_EQ(counts->filters, wanted);
    EXPECT_EQ(counts->since, (std::vector<std::uint32_t>{wanted[4], later}));
  }

  std::mt19937 random_{11};
  std::map<std::uint32_t, Plain> rows_;
  IndexWriter writer_{7};
};

TEST_F(Counting, FollowsEachChangeInEachSnapshotForEachUser) {
  for (std::uint32_t uid = 1; uid <= 3000; ++uid) add(uid);
  writer_.set_complete(true);
  const std::vector<Choice> choices{counts_for({kPeople[0]}, kBegin + 1000), counts_for({kPeople[0], kPeople[2]}, kBegin + 2900),
                                    counts_for({}, kBegin)};
  for (int round = 0; round < 150; ++round) {
    const auto index = writer_.publish();
    for (const Choice& choice : choices) expect_right(*index, choice);
    expect_right(*index, choices[0]);  // once more, from what is known of this snapshot
    for (int n = 0; n < 5; ++n) change();
  }
}

TEST_F(Counting, OfAManyTimesLargerFolderTakesLongOnceAndAfterAChangeNoMore) {
  std::vector<NewRow> rows(30'000);
  for (std::uint32_t n = 0; n < rows.size(); ++n) {
    rows[n].uid = Uid{n + 1};
    rows[n].recipients = {{"", kPeople[n % 3]}};
  }
  writer_.add(std::move(rows));
  writer_.set_complete(true);
  const Choice mine = counts_for({kPeople[1]}, 0), hers = counts_for({kPeople[2]}, 0);
  auto index = writer_.publish();
  EXPECT_TRUE(takes_long(*index, mine));
  EXPECT_EQ(count_filters(*index, mine, kFolder)->filters[3], 10'000u);
  EXPECT_FALSE(takes_long(*index, mine));
  EXPECT_TRUE(takes_long(*index, hers)) << "to others other messages came";
  writer_.set_flags(Uid{17}, static_cast<std::uint16_t>(wire::Flag::Flagged));
  index = writer_.publish();
  EXPECT_FALSE(takes_long(*index, mine)) << "one chunk has to be counted";
  EXPECT_EQ(count_filters(*index, mine, kFolder)->filters[1], 1u);
}

}  // namespace
}  // namespace alphamail
