// SPDX-License-Identifier: GPL-3.0-or-later
// What the message page shows of a message: fields, text, attachments.
#include "mod_alphamail/header_fields.h"
#include "mod_alphamail/mime_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/utf8.h"
#include "t/unit/cpu_time.h"
#include "t/unit/message_view.h"

namespace alphamail {
namespace {

using namespace std::string_view_literals;

// ---- the header block ----

std::string names(const std::vector<Address>& list) {
  std::string out;
  for (const Address& a : list) out += (out.empty() ? "" : "; ") + a.name + "<" + a.mailbox + ">";
  return out;
}

TEST(ReadHeader, TakesTheFieldsThatPeopleRead) {
  const MessageHeader h = read_header(
      "Received: from x by y; Sun, 22 Nov 2026 04:40:00 +0000\r\n"
      "From: =?utf-8?Q?J=C3=B8rn?= <j@example.edu>\r\n"
      "Sender: secretary@example.edu\r\n"
      "Reply-To: list@example.edu\r\n"
      "To: a@example.edu,\r\n\tB <b@example.edu>\r\n"
      "CC: c@example.edu\r\n"
      "Subject: =?utf-8?B?5pel5pys?=\r\n =?utf-8?B?6Kqe?=\r\n"
      "Date: Sun, 22 Nov 2026 04:40:32 +0000\r\n"
      "List-Id: Campus Bulletin <bulletin.example.edu>\r\n"
      "Message-ID: <1@example.edu>\r\n"
      "\r\n"
      "Subject: of the body\r\n");
  EXPECT_EQ(names(h.from), "Jørn<j@example.edu>");
  EXPECT_EQ(names(h.sender), "<secretary@example.edu>");
  EXPECT_EQ(names(h.reply_to), "<list@example.edu>");
  EXPECT_EQ(names(h.to), "<a@example.edu>; B<b@example.edu>");
  EXPECT_EQ(names(h.cc), "<c@example.edu>");
  EXPECT_EQ(h.subject, "日本語");
  EXPECT_EQ(h.date, 1795322432);
  EXPECT_EQ(h.date_text, "");
  EXPECT_EQ(h.list, "Campus Bulletin");
  EXPECT_EQ(h.message_id, "1@example.edu");
  EXPECT_FALSE(h.cut);
}

TEST(ReadHeader, OfNothingIsEmpty) {
  for (const std::string_view block :
       {""sv, "\r\n"sv, "\n"sv, "\r\n\r\nSubject: body"sv, ":"sv, " : x"sv, "no colon"sv, "\0"sv}) {
    const MessageHeader h = read_header(block);
    EXPECT_TRUE(h.subject.empty() && h.from.empty() && h.to.empty() && !h.date && !h.cut) << block;
  }
}

TEST(ReadHeader, ReadsAnyLineEndAndBrokenLines) {
  for (const std::string_view block :
       {"From: a@x.test\nSubject: s\n\nbody"sv, "From: a@x.test\rSubject: s\r\rbody"sv,
        "From mbox line\nFrom: a@x.test\nthis is broken\nSubject: s\n"sv,
        "from:a@x.test\r\nSUBJECT : s\r\nX-B\xC3\xA9: 1\r\n"sv,
        "From: a@x.test\r\nSubject:\r\n s"sv}) {
    const MessageHeader h = read_header(block);
    EXPECT_EQ(names(h.from), "<a@x.test>") << block;
    EXPECT_EQ(h.subject, "s") << block;
  }
}

TEST(ReadHeader, FirstThatSaysSomethingCounts) {
  const MessageHeader h = read_header(
      "Subject:\nSubject: one\nSubject: two\nFrom: ,\nFrom: a@x.test\nFrom: b@x.test\nTo: "
      "c@x.test\nTo: d@x.test\n"
      "Date: nonsense\nDate: Sun, 22 Nov 2026 04:40:32 +0000\nDate: Sun, 22 Nov 2020 04:40:32 "
      "+0000\n");
  EXPECT_EQ(h.subject, "one");
  EXPECT_EQ(names(h.from), "<a@x.test>");
  EXPECT_EQ(names(h.to), "<c@x.test>; <d@x.test>");
  EXPECT_EQ(h.date, 1795322432);
  EXPECT_EQ(h.date_text, "");
}

TEST(ReadHeader, KeepsADateThatItCannotRead) {
  const MessageHeader h = read_header("Date: next\ttuesday\n");
  EXPECT_FALSE(h.date);
  EXPECT_EQ(h.date_text, "next tuesday");
}

TEST(ReadHeader, SaysSenderAndReplyToOnlyWhereTheyDiffer) {
  const MessageHeader h =
      read_header("From: A <a@x.test>\nSender: A@x.test\nReply-To: Other name <a@X.test>\n");
  EXPECT_TRUE(h.sender.empty());
  EXPECT_TRUE(h.reply_to.empty());
}

TEST(ReadHeader, AListWithoutWordsIsItsName) {
  EXPECT_EQ(read_header("List-Id: <bulletin.example.edu>\n").list, "bulletin.example.edu");
  EXPECT_EQ(read_header("List-Id: \"Campus\" <b.x>\n").list, "Campus");
}

TEST(ReadHeader, RefusesAMessageIdThatIsNone) {
  EXPECT_EQ(read_header("Message-ID: <a b@c>\n").message_id, "");
  EXPECT_EQ(read_header("Message-ID: none\n").message_id, "");
  EXPECT_EQ(read_header("Message-ID: <" + std::string(999, 'x') + ">\n").message_id, "");
}

TEST(ReadHeaderLimits, LinesAreExact) {
  const auto with_lines = [](std::size_t before) {
    std::string block;
    for (std::size_t i = 0; i < before; ++i) block += "X-A: b\r\n";
    return read_header(block + "Subject: last\r\n");
  };
  EXPECT_EQ(with_lines(kHeaderLines - 2).subject, "last");
  EXPECT_EQ(with_lines(kHeaderLines - 1).subject, "last");
  EXPECT_FALSE(with_lines(kHeaderLines - 1).cut);
  EXPECT_EQ(with_lines(kHeaderLines).subject, "");
  EXPECT_TRUE(with_lines(kHeaderLines).cut);
  EXPECT_TRUE(with_lines(kHeaderLines * 100).cut);
}

TEST(ReadHeaderLimits, FoldedLinesCountToo) {
  std::string block = "X-Long: a\r\n";
  for (std::size_t i = 0; i < kHeaderLines; ++i) block += " b\r\n";
  EXPECT_TRUE(read_header(block + "Subject: late\r\n").cut);
}

TEST(ReadHeaderLimits, BytesAndAddresses) {
  EXPECT_TRUE(read_header("Subject: " + std::string(kHeaderBytes, 'x')).cut);
  std::string to;
  for (std::size_t i = 0; i < kAddressesShown; ++i) to += "a@b.c,";
  EXPECT_EQ(read_header("To: " + to).to.size(), kAddressesShown);
  EXPECT_FALSE(read_header("To: " + to).cut);
  const MessageHeader more = read_header("To: " + to + "\nTo: d@e.f\n");
  EXPECT_EQ(more.to.size(), kAddressesShown);
  EXPECT_TRUE(more.cut);
}

TEST(ReadHeader, NothingEncodedMakesANewField) {
  const MessageHeader h =
      read_header("Subject: =?utf-8?Q?a=0D=0ATo:_evil=40x.test?=\r\nFrom: b@x.test\r\n");
  EXPECT_EQ(h.subject, "a To: evil@x.test");
  EXPECT_TRUE(h.to.empty());
}

// ---- the parts ----

/// "T1 T2h | 2:name(size) 3*:name" - texts, then attachments; h = html, * = embedded.
std::string shown(const std::vector<PartSpec>& parts) {
  const MessageContent content = read_content(*MessageViewBuffer(parts));
  std::string out;
  for (const TextPart& t : content.texts)
    out += (out.empty() ? "" : " ") + t.section + (t.html ? "h" : "");
  out += " |";
  for (const Attachment& a : content.attachments)
    out += " " + a.section + (a.embedded ? "*" : "") + ":" + a.name;
  return out;
}

TEST(ReadContent, OfASinglePart) {
  EXPECT_EQ(shown({{"1", 0, "text/plain"}}), "1 |");
  EXPECT_EQ(shown({{"1", 0, "text/html"}}), "1h |");
  EXPECT_EQ(shown({{"1", 0, "image/png"}}), " | 1:attachment-1.png");
  EXPECT_EQ(shown({{"1", 0, "text/plain", {{"name", "a.txt"}}}}), "1 |");
  EXPECT_EQ(shown({{"1", 0, "text/plain", {}, "attachment", {{"filename", "a.txt"}}}}),
            " | 1:a.txt");
  EXPECT_EQ(shown({{"1", 0, "text/calendar"}}), " | 1:attachment-1.ics");
  EXPECT_EQ(shown({{"1", 0, "text/x-odd"}}), "1 |");
  EXPECT_EQ(shown({{"1", 0, "text/plain charset=x"}}), "1 |");
  EXPECT_EQ(shown({{"1", 0, "text/"}}), "1 |");
  EXPECT_EQ(shown({{"1", 0, "/"}}), " | 1:attachment-1");
  EXPECT_EQ(shown({}), " |");
  EXPECT_EQ(shown({{"1", 0, "multipart/mixed"}}), " |");
}

TEST(ReadContent, OfAlternativesPrefersThePlainOne) {
  EXPECT_EQ(
      shown({{"", 0, "multipart/alternative"}, {"1", 1, "text/plain"}, {"2", 1, "text/html"}}),
      "1 |");
  EXPECT_EQ(
      shown({{"", 0, "multipart/alternative"}, {"1", 1, "text/html"}, {"2", 1, "text/plain"}}),
      "2 |");
  EXPECT_EQ(shown({{"", 0, "multipart/alternative"},
                   {"1", 1, "text/plain", {}, "", {}, 2},
                   {"2", 1, "text/html"}}),
            "2h |");
  EXPECT_EQ(shown({{"", 0, "multipart/alternative"}, {"1", 1, "text/html"}}), "1h |");
  EXPECT_EQ(shown({{"", 0, "multipart/alternative"}, {"1", 1, "text/html"}, {"2", 1, "text/html"}}),
            "2h |");
}

TEST(ReadContent, OfAlternativesKeepsWhatIsNoText) {
  EXPECT_EQ(shown({{"", 0, "multipart/alternative"},
                   {"1", 1, "text/plain"},
                   {"2", 1, "text/html"},
                   {"3", 1, "text/calendar"}}),
            "1 | 3:attachment-3.ics");
  EXPECT_EQ(shown({{"", 0, "multipart/alternative"},
                   {"1", 1, "text/plain"},
                   {"2", 1, "multipart/related"},
                   {"2.1", 2, "text/html"},
                   {"2.2", 2, "image/png", {{"name", "logo.png"}}}}),
            "1 | 2.2*:logo.png");
  EXPECT_EQ(shown({{"", 0, "multipart/alternative"}, {"1", 1, "image/png"}, {"2", 1, "image/gif"}}),
            " | 1:attachment-1.png 2:attachment-2.gif");
}

TEST(ReadContent, OfMixedPartsShowsTextsInOrder) {
  EXPECT_EQ(shown({{"", 0, "multipart/mixed"},
                   {"1", 1, "text/plain"},
                   {"2", 1, "image/png", {{"name", "p.png"}}},
                   {"3", 1, "text/plain"}}),
            "1 3 | 2:p.png");
  EXPECT_EQ(shown({{"", 0, "multipart/mixed"},
                   {"1", 1, "multipart/alternative"},
                   {"1.1", 2, "text/plain"},
                   {"1.2", 2, "text/html"},
                   {"2", 1, "application/pdf", {}, "attachment", {{"filename", "a.pdf"}}},
                   {"3", 1, "text/plain"}}),
            "1.1 3 | 2:a.pdf");
  EXPECT_EQ(shown({{"", 0, "multipart/mixed"},
                   {"1", 1, "text/plain"},
                   {"2", 1, "text/plain", {{"name", "notes.txt"}}, "inline"}}),
            "1 | 2:notes.txt");
}

TEST(ReadContent, OfRelatedPartsFollowsTheRoot) {
  EXPECT_EQ(shown({{"", 0, "multipart/related"}, {"1", 1, "text/html"}, {"2", 1, "image/jpeg"}}),
            "1h | 2*:attachment-2.jpg");
  EXPECT_EQ(shown({{"", 0, "multipart/related", {{"start", "<r>"}}},
                   {"1", 1, "image/jpeg"},
                   {"2", 1, "text/html", {}, "", {}, 100, "<r>"}}),
            "2h | 1*:attachment-1.jpg");
  EXPECT_EQ(shown({{"", 0, "multipart/related"},
                   {"1", 1, "multipart/alternative"},
                   {"1.1", 2, "text/plain"},
                   {"1.2", 2, "text/html"},
                   {"2", 1, "image/gif", {}, "attachment", {{"filename", "saved.gif"}}}}),
            "1.1 | 2:saved.gif");
}

TEST(ReadContent, LeavesAForwardedMessageWhole) {
  EXPECT_EQ(shown({{"", 0, "multipart/mixed"},
                   {"1", 1, "text/plain"},
                   {"2", 1, "message/rfc822"},
                   {"2.1", 2, "text/plain"},
                   {"3", 1, "text/plain"}}),
            "1 3 | 2:message-2.eml");
  EXPECT_EQ(shown({{"1", 0, "message/rfc822"}, {"1.1", 1, "text/plain"}}), " | 1:message-1.eml");
}

TEST(ReadContent, OfReportsAndSignatures) {
  EXPECT_EQ(shown({{"", 0, "multipart/report"},
                   {"1", 1, "text/plain"},
                   {"2", 1, "message/delivery-status"},
                   {"3", 1, "message/rfc822"},
                   {"3.1", 2, "text/plain"}}),
            "1 | 2:message-2.txt 3:message-3.eml");
  EXPECT_EQ(shown({{"", 0, "multipart/signed"},
                   {"1", 1, "text/plain"},
                   {"2", 1, "application/pgp-signature"}}),
            "1 | 2:attachment-2.asc");
}

TEST(ReadContent, SaysTypeSizeAndIcon) {
  const MessageContent content = read_content(*MessageViewBuffer(
      {{"", 0, "multipart/mixed"},
       {"1", 1, "IMAGE/PNG", {}, "", {}, 78000, "", "base64"},
       {"2", 1, "application/octet-stream", {{"name", "table.XLSX"}}, "", {}, 10, "", "7bit"},
       {"3", 1, "<script>/x", {{"name", "a"}}}}));
  ASSERT_EQ(content.attachments.size(), 3u);
  EXPECT_EQ(content.attachments[0].type, "image/png");
  EXPECT_EQ(content.attachments[0].icon, "image");
  EXPECT_EQ(content.attachments[0].size, 57000u);
  EXPECT_EQ(content.attachments[1].icon, "sheet");
  EXPECT_EQ(content.attachments[1].size, 10u);
  EXPECT_EQ(content.attachments[2].type, "application/octet-stream");
  EXPECT_EQ(content.attachments[2].icon, "paperclip");
}

TEST(ReadContent, ReadsCharsetAndFlow) {
  const MessageContent content = read_content(
      *MessageViewBuffer({{"1",
                           0,
                           "text/plain",
                           {{"charset", "iso-2022-jp"}, {"format", "Flowed"}, {"delsp", "YES"}},
                           "",
                           {},
                           100,
                           "",
                           "QUOTED-PRINTABLE"}}));
  ASSERT_EQ(content.texts.size(), 1u);
  EXPECT_EQ(content.texts[0].charset, "iso-2022-jp");
  EXPECT_EQ(content.texts[0].encoding, "quoted-printable");
  EXPECT_TRUE(content.texts[0].flowed);
  EXPECT_TRUE(content.texts[0].delete_space);
}

TEST(ReadContent, DecodesNames) {
  const auto name = [](const std::vector<WireParameter>& type,
                       const std::vector<WireParameter>& disposition) {
    return read_content(
               *MessageViewBuffer({{"1", 0, "application/pdf", type, "attachment", disposition}}))
        .attachments.at(0)
        .name;
  };
  EXPECT_EQ(name({}, {{"filename*0*", "utf-8''%E6%97%A5"}, {"filename*1*", "%E6%9C%AC.pdf"}}),
            "日本.pdf");
  EXPECT_EQ(name({{"name", "=?utf-8?B?5pel5pys?=.pdf"}}, {}), "日本.pdf");
  EXPECT_EQ(name({{"name", "b.pdf"}}, {{"filename", "a.pdf"}}), "a.pdf");
  EXPECT_EQ(name({{"name", "b.pdf"}}, {{"filename", "..."}}), "b.pdf");
  EXPECT_EQ(name({}, {{"filename", "../../etc/passwd"}}), "_.._etc_passwd");
}

TEST(ReadContentLimits, PartsAreExact) {
  const auto with_parts = [](std::size_t count) {
    std::vector<PartSpec> parts = {{"", 0, "multipart/mixed"}};
    for (std::size_t i = 1; i < count; ++i) parts.push_back({std::to_string(i), 1, "image/png"});
    return read_content(*MessageViewBuffer(parts));
  };
  EXPECT_EQ(with_parts(kPartsRead - 1).attachments.size(), kPartsRead - 2);
  EXPECT_FALSE(with_parts(kPartsRead - 1).cut);
  EXPECT_EQ(with_parts(kPartsRead).attachments.size(), kPartsRead - 1);
  EXPECT_TRUE(with_parts(kPartsRead).cut);  // the daemon sends no more: there may have been
  EXPECT_EQ(with_parts(kPartsRead + 1).attachments.size(), kPartsRead - 1);
  EXPECT_TRUE(with_parts(kPartsRead + 1).cut);
}

TEST(ReadContentLimits, DeepNestingEnds) {
  std::vector<PartSpec> parts;
  for (std::size_t i = 0; i < 255; ++i)
    parts.push_back({"1", static_cast<std::uint8_t>(i), "multipart/alternative"});
  EXPECT_EQ(shown(parts), " |");
  EXPECT_TRUE(read_content(*MessageViewBuffer(parts)).cut);
  parts.resize(kPartDepth);
  parts.push_back({"1.1", kPartDepth, "text/plain"});
  EXPECT_EQ(shown(parts), "1.1 |");
}

TEST(ReadContentLimits, DepthsThatMakeNoTreeHarmNothing) {
  EXPECT_EQ(shown({{"1", 9, "text/plain"},
                   {"2", 3, "multipart/mixed"},
                   {"3", 200, "text/plain"},
                   {"4", 4, "text/plain"},
                   {"5", 0, "text/plain"}}),
            "1 3 4 5 |");
}

// ---- text ----

/// Blocks as "0:text|1:quoted".
std::string blocks(const ShownText& text) {
  std::string out;
  for (const TextBlock& block : text.blocks)
    out += (out.empty() ? "" : "|") + std::to_string(block.quote) + ":" + block.text;
  return out + (text.cut ? "|cut" : "");
}

TextPart plain_part() {
  TextPart part;
  part.charset = "utf-8";
  return part;
}

std::string read(const TextPart& part, std::string_view bytes, std::size_t limit = kTextShown) {
  TextReader reader(part, limit);
  reader.add(bytes);
  return blocks(reader.finish());
}

TEST(TextReader, SplitsQuotationsFromWords) {
  EXPECT_EQ(
      read(plain_part(), "Hello\r\n\r\n> old\r\n> words\r\n>> older\r\n> > older too\r\nnew\r\n"),
      "0:Hello|1:old\nwords|2:older\nolder too|0:new");
  EXPECT_EQ(read(plain_part(), "a\n>\n>\nb"), "0:a\n\nb");
  EXPECT_EQ(read(plain_part(), ">From the beginning"), "0:From the beginning");
  EXPECT_EQ(read(plain_part(), "> From Jane"), "1:From Jane");
  EXPECT_EQ(read(plain_part(), "  indented\n   more"), "0:  indented\n   more");
  EXPECT_EQ(read(plain_part(), "\n\n\n"), "");
  EXPECT_EQ(read(plain_part(), "a\n\n\nb\n\n"), "0:a\n\n\nb");
  EXPECT_EQ(read(plain_part(), "a\rb\r\nc"), "0:a\nb\nc");
  EXPECT_EQ(read(plain_part(), "a\tb\n1234567\tc"), "0:a       b\n1234567 c");
  EXPECT_EQ(read(plain_part(), std::string(100, '>') + " deep"), "20:deep");
}

TEST(TextReader, JoinsFlowedLines) {
  TextPart part = plain_part();
  part.flowed = true;
  EXPECT_EQ(read(part, "one \r\ntwo \r\nthree\r\nfour\r\n"), "0:one two three\nfour");
  EXPECT_EQ(read(part, "> quoted \r\n> more\r\nown \r\nwords\r\n"), "1:quoted more|0:own words");
  EXPECT_EQ(read(part, ">> a \r\n> b \r\nc\r\n"), "2:a|1:b|0:c");
  EXPECT_EQ(read(part, " >not quoted\r\n From x\r\n  two\r\n"), "0:>not quoted\nFrom x\n two");
  EXPECT_EQ(read(part, "text\r\n-- \r\nJane\r\n"), "0:text|0:Jane");
  EXPECT_EQ(read(part, "text \r\n-- \r\nJane\r\n"), "0:text|0:Jane");
  part.delete_space = true;
  EXPECT_EQ(read(part, "日本 \r\n語\r\n"), "0:日本語");
}

TEST(TextReader, DecodesWhatIsStreamed) {
  TextPart part;
  part.charset = "iso-2022-jp";
  part.encoding = "base64";
  const std::string_view bytes = "GyRCMnE1RCROJCpDTiRpJDsbKEI=";
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    TextReader reader(part);
    for (std::size_t at = 0; at < bytes.size(); at += size)
      EXPECT_TRUE(reader.add(bytes.substr(at, size)));
    EXPECT_EQ(blocks(reader.finish()), "0:会議のお知らせ");
  }
}

TEST(TextReader, ShowsHtmlAsWords) {
  TextPart part = plain_part();
  part.html = true;
  EXPECT_EQ(read(part,
                 "<p>Hi &amp; "
                 "<b>bye</b></p><blockquote>old<blockquote>older</blockquote></"
                 "blockquote><script>x</script>new"),
            "0:Hi & bye|1:old|2:older|0:new");
  part.charset.clear();
  EXPECT_EQ(
      read(part, "<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>\xF0\xF2"),
      "0:ПР");
  EXPECT_EQ(read(part, "<meta charset=\"gb2312\">\xC4\xE3\xBA\xC3"), "0:你好");
}

TEST(TextReaderLimits, AreExactAndCutNoCharacter) {
  EXPECT_EQ(read(plain_part(), std::string(9, 'x'), 10), "0:xxxxxxxxx");
  EXPECT_EQ(read(plain_part(), std::string(10, 'x'), 10), "0:xxxxxxxxxx");
  EXPECT_EQ(read(plain_part(), std::string(11, 'x'), 10), "0:xxxxxxxxxx|cut");
  EXPECT_EQ(read(plain_part(), "日本語日", 10), "0:日本語|cut");
  TextPart latin = plain_part();
  latin.charset = "iso-8859-1";
  EXPECT_EQ(read(latin, "\xE9\xE9\xE9\xE9\xE9\xE9", 10), "0:ééééé|cut");
  TextPart html = plain_part();
  html.html = true;
  EXPECT_EQ(read(html, "<p>" + std::string(10, 'x') + "</p>", 10), "0:xxxxxxxxxx");
  EXPECT_EQ(read(html, "<p>" + std::string(11, 'x') + "</p>", 10), "0:xxxxxxxxxx|cut");
}

TEST(TextReaderLimits, TellsTheCallerToStop) {
  TextReader reader(plain_part(), 10);
  EXPECT_TRUE(reader.add("0123456789"));
  EXPECT_FALSE(reader.add("0"));
  EXPECT_FALSE(reader.add("0"));
  EXPECT_EQ(blocks(reader.finish()), "0:0123456789|cut");
}

TEST(TextReaderLimits, ChangingQuoteLevelsAreBounded) {
  std::string bytes;
  while (bytes.size() < kTextShown) bytes += "a\n>b\n";
  TextReader reader(plain_part());
  reader.add(bytes);
  const ShownText text = reader.finish();
  EXPECT_LE(text.blocks.size(), 10000u);
  EXPECT_TRUE(text.cut);
}

TEST(TextReaderTime, IsLinear) {
  for (const std::string_view part :
       {">"sv, "> "sv, "\n"sv, "a \n"sv, "\t"sv, " "sv, "<p>"sv, "\r"sv, "=\n"sv}) {
    TextPart text = plain_part();
    text.flowed = true;
    text.encoding = "quoted-printable";
    std::string bytes;
    while (bytes.size() < 2 * kTextShown) bytes += part;
    const CpuTime time;
    TextReader reader(text);
    reader.add(bytes);
    for (const TextBlock& block : reader.finish().blocks) EXPECT_TRUE(is_utf8(block.text));
    EXPECT_LT(time.seconds(), kLinearSeconds) << part;
  }
}

}  // namespace
}  // namespace alphamail
