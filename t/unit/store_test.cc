// SPDX-License-Identifier: GPL-3.0-or-later
// Runs on SQLite, and on PostgreSQL too where ALPHAMAIL_TEST_PGSQL holds its parameters
// (t/3040-postgresql.t sets it).
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <apr_dbd.h>
#include <apr_general.h>

#include "mod_alphamail/store.h"
#include "mod_alphamail/store_schema.h"

namespace alphamail {
namespace {

Deadline soon() { return Deadline::in(Millis(10000)); }

class StoreTest : public ::testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() {
    apr_initialize();
    apr_pool_create(&pool_, nullptr);
    apr_dbd_init(pool_);
  }
  void SetUp() override {
    options_.driver = GetParam();
    if (options_.driver == "pgsql") {
      const char* params = std::getenv("ALPHAMAIL_TEST_PGSQL");
      if (!params) GTEST_SKIP() << "no PostgreSQL server was given";
      options_.params = params;
      return;
    }
    char name[] = "/tmp/alphamail-store-XXXXXX";
    folder_ = mkdtemp(name);
    options_.params = folder_ + "/alphamail.db";
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  Store::Step put(const std::string& user, const std::string& name, const std::string& value) {
    return {Sql::kSettingPut, {user, "example.edu", name, value}};
  }
  std::string value(Store& store, const std::string& user, const std::string& name) {
    const auto rows = store.select({Sql::kSettingsSelect, {user, "example.edu"}}, soon());
    EXPECT_TRUE(rows) << rows.error().detail;
    for (const auto& row : *rows) {
      if (row[0] == name) return row[1];
    }
    return "";
  }
  static apr_pool_t* pool_;
  Store::Options options_;
  std::string folder_;
};
apr_pool_t* StoreTest::pool_ = nullptr;

TEST_P(StoreTest, MakesItsTablesAndKeepsWhatIsWritten) {
  {
    Store store(options_);
    const auto put_it = store.write(put("keeps", "language", "it's \"de\" \xC3\xA4"), soon());
    ASSERT_TRUE(put_it) << put_it.error().detail;
    EXPECT_EQ(*put_it, 1);
  }
  Store again(options_);
  EXPECT_EQ(value(again, "keeps", "language"), "it's \"de\" \xC3\xA4");
  ASSERT_TRUE(again.write(put("keeps", "language", "fr"), soon()));
  EXPECT_EQ(value(again, "keeps", "language"), "fr");
}

TEST_P(StoreTest, SessionsComeBackWithTheirSettings) {
  Store store(options_);
  const std::string row = "row-" + std::to_string(getpid());
  ASSERT_TRUE(store.write({Sql::kSessionInsert, {row, "sess", "example.edu", "c2VhbGVk", "100", "160",
                                                 "1800", "firefox", "a2V5"}}, soon()));
  auto rows = store.select({Sql::kSessionSelect, {row}}, soon());
  ASSERT_TRUE(rows) << rows.error().detail;
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ((*rows)[0], (Store::Row{"sess", "example.edu", "c2VhbGVk", "100", "160", "1800", "firefox",
                                    "a2V5", "", ""}));
  ASSERT_TRUE(store.write({put("sess", "rows", "25")}, soon()));
  ASSERT_TRUE(store.write({put("sess", "theme", "dark")}, soon()));
  EXPECT_EQ(store.select({Sql::kSessionSelect, {row}}, soon())->size(), 2u);
  EXPECT_EQ(*store.write({Sql::kSessionTouch, {"200", row, "200"}}, soon()), 1);
  EXPECT_EQ(*store.write({Sql::kSessionTouch, {"150", row, "150"}}, soon()), 0) << "time went back";
  EXPECT_EQ((*store.select({Sql::kSessionSelect, {row}}, soon()))[0][4], "200");
  EXPECT_EQ(store.select({Sql::kSessionsOfUser, {"sess", "example.edu"}}, soon())->size(), 1u);
  EXPECT_EQ(*store.write({Sql::kSessionExpire, {"2000", "100"}}, soon()), 0) << "it is still good";
  EXPECT_EQ(*store.write({Sql::kSessionExpire, {"2001", "0"}}, soon()), 1);
  EXPECT_TRUE(store.select({Sql::kSessionSelect, {row}}, soon())->empty());
  EXPECT_EQ(*store.write({Sql::kSessionDelete, {row}}, soon()), 0);
}

TEST_P(StoreTest, StepsAreAllOrNone) {
  Store store(options_);
  ASSERT_TRUE(store.write(put("atom", "a", "1"), soon()));
  Store::Step refused = {Sql::kSessionTouch, {"not a number", "x", "1"}};  // by PostgreSQL
  if (options_.driver == "sqlite3") {
    const std::string trigger = "sqlite3 " + options_.params +
                                " \"CREATE TRIGGER t BEFORE INSERT ON alphamail_setting WHEN "
                                "new.name = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END\"";
    if (std::system(trigger.c_str()) != 0) GTEST_SKIP() << "needs the program sqlite3";
    refused = put("atom", "bad", "1");
  }
  const std::vector<Store::Step> steps = {put("atom", "a", "2"), refused, put("atom", "c", "3")};
  const auto failed = store.write(steps, soon());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kStorage);
  EXPECT_EQ(value(store, "atom", "a"), "1");
  EXPECT_EQ(value(store, "atom", "c"), "");
  const auto after = store.write(put("atom", "b", "3"), soon());
  EXPECT_TRUE(after) << "the connection must work on after a failure: " << after.error().detail;
}

TEST_P(StoreTest, ManyThreadsAndStoresStartAtOnce) {
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  Store shared(options_);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      Store own(options_);
      for (int i = 0; i < 20; ++i) {
        Store& store = i % 2 ? own : shared;
        const auto done = store.write(put("many" + std::to_string(t), "n", std::to_string(i)), soon());
        if (!done && ++failures == 1) ADD_FAILURE() << done.error().detail;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  for (int t = 0; t < 8; ++t) EXPECT_EQ(value(shared, "many" + std::to_string(t), "n"), "19");
}

INSTANTIATE_TEST_SUITE_P(Drivers, StoreTest, ::testing::Values("sqlite3", "pgsql"),
                         [](const auto& driver) { return std::string(driver.param); });

class SqliteStoreTest : public StoreTest {};

TEST_P(SqliteStoreTest, TheFileIsPrivate) {
  Store store(options_);
  ASSERT_TRUE(store.write(put("p", "a", "1"), soon()));
  struct stat info {};
  ASSERT_EQ(stat(options_.params.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_P(SqliteStoreTest, AReadOnlyFileIsReadAndSaysWhyItCannotBeWritten) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everything";
  {
    Store store(options_);
    ASSERT_TRUE(store.write(put("ro", "a", "1"), soon()));
  }
  chmod(options_.params.c_str(), 0400);
  Store store(options_);
  EXPECT_EQ(value(store, "ro", "a"), "1");
  const auto refused = store.write(put("ro", "a", "2"), soon());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kStorage);
  EXPECT_NE(refused.error().detail.find("readonly"), std::string::npos) << refused.error().detail;
}

TEST_P(SqliteStoreTest, AFolderThatIsNotThereIsAReasonInWords) {
  options_.params = folder_ + "/absent/alphamail.db";
  Store store(options_);
  const auto refused = store.write(put("x", "a", "1"), soon());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kStorage);
  std::filesystem::create_directory(folder_ + "/absent");
  EXPECT_TRUE(store.write(put("x", "a", "1"), soon())) << "works as soon as the folder is there";
}

TEST_P(SqliteStoreTest, AFileThatIsNoDatabaseIsAReasonInWords) {
  FILE* file = std::fopen(options_.params.c_str(), "w");
  for (int i = 0; i < 500; ++i) std::fputs("this is not a database\n", file);
  std::fclose(file);
  Store store(options_);
  EXPECT_FALSE(store.select({Sql::kSettingsSelect, {"x", "y"}}, soon()));
}

INSTANTIATE_TEST_SUITE_P(Drivers, SqliteStoreTest, ::testing::Values("sqlite3"),
                         [](const auto& driver) { return std::string(driver.param); });

}  // namespace
}  // namespace alphamail
