// SPDX-License-Identifier: GPL-3.0-or-later
// The spool: what was handed over is there, whole, whatever happens to disk and daemon; and nothing else is.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/seal.h"
#include "failing_disk.h"
#include "webcache/cache_dir.h"
#include "webcache/spool.h"

namespace alphamail {
namespace {

using wire::SpoolKind;

class SpoolTest : public OnDisk {
 protected:
  SpoolTest()
      : cache(folder + "/cache", folder + "/spool", std::uint64_t{1} << 30, disk),
        account(cache.open_account("anna", Secret("word"), Secret())) {}

  std::unique_ptr<Spool> spool() {
    return std::make_unique<Spool>(folder + "/spool", account,
                                   SpoolLimits{std::uint64_t{1} << 20, std::uint64_t{100} << 20, 30}, disk);
  }
  static std::string text(std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 7 + i / 251);
    return out;
  }
  static std::string all_of(Result<SpoolFile> file) {
    std::string out;
    if (!file) return "does not open";
    SpoolFile::Reader reader(*file);
    for (;;) {
      const auto some = reader.next();
      if (!some) return "cannot be read";
      if (some->empty()) return out;
      out += *some;
    }
  }
  // As SpoolWriter does, starting at what the spool has.
  static Result<SpooledFile> hand_over(Spool& to, const SpooledFile& begun, SpoolKind kind, const std::string& what,
                                 std::size_t piece = 15000) {
    for (std::size_t at = 0; at < what.size();) {
      const auto got = to.append(kind, begun.id, begun.head.version, at,
                                 as_bytes(std::string_view(what).substr(at, piece)));
      if (!got) return got;
      at = static_cast<std::size_t>(got->size);
    }
    return to.finish(kind, begun.id, begun.head.version, what.size());
  }

