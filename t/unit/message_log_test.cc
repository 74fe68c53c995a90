// SPDX-License-Identifier: GPL-3.0-or-later
// Opened messages on disk: what comes back is what was kept, or nothing, whatever happened to the files.
#include "webcache/message_log.h"

#include "failing_disk.h"
#include "webcache/wrapped_key.h"

namespace alphamail {
namespace {

constexpr std::uint32_t kValidity = 7;

class MessageLogTest : public OnDisk {
 protected:
  static OpenedMessage message(std::uint32_t uid, std::size_t text_bytes = 2000) {
    OpenedMessage m;
    m.uid_validity = kValidity;
    m.opened.row.uid = Uid{uid};
    m.opened.row.internal_date = 1'700'000'000 + uid;
    m.opened.row.size = text_bytes;
    m.opened.header = "Subject: " + std::to_string(uid) + "\r\n\r\n";
    PartInfo part;
    part.section = "1";
    part.type = "text";
    part.parameters = {{"charset", "utf-8"}};
    m.opened.row.parts.push_back(part);
    m.opened.texts.push_back({"1", std::string(text_bytes, static_cast<char>('a' + uid % 26))});
    m.bytes = text_bytes;
    return m;
  }
  /// "" where it is not there.
  std::string read(std::uint32_t uid, const std::string& in = "INBOX",
                   std::uint32_t validity = kValidity) {
    const auto m = log->read(in, validity, Uid{uid});
    if (!m) return "";
    const OpenedMessage good = message(uid, m->opened.row.size);
    EXPECT_EQ(m->opened.row.uid, good.opened.row.uid);
    EXPECT_EQ(m->opened.row.internal_date, good.opened.row.internal_date);
    EXPECT_EQ(m->opened.row.parts.at(0).parameters.at(0).value, "utf-8");
    EXPECT_EQ(m->opened.texts.at(0).bytes, good.opened.texts.at(0).bytes);
    return m->opened.header;
  }
  static std::string header(std::uint32_t uid) { return message(uid).opened.header; }
  void restart(std::uint64_t most = MessageLog::kMostBytes) {
    account = account ? cache.open_account("ann", Secret(account->key().bytes()))
                      : cache.open_account("ann", Secret("secret"), Secret());
    ASSERT_TRUE(account);
    log = std::make_unique<MessageLog>(account, most);
  }
  std::vector<std::string> kept_files() const {
    std::vector<std::string> kept;
    for (const std::string& name : files()) {
      if (name.find("/m-") != std::string::npos) kept.push_back(name);
    }
    return kept;
  }
  void SetUp() override { restart(); }

