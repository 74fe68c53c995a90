// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/folder_settings.h"

#include <gtest/gtest.h>

#include "common/setting_table.h"
#include "mod_alphamail/folder_names.h"

namespace alphamail {
namespace {

using wire::Role;

TEST(FolderNames, WhatIsTypedBecomesOneLevel) {
  EXPECT_EQ(level_of_name("  Physik II "), "Physik II");
  EXPECT_EQ(level_of_name("a/b~c"), "a~2Fb~7Ec");
  EXPECT_EQ(level_of_name(".."), "~2E~2E");
  EXPECT_EQ(level_of_name(".hidden"), ".hidden");
  EXPECT_EQ(level_of_name("日本語 & 100%"), "日本語 & 100%");
  for (const char* bad : {"", "   ", "a\nb", "a\x01", "a\xff"}) EXPECT_FALSE(level_of_name(bad)) << bad;
  EXPECT_FALSE(level_of_name(std::string(256, 'x')));
  EXPECT_TRUE(level_of_name(std::string(255, 'x')));
}

TEST(FolderNames, AddressesAreTakenApartAndPutTogether) {
  EXPECT_EQ(parent_of("Work/2026/May"), "Work/2026");
  EXPECT_EQ(parent_of("Work"), "");
  EXPECT_EQ(last_level_of("Work/2026"), "2026");
  EXPECT_EQ(last_level_of("Work"), "Work");
  EXPECT_EQ(address_below("", "Work"), "Work");
  EXPECT_EQ(address_below("Work", "2026"), "Work/2026");
  EXPECT_TRUE(is_below("Work/2026", "Work"));
  EXPECT_FALSE(is_below("Work", "Work"));
  EXPECT_FALSE(is_below("Workshop", "Work"));
}

TEST(FolderSettings, FavouritesStandInTheOrderChosen) {
  Settings settings;
  EXPECT_TRUE(choose_favourite(settings, "Work/Plans", true));
  EXPECT_TRUE(choose_favourite(settings, "INBOX", true));
  EXPECT_TRUE(choose_favourite(settings, "Work/Plans", true));
  EXPECT_EQ(favourites_of(settings), (std::vector<std::string>{"INBOX", "Work/Plans"}));
  EXPECT_TRUE(is_favourite(settings, "INBOX"));
  EXPECT_TRUE(choose_favourite(settings, "INBOX", false));
  EXPECT_FALSE(is_favourite(settings, "INBOX"));
  // As many as have room; what somebody put into the store does no harm.
  EXPECT_FALSE(choose_favourite(settings, std::string(2000, 'x'), true));
  settings.favourites = "a//b\n\nok\n../x";
  EXPECT_EQ(favourites_of(settings), std::vector<std::string>{"ok"});
  const Setting* const row = find_setting("favourites");
  ASSERT_NE(row, nullptr);
  EXPECT_TRUE(row->put(settings, "A\nB/C"));
  EXPECT_FALSE(row->put(settings, "A\n../B"));
  EXPECT_FALSE(row->put(settings, std::string(2000, 'x')));
  EXPECT_EQ(row->get(settings), "A\nB/C");
}

TEST(FolderSettings, AFolderHasOneRoleAndARoleOneFolder) {
  Settings settings;
  choose_role(settings, "A", Role::Sent);
  choose_role(settings, "A", Role::Drafts);
  choose_role(settings, "B", Role::Drafts);
  EXPECT_EQ(settings.roles, (std::array<std::string, 5>{"B", "", "", "", ""}));
  choose_role(settings, "B", Role::None);
  EXPECT_EQ(settings.roles, (std::array<std::string, 5>{}));
}

TEST(FolderSettings, FollowFoldersToTheirNewNames) {
  Settings settings;
  choose_role(settings, "Old/Sent", Role::Sent);
  choose_favourite(settings, "Old", true);
  choose_favourite(settings, "Older", true);
  EXPECT_TRUE(follow_folder(settings, "Old", "New/Place"));
  EXPECT_EQ(settings.roles[1], "New/Place/Sent");
  EXPECT_EQ(favourites_of(settings), (std::vector<std::string>{"New/Place", "Older"}));
  EXPECT_FALSE(follow_folder(settings, "Nothing", "Else"));
  EXPECT_TRUE(forget_folder(settings, "New"));
  EXPECT_TRUE(settings.roles[1].empty());
  EXPECT_EQ(favourites_of(settings), std::vector<std::string>{"Older"});
  EXPECT_FALSE(forget_folder(settings, "New"));
}

}  // namespace
}  // namespace alphamail
