// SPDX-License-Identifier: GPL-3.0-or-later
// Keys on disk: who may open them, what a changed password does. The folder: its names, its limit,
// what happens when it is deleted.
#include "webcache/cache_dir.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "failing_disk.h"
#include "webcache/wrapped_key.h"

namespace alphamail {
namespace {

std::string text(const Secret& secret) {
  return std::string(secret.text());
}

class CacheDirTest : public OnDisk {
 protected:
  std::shared_ptr<AccountFiles> open(const std::string& password, const Secret& live = Secret(),
                                     const std::string& account = "ann") {
    return cache->open_account(account, Secret(password), live);
  }
  void restart(std::uint64_t limit = 1 << 30) {
    cache.reset();
    cache = std::make_unique<CacheDir>(folder + "/cache", folder + "/spool", limit, disk);
  }
  static bool write(const AccountFiles& files, const std::string& what, const std::string& words) {
    auto writer = files.begin('i', what);
    if (!writer || !writer->write(as_bytes(words)) || !writer->commit(SealedWriter::Last::kNow))
      return false;
    files.note_written(words.size());
    return true;
  }
  static std::string read(const AccountFiles& files, const std::string& what) {
    auto file = files.open('i', what, false);
    if (!file) return "(none)";
    std::string words(file->size(), '\0');
    return file->read(0, std::as_writable_bytes(std::span(words))) ? words : "(damaged)";
  }

  FailingDisk disk;
  std::unique_ptr<CacheDir> cache =
      std::make_unique<CacheDir>(folder + "/cache", folder + "/spool", 1 << 30, disk);
};

TEST_F(CacheDirTest, ThePasswordBringsTheKeyBack) {
  const auto first = open("secret");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->key().size(), 32U);
  ASSERT_TRUE(write(*first, "INBOX", "words"));
  restart();
  const auto again = open("secret");
  ASSERT_TRUE(again);
  EXPECT_EQ(text(again->key()), text(first->key()));
  EXPECT_EQ(read(*again, "INBOX"), "words");
  const auto other = open("secret", Secret(), "bob");
  ASSERT_TRUE(other);
  EXPECT_NE(text(other->key()), text(first->key()));
  EXPECT_EQ(read(*other, "INBOX"), "(none)");
}

TEST_F(CacheDirTest, AKeyThatASessionKeptNeedsNoPassword) {
  const auto first = open("secret");
  const Secret kept(first->key().bytes());
  ASSERT_TRUE(write(*first, "INBOX", "words"));
  restart();
  const auto again = cache->open_account("ann", kept);
  ASSERT_TRUE(again);
  EXPECT_EQ(read(*again, "INBOX"), "words");
  EXPECT_FALSE(cache->open_account("ann", new_account_key()));
  EXPECT_FALSE(cache->open_account("bob", kept));
  EXPECT_FALSE(cache->open_account("ann", Secret()));
}

TEST_F(CacheDirTest, AChangedPasswordThrowsTheOldCacheAway) {
  const auto first = open("old");
  ASSERT_TRUE(write(*first, "INBOX", "words"));
  restart();
  const auto fresh = open("new");
  ASSERT_TRUE(fresh);
  EXPECT_NE(text(fresh->key()), text(first->key()));
  EXPECT_EQ(read(*fresh, "INBOX"), "(none)");
  EXPECT_FALSE(cache->open_account("ann", first->key()));
  EXPECT_EQ(files().size(), 4U) << "lock, key, secret, and the key in the spool: the old index is gone";
  restart();
  EXPECT_EQ(text(open("new")->key()), text(fresh->key()));
}

TEST_F(CacheDirTest, ASessionThatIsOpenKeepsTheCacheOverAChangeOfPassword) {
  const auto first = open("old");
  ASSERT_TRUE(write(*first, "INBOX", "words"));
  const auto again = open("new", Secret(first->key().bytes()));
  ASSERT_TRUE(again);
  EXPECT_EQ(text(again->key()), text(first->key()));
  restart();
  EXPECT_EQ(read(*open("new"), "INBOX"), "words");
}

TEST_F(CacheDirTest, ALogInWithoutPasswordWorksByTheDaemonsSecret) {
  const auto first = open("");
  ASSERT_TRUE(first);
  restart();
  EXPECT_EQ(text(open("")->key()), text(first->key()));
  restart();
  EXPECT_NE(text(open("a password")->key()), text(first->key()));
}

TEST_F(CacheDirTest, WithoutTheDaemonsSecretNothingOpens) {
  const auto first = open("secret");
  std::filesystem::remove_all(folder + "/spool");
  restart();
  const auto fresh = open("secret");
  ASSERT_TRUE(fresh);
  EXPECT_NE(text(fresh->key()), text(first->key()));
}

TEST_F(CacheDirTest, NamesOnDiskTellNothing) {
  const auto ann = open("secret", Secret(), "ann@example.edu");
  ASSERT_TRUE(write(*ann, "Private/Plans", "words"));
  for (const std::string& name : files()) {
    for (const char* word : {"ann", "example", "Private", "Plans"}) {
      EXPECT_EQ(name.substr(folder.size()).find(word), std::string::npos) << name;
    }
    struct stat seen {};
    ASSERT_EQ(::stat(name.c_str(), &seen), 0);
    EXPECT_EQ(seen.st_mode & 0777, 0600U) << name;
    ASSERT_EQ(::stat(name.substr(0, name.rfind('/')).c_str(), &seen), 0);
    EXPECT_EQ(seen.st_mode & 0777, 0700U) << name;
  }
}

TEST_F(CacheDirTest, ADamagedKeyFileIsAnotherAccount) {
  const auto first = open("secret");
  const std::string path = folder + "/cache/" + first->name() + "/key";
  const std::string bytes = content(path);
  ASSERT_EQ(bytes.size(), 42U + 1 + 12 + 32 + 16);
  const std::string in_spool = folder + "/spool/" + first->name() + "/key";
  for (std::size_t at = 0; at < bytes.size(); at += 9) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    put(in_spool, bytes);
    put(path, changed);
    EXPECT_EQ(text(open("secret")->key()), text(first->key())) << at << ": the other one is sound";
    put(in_spool, changed);
    put(path, bytes);
    EXPECT_EQ(text(open("secret")->key()), text(first->key())) << at << ": the other one is sound";
    put(in_spool, changed);
    put(path, changed);
    const auto now = open("secret");
    ASSERT_TRUE(now) << at;
    EXPECT_NE(text(now->key()), text(first->key())) << at;
  }
  put(in_spool, bytes.substr(0, 50));
  put(path, bytes.substr(0, 50));
  EXPECT_NE(text(open("secret")->key()), text(first->key()));
}