  FailingDisk disk;
  CacheDir cache{folder + "/cache", folder + "/spool", 1 << 30, disk};
  std::shared_ptr<const AccountFiles> account;
  std::unique_ptr<MessageLog> log;
};

TEST_F(MessageLogTest, WhatWasKeptComesBackAlsoAfterARestart) {
  for (std::uint32_t uid = 1; uid <= 20; ++uid) log->keep("INBOX", message(uid));
  log->keep("Work", message(3, 5));
  EXPECT_EQ(kept_files().size(), 1U) << "one file for all of them";
  for (const bool again : {false, true}) {
    if (again) restart();
    for (std::uint32_t uid = 1; uid <= 20; ++uid) EXPECT_EQ(read(uid), header(uid));
    EXPECT_EQ(read(3, "Work"), header(3));
    EXPECT_EQ(read(21), "");
    EXPECT_EQ(read(4, "Work"), "") << "of another folder";
    EXPECT_EQ(read(3, "INBOX", kValidity + 1), "") << "of a folder made anew";
  }
  log->rest();
  EXPECT_EQ(read(20), header(20));
}

TEST_F(MessageLogTest, KeptTwiceItIsWrittenOnce) {
  log->keep("INBOX", message(1));
  const auto size = content(kept_files().at(0)).size();
  log->keep("INBOX", message(1));
  EXPECT_EQ(content(kept_files().at(0)).size(), size);
}

TEST_F(MessageLogTest, FullItGoesOnInTheOtherFileAndTheOldestLeave) {
  restart(20000);
  for (std::uint32_t uid = 1; uid <= 100; ++uid) log->keep("INBOX", message(uid));
  for (const bool again : {false, true}) {
    if (again) restart(20000);
    EXPECT_EQ(kept_files().size(), 2U);
    std::size_t bytes = 0;
    for (const std::string& name : kept_files()) bytes += content(name).size();
    EXPECT_LE(bytes, 2 * 20000U + 2 * 200);
    EXPECT_EQ(read(1), "");
    EXPECT_EQ(read(100), header(100));
    EXPECT_EQ(read(91), header(91)) << "the half that was full before is still there";
  }
  log->keep("INBOX", message(101));
  EXPECT_EQ(read(101), header(101));
  EXPECT_EQ(read(100), header(100)) << "after a restart the one that was written goes on";
}

TEST_F(MessageLogTest, AtEachByteOfACrashTheOldStateOrTheNew) {
  for (std::uint32_t uid = 1; uid <= 2; ++uid) log->keep("INBOX", message(uid, 60));
  const std::string path = kept_files().at(0), before = content(path);
  log->keep("INBOX", message(3, 60));
  const std::string after = content(path);
  for (std::size_t left = 0; left <= after.size(); ++left) {
    put(path, after.substr(0, left));
    restart();
    const std::string third = read(3);
    EXPECT_EQ(third, left == after.size() ? header(3) : "") << left;
    if (left >= before.size()) {
      EXPECT_EQ(read(1), header(1)) << left;
      EXPECT_EQ(read(2), header(2)) << left;
    }
    log->keep("INBOX", message(4, 60));
    restart();
    EXPECT_EQ(read(4), header(4)) << left;
  }
}

TEST_F(MessageLogTest, WhatIsDamagedSwappedOrAnothersIsNotBelieved) {
  for (std::uint32_t uid = 1; uid <= 3; ++uid) log->keep("INBOX", message(uid, 60));
  const std::string path = kept_files().at(0), good = content(path);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 8);
    put(path, bad);
    restart();
    for (std::uint32_t uid = 1; uid <= 3; ++uid) {
      const std::string got = read(uid);
      EXPECT_TRUE(got.empty() || got == header(uid)) << at;
    }
    log->keep("INBOX", message(9, 60));
    EXPECT_EQ(read(9), header(9)) << at;
  }
  ASSERT_EQ(kept_files(), std::vector<std::string>{path});
  // Records in another order: their numbers are sealed with them.
  const std::size_t record = (good.size() - 72) / 3;
  put(path, good.substr(0, 72) + good.substr(72 + record, record) + good.substr(72, record) +
                good.substr(72 + 2 * record));
  restart();
  EXPECT_EQ(read(1), "");
  // Another account's file in its place.
  const auto other = cache.open_account("bob", Secret("secret"), Secret());
  MessageLog of_other(other);
  of_other.keep("INBOX", message(1, 60));
  put(path, good);
  restart();
  ASSERT_EQ(read(1), header(1));
  for (const std::string& name : kept_files()) {
    if (name.find(other->name()) != std::string::npos) put(path, content(name));
  }
  restart();
  EXPECT_EQ(read(1), "");
}

TEST_F(MessageLogTest, DeletedWhileInUseItBeginsAnew) {
  log->keep("INBOX", message(1));
  std::filesystem::remove_all(folder + "/cache/" + account->name());
  EXPECT_EQ(read(1), "");
  log->keep("INBOX", message(2));
  restart();
  EXPECT_EQ(read(2), header(2));
}

TEST_F(MessageLogTest, AFullDiskAtAnyCallLosesNothingThatWasThere) {
  log->keep("INBOX", message(1));
  for (long n = 0; n < 6; ++n) {
    disk.calls = 0;
    disk.fail_at = n;
    log->keep("INBOX", message(2));
    disk.fail_at = -1;
    EXPECT_EQ(read(1), header(1)) << n;
    const std::string second = read(2);
    EXPECT_TRUE(second.empty() || second == header(2)) << n;
  }
  log->keep("INBOX", message(3));
  restart();
  EXPECT_EQ(read(1), header(1));
  EXPECT_EQ(read(3), header(3));
}

TEST_F(MessageLogTest, NothingReadableLiesOnDisk) {
  log->keep("Secret plans", message(1));
  const std::string bytes = content(kept_files().at(0));
  for (const char* words : {"Subject", "bbbb", "plans", "utf-8"}) {
    EXPECT_EQ(bytes.find(words), std::string::npos) << words;
  }
}

}  // namespace
}  // namespace alphamail
