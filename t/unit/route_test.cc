// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mod_alphamail/route.h"

namespace alphamail {
namespace {

using To = Route::To;

To to(const char* path) {
  const auto route = parse_route(path);
  EXPECT_TRUE(route) << path;
  return route ? route->to : To::kSlash;
}

TEST(Route, KnowsEveryAddress) {
  EXPECT_EQ(to("/"), To::kStart);
  EXPECT_EQ(to("/login"), To::kLogin);
  EXPECT_EQ(to("/logout"), To::kLogout);
  EXPECT_EQ(to("/settings/"), To::kSettings);
  EXPECT_EQ(to("/settings/identities/"), To::kIdentities);
  EXPECT_EQ(to("/settings/labels/"), To::kLabels);
  EXPECT_EQ(to("/settings/labels"), To::kSlash);
  EXPECT_EQ(to("/compose"), To::kCompose);
  EXPECT_EQ(to("/outbox/"), To::kOutbox);
  EXPECT_EQ(to("/search/"), To::kSearch);
  EXPECT_EQ(to("/contacts/"), To::kContacts);
  EXPECT_EQ(to("/contacts/complete"), To::kComplete);
  EXPECT_EQ(to("/contacts/export"), To::kExport);
  EXPECT_EQ(to("/folders"), To::kSlash);
  EXPECT_EQ(to("/folders/"), To::kFolders);
  EXPECT_EQ(to("/folders/export"), To::kFolderExport);
  EXPECT_EQ(to("/folders/largest"), To::kSlash);
  EXPECT_EQ(to("/folders/largest/"), To::kLargest);
  EXPECT_EQ(to("/outbox"), To::kSlash);
  EXPECT_EQ(to("/search"), To::kSlash);
  EXPECT_EQ(to("/assets/alphamail-0123456789.css"), To::kAsset);
  EXPECT_EQ(to(""), To::kSlash);
  EXPECT_EQ(to("/mail"), To::kSlash);
  EXPECT_EQ(to("/settings"), To::kSlash);
}

TEST(Route, MailStandsForTheInbox) { EXPECT_EQ(parse_route("/mail/")->folder, "INBOX"); }

TEST(Route, ASlashAtTheEndMakesAFolderAndANumberWithoutAMessage) {
  const auto folder = parse_route("/mail/Archive/2024/");
  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->to, To::kFolder);
  EXPECT_EQ(folder->folder, "Archive/2024");
  const auto message = parse_route("/mail/Archive/2024");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->to, To::kMessage);
  EXPECT_EQ(message->folder, "Archive");
  EXPECT_EQ(message->uid, 2024u);
}

TEST(Route, PartsAndSource) {
  const auto part = parse_route("/mail/A/B/17/part/2.10.1");
  ASSERT_TRUE(part);
  EXPECT_EQ(part->to, To::kPart);
  EXPECT_EQ(part->folder, "A/B");
  EXPECT_EQ(part->uid, 17u);
  EXPECT_EQ(part->section, "2.10.1");
  const auto view = parse_route("/mail/A/B/17/part/2.10.1/view");
  ASSERT_TRUE(view);
  EXPECT_EQ(view->to, To::kPartView);
  EXPECT_EQ(view->folder, "A/B");
  EXPECT_EQ(view->section, "2.10.1");
  const auto packed = parse_route("/mail/A/17/all.zip");
  ASSERT_TRUE(packed);
  EXPECT_EQ(packed->to, To::kZip);
  EXPECT_EQ(packed->uid, 17u);
  const auto print = parse_route("/mail/A/17/print");
  ASSERT_TRUE(print);
  EXPECT_EQ(print->to, To::kPrint);
  EXPECT_EQ(print->folder, "A");
  const auto source = parse_route("/mail/INBOX/17/source");
  ASSERT_TRUE(source);
  EXPECT_EQ(source->to, To::kSource);
  EXPECT_EQ(source->folder, "INBOX");
  const auto body = parse_route("/mail/A/B/17/body");
  ASSERT_TRUE(body);
  EXPECT_EQ(body->to, To::kBody);
  EXPECT_EQ(body->folder, "A/B");
  EXPECT_EQ(body->uid, 17u);
}

TEST(Route, LevelsAreDecodedOnce) {
  EXPECT_EQ(parse_route("/mail/%E5%8F%97%E4%BF%A1/")->folder, "\xE5\x8F\x97\xE4\xBF\xA1");
  EXPECT_EQ(parse_route("/mail/100%2525/")->folder, "100%25");
  EXPECT_EQ(parse_route("/mail/a%20b/5")->folder, "a b");
}

TEST(Route, WhatLeadsNowhereIsNotFound) {
  for (const char* path :
       {"/x", "/mail/INBOX", "/mail/INBOX/x", "/mail/INBOX/0", "/mail/INBOX/01", "/mail/INBOX/-1",
        "/mail/INBOX/4294967296", "/mail/INBOX/1.5", "/mail//5", "/mail/a//", "/mail/../x/",
        "/mail/INBOX/..", "/mail/INBOX/../5", "/mail/./5", "/mail/%2e%2e/5", "/mail/a%2Fb/5",
        "/mail/a%2fb/", "/mail/INBOX/5/part/0", "/mail/INBOX/5/part/1..2",
        "/mail/INBOX/5/part/.1", "/mail/INBOX/5/part/1.", "/mail/INBOX/5/part/x", "/mail/5",
        "/mail/source", "/mail/5/source", "/mail/5/print", "/mail/5/body", "/mail/INBOX/0/body", "/mail/5/all.zip", "/mail/INBOX/5/view",
        "/mail/INBOX/5/part/view", "/mail/INBOX/5/part/x/view", "/mail/INBOX/0/print", "/assets/", "/assets/a/b", "/login/", "/settings/x", "x"}) {
    const auto route = parse_route(path);
    ASSERT_FALSE(route) << path;
    EXPECT_EQ(route.error().code, Code::kNotFound) << path;
  }
}

TEST(Route, WhatIsNoProperAddressIsInvalid) {
  for (const char* path : {"/mail/%00/", "/mail/a%/5", "/mail/%zz/5", "/mail/%ff/5", "/mail/\xC3\xA4/",
                           "/mail/a b/", "/mail/%0d%0a/", "/mail/\x01/", "/mail/%7f/", "/mail/%C0%AF/"}) {
    const auto route = parse_route(path);
    ASSERT_FALSE(route) << path;
    EXPECT_EQ(route.error().code, Code::kInvalid) << path;
  }
}

TEST(Route, TenThousandCharactersAreTooMany) {
  const auto route = parse_route("/mail/" + std::string(10000, 'a') + "/");
  ASSERT_FALSE(route);
  EXPECT_EQ(route.error().code, Code::kTooLarge);
  EXPECT_FALSE(parse_route("/mail" + [] {
    std::string slashes;
    for (int i = 0; i < 3000; ++i) slashes += "/a";
    return slashes;
  }()));
}

}  // namespace
}  // namespace alphamail
