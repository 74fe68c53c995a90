// SPDX-License-Identifier: GPL-3.0-or-later
// The tree of folders out of what LIST says.
#include "webcache/folder_list.h"

#include <gtest/gtest.h>

namespace alphamail {
namespace {

using wire::Role;

ListedFolder folder(std::string name, Role role = Role::None, bool selectable = true) {
  ListedFolder f;
  f.name = std::move(name);
  f.separator = '/';
  f.role = role;
  f.selectable = selectable;
  return f;
}

std::string drawn(const FolderTree& tree) {
  std::string out;
  for (const FolderEntry& e : tree.entries()) {
    out.append(e.depth * 2U, ' ').append(e.name).append(e.selectable ? "" : " (holds others)");
    if (e.role != Role::None) out.append(" =").append(wire::EnumNameRole(e.role));
    out += '\n';
  }
  return out;
}

TEST(FolderTree, InboxThenRolesThenNamesParentsFirst) {
  FolderCounts counts;
  const auto tree = FolderTree::make(
      {folder("Work/Plans"), folder("zebra"), folder("Trash", Role::Trash), folder("Apple"),
       folder("inbox"), folder("Sent", Role::Sent), folder("Work"), folder("Work/About")},
      NameRules{"", '/', false}, counts);
  EXPECT_EQ(drawn(*tree),
            "INBOX =Inbox\nSent =Sent\nTrash =Trash\nApple\nWork\n  About\n  Plans\nzebra\n");
  EXPECT_EQ(counts.size(), tree->entries().size());
  EXPECT_EQ(tree->find("Work/About"), 5U);
  EXPECT_EQ(tree->find("Nowhere"), std::nullopt);
}

TEST(FolderTree, ThePrefixIsHiddenAndKeptInTheServersName) {
  FolderCounts counts;
  const auto tree =
      FolderTree::make({folder("INBOX"), folder("INBOX.Work"), folder("INBOX.Work.Plans")},
                       NameRules{"INBOX.", '.', false}, counts);
  EXPECT_EQ(drawn(*tree), "INBOX =Inbox\nWork\n  Plans\n");
  EXPECT_EQ(tree->entries()[2].imap_name, "INBOX.Work.Plans");
  EXPECT_EQ(tree->entries()[2].address, "Work/Plans");
}

TEST(FolderTree, MissingParentsArePutIn) {
  FolderCounts counts;
  const auto tree = FolderTree::make({folder("a/b/c")}, NameRules{"", '/', false}, counts);
  EXPECT_EQ(drawn(*tree), "INBOX =Inbox\na (holds others)\n  b (holds others)\n    c\n");
}

TEST(FolderTree, WellKnownNamesCountOnlyWhereTheServerIsSilent) {
  FolderCounts counts;
  auto tree = FolderTree::make({folder("Gesendet"), folder("Papierkorb"), folder("送信済み"),
                                folder("Projects/Drafts")},
                               NameRules{"", '/', false}, counts);
  EXPECT_EQ(tree->entries()[1].name, "Gesendet");
  EXPECT_EQ(tree->entries()[1].role, Role::Sent);
  EXPECT_EQ(tree->entries()[2].role, Role::Trash);
  EXPECT_EQ(tree->entries()[*tree->find("Projects/Drafts")].role, Role::None);
  tree = FolderTree::make({folder("Outgoing", Role::Sent), folder("Sent")}, NameRules{"", '/', false},
                          counts);
  EXPECT_EQ(tree->entries()[*tree->find("Outgoing")].role, Role::Sent);
  EXPECT_EQ(tree->entries()[*tree->find("Sent")].role, Role::None);
}

TEST(FolderTree, CountsFollowTheirFolders) {
  FolderCounts counts;
  ListedFolder work = folder("Work");
  work.counted = true;
  work.messages = 17;
  work.unseen = 3;
  const auto tree = FolderTree::make({work, folder("INBOX")}, NameRules{"", '/', false}, counts);
  EXPECT_FALSE(counts[0].counted);
  EXPECT_TRUE(counts[1].counted);
  EXPECT_EQ(counts[1].total, 17U);
  EXPECT_EQ(counts[1].unread, 3U);
}

TEST(FolderTree, OddNamesHaveTheirOwnAddresses) {
  FolderCounts counts;
  const auto tree = FolderTree::make({folder("&ZeVnLIqe-"), folder("a~b"), folder(".."), folder("&bad")},
                                     NameRules{"", '.', false}, counts);
  for (const FolderEntry& e : tree->entries()) {
    EXPECT_TRUE(is_address(e.address)) << e.address;
    EXPECT_EQ(tree->find(e.address).has_value(), true);
  }
  EXPECT_TRUE(tree->find("日本語").has_value());
}

TEST(FolderTree, IsBoundedInNumberAndDepth) {
  std::vector<ListedFolder> many;
  for (std::size_t i = 0; i < kMostFolders + 5000; ++i) many.push_back(folder("f" + std::to_string(i)));
  std::string deep = "d";
  for (int i = 0; i < 5000; ++i) deep += "/d";
  many.push_back(folder(deep));
  FolderCounts counts;
  const auto tree = FolderTree::make(many, NameRules{"", '/', false}, counts);
  EXPECT_LE(tree->entries().size(), kMostFolders + 1);
  for (const FolderEntry& e : tree->entries()) ASSERT_LT(e.depth, 100);
  const auto only_deep = FolderTree::make({folder(deep)}, NameRules{"", '/', false}, counts);
  EXPECT_EQ(only_deep->entries().size(), 1U);
}

TEST(FolderTree, SameListSameTree) {
  FolderCounts counts;
  const std::vector<ListedFolder> listed{folder("A"), folder("B")};
  const NameRules rules{"", '/', false};
  const auto tree = FolderTree::make(listed, rules, counts);
  EXPECT_TRUE(tree->same_as(*FolderTree::make(listed, rules, counts)));
  EXPECT_FALSE(tree->same_as(*FolderTree::make({folder("A")}, rules, counts)));
}

TEST(FolderTree, DotFilesAreHiddenUnlessSubscribedTo) {
  FolderCounts counts;
  ListedFolder kept = folder(".kept");
  kept.subscribed = true;
  const std::vector<ListedFolder> listed{folder(".bashrc"), folder("mail/.hidden/deep"), kept, folder("mail/seen")};
  const auto tree = FolderTree::make(listed, NameRules{"", '/', false}, counts);
  EXPECT_FALSE(tree->find(".bashrc"));
  EXPECT_FALSE(tree->find("mail/.hidden/deep"));
  EXPECT_FALSE(tree->find("mail/.hidden"));
  EXPECT_TRUE(tree->find(".kept"));
  EXPECT_TRUE(tree->find("mail/seen"));
  // Where levels are separated by dots none of them can begin with one.
  EXPECT_TRUE(FolderTree::make({folder("a.b")}, NameRules{"", '.', false}, counts)->find("a/b"));
}

TEST(FolderTree, TheUsersChoiceOfARoleGoesFirst) {
  FolderCounts counts;
  const std::vector<ListedFolder> listed{folder("Sent", Role::Sent), folder("Kopien"), folder("Papierkorb")};
  const NameRules rules{"", '/', false};
  auto tree = FolderTree::make(listed, rules, counts, {{Role::Sent, "Kopien"}, {Role::Trash, "Nowhere"}, {Role::Junk, "INBOX"}});
  EXPECT_EQ(tree->entries()[*tree->find("Kopien")].role, Role::Sent);
  EXPECT_EQ(tree->entries()[*tree->find("Sent")].role, Role::None);
  EXPECT_EQ(tree->entries()[*tree->find("Papierkorb")].role, Role::Trash);
  EXPECT_EQ(tree->entries()[*tree->find("INBOX")].role, Role::Inbox);
  // What the tree was made of is not lost by it.
  tree = FolderTree::make(tree->listed(counts), rules, counts);
  EXPECT_EQ(tree->entries()[*tree->find("Sent")].role, Role::Sent);
  EXPECT_EQ(tree->entries()[*tree->find("Kopien")].role, Role::None);
}

TEST(FolderTree, WhatOthersShareStandsBehindOnesOwnAndKeepsItsNames) {
  FolderCounts counts;
  ListedFolder anna = folder("user.anna.Plans"), office = folder("shared.Office");
  anna.space = wire::Space::Others;
  office.space = wire::Space::Shared;
  const auto tree = FolderTree::make({office, anna, folder("INBOX"), folder("INBOX.Work"), folder("INBOX.Zoo")},
                                     NameRules{"INBOX.", '.', false}, counts);
  std::vector<std::string> names;
  for (const FolderEntry& e : tree->entries()) {
    names.push_back(e.name);
    if (e.imap_name.empty()) continue;
    EXPECT_EQ(imap_name_of(e.address, NameRules{"INBOX.", '.', false}), e.imap_name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"INBOX", "Work", "Zoo", "user", "anna", "Plans", "shared", "Office"}));
  EXPECT_EQ(tree->entries()[5].space, wire::Space::Others);
  EXPECT_EQ(tree->entries()[3].space, wire::Space::Others);
  EXPECT_FALSE(tree->entries()[3].can_change());
  EXPECT_TRUE(tree->has_children(3));
  EXPECT_EQ(tree->end_below(3), 6U);
}

}  // namespace
}  // namespace alphamail
