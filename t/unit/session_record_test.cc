// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "mod_alphamail/session.h"
#include "mod_alphamail/session_cache.h"

namespace alphamail {
namespace {

const SettingRules kRules;

SessionRecord sample() {
  SessionRecord record;
  record.user = "demo";
  record.domain = "example.edu";
  record.sealed_password = Bytes(48, std::byte{0});
  record.sealed_account_key = Bytes(61, std::byte{3});
  record.started = 1795104000;
  record.last_used = 1795104060;
  record.idle_limit = 1800;
  record.browser_class = "firefox";
  record.identities = {"d.emo@example.edu", "dean@physics.example.edu"};
  record.settings.language = "de";
  record.settings.time_zone = "Europe/Berlin";
  record.settings.rows = 100;
  record.settings.theme = Theme::kDark;
  record.settings.density = Density::kCompact;
  record.settings.undo_seconds = 5;
  record.settings.ask_many = false;
  return record;
}

Key key_of(unsigned char n) {
  Key key;
  key.fill(std::byte{n});
  return key;
}

TEST(SessionRecord, ComesBackAsItWas) {
  const auto read = read_record(spell_record(sample(), key_of(1), kRules), key_of(1), kRules);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, "demo");
  EXPECT_EQ(read->domain, "example.edu");
  EXPECT_EQ(read->sealed_password, Bytes(48, std::byte{0}));
  EXPECT_EQ(read->sealed_account_key, Bytes(61, std::byte{3}));
  EXPECT_EQ(read->started, 1795104000);
  EXPECT_EQ(read->last_used, 1795104060);
  EXPECT_EQ(read->idle_limit, 1800u);
  EXPECT_EQ(read->browser_class, "firefox");
  EXPECT_EQ(read->settings.language, "de");
  EXPECT_EQ(read->settings.time_zone, "Europe/Berlin");
  EXPECT_EQ(read->settings.rows, 100);
  EXPECT_EQ(read->settings.theme, Theme::kDark);
  EXPECT_EQ(read->settings.density, Density::kCompact);
  EXPECT_EQ(read->settings.undo_seconds, 5);
  EXPECT_FALSE(read->settings.ask_many);
  EXPECT_TRUE(read->settings.ask_domain);
  EXPECT_EQ(read->settings, sample().settings);
}

TEST(SessionRecord, HoldsWhatDiffersFromTheSitesDefaults) {
  SettingRules rules;
  rules.defaults.theme = Theme::kDark;
  rules.defaults.rows = 25;
  SettingRules later = rules;
  later.defaults.rows = 200;
  later.locks = {"language"};
  SessionRecord record = sample();
  record.settings.rows = 25;
  const auto read = read_record(spell_record(record, key_of(1), rules), key_of(1), later);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->settings.rows, 200);
  EXPECT_EQ(read->settings.language, "");
  EXPECT_EQ(read->settings.time_zone, "Europe/Berlin");
  EXPECT_EQ(read->settings.density, Density::kCompact);
}

TEST(SessionRecord, AnyBitChangedMakesItAMiss) {
  const std::string good = spell_record(sample(), key_of(1), kRules);
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
    EXPECT_FALSE(read_record(bad, key_of(1), kRules)) << i;
  }
}

TEST(SessionRecord, AnyCutMakesItAMiss) {
  const std::string good = spell_record(sample(), key_of(1), kRules);
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(read_record(good.substr(0, n), key_of(1), kRules));
  EXPECT_FALSE(read_record(good + '\0', key_of(1), kRules));
}

TEST(SessionRecord, AnotherSessionsIsAMiss) {
  EXPECT_FALSE(read_record(spell_record(sample(), key_of(1), kRules), key_of(2), kRules));
}

TEST(SessionKeys, AreUnrelatedToEachOtherAndToOtherSecrets) {
  std::set<Key> seen;
  for (unsigned char n = 0; n < 8; ++n) {
    const Key secret = key_of(n);
    const auto keys = Session::keys_of(secret);
    seen.insert(secret);
    seen.insert(keys.row);
    seen.insert(keys.password);
    seen.insert(keys.token);
    EXPECT_EQ(Session::keys_of(secret).row, keys.row);
    EXPECT_EQ(Session::keys_of(secret).handle.high(), keys.handle.high());
  }
  EXPECT_EQ(seen.size(), 32u);
}

}  // namespace
}  // namespace alphamail
