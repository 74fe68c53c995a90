// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/compose_form.h"

#include <random>

#include <gtest/gtest.h>

#include "mod_alphamail/compose_send.h"
#include "mod_alphamail/compose_start.h"
#include "mod_alphamail/identities.h"
#include "mod_alphamail/thread_fields.h"

namespace alphamail {
namespace {

ComposeForm full_form() {
  ComposeForm form;
  form.from = "abc";
  form.to = "Ä <a@x.example>, b";
  form.cc = "c&d=e@x.example";
  form.bcc = "+%";
  form.subject = "Über = alles & mehr";
  form.body = "line\n\n> quoted \xE2\x80\xA8 end";
  form.key = {1, 2};
  form.about = {{"Ordner/Ä : %", 7, 8, 0xabcdef01}, {"INBOX", 1, 2, 3}};
  form.forward = true;
  form.in_reply_to = "a@b";
  form.references = {"x@y", "a@b"};
  form.draft = KnownMessage{"Drafts", 4, 5, 6};
  form.text = wire::SpoolId(9, 10);
  form.text_version = 77;
  form.many = 12;
  form.writer = "demo@example.edu";
  form.back = "/mail/INBOX/?page=2";
  ComposeAttachment spool;
  spool.id = {3, 4};
  spool.size = 12345678901;
  spool.type = "image/png";
  spool.name = "ein Bild – 1.png";
  ComposeAttachment part;
  part.from = ComposeAttachment::From::kPart;
  part.message = {"A b", 1, 2, 3};
  part.section = "1.2";
  part.type = "text/plain";
  part.name = "x.txt";
  ComposeAttachment whole;
  whole.from = ComposeAttachment::From::kMessage;
  whole.message = {"INBOX", 1, 2, 3};
  whole.type = "message/rfc822";
  whole.name = "m.eml";
  form.attachments = {spool, part, whole};
  return form;
}

TEST(ComposeForm, WhatIsSpelledIsReadAgain) {
  const ComposeForm form = full_form();
  const auto fields = Fields::parse(form.spelled());
  ASSERT_TRUE(fields);
  const ComposeForm again = ComposeForm::of(*fields);
  EXPECT_EQ(again.spelled(), form.spelled());
  EXPECT_EQ(again.body, form.body);
  EXPECT_EQ(again.subject, form.subject);
  ASSERT_EQ(again.attachments.size(), 3U);
  EXPECT_EQ(again.attachments[0].name, "ein Bild – 1.png");
  EXPECT_EQ(again.attachments[0].size, 12345678901U);
  EXPECT_EQ(again.attachments[1].section, "1.2");
  EXPECT_EQ(again.about[0].folder, "Ordner/Ä : %");
  EXPECT_EQ(again.draft->uid, 5U);
  EXPECT_EQ(again.references, form.references);
}

TEST(ComposeForm, WhatIsForgedOrBrokenIsLeftOut) {
  for (const char* word : {"", "s", "s 1 2 3", "s 00000000000000000000000000000000 1 a b", "p INBOX:1:2:3 ../.. 1 a b",
                           "p INBOX:1:0:3 1 1 a b", "q INBOX:1:2:3 1 a b", "m INBOX:1:2:3 x a b", "m INBOX:1:2:3 1 a %",
                           "s 00000000000000010000000000000002 18446744073709551616 a b"}) {
    EXPECT_FALSE(ComposeAttachment::of(word)) << word;
  }
  const auto evil = ComposeAttachment::of("s 00000000000000010000000000000002 1 a%2Fb ..%2F..%2Fetc%2Fpasswd%0A");
  ASSERT_TRUE(evil);
  EXPECT_EQ(evil->name.find_first_of("/\n"), std::string::npos);
  Fields fields;
  fields.all = {{"back", "https://evil.example/"}, {"irt", "a b"}, {"refs", "good@x <bad@x> evil\r\nX:y"}, {"key", "xyz"}};
  const ComposeForm form = ComposeForm::of(fields);
  EXPECT_EQ(form.back, "");
  EXPECT_EQ(form.in_reply_to, "");
  EXPECT_EQ(form.references, std::vector<std::string>{"good@x"});
  EXPECT_NE(spool_word(form.key), std::string(32, '0'));
}

TEST(ComposeForm, RandomFieldsAreAlwaysAForm) {
  std::mt19937 random(6);
  const std::string spelled = full_form().spelled();
  for (int n = 0; n < 5000; ++n) {
    std::string text = spelled;
    for (int k = 0; k < 6; ++k) text[random() % text.size()] = static_cast<char>(random());
    if (const auto fields = Fields::parse(text)) (void)ComposeForm::of(*fields).spelled();
  }
}

TEST(ComposeForm, MailtoAddressesFillIt) {
  ComposeForm form;
  take_mailto(form, "mailto:a%40x.example,b@x.example?subject=Hi%20%26%20ho&cc=c@x.example&to=d@x.example&bcc=spy@x.example&"
                    "body=one%0D%0Atwo&In-Reply-To=x");
  EXPECT_EQ(form.to, "a@x.example,b@x.example, d@x.example");
  EXPECT_EQ(form.cc, "c@x.example");
  EXPECT_EQ(form.bcc, "");
  EXPECT_EQ(form.subject, "Hi & ho");
  EXPECT_EQ(form.body, "one\ntwo");
  take_mailto(form, "mailto:%ff?subject=%0D%0ABcc:x");
}

TEST(ComposeForm, SubjectsOfAnswersAreNotPiledUp) {
  EXPECT_EQ(answer_subject("Plan"), "Re: Plan");
  EXPECT_EQ(answer_subject("re: Plan"), "Re: Plan");
  EXPECT_EQ(answer_subject("AW: Plan"), "Re: Plan");
  EXPECT_EQ(answer_subject(""), "Re:");
  EXPECT_EQ(forward_subject("Plan"), "Fwd: Plan");
  EXPECT_EQ(forward_subject("WG: Plan"), "WG: Plan");
}

TEST(ComposeForm, TextsThatSpeakOfAttachmentsAreKnownInSeveralLanguages) {
  for (const char* text : {"see the attached file", "Im Anhang finden Sie", "anbei die Liste", "Vous trouverez ci-joint",
                           "te envío adjunto", "in allegato", "zie bijlage", "Во вложении"}) {
    EXPECT_TRUE(speaks_of_attachment(text)) << text;
  }
  for (const char* text : {"", "unattached", "> see the attached file", "hello\n-- \nattached", "Zusammenhang",
                           "fine\n---------- Forwarded message ----------\nattached"}) {
    EXPECT_FALSE(speaks_of_attachment(text)) << text;
  }
}

TEST(ComposeForm, AMisspeltDomainIsSeen) {
  const std::vector<std::string> known = {"example.edu", "gmail.com"};
  EXPECT_EQ(likely_domain("exmaple.edu", known), "example.edu");
  EXPECT_EQ(likely_domain("gmial.com", known), "gmail.com");
  EXPECT_EQ(likely_domain("gmail.co", known), "gmail.com");
  EXPECT_EQ(likely_domain("example.edu", known), "");
  EXPECT_EQ(likely_domain("cs.example.edu", known), "");
  EXPECT_EQ(likely_domain("other.org", known), "");
}

TEST(Identities, OneSignatureOrOneOfSeveral) {
  Identity identity;
  EXPECT_EQ(identity.signature(5), "");
  identity.signatures = "Noor\nPhysics\n";
  EXPECT_EQ(identity.signature(5), "Noor\nPhysics");
  identity.signatures = "one\n%\ntwo\nlines\n%\n\n%\nthree 100%\n";
  EXPECT_EQ(identity.signature(0), "one");
  EXPECT_EQ(identity.signature(1), "two\nlines");
  EXPECT_EQ(identity.signature(2), "three 100%");
  EXPECT_EQ(identity.signature(3), "one");
}

TEST(Identities, TheRuleOfTheSiteHolds) {
  Config config;
  EXPECT_TRUE(may_use(config, "noor@example.edu", "Noor@Example.edu"));
  EXPECT_FALSE(may_use(config, "noor@example.edu", "rector@example.edu"));
  config.identities = IdentityRule::kAny;
  EXPECT_TRUE(may_use(config, "noor@example.edu", "rector@example.edu"));
  config.identities = IdentityRule::kList;
  config.identity_file = testing::TempDir() + "identities";
  FILE* file = fopen(config.identity_file.c_str(), "w");
  ASSERT_TRUE(file);
  fputs("# of the physics office\nnoor@example.edu: physics@example.edu, Info <info@example.edu>\n", file);
  fclose(file);
  EXPECT_TRUE(may_use(config, "noor@example.edu", "physics@example.edu"));
  EXPECT_TRUE(may_use(config, "Noor@example.edu", "info@example.edu"));
  EXPECT_FALSE(may_use(config, "noor@example.edu", "rector@example.edu"));
  EXPECT_FALSE(may_use(config, "mina@example.edu", "physics@example.edu"));
}

TEST(ThreadFields, IdsAndListsAreReadAsTheyStand) {
  const ThreadFields fields = read_thread_fields(
      "Message-ID: <a@b>\r\nReferences: <x@y>\r\n <z@y> junk <bad id>\r\nIn-Reply-To: <z@y>\r\n"
      "List-Post: <mailto:list@x.example?subject=x>\r\nX-AlphaMail-About: INBOX:1:2:3\r\nX-AlphaMail-How: reply\r\n\r\n"
      "Message-ID: <body@x>\r\n");
  EXPECT_EQ(fields.message_id, "a@b");
  EXPECT_EQ(fields.references, (std::vector<std::string>{"x@y", "z@y"}));
  EXPECT_EQ(fields.list_post, "list@x.example");
  ASSERT_EQ(fields.notes.size(), 2U);
  EXPECT_EQ(fields.notes[0], (std::pair<std::string, std::string>{"about", "INBOX:1:2:3"}));
}

}  // namespace
}  // namespace alphamail
