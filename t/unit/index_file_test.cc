// SPDX-License-Identifier: GPL-3.0-or-later
// An index that comes back from disk is the one that went there, or an older one, or none.
#include "webcache/index_file.h"

#include <map>
#include <random>
#include <set>

#include "failing_disk.h"

namespace alphamail {
namespace {

class IndexFileTest : public OnDisk {
 protected:
  IndexFileTest() { files = cache.open_account("ann", Secret(), Secret()); }

  static NewRow row(std::uint32_t uid) {
    NewRow row;
    row.uid = Uid{uid};
    row.arrived = 1'700'000'000 + uid % 977 * 1000;
    row.sent = row.arrived - 5;
    row.size = 1000 + uid;
    row.from = "Sender " + std::to_string(uid % 50);
    row.from_address = "s" + std::to_string(uid % 50) + "@example.org";
    if (uid % 3 == 0) row.recipients.push_back({"Somebody", "some@example.org"});
    if (uid % 5 == 0) row.recipients.push_back({"", "g" + std::to_string(uid % 20) + "@example.org", true});
    row.more_recipients = uid % 100 == 0;
    if (uid % 11 == 0) row.keywords = {"$label" + std::to_string(uid % 5 + 1), "work"};
    row.subject = (uid % 4 == 0 ? "Re: " : "") + std::string("Subject ") + std::to_string(uid % 200);
    row.attachment = uid % 7 == 0 ? "plan.pdf" : "";
    row.text_part = TextPart{"1", uid % 2 == 0 ? "utf-8" : "us-ascii", "7bit", false};
    row.id = message_hash("<" + std::to_string(uid) + "@example.org>");
    if (uid % 4 == 0) row.references.push_back(message_hash("<" + std::to_string(uid - 1) + "@x>"));
    return row;
  }
  static void add(IndexWriter& writer, std::uint32_t first, std::uint32_t last) {
    std::vector<NewRow> rows;
    for (std::uint32_t uid = first; uid <= last; ++uid) rows.push_back(row(uid));
    writer.add(std::move(rows));
  }
  static std::unique_ptr<IndexWriter> fresh(std::uint32_t messages) {
    auto writer = std::make_unique<IndexWriter>(7);
    if (messages > 0) add(*writer, 1, messages);
    writer->set_complete(true);
    return writer;
  }
  static IndexState state(IndexWriter& writer, std::uint64_t modseq = 1) {
    return IndexCodec::state_of(writer, writer.publish(), 1000, modseq);
  }
  // All that a list can show, by UID.
  static std::string shown(const FolderIndex& index) {
    std::string all = std::to_string(index.size()) + " " + std::to_string(index.unread()) + "\n";
    std::vector<RowId> ids;
    index.listed().read(0, index.size(), ids);
    for (const RowId id : ids) {
      const ShownRow r = index.shown(id);
      all += std::to_string(r.uid) + " " + std::to_string(r.flags) + " " + std::to_string(r.arrived) +
             " " + std::to_string(r.sent) + " " + std::to_string(r.size) + " ";
      for (const auto part : {r.from, r.from_address, r.prefix, r.subject, r.snippet, r.attachment})
        all.append(part) += '|';
      for (const Recipient& to : index.recipients(id))
        all.append(to.name).append("<").append(to.address).append(to.cc ? "> cc " : "> ");
      all += index.more_recipients(id) ? "and more " : "";
      std::set<std::string> labels;  // their numbers need not stay
      for (const RowLabel& label : index.labels(id)) labels.emplace(index.label_name(label.label));
      for (const std::string& label : labels) all.append(label).append(" ");
      for (const auto& reference : index.references(id)) all += std::to_string(reference.id.bits[0]);
      all += std::to_string(index.message_id(id).bits[1]) + "\n";
    }
    return all;
  }
  std::optional<LoadedIndex> load(std::uint32_t uid_validity = 7) {
    return IndexFile(files, "INBOX").load(uid_validity);
  }
  std::string loaded() {
    auto back = load();
    return back ? shown(*back->writer->publish()) : "(none)";
  }
  std::string index_path() const {
    for (const std::string& name : OnDisk::files()) {
      if (name.find("/i-") != std::string::npos) return name;
    }
    return "";
  }