TEST_F(CacheDirTest, DeletedWhileInUseItComesBack) {
  const auto first = open("secret");
  ASSERT_TRUE(write(*first, "INBOX", "before"));
  std::filesystem::remove_all(folder + "/cache");
  EXPECT_EQ(read(*first, "INBOX"), "(none)");
  ASSERT_TRUE(write(*first, "INBOX", "after"));
  restart();
  const auto again = open("secret");
  EXPECT_EQ(read(*again, "INBOX"), "after");
}

TEST_F(CacheDirTest, AFileUnderAnothersNameIsRemoved) {
  const auto ann = open("secret");
  ASSERT_TRUE(write(*ann, "A", "words of A"));
  ASSERT_TRUE(write(*ann, "B", "words of B"));
  std::vector<std::string> indexes;
  for (const std::string& name : files()) {
    if (name.find("/i-") != std::string::npos) indexes.push_back(name);
  }
  ASSERT_EQ(indexes.size(), 2U);
  const std::string first = content(indexes[0]), second = content(indexes[1]);
  put(indexes[0], second);
  put(indexes[1], first);
  EXPECT_EQ(read(*ann, "A"), "(none)");
  EXPECT_EQ(read(*ann, "B"), "(none)");
  EXPECT_EQ(files().size(), 4U) << "lock, key, secret, and the key in the spool";
}

TEST_F(CacheDirTest, OneDaemonAFolder) {
  ASSERT_TRUE(open("secret"));
  CacheDir second(folder + "/cache", folder + "/spool", 1 << 30);
  EXPECT_FALSE(second.open_account("ann", Secret("secret"), Secret()));
}

TEST_F(CacheDirTest, ADiskThatIsFullOrReadOnlyMeansNoCache) {
  disk.fail_at = 0;
  EXPECT_FALSE(open("secret"));
  disk.fail_at = -1;
  restart();
  ASSERT_TRUE(open("secret"));
  disk.calls = 0;
  disk.fail_at = 0;
  const auto bob = open("secret", Secret(), "bob");
  ASSERT_TRUE(bob) << "it has a key, though it could not be written";
  EXPECT_FALSE(write(*bob, "INBOX", "words"));
  disk.fail_at = -1;
  EXPECT_TRUE(write(*bob, "INBOX", "words")) << "room came back";
  EXPECT_EQ(read(*bob, "INBOX"), "words");
}

TEST_F(CacheDirTest, OverTheLimitTheLeastRecentlyUsedGo) {
  const std::string mega(1 << 20, 'x');
  restart(10 << 20);
  const auto ann = open("secret");
  for (int i = 0; i < 15; ++i) {
    const auto before = files();
    ASSERT_TRUE(write(*ann, std::to_string(i), mega));
    for (const std::string& name : files()) {
      if (std::find(before.begin(), before.end(), name) != before.end()) continue;
      const timespec times[2] = {{1'700'000'000 + i * 86400, 0}, {1'700'000'000 + i * 86400, 0}};
      ASSERT_EQ(::utimensat(AT_FDCWD, name.c_str(), times, 0), 0);
    }
  }
  EXPECT_EQ(read(*ann, "0"), mega) << "and was used just now";
  cache->trim();
  EXPECT_LE(cache->bytes(), 10U << 20);
  EXPECT_EQ(read(*ann, "0"), mega);
  EXPECT_EQ(read(*ann, "1"), "(none)");
  EXPECT_EQ(read(*ann, "2"), "(none)");
  EXPECT_EQ(read(*ann, "14"), mega);
  EXPECT_TRUE(cache->open_account("ann", ann->key())) << "keys stay";
}

}  // namespace
}  // namespace alphamail
