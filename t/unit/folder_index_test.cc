// SPDX-License-Identifier: GPL-3.0-or-later
// The folder index against a plain list that is sorted anew each time.
#include "webcache/index_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <thread>

namespace alphamail {
namespace {

constexpr auto kSeen = static_cast<std::uint16_t>(wire::Flag::Seen);

NewRow row(std::uint32_t uid, std::int64_t arrived, std::uint16_t flags = 0) {
  NewRow r;
  r.uid = Uid{uid};
  r.arrived = arrived;
  r.sent = arrived - 5;
  r.size = uid * 10;
  r.flags = flags;
  r.from = "Sender " + std::to_string(uid % 7);
  r.from_address = "s" + std::to_string(uid % 7) + "@example.edu";
  r.subject = "Subject " + std::to_string(uid);
  return r;
}

struct Plain {
  std::int64_t arrived;
  std::uint16_t flags;
};
using Model = std::map<std::uint32_t, Plain>;

void expect_same(const FolderIndex& index, const Model& model) {
  ASSERT_EQ(index.size(), model.size());
  std::vector<std::pair<std::int64_t, std::uint32_t>> wanted;
  std::uint32_t unread = 0;
  for (const auto& [uid, plain] : model) {
    wanted.emplace_back(plain.arrived, uid);
    unread += (plain.flags & kSeen) == 0;
  }
  std::sort(wanted.rbegin(), wanted.rend());
  EXPECT_EQ(index.unread(), unread);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const ShownRow shown = index.shown(i);
    ASSERT_EQ(shown.uid, wanted[i].second) << "position " << i;
    ASSERT_EQ(shown.subject, "Subject " + std::to_string(shown.uid));
    ASSERT_EQ(shown.flags, model.at(shown.uid).flags);
    ASSERT_EQ(index.position_of(Uid{shown.uid}), i);
  }
  std::vector<Uid> uids;
  for (const auto& [uid, plain] : model) uids.push_back(Uid{uid});
  EXPECT_EQ(index.uids(), uids);
}

TEST(FolderIndex, EmptyFolderHasOnePageAndNothingElse) {
  IndexWriter writer(7);
  writer.set_complete(true);
  const auto index = writer.publish();
  EXPECT_EQ(index->size(), 0U);
  EXPECT_EQ(index->pages(50), 1U);
  EXPECT_TRUE(index->has_page(1, 50));
  EXPECT_EQ(index->find(Uid{1}), nullptr);
  EXPECT_EQ(index->highest_uid(), Uid{});
  EXPECT_EQ(index->uid_validity(), 7U);
}

TEST(FolderIndex, RowIsShownAsItWasGiven) {
  IndexWriter writer(1);
  NewRow r = row(3, 1000, kSeen);
  r.attachment = "plan.pdf";
  r.sent.reset();
  r.size = std::uint64_t{1} << 40;
  writer.add({r});
  writer.set_snippet(Uid{3}, "first words");
  const auto index = writer.publish();
  const ShownRow shown = index->shown(0);
  EXPECT_EQ(shown.from, "Sender 3");
  EXPECT_EQ(shown.from_address, "s3@example.edu");
  EXPECT_EQ(shown.subject, "Subject 3");
  EXPECT_EQ(shown.attachment, "plan.pdf");
  EXPECT_EQ(shown.snippet, "first words");
  EXPECT_EQ(shown.sent, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(shown.size, 0xFFFFFFFFU);
}

std::string people(const FolderIndex& index, std::uint32_t uid) {
  std::string all;
  const RowId id = *index.id_of(Uid{uid});
  for (const Recipient& to : index.recipients(id)) {
    all += std::string(to.cc ? "cc " : "to ") + std::string(to.name) + "<" + std::string(to.address) + "> ";
  }
  return all + (index.more_recipients(id) ? "more" : "");
}

TEST(FolderIndex, AllRecipientsAreKeptUpToALimitAndTheFirstOfToIsShown) {
  IndexWriter writer(1);
  std::vector<NewRow> rows;
  for (std::uint32_t uid = 1; uid <= 8; ++uid) rows.push_back(row(uid, uid));
  rows[1].recipients = {{"Ann", "ann@x.example"}};
  rows[2].recipients = {{"", "cc@x.example", true}, {"Ann", "ann@x.example"}, {"Bob", "bob@x.example"}};
  rows[3].recipients = {{"", "cc@x.example", true}};
  rows[4].recipients = {{"Ann", "ann@x.example"}};
  rows[4].more_recipients = true;
  for (int i = 0; i < 40; ++i) rows[5].recipients.push_back({"", "p" + std::to_string(i) + "@x.example"});
  for (int i = 0; i < 9; ++i) rows[6].recipients.push_back({std::string(300, 'n'), "q" + std::to_string(i)});
  rows[7].recipients = rows[2].recipients;
  writer.add(std::move(rows));
  writer.set_shows_recipients(true);
  for (int round = 0; round < 2; ++round) {
    const auto index = writer.publish();
    EXPECT_EQ(people(*index, 1), "");
    EXPECT_EQ(people(*index, 2), "to Ann<ann@x.example> ");
    EXPECT_EQ(people(*index, 3), "to Ann<ann@x.example> to Bob<bob@x.example> cc <cc@x.example> ");
    EXPECT_EQ(people(*index, 4), "cc <cc@x.example> ");
    EXPECT_EQ(people(*index, 5), "to Ann<ann@x.example> more");
    EXPECT_EQ(index->recipients(*index->id_of(Uid{6})).size(), RecipientList::kMost);
    EXPECT_TRUE(index->more_recipients(*index->id_of(Uid{6})));
    EXPECT_EQ(index->recipients(*index->id_of(Uid{7})).size(), 6U) << "2 KB of them";
    EXPECT_TRUE(index->more_recipients(*index->id_of(Uid{7})));
    EXPECT_EQ(people(*index, 8), people(*index, 3));
    EXPECT_EQ(index->recipients_key(*index->id_of(Uid{8})), index->recipients_key(*index->id_of(Uid{3})));
    EXPECT_EQ(index->shown(*index->id_of(Uid{3})).from, "Ann");
    EXPECT_EQ(index->shown(*index->id_of(Uid{4})).from_address, "") << "of To alone";
    EXPECT_EQ(index->text(index->recipient(*index->id_of(Uid{5}))), std::string_view("Ann\0ann@x.example", 17));
    // A message with a UID between two known ones has their chunk made anew.
    writer.remove(std::vector<Uid>{Uid{1}});
    writer.add({row(1, 99)});
  }
}

std::string labels(const FolderIndex& index, std::uint32_t uid) {
  std::string all;
  for (const RowLabel& label : index.labels(*index.id_of(Uid{uid}))) {
    all += std::string(index.label_name(label.label)) + " ";
  }
  return all;
}

TEST(FolderIndex, KeywordsComeGoAndStayInOlderSnapshots) {
  IndexWriter writer(1);
  std::vector<NewRow> rows;
  for (std::uint32_t uid = 2; uid <= 9; ++uid) rows.push_back(row(uid, uid));
  rows[0].keywords = {"Work", "$label1", "WORK"};
  rows[3].keywords = {"work"};
  writer.add(rows);
  const auto before = writer.publish();
  EXPECT_EQ(labels(*before, 2), "Work $label1 ");
  EXPECT_EQ(labels(*before, 5), "Work ") << "the first spelling is kept";
  EXPECT_EQ(labels(*before, 3), "");
  EXPECT_EQ(before->find_label("wORK"), 0U);
  EXPECT_EQ(before->find_label("none"), std::nullopt);
  EXPECT_TRUE(writer.change_label(Uid{3}, "later", true));
  EXPECT_FALSE(writer.change_label(Uid{3}, "LATER", true));
  EXPECT_TRUE(writer.change_label(Uid{2}, "work", false));
  EXPECT_FALSE(writer.change_label(Uid{99}, "work", true));
  EXPECT_FALSE(writer.change_label(Uid{4}, "no keyword", true));
  EXPECT_TRUE(writer.set_flags(Uid{5}, kSeen, {"later", "Work"}));
  EXPECT_FALSE(writer.set_flags(Uid{5}, kSeen, {"work", "Later"}));
  EXPECT_TRUE(writer.set_flags(Uid{6}, 0, {"later"}));
  EXPECT_FALSE(writer.set_flags(Uid{6}, 0, {"later"}));
  writer.set_flags(Uid{6}, kSeen);
  auto index = writer.publish();
  EXPECT_EQ(labels(*index, 2), "$label1 ");
  EXPECT_EQ(labels(*index, 3), "later ");
  EXPECT_EQ(labels(*index, 5), "Work later ");
  EXPECT_EQ(labels(*index, 6), "later ") << "flags alone leave them";
  EXPECT_EQ(labels(*before, 2) + labels(*before, 3), "Work $label1 ");
  EXPECT_EQ(index->shown(*index->id_of(Uid{5})).labels.size(), 2U);
  writer.add({row(1, 99)});  // makes a chunk of its own or the others' anew
  writer.remove(std::vector<Uid>{Uid{4}, Uid{7}, Uid{8}, Uid{9}, Uid{2}});
  rows[3].keywords.clear();
  writer.add({rows[3]});
  index = writer.publish();
  EXPECT_EQ(labels(*index, 3) + labels(*index, 5) + labels(*index, 6) + labels(*index, 1), "later later ");
}

TEST(FolderIndex, NoMoreKeywordsThanTheLimit) {
  IndexWriter writer(1);
  std::vector<NewRow> rows;
  for (std::uint32_t uid = 1; uid <= 50; ++uid) {
    rows.push_back(row(uid, uid));
    for (std::uint32_t i = 0; i < 40; ++i) rows.back().keywords.push_back("k" + std::to_string(uid * 3 + i));
  }
  writer.add(std::move(rows));
  for (std::uint32_t i = 0; i < 200; ++i) writer.change_label(Uid{1}, "w" + std::to_string(i), true);
  const auto index = writer.publish();
  std::size_t most = 0;
  for (const RowId id : index->ids()) {
    most = std::max(most, index->labels(id).size());
    for (const RowLabel& label : index->labels(id)) ASSERT_LT(label.label, RowLabel::kMost);
  }
  EXPECT_LE(most, 32U);
  EXPECT_GT(most, 20U);
}

TEST(FolderIndex, ASmallFolderTakesLittleAndLargeOnesLoseNoString) {
  for (const std::uint32_t messages : {20U, 400U, 3000U}) {
    IndexWriter writer(1);
    std::vector<NewRow> rows;
    for (std::uint32_t uid = 1; uid <= messages; ++uid) {
      rows.push_back(row(uid, uid));
      rows.back().subject += std::string(uid * 37 % 90, 'x');
    }
    writer.add(std::move(rows));
    for (std::uint32_t uid = 1; uid <= messages; ++uid)
      writer.set_snippet(Uid{uid}, "Words of " + std::to_string(uid) + std::string(uid % 60, 'y'));
    const auto index = writer.publish();
    for (std::uint32_t uid = 1; uid <= messages; ++uid) {
      const ShownRow shown = index->shown(*index->id_of(Uid{uid}));
      ASSERT_EQ(shown.subject, "Subject " + std::to_string(uid) + std::string(uid * 37 % 90, 'x'));
      ASSERT_EQ(shown.snippet, "Words of " + std::to_string(uid) + std::string(uid % 60, 'y'));
    }
    if (messages == 20) {
      EXPECT_LE(index->memory().sum() + writer.bytes(), 11000U);
    }
  }
}

TEST(FolderIndex, SnippetsAreLetGoOfAndNothingElse) {
  IndexWriter writer(1);
  std::vector<NewRow> rows;
  for (std::uint32_t uid = 1; uid <= 2000; ++uid) rows.push_back(row(uid, uid));
  writer.add(std::move(rows));
  for (std::uint32_t uid = 1; uid <= 2000; ++uid)
    writer.set_snippet(Uid{uid}, "Words of " + std::to_string(uid));
  const auto before = writer.publish();
  writer.drop_snippets();
  const auto after = writer.publish();
  EXPECT_GT(before->memory()[MemoryKind::kSnippets], 2000U * 14);
  EXPECT_LT(after->memory()[MemoryKind::kSnippets], 3000U);
  EXPECT_EQ(after->memory()[MemoryKind::kIndexes], before->memory()[MemoryKind::kIndexes]);
  EXPECT_EQ(before->shown(0).snippet, "Words of 2000") << "who looks at it still sees it";
  EXPECT_EQ(after->at(0).snippet, kNoText) << "it will be asked for again";
  EXPECT_EQ(after->shown(0).subject, "Subject 2000");
  writer.set_snippet(Uid{7}, "Words again");
  const auto again = writer.publish();
  EXPECT_EQ(again->shown(*again->id_of(Uid{7})).snippet, "Words again");
}

TEST(FolderIndex, LongStringsAreCutAtACharacterAndKeepTheAttachment) {
  IndexWriter writer(1);
  NewRow r = row(1, 1);
  r.subject.clear();
  for (int i = 0; i < 2000; ++i) r.subject += "é";
  r.attachment = "a.txt";
  NewRow bare = row(2, 2);
  bare.subject = r.subject;
  writer.add({r, bare});
  const auto index = writer.publish();
  EXPECT_EQ(index->shown(1).attachment, "a.txt");
  EXPECT_LE(index->shown(0).subject.size(), TextStore::kLongest);
  EXPECT_EQ(index->shown(0).subject.size() % 2, 0U);
}

TEST(FolderIndex, OldSnapshotsDoNotChange) {
  IndexWriter writer(1);
  writer.add({row(1, 10), row(2, 20)});
  const auto before = writer.publish();
  writer.set_flags(Uid{1}, kSeen);
  writer.add({row(3, 30)});
  writer.remove(std::vector<Uid>{Uid{2}});
  const auto after = writer.publish();
  EXPECT_EQ(before->size(), 2U);
  EXPECT_EQ(before->shown(0).uid, 2U);
  EXPECT_EQ(before->find(Uid{1})->flags, 0);
  EXPECT_EQ(before->unread(), 2U);
  EXPECT_EQ(after->shown(0).uid, 3U);
  EXPECT_EQ(after->shown(1).uid, 1U);
  EXPECT_EQ(after->unread(), 1U);
}

TEST(FolderIndex, PagesOfAnIncompleteIndexNeedAGaplessTop) {
  IndexWriter writer(1);
  std::vector<NewRow> rows;
  for (std::uint32_t uid = 901; uid <= 1000; ++uid) rows.push_back(row(uid, uid));
  writer.add(rows);
  writer.set_exists(1000);
  writer.set_covered(100);
  const auto index = writer.publish();
  EXPECT_TRUE(index->has_page(2, 50));
  EXPECT_FALSE(index->has_page(3, 50));
  EXPECT_FALSE(index->has_page(99, 50));
  EXPECT_EQ(index->pages(50), 20U);
  EXPECT_EQ(index->total(), 1000U);
}

TEST(FolderIndex, AddedTwiceIsKnownOnceAndTakesTheNewFlags) {
  IndexWriter writer(1);
  EXPECT_EQ(writer.add({row(5, 5), row(6, 6), row(5, 5)}), 2U);
  EXPECT_EQ(writer.add({row(6, 6, kSeen), row(7, 7)}), 1U);
  const auto index = writer.publish();
  EXPECT_EQ(index->size(), 3U);
  EXPECT_EQ(index->find(Uid{6})->flags, kSeen);
  EXPECT_EQ(index->unread(), 2U);
}

TEST(FolderIndex, RandomAddsFlagsAndRemovalsAgreeWithAPlainList) {
  std::mt19937 random(20261122);
  for (int round = 0; round < 30; ++round) {
    IndexWriter writer(1);
    Model model;
    const std::uint32_t span = round % 3 == 0 ? 300 : 9000;
    for (int step = 0; step < 25; ++step) {
      switch (random() % 4) {
        case 0:
        case 1: {
          // Windows that overlap, leave holes, and come in any order.
          const std::uint32_t first = 1 + static_cast<std::uint32_t>(random()) % span;
          const std::uint32_t count = 1 + static_cast<std::uint32_t>(random()) % (span / 3);
          const std::uint32_t stride = 1 + static_cast<std::uint32_t>(random()) % 3;
          std::vector<NewRow> rows;
          for (std::uint32_t uid = first; uid < first + count; uid += stride) {
            const auto flags = static_cast<std::uint16_t>(random() % 2 ? kSeen : 0);
            const std::int64_t arrived = 100000 + uid * 3 + static_cast<std::uint32_t>(random()) % 50;
            rows.push_back(row(uid, arrived, flags));
            const auto [at, fresh] = model.emplace(uid, Plain{arrived, flags});
            if (!fresh) at->second.flags = flags;
          }
          std::shuffle(rows.begin(), rows.end(), random);
          writer.add(std::move(rows));
          break;
        }
        case 2:
          for (auto& [uid, plain] : model) {
            if (random() % 10) continue;
            plain.flags ^= kSeen;
            writer.set_flags(Uid{uid}, plain.flags);
          }
          break;
        default: {
          std::vector<Uid> gone;
          const unsigned share = random() % 5 == 0 ? 1 : 20;
          for (auto it = model.begin(); it != model.end();) {
            if (random() % share == 0) {
              gone.push_back(Uid{it->first});
              it = model.erase(it);
            } else {
              ++it;
            }
          }
          gone.push_back(Uid{4000000000U});  // never known
          writer.remove(gone);
        }
      }
      if (random() % 3 == 0) expect_same(*writer.publish(), model);
      if (HasFatalFailure()) return;
    }
    expect_same(*writer.publish(), model);
    EXPECT_EQ(writer.known(), model.size());
  }
}

TEST(FolderIndex, ReadersOfSnapshotsNeverWaitForTheWriter) {
  IndexWriter writer(1);
  std::mutex mutex;
  std::shared_ptr<const FolderIndex> shared = writer.publish();
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) {
      std::shared_ptr<const FolderIndex> mine;
      {
        const std::lock_guard lock(mutex);
        mine = shared;
      }
      for (std::size_t i = 0; i < mine->size(); i += 17) {
        const ShownRow shown = mine->shown(i);
        ASSERT_EQ(shown.subject, "Subject " + std::to_string(shown.uid));
      }
    }
  });
  for (std::uint32_t uid = 1; uid < 3000; uid += 30) {
    std::vector<NewRow> rows;
    for (std::uint32_t i = 0; i < 30; ++i) rows.push_back(row(uid + i, uid + i));
    writer.add(std::move(rows));
    writer.set_snippet(Uid{uid}, "words " + std::to_string(uid));
    if (uid % 5 == 1) writer.remove(std::vector<Uid>{Uid{uid / 2}});
    auto next = writer.publish();
    const std::lock_guard lock(mutex);
    shared = std::move(next);
  }
  stop = true;
  reader.join();
}

