// SPDX-License-Identifier: GPL-3.0-or-later
// From what FETCH says to the row that a list shows.
#include "webcache/row_maker.h"

#include <gtest/gtest.h>

namespace alphamail {
namespace {

constexpr auto kAttachment = static_cast<std::uint16_t>(wire::Flag::HasAttachment);

PartInfo part(std::string section, std::uint8_t depth, std::string type, std::string subtype) {
  PartInfo p;
  p.section = std::move(section);
  p.depth = depth;
  p.type = std::move(type);
  p.subtype = std::move(subtype);
  p.size = 100;
  return p;
}

TEST(RowMaker, HeadersAreDecodedAndFreeOfControls) {
  FetchedRow f;
  f.uid = Uid{9};
  f.subject = "=?utf-8?Q?Gr=C3=BC=C3=9Fe=07?= here";
  f.from_name = "=?utf-8?B?QsOpYQ==?=";
  f.from_mailbox = "bea";
  f.from_host = "example.org";
  f.date = "Tue, 03 Nov 2026 10:00:00 +0000";
  const NewRow row = make_row(f);
  EXPECT_EQ(row.subject, "Gr\u00fc\u00dfe here");
  EXPECT_EQ(row.from, "B\u00e9a");
  EXPECT_EQ(row.from_address, "bea@example.org");
  EXPECT_EQ(row.sent, 1793700000);
}

TEST(RowMaker, RecipientsAndKeywordsAreKeptBesideTheSender) {
  FetchedRow f;
  f.from_mailbox = "me";
  f.from_host = "example.edu";
  f.recipients = {{"Carl", "carl", "example.net"}, {"=?utf-8?q?D=C3=B6rte?=", "d", "example.net", true}};
  f.keywords = {"$label1"};
  const NewRow row = make_row(f);
  ASSERT_EQ(row.recipients.size(), 2U);
  EXPECT_EQ(row.recipients[0].name, "Carl");
  EXPECT_EQ(row.recipients[0].address, "carl@example.net");
  EXPECT_EQ(row.recipients[1].name, "Dörte");
  EXPECT_TRUE(row.recipients[1].cc);
  EXPECT_EQ(row.keywords, Keywords{"$label1"});
}

TEST(RowMaker, AnAttachmentIsFoundByStructure) {
  FetchedRow f;
  f.parts = {part("", 0, "multipart", "mixed"), part("1", 1, "text", "plain"),
             part("2", 1, "application", "pdf")};
  f.parts[2].disposition = "attachment";
  f.parts[2].disposition_parameters = {{"filename", "plan.pdf"}};
  NewRow row = make_row(f);
  EXPECT_EQ(row.flags & kAttachment, kAttachment);
  EXPECT_EQ(row.attachment, "plan.pdf");
  ASSERT_TRUE(row.text_part.has_value());
  EXPECT_EQ(row.text_part->section, "1");
  f.parts.resize(2);
  row = make_row(f);
  EXPECT_EQ(row.flags & kAttachment, 0);
}

TEST(RowMaker, PicturesOfTheTextAndSignaturesAreNoAttachments) {
  FetchedRow f;
  f.parts = {part("", 0, "multipart", "related"), part("1", 1, "text", "html"),
             part("2", 1, "image", "png"), part("3", 1, "application", "pgp-signature")};
  f.parts[2].content_id = "<logo@x>";
  f.parts[2].parameters = {{"name", "logo.png"}};
  f.parts[3].parameters = {{"name", "signature.asc"}};
  const NewRow row = make_row(f);
  EXPECT_EQ(row.flags & kAttachment, 0);
  EXPECT_TRUE(row.text_part->html);
}

TEST(RowMaker, AForwardedMessageIsAnAttachmentAndItsPartsAreNotOurs) {
  FetchedRow f;
  f.parts = {part("", 0, "multipart", "mixed"), part("1", 1, "message", "rfc822"),
             part("1.1", 2, "text", "plain"), part("2", 1, "text", "html")};
  const NewRow row = make_row(f);
  EXPECT_EQ(row.flags & kAttachment, kAttachment);
  EXPECT_EQ(row.text_part->section, "2");
}

TEST(RowMaker, SnippetsAreDecodedWords) {
  EXPECT_EQ(make_snippet("R3LDvMOfZSBhbiBhbGxl", TextPart{"1", "utf-8", "base64", false}),
            "Gr\u00fc\u00dfe an alle");
  EXPECT_EQ(make_snippet("<p>Gr=FC=DFe<br>an <b>alle</b></p>",
                         TextPart{"1", "iso-8859-1", "quoted-printable", true}),
            "Gr\u00fc\u00dfe an alle");
}

TEST(RowMaker, CleanTextHasNoControlsOfAnyKind) {
  EXPECT_EQ(clean_text("a\x01\x7f\xC2\x85z"), "a    z");
  EXPECT_EQ(clean_text("\xC2\xA0ok"), "\xC2\xA0ok");
  EXPECT_EQ(clean_text("\xff"), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace alphamail
