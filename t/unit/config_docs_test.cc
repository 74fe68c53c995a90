// SPDX-License-Identifier: GPL-3.0-or-later
// The sample configuration and the man page say what the code does: the same keys, the same defaults.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "common/config_keys.h"
#include "common/setting_table.h"

namespace alphamail {
namespace {

std::string content(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::set<std::string> keys_in_code() {
  std::set<std::string> names;
  for (const ConfigKey& key : config_keys()) names.insert(key.name);
  return names;
}

std::string sample() { return content(ALPHAMAIL_TOP_BUILDDIR "/conf/alphamail_config"); }
std::string man_page() { return content(ALPHAMAIL_TOP_BUILDDIR "/doc/man/alphamail_config.5"); }

TEST(Sample, IsAGoodConfiguration) {
  const auto config = parse_config(sample(), "sample");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->imap_servers.size(), 1U);
}

/// Each key stands once, either as a line or behind a '#' with its default.
TEST(Sample, NamesEveryKeyAndItsDefault) {
  std::map<std::string, std::string> found;
  std::istringstream lines(sample());
  const std::regex form("(#?)([a-z_]+):(.*)");
  for (std::string line; std::getline(lines, line);) {
    std::smatch parts;
    if (!std::regex_match(line, parts, form)) continue;
    const ConfigKey* key = find_config_key(parts[2].str());
    ASSERT_NE(key, nullptr) << line;
    EXPECT_TRUE(found.emplace(parts[2], line).second) << line;
    if (parts[1] == "#") {
      EXPECT_EQ(trimmed(parts[3].str()), key->fallback) << line;
    }
  }
  for (const std::string& name : keys_in_code()) EXPECT_EQ(found.count(name), 1U) << name;
}

TEST(Sample, EveryCommentedLineWouldBeGood) {
  const std::string active = std::regex_replace(sample(), std::regex("\n#([a-z_]+:)"), "\n$1");
  const auto config = parse_config(active, "sample");
  EXPECT_TRUE(config) << config.error().detail;
}

std::string without_escapes(std::string text) {
  std::erase(text, '\\');
  return text;
}

TEST(ManPage, NamesEveryKeyItsTypeAndDefault) {
  const std::string page = without_escapes(man_page());
  std::set<std::string> found;
  const std::regex form("\n\\.TP\n\\.B ([a-z_]+)\n[^\n]*\n\\((.*); default: (.*)\\)(?=\n)");
  for (std::sregex_iterator at(page.begin(), page.end(), form), end; at != end; ++at) {
    const ConfigKey* key = find_config_key((*at)[1].str());
    ASSERT_NE(key, nullptr) << (*at)[1];
    found.insert(key->name);
    EXPECT_EQ((*at)[2], key->type) << key->name;
    const std::string fallback = (*at)[3];
    const bool none = fallback.starts_with("none");
    EXPECT_EQ(none ? "" : fallback, std::string(key->fallback)) << key->name;
  }
  EXPECT_EQ(found, keys_in_code());
}

/// "| `name`, `name` | value, value | ...": the values of choices and numbers, the default first.
TEST(AdminGuide, HasEverySettingWithItsValues) {
  const std::string guide = content(ALPHAMAIL_TOP_SRCDIR "/doc/admin-guide.md");
  for (const Setting& setting : setting_table()) {
    const std::regex row("\n\\|[^|\n]*`" + std::string(setting.name) + "`[^|\n]*\\| ([^|\n]*) \\|");
    std::smatch found;
    ASSERT_TRUE(std::regex_search(guide, found, row)) << setting.name;
    std::istringstream words(found[1].str());
    std::vector<std::string> values;
    for (std::string word; std::getline(words, word, ',');) values.emplace_back(trimmed(word));
    if (setting.kind != SettingKind::kLanguage && setting.kind != SettingKind::kTimeZone && setting.kind != SettingKind::kFolder) {
      for (const SettingChoice& choice : setting.choices) {
        EXPECT_NE(std::find(values.begin(), values.end(), choice.value), values.end()) << setting.name << " " << choice.value;
      }
      EXPECT_EQ(values.front(), setting.get(Settings{})) << setting.name;
    }
  }
}

}  // namespace
}  // namespace alphamail