TEST(FolderIndex, StaysWithinItsBytesAMessage) {
  // As limits of the design say: a sender for fifty messages, half as many subjects as messages, of
  // which the later ones answer; three quarters to oneself.
  IndexWriter writer(1);
  std::mt19937 random(1);
  constexpr std::uint32_t kMessages = 100000;
  std::vector<std::uint32_t> seen(kMessages / 2);
  const auto any = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random()) % n; };
  for (std::uint32_t uid = 1; uid <= kMessages; uid += 1000) {
    std::vector<NewRow> rows;
    for (std::uint32_t i = 0; i < 1000; ++i) {
      NewRow r = row(uid + i, uid + i);
      const std::uint32_t sender = any(kMessages / 50), subject = any(kMessages / 2);
      r.from = "Some Person " + std::to_string(sender);
      r.from_address = "person" + std::to_string(sender) + "@example.edu";
      r.recipients.push_back(
        {"", any(4) ? "me@example.edu" : "list" + std::to_string(any(50)) + "@example.edu"});
      r.subject = (seen[subject] ? "Re: A usual subject " : "A usual subject ") + std::to_string(subject);
      r.id = message_hash(std::to_string(uid + i));
      for (std::uint32_t n = 0; n < std::min(seen[subject], 3U); ++n) {
        r.references.push_back(message_hash(std::to_string(subject) + "-" + std::to_string(n)));
      }
      ++seen[subject];
      rows.push_back(std::move(r));
    }
    writer.add(std::move(rows));
  }
  const auto index = writer.publish();
  const double each = static_cast<double>(index->memory().sum()) / kMessages;
  RecordProperty("bytes_a_message", std::to_string(each));
  EXPECT_LE(each, 64.0);
  const auto begin = std::chrono::steady_clock::now();
  std::size_t length = 0;
  for (std::size_t i = 0; i < 5000; ++i) length += index->shown(random() % kMessages).subject.size();
  const auto end = std::chrono::steady_clock::now();
  EXPECT_GT(length, 0U);
  std::printf("%.1f bytes a message; 50 random rows %.1f us\n", each,
              std::chrono::duration<double, std::micro>(end - begin).count() / 100);
}

}  // namespace
}  // namespace alphamail