  FailingDisk disk;
  CacheDir cache{folder + "/cache", folder + "/spool", 1 << 30, disk};
  std::shared_ptr<AccountFiles> files;
};

TEST_F(IndexFileTest, ComesBackAsItWas) {
  for (const std::uint32_t messages : {0U, 1U, 1024U, 1025U, 5000U}) {
    const auto writer = fresh(messages);
    if (messages > 20) {
      writer->set_snippet(Uid{3}, "words of three");
      writer->set_snippet(Uid{4}, "");
      writer->change_flags(Uid{5}, 5, 0);
      writer->change_label(Uid{6}, "Later", true);
      writer->remove(std::vector<Uid>{Uid{9}, Uid{10}});
    }
    const IndexState now = state(*writer, 42);
    ASSERT_TRUE(IndexFile(files, "INBOX").save(now));
    const auto back = load();
    ASSERT_TRUE(back) << messages;
    EXPECT_EQ(back->modseq, 42U);
    EXPECT_EQ(back->uid_next, 1000U);
    EXPECT_TRUE(back->writer->now().complete());
    EXPECT_EQ(shown(*back->writer->publish()), shown(*now.index)) << messages;
  }
}

TEST_F(IndexFileTest, WithoutTheSnippetsThatMemoryHadNoRoomForItIsWrittenAnew) {
  const auto writer = fresh(2000);
  for (std::uint32_t uid = 1; uid <= 2000; ++uid)
    writer->set_snippet(Uid{uid}, "words of " + std::to_string(uid));
  IndexFile file(files, "INBOX");
  ASSERT_TRUE(file.save(state(*writer)));
  writer->drop_snippets();
  writer->set_snippet(Uid{5}, "words again");
  const IndexState now = state(*writer, 2);
  ASSERT_TRUE(file.save(now));
  EXPECT_EQ(loaded(), shown(*now.index));
  writer->set_snippet(Uid{6}, "and more");
  const IndexState later = state(*writer, 3);
  ASSERT_TRUE(file.save(later));
  EXPECT_EQ(loaded(), shown(*later.index));
}

TEST_F(IndexFileTest, WhatIsReadCanGoOnChanging) {
  const auto writer = fresh(3000);
  IndexFile file(files, "INBOX");
  ASSERT_TRUE(file.save(state(*writer)));
  auto back = load();
  for (IndexWriter* one : {writer.get(), back->writer.get()}) {
    add(*one, 3001, 3100);
    one->remove(std::vector<Uid>{Uid{1}, Uid{2}, Uid{2999}});
    one->set_flags(Uid{17}, 9);
    one->set_snippet(Uid{18}, "a snippet");
    ASSERT_NE(one->text_part(*one->now().find(Uid{3050})), nullptr);
    EXPECT_EQ(one->text_part(*one->now().find(Uid{4}))->charset, "utf-8");
  }
  EXPECT_EQ(shown(*back->writer->publish()), shown(*writer->publish()));
}

TEST_F(IndexFileTest, RandomChangesArriveThroughTheLogAndThroughNewBases) {
  std::mt19937 random(4711);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  auto writer = fresh(2000);
  auto file = std::make_unique<IndexFile>(files, "INBOX");
  std::uint32_t next = 2001;
  for (int round = 0; round < 150; ++round) {
    for (std::uint32_t change = below(4); change <= 4; ++change) {
      switch (below(7)) {
        case 0: {
          const std::uint32_t some = below(10) == 0 ? 2000 : below(5) + 1;
          add(*writer, next, next + some - 1);
          next += some + below(3);
          break;
        }
        case 1: writer->set_flags(Uid{below(next)}, static_cast<std::uint16_t>(below(128))); break;
        case 2: writer->set_snippet(Uid{below(next)}, "snippet " + std::to_string(below(1000))); break;
        case 6: writer->change_label(Uid{below(next)}, "label" + std::to_string(below(9)), below(2) == 0); break;
        case 3: writer->remove(std::vector<Uid>{Uid{below(next)}, Uid{below(next)}}); break;
        case 4: {
          std::vector<Uid> gone;  // so many of one stretch that chunks are made anew
          const std::uint32_t from = below(next);
          for (std::uint32_t i = 0; i < 700 && below(8) == 0; ++i) gone.push_back(Uid{from + i});
          writer->remove(gone);
          break;
        }
        default: writer->change_flags(Uid{below(next)}, 1, 0);
      }
    }
    const IndexState now = state(*writer, static_cast<std::uint64_t>(round));
    ASSERT_TRUE(file->save(now));
    if (round % 10 == 0) {
      auto back = load();
      ASSERT_TRUE(back) << round;
      ASSERT_EQ(back->modseq, static_cast<std::uint64_t>(round));
      ASSERT_EQ(shown(*back->writer->publish()), shown(*now.index)) << round;
      if (round % 30 == 0) {  // as after a restart
        file = std::make_unique<IndexFile>(files, "INBOX");
        back = file->load(7);
        writer = std::move(back->writer);
      }
    }
  }
}

TEST_F(IndexFileTest, ASmallChangeWritesLittleAndNoChangeNothing) {
  const auto writer = fresh(19000);
  IndexFile file(files, "INBOX");
  ASSERT_TRUE(file.save(state(*writer)));
  const auto size = content(index_path()).size();
  const long calls = disk.calls;
  writer->set_checked(99);
  ASSERT_TRUE(file.save(state(*writer)));
  EXPECT_EQ(disk.calls, calls);
  writer->set_flags(Uid{5000}, 1);
  add(*writer, 19001, 19001);
  ASSERT_TRUE(file.save(state(*writer)));
  EXPECT_LT(content(index_path()).size() - size, 800U);
}

TEST_F(IndexFileTest, TheLogIsRewrittenAtAQuarter) {
  const auto writer = fresh(19000);
  IndexFile file(files, "INBOX");
  ASSERT_TRUE(file.save(state(*writer)));
  const auto base = content(index_path()).size();
  std::size_t most = 0;
  for (std::uint32_t uid = 19001; uid < 30000; uid += 500) {
    add(*writer, uid, uid + 499);
    ASSERT_TRUE(file.save(state(*writer)));
    most = std::max(most, content(index_path()).size());
  }
  EXPECT_LT(most, base * 2);
  EXPECT_EQ(loaded(), shown(*writer->publish()));
}

TEST_F(IndexFileTest, AnotherUidValidityIsNotTaken) {
  const auto writer = fresh(10);
  ASSERT_TRUE(IndexFile(files, "INBOX").save(state(*writer)));
  EXPECT_FALSE(load(8));
  EXPECT_FALSE(IndexFile(files, "Other").load(7));
  EXPECT_TRUE(load(7));
}

TEST_F(IndexFileTest, AtAnyByteAndAnyFailureTheOldStateOrTheNew) {
  // Each call that writes fails once, in the base and in the log; what is there then is a state that
  // was true, and the next save makes good.
  for (const bool log : {false, true}) {
    for (long n = 0; n < (log ? 4 : 24); ++n) {
      const auto writer = fresh(3000);
      IndexFile file(files, "INBOX");
      ASSERT_TRUE(file.save(state(*writer)));
      const std::string before = shown(*writer->publish());
      add(*writer, 3001, log ? 3010 : 12000);
      disk.calls = 0;
      disk.fail_at = n;
      const auto saved = file.save(state(*writer));
      disk.fail_at = -1;
      const std::string after = shown(*writer->publish());
      const std::string there = loaded();
      if (saved) {
        EXPECT_TRUE(there == after) << n;
        EXPECT_GE(n, log ? 1 : 4);
      } else {
        EXPECT_TRUE(there == before || there == after) << n;
      }
      ASSERT_TRUE(file.save(state(*writer)));
      EXPECT_TRUE(loaded() == after) << n;
    }
  }
}

TEST_F(IndexFileTest, TornLogsGiveAnOlderStateAndTornBasesNone) {
  const auto writer = fresh(500);
  IndexFile file(files, "INBOX");
  std::map<std::size_t, std::string> states;
  ASSERT_TRUE(file.save(state(*writer)));
  const std::string path = index_path();
  const std::size_t base = content(path).size();
  states[base] = shown(*writer->publish());
  for (std::uint32_t uid = 501; uid < 506; ++uid) {
    add(*writer, uid, uid);
    writer->set_flags(Uid{uid - 400}, 3);
    ASSERT_TRUE(file.save(state(*writer)));
    states[content(path).size()] = shown(*writer->publish());
  }
  const std::string bytes = content(path);
  for (std::size_t left = base; left <= bytes.size(); left += 7) {
    put(path, bytes.substr(0, left));
    ASSERT_EQ(loaded(), std::prev(states.upper_bound(left))->second) << left;
  }
  for (std::size_t left = 0; left < base; left += base / 50) {
    put(path, bytes.substr(0, left));
    ASSERT_EQ(loaded(), "(none)") << left;
    EXPECT_EQ(index_path(), "") << "it is removed";
  }
  put(path, bytes);
  EXPECT_EQ(loaded(), states.rbegin()->second);
}

TEST_F(IndexFileTest, WhatSomebodyElseDidToTheFileIsNoticed) {
  const auto writer = fresh(500);
  IndexFile file(files, "INBOX");
  ASSERT_TRUE(file.save(state(*writer)));
  const std::string path = index_path(), older = content(path);
  add(*writer, 501, 510);
  ASSERT_TRUE(file.save(state(*writer)));
  put(path, older);  // an older version of itself: the next change must not follow it
  add(*writer, 511, 520);
  ASSERT_TRUE(file.save(state(*writer)));
  EXPECT_EQ(loaded(), shown(*writer->publish()));
  std::filesystem::remove(path);
  add(*writer, 521, 530);
  ASSERT_TRUE(file.save(state(*writer)));
  EXPECT_EQ(loaded(), shown(*writer->publish()));
}

TEST_F(IndexFileTest, AHugeFoldersNewestComeByThemselves) {
  const auto writer = fresh(IndexFile::kHeadFrom + 100);
  writer->set_snippet(writer->now().uids().back(), "newest words");
  IndexFile file(files, "INBOX");
  const IndexState now = state(*writer, 5);
  ASSERT_TRUE(file.save(now));
  const auto head = IndexFile(files, "INBOX").load_newest(7);
  ASSERT_TRUE(head);
  const auto index = head->writer->publish();
  EXPECT_EQ(index->size(), IndexFile::kHeadRows);
  EXPECT_EQ(index->total(), now.index->size());
  EXPECT_FALSE(index->complete());
  EXPECT_TRUE(index->has_page(1, 200));
  EXPECT_FALSE(index->has_page(2, 200));
  for (std::size_t i = 0; i < index->size(); ++i) {
    EXPECT_EQ(index->shown(i).uid, now.index->shown(i).uid);
    EXPECT_EQ(index->shown(i).subject, now.index->shown(i).subject);
    EXPECT_EQ(index->shown(i).snippet, now.index->shown(i).snippet);
    EXPECT_EQ(head->writer->text_part(index->at(i))->charset,
              writer->text_part(now.index->at(i))->charset);
  }
  writer->remove(now.index->uids());
  ASSERT_TRUE(file.save(state(*writer)));
  EXPECT_FALSE(IndexFile(files, "INBOX").load_newest(7)) << "nobody needs it any more";
}

TEST_F(IndexFileTest, NothingReadableLiesOnDisk) {
  const auto writer = fresh(100);
  writer->set_snippet(Uid{3}, "canary words");
  ASSERT_TRUE(IndexFile(files, "INBOX").save(state(*writer)));
  const std::string bytes = content(index_path());
  for (const char* word : {"canary", "Subject", "Sender", "example.org", "INBOX"})
    EXPECT_EQ(bytes.find(word), std::string::npos) << word;
}

}  // namespace
}  // namespace alphamail