  FailingDisk disk;
  CacheDir cache;
  std::shared_ptr<AccountFiles> account;
};

TEST_F(SpoolTest, GivesBackWhatItWasGiven) {
  const auto mine = spool();
  for (const std::size_t size : {0UL, 1UL, 65535UL, 65536UL, 65537UL, 200000UL}) {
    const auto begun = mine->begin(SpoolKind::Upload, {}, 0, size, "a.txt");
    ASSERT_TRUE(begun) << begun.error().detail;
    EXPECT_FALSE(mine->has(SpoolPlace::kUpload, begun->id));
    const auto whole = hand_over(*mine, *begun, SpoolKind::Upload, text(size));
    ASSERT_TRUE(whole && whole->finished) << size;
    EXPECT_EQ(all_of(spool()->open(SpoolPlace::kUpload, begun->id)), text(size)) << size;
    auto file = mine->open(SpoolPlace::kUpload, begun->id);
    SpoolFile::Reader reader(*file);
    ASSERT_TRUE(reader.seek(size / 2));
    EXPECT_EQ(std::string(*reader.next()),
              text(size).substr(size / 2, 65536 - size / 2 % 65536));
    EXPECT_EQ(file->head().note, "a.txt");
  }
  EXPECT_EQ(spool()->list(SpoolKind::Upload).size(), 6U);
}

TEST_F(SpoolTest, PiecesMayComeTwice) {
  const auto mine = spool();
  const auto begun = mine->begin(SpoolKind::Upload, {}, 0, 0, "");
  const std::string what = text(100000);
  const auto append = [&](std::size_t at, std::size_t size) {
    return mine->append(SpoolKind::Upload, begun->id, begun->head.version, at,
                        as_bytes(std::string_view(what).substr(at, size)));
  };
  EXPECT_EQ(append(0, 10000)->size, 10000U);
  EXPECT_EQ(append(0, 10000)->size, 10000U);
  EXPECT_EQ(append(5000, 10000)->size, 15000U);
  EXPECT_EQ(append(20000, 10000)->size, 15000U) << "a hole is not filled with anything";
  const auto early = mine->finish(SpoolKind::Upload, begun->id, begun->head.version, what.size());
  EXPECT_TRUE(early && !early->finished && early->size == 15000);
  EXPECT_EQ(mine->finish(SpoolKind::Upload, begun->id, begun->head.version, 14999).error().code,
            Code::kInvalid);
  ASSERT_TRUE(hand_over(*mine, *begun, SpoolKind::Upload, what));
  const auto again = mine->finish(SpoolKind::Upload, begun->id, begun->head.version, what.size());
  EXPECT_TRUE(again && again->finished);
  EXPECT_EQ(append(0, 10).error().code, Code::kNotFound);
}

// Each sync is a turn of the disk that somebody waits for.
TEST_F(SpoolTest, AnUploadIsOnTheDiskAtItsEndAndAMessageWithTheOrderToSendIt) {
  const auto mine = spool();
  const auto upload = mine->begin(SpoolKind::Upload, {}, 0, 0, "");
  disk.syncs = 0;
  ASSERT_TRUE(hand_over(*mine, *upload, SpoolKind::Upload, text(70'000)));
  EXPECT_EQ(disk.syncs, 1);
  const auto message = mine->begin(SpoolKind::Message, {}, 0, 0, "");
  disk.syncs = 0;
  ASSERT_TRUE(hand_over(*mine, *message, SpoolKind::Message, text(70'000)));
  EXPECT_EQ(disk.syncs, 0);
  auto file = mine->open(SpoolPlace::kMessage, message->id, true);
  ASSERT_TRUE(file && file->finished());
  ASSERT_TRUE(file->note("an order"));
  EXPECT_EQ(disk.syncs, 1);
  ASSERT_TRUE(mine->move(SpoolPlace::kMessage, SpoolPlace::kOutbox, message->id));
  EXPECT_TRUE(all_of(mine->open(SpoolPlace::kOutbox, message->id)) == text(70'000));
}

// Several are on their way at once, and a lane does not keep their order.
TEST_F(SpoolTest, PiecesMayComeInAnyOrder) {
  const auto mine = spool();
  const std::string what = text(900'000);
  std::mt19937 draw(7);
  for (int round = 0; round < 8; ++round) {
    const auto begun = mine->begin(SpoolKind::Upload, {}, 0, 0, "");
    std::vector<std::size_t> window;
    for (std::size_t next = 0; next < what.size() || !window.empty();) {
      if (window.empty()) {
        while (window.size() < 8 && next < what.size()) window.push_back(std::exchange(next, next + 15'000));
      }
      std::shuffle(window.begin(), window.end(), draw);
      const std::size_t at = window.back(), first = *std::min_element(window.begin(), window.end());
      window.pop_back();
      const auto bytes = as_bytes(std::string_view(what).substr(at, 15'000));
      const auto taken = mine->append_at_once(begun->id, begun->head.version, at, bytes);
      std::uint64_t has = 0;
      if (taken) {
        has = taken->told.size;
        if (taken->write) {
          while (mine->write_out(begun->head.version)) {
          }
        }
      } else {
        const auto done = mine->append(SpoolKind::Upload, begun->id, begun->head.version, at, bytes);
        ASSERT_TRUE(done) << done.error().detail;
        has = done->size;
      }
      EXPECT_EQ(has <= first, at != first) << "counted once all before it are there";
      EXPECT_LE(has, std::min(what.size(), next));
    }
    ASSERT_TRUE(mine->finish(SpoolKind::Upload, begun->id, begun->head.version, what.size())->finished);
    EXPECT_TRUE(all_of(mine->open(SpoolPlace::kUpload, begun->id)) == what);
  }
}

TEST_F(SpoolTest, LittleWaitsInMemoryForTheDisk) {
  const auto mine = spool();
  const auto begun = mine->begin(SpoolKind::Upload, {}, 0, 0, "");
  const std::string what = text(1'000'000);
  std::size_t at = 0, asked = 0;
  for (; at < what.size(); at += 15'000) {
    const auto bytes = as_bytes(std::string_view(what).substr(at, 15'000));
    const auto taken = mine->append_at_once(begun->id, begun->head.version, at, bytes);
    if (!taken) break;
    asked += taken->write ? 1 : 0;
  }
  EXPECT_EQ(asked, 1U) << "one worker is enough";
  EXPECT_LE(at, SpoolWriting::kMostBlocks * kSpoolRecord);
  EXPECT_GT(at, SpoolWriting::kMostBlocks * kSpoolRecord - 15'000);
  ASSERT_TRUE(hand_over(*mine, *begun, SpoolKind::Upload, what));
  EXPECT_TRUE(all_of(mine->open(SpoolPlace::kUpload, begun->id)) == what);
}

TEST_F(SpoolTest, WhatTheDiskRefusedBehindTheAnswerIsSaidNext) {
  const std::string what = text(300'000);
  for (const bool at_end : {false, true}) {
    const auto mine = spool();
    const auto begun = mine->begin(SpoolKind::Upload, {}, 0, 0, "");
    const auto piece = [&](std::size_t at) { return as_bytes(std::string_view(what).substr(at, 15'000)); };
    for (std::size_t at = 0; at < 75'000; at += 15'000) {
      ASSERT_TRUE(mine->append_at_once(begun->id, begun->head.version, at, piece(at)));
    }
    disk.fail_at = disk.calls;
    EXPECT_FALSE(mine->write_out(begun->head.version));
    if (at_end) {
      EXPECT_EQ(mine->finish(SpoolKind::Upload, begun->id, begun->head.version, 75'000).error().code, Code::kStorage);
    } else {
      std::size_t at = 75'000;
      while (mine->append_at_once(begun->id, begun->head.version, at, piece(at))) at += 15'000;
      EXPECT_EQ(mine->append(SpoolKind::Upload, begun->id, begun->head.version, at, piece(at)).error().code, Code::kStorage);
    }
    disk.fail_at = -1;
    ASSERT_TRUE(hand_over(*mine, *begun, SpoolKind::Upload, what)->finished);
    EXPECT_TRUE(all_of(mine->open(SpoolPlace::kUpload, begun->id)) == what);
  }
}

TEST_F(SpoolTest, BytesComeWhileOthersAreWritten) {
  const auto mine = spool();
  const auto begun = mine->begin(SpoolKind::Upload, {}, 0, 0, "");
  const std::string what = text(1'000'000);
  std::atomic<bool> all{false};
  std::thread worker([&] {
    while (!all) (void)mine->write_out(begun->head.version);
  });
  for (std::size_t at = 0; at < what.size(); at += 12'345) {
    const auto bytes = as_bytes(std::string_view(what).substr(at, 12'345));
    while (!mine->append_at_once(begun->id, begun->head.version, at, bytes)) std::this_thread::yield();
  }
  all = true;
  worker.join();
  ASSERT_TRUE(mine->finish(SpoolKind::Upload, begun->id, begun->head.version, what.size())->finished);
  EXPECT_TRUE(all_of(mine->open(SpoolPlace::kUpload, begun->id)) == what);
}

TEST_F(SpoolTest, AnotherDaemonGoesOnWhereOneDied) {
  for (const std::size_t written : {0UL, 14999UL, 70000UL, 131072UL, 199999UL}) {
    auto first = spool();
    const auto begun = first->begin(SpoolKind::Upload, {}, 0, 0, "");
    const std::string what = text(200000);
    for (std::size_t at = 0; at < written; at += 10000) {
      ASSERT_TRUE(first->append(SpoolKind::Upload, begun->id, begun->head.version, at,
                                as_bytes(std::string_view(what).substr(at, std::min<std::size_t>(10000, written - at)))));
    }
    first.reset();
    const auto second = spool();
    const auto has = second->finish(SpoolKind::Upload, begun->id, begun->head.version, what.size());
    ASSERT_TRUE(has && !has->finished);
    EXPECT_LE(written - has->size, 65536U);
    EXPECT_EQ(has->size % 65536, 0U);
    ASSERT_TRUE(hand_over(*second, *begun, SpoolKind::Upload, what)->finished);
    EXPECT_TRUE(all_of(second->open(SpoolPlace::kUpload, begun->id)) == what);
  }
}

TEST_F(SpoolTest, TwoTabsDoNotOverwriteEachOther) {
  const auto mine = spool();
  const auto first = mine->begin(SpoolKind::Text, {}, 0, 0, "");
  const auto one = hand_over(*mine, *first, SpoolKind::Text, "one");
  const auto left = mine->begin(SpoolKind::Text, one->id, one->head.version, 0, "");
  const auto right = mine->begin(SpoolKind::Text, one->id, one->head.version, 0, "");
  ASSERT_TRUE(left && right);
  EXPECT_EQ(all_of(mine->open(SpoolPlace::kText, one->id)), "one");
  ASSERT_TRUE(hand_over(*mine, *left, SpoolKind::Text, "left"));
  EXPECT_EQ(hand_over(*mine, *right, SpoolKind::Text, "right").error().code, Code::kChanged);
  EXPECT_EQ(all_of(mine->open(SpoolPlace::kText, one->id)), "left");
  EXPECT_EQ(mine->begin(SpoolKind::Text, one->id, 0, 0, "").error().code, Code::kChanged);
  EXPECT_EQ(mine->begin(SpoolKind::Text, new_spool_id(), 77, 0, "").error().code, Code::kChanged);
}

TEST_F(SpoolTest, AMessageIsThereOnce) {
  const auto mine = spool();
  const SpoolId id = new_spool_id();
  const auto a = mine->begin(SpoolKind::Message, id, 0, 0, "");
  const auto b = mine->begin(SpoolKind::Message, id, 0, 0, "");
  ASSERT_TRUE(hand_over(*mine, *a, SpoolKind::Message, "a"));
  ASSERT_TRUE(hand_over(*mine, *b, SpoolKind::Message, "b")->finished);
  EXPECT_EQ(all_of(mine->open(SpoolPlace::kMessage, id)), "a");
  ASSERT_TRUE(mine->move(SpoolPlace::kMessage, SpoolPlace::kOutbox, id));
  EXPECT_TRUE(mine->begin(SpoolKind::Message, id, 0, 0, "")->finished);
  ASSERT_TRUE(mine->put_note(SpoolPlace::kDone, id, "done"));
  mine->forget(SpoolPlace::kOutbox, id);
  EXPECT_TRUE(mine->begin(SpoolKind::Message, id, 0, 0, "")->finished);
}

TEST_F(SpoolTest, LimitsAreSaid) {
  const auto mine = spool();
  EXPECT_EQ(mine->begin(SpoolKind::Upload, {}, 0, (1 << 20) + 1, "").error().detail, "more than 1 MB");
  const auto begun = mine->begin(SpoolKind::Upload, {}, 0, 0, "");
  EXPECT_EQ(hand_over(*mine, *begun, SpoolKind::Upload, text((1 << 20) + 1)).error().code, Code::kTooLarge);
  EXPECT_EQ(mine->begin(SpoolKind::Upload, {}, 0, 0, std::string(4001, 'n')).error().code, Code::kTooLarge);
}

TEST_F(SpoolTest, OneAtATimeChangesAMessage) {
  const auto mine = spool(), other = spool();
  const auto begun = mine->begin(SpoolKind::Message, {}, 0, 0, "");
  ASSERT_TRUE(hand_over(*mine, *begun, SpoolKind::Message, "text"));
  auto first = mine->open(SpoolPlace::kMessage, begun->id, true);
  ASSERT_TRUE(first && first->try_lock());
  auto second = other->open(SpoolPlace::kMessage, begun->id, true);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->try_lock());
  mine->forget(SpoolPlace::kMessage, begun->id);
  first = Error{Code::kNotFound, "", 0};
  EXPECT_FALSE(second->try_lock()) << "it was removed meanwhile";
}

// The n-th call that writes fails, for every n: what was confirmed is there, and the rest can be done again.
TEST_F(SpoolTest, ADiskThatIsFullAtAnyCall) {
  const std::string what = text(150000);
  for (long n = 0; n < 40; ++n) {
    const auto mine = spool();
    const SpoolId id = new_spool_id();
    disk.fail_at = disk.calls + n;
    const auto try_all = [&]() -> Result<void> {
      const auto begun = mine->begin(SpoolKind::Message, id, 0, 0, "");
      if (!begun) return begun.error();
      if (!begun->finished) {
        const auto whole = hand_over(*mine, *begun, SpoolKind::Message, what);
        if (!whole) return whole.error();
      }
      auto file = mine->open(SpoolPlace::kMessage, id, true);
      if (!file) return file.error();
      if (const auto noted = file->note("order"); !noted) return noted;
      return mine->put_note(SpoolPlace::kDone, id, "done");
    };
    const auto done = try_all();
    disk.fail_at = -1;
    if (!done) {
      EXPECT_EQ(done.error().code, Code::kStorage) << n << ": " << done.error().detail;
      ASSERT_TRUE(try_all()) << n;
    }
    const auto file = mine->open(SpoolPlace::kMessage, id);
    ASSERT_TRUE(file) << n;
    EXPECT_EQ(file->journal().back(), "order") << n;
    EXPECT_EQ(all_of(mine->open(SpoolPlace::kMessage, id)), what) << n;
  }
}

// Cut at any byte, as a crash may leave it: the notes before it are there, and another follows them.
TEST_F(SpoolTest, AJournalCutAnywhere) {
  const auto mine = spool();
  const auto begun = mine->begin(SpoolKind::Message, {}, 0, 0, "");
  ASSERT_TRUE(hand_over(*mine, *begun, SpoolKind::Message, "text"));
  std::string path;
  for (const std::string& name : files()) {
    if (name.find("/m-") != std::string::npos) path = name;
  }
  const std::size_t before = content(path).size();
  {
    auto file = mine->open(SpoolPlace::kMessage, begun->id, true);
    ASSERT_TRUE(file->note("first") && file->note("second"));
  }
  const std::string whole = content(path);
  for (std::size_t size = before; size <= whole.size(); ++size) {
    OnDisk::put(path, whole.substr(0, size));
    auto file = mine->open(SpoolPlace::kMessage, begun->id, true);
    ASSERT_TRUE(file) << size;
    const std::size_t known = file->journal().size();
    if (size == whole.size()) {
      EXPECT_EQ(known, 2U);
    }
    ASSERT_TRUE(file->note("next"));
    const auto again = mine->open(SpoolPlace::kMessage, begun->id);
    ASSERT_TRUE(again) << size;
    ASSERT_EQ(again->journal().size(), known + 1) << size;
    EXPECT_EQ(again->journal().back(), "next");
    if (known > 0) {
      EXPECT_EQ(again->journal().front(), "first");
    }
  }
}

// What was sent within the hour is counted over a restart, and by all who share the spool.
TEST_F(SpoolTest, WhatWasSentIsCountedByAll) {
  ASSERT_TRUE(account->keep_key(folder + "/spool/" + account->name()));
  const SendLimits limits(3, 10);
  const auto claim = [&](SentLog log, std::uint32_t recipients, std::int64_t now) {
    const auto allowed = log.claim(limits, recipients, now);
    return allowed ? 0U : allowed.error().retry_after;
  };
  const auto first = spool(), second = spool();
  EXPECT_EQ(claim(first->sent_log("sent"), 4, 1000), 0U);
  EXPECT_EQ(claim(second->sent_log("sent"), 4, 1100), 0U);
  EXPECT_EQ(claim(first->sent_log("sent"), 3, 1200), 3400U);
  EXPECT_EQ(claim(first->sent_log("sent-reports"), 10, 1200), 0U) << "is counted for itself";
  SentLog kept = first->sent_log("sent");
  EXPECT_TRUE(kept.claim(limits, 1, 1200));
  EXPECT_EQ(claim(spool()->sent_log("sent"), 1, 1300), 3300U) << "three";
  EXPECT_EQ(claim(spool()->sent_log("sent"), 1, 4601), 0U) << "the first is an hour old";
  EXPECT_FALSE(kept.claim(limits, 1, 4602)) << "has heard of the other's";
  EXPECT_TRUE(kept.claim(limits, 1, 500)) << "of a clock that was set back nobody is locked out for long";
}

TEST_F(SpoolTest, WhatWasSentLongAgoIsForgottenOnDiskToo) {
  ASSERT_TRUE(account->keep_key(folder + "/spool/" + account->name()));
  const SendLimits limits(5, 100);
  SentLog log = spool()->sent_log("sent");
  const auto size = [&] {
    std::size_t most = 0;
    for (const std::string& name : files()) most = name.ends_with("/sent") ? content(name).size() : most;
    return most;
  };
  std::size_t most = 0;
  for (std::int64_t n = 0; n < 2000; ++n) {
    ASSERT_TRUE(log.claim(limits, 1, n * 1000));
    most = std::max(most, size());
  }
  EXPECT_LT(most, 60'000U);
  EXPECT_FALSE(spool()->sent_log("sent").claim(limits, 100, 1999 * 1000)) << "what counts still does";
  for (const std::string& name : files()) {
    if (name.ends_with("/sent")) OnDisk::put(name, "damaged");
  }
  SentLog after = spool()->sent_log("sent");
  EXPECT_TRUE(after.claim(limits, 100, 1999 * 1000)) << "nothing fails of what cannot be read";
  EXPECT_FALSE(after.claim(limits, 1, 1999 * 1000));
  disk.half_first = false;
  disk.fail_at = disk.calls;
  SentLog full = spool()->sent_log("sent");
  EXPECT_TRUE(full.claim(limits, 99, 9'999'999));
  EXPECT_FALSE(full.claim(limits, 99, 9'999'999)) << "memory has to do";
}

TEST_F(SpoolTest, TheKeyOutlivesTheCache) {
  const auto mine = spool();
  const auto begun = mine->begin(SpoolKind::Text, {}, 0, 0, "");
  ASSERT_TRUE(hand_over(*mine, *begun, SpoolKind::Text, "kept"));
  std::filesystem::remove_all(folder + "/cache/" + account->name());
  account = cache.open_account("anna", Secret("word"), Secret());
  EXPECT_EQ(all_of(spool()->open(SpoolPlace::kText, begun->id)), "kept");
  // Another password, and nobody who knows the old key: what is there stays, and does not open.
  account = cache.open_account("anna", Secret("another"), Secret());
  EXPECT_EQ(all_of(spool()->open(SpoolPlace::kText, begun->id)), "does not open");
  EXPECT_TRUE(spool()->has(SpoolPlace::kText, begun->id));
}

}  // namespace
}  // namespace alphamail
