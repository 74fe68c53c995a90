// SPDX-License-Identifier: GPL-3.0-or-later
// What reading a message is made of besides its structure: files in texts, ranges, reports, lists, kinds
// of files, messages inside messages, charsets by choice.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mod_alphamail/byte_range.h"
#include "mod_alphamail/delivery_report.h"
#include "mod_alphamail/file_kind.h"
#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/uuencode.h"
#include "t/unit/cpu_time.h"
#include "t/unit/message_view.h"

namespace alphamail {
namespace {

// ---- uuencoded files ----

constexpr char kCat[] = "begin 644 cat.txt\n#0V%T\n`\nend\n";

struct Taken {
  std::string text, file;
  std::vector<UuFile> files;
};

Taken take(std::string_view text, std::size_t piece, std::size_t wanted = 0) {
  Taken taken;
  UuFilter filter(wanted);
  for (std::size_t at = 0; at < text.size(); at += piece)
    filter.add(text.substr(at, piece), taken.text, taken.file);
  filter.finish(taken.text, taken.file);
  taken.files = filter.files();
  return taken;
}

TEST(Uuencode, FilesAreTakenOutOfTheText) {
  const std::string text = std::string("Hello,\n\n") + kCat + "Bye\n";
  for (std::size_t piece : {1UL, 3UL, 7UL, 1000UL}) {
    const Taken taken = take(text, piece);
    EXPECT_EQ(taken.text, "Hello,\n\nBye\n") << piece;
    EXPECT_EQ(taken.file, "Cat") << piece;
    ASSERT_EQ(taken.files.size(), 1u);
    EXPECT_EQ(taken.files[0].name, "cat.txt");
    EXPECT_EQ(taken.files[0].size, 3u);
    EXPECT_TRUE(taken.files[0].whole);
    EXPECT_EQ(taken.files[0].beginning, "Cat");
  }
  const Taken second = take(std::string(kCat) + "begin 755 ../../b\r\n#0V%T\r\n`\r\nend\r\n", 5, 1);
  EXPECT_EQ(second.files.size(), 2u);
  EXPECT_EQ(second.file, "Cat");
  EXPECT_EQ(second.files[1].name.find('/'), std::string::npos);
  EXPECT_EQ(second.text, "");
}

TEST(Uuencode, WordsStayWords) {
  for (const char* text : {"begin 644\n#0V%T\n", "begin by reading\n#0V%T\n", "begin 999 x\n#0V%T\n", "begin 644 x\nmore words follow\n",
                           "begin 644 x\n", "begin 644 x", "begin 644 x\nend\n", "begin 644 x\n\n", "Begin 644 x\n#0V%T\n",
                           "begin 644 x\nMTOO SHORT\n"}) {
    EXPECT_EQ(take(text, 4).text, text);
    EXPECT_TRUE(take(text, 100).files.empty()) << text;
  }
}

TEST(Uuencode, AFileThatIsCutIsWhatThereIs) {
  const Taken taken = take("begin 644 x\n#0V%T\n#0V%T\nthe rest got lost\n", 100);
  EXPECT_EQ(taken.file, "CatCat");
  EXPECT_FALSE(taken.files[0].whole);
  EXPECT_EQ(taken.text, "the rest got lost\n");
}

TEST(Uuencode, ManyFilesAndLongLinesAreBounded) {
  std::string many;
  for (int i = 0; i < 300; ++i) many += kCat;
  EXPECT_EQ(take(many, 4096).files.size(), UuFilter::kFiles);
  const CpuTime time;
  const std::string line(10 << 20, 'x');
  EXPECT_EQ(take(line, 65536).text.size(), line.size());
  EXPECT_LT(time.seconds(), kLinearSeconds);
}

// ---- ranges ----

ByteRange range(const char* value, std::uint64_t size = 1000, const char* if_range = "") {
  return read_range(value, if_range, "\"tag\"", size);
}

TEST(ByteRanges, AreReadAsRfc9110Says) {
  using Kind = ByteRange::Kind;
  const auto is = [](const ByteRange& r, std::uint64_t first, std::uint64_t last) {
    return r.kind == Kind::kPart && r.first == first && r.last == last;
  };
  EXPECT_TRUE(is(range("bytes=0-99"), 0, 99));
  EXPECT_TRUE(is(range(" Bytes= 0-0 "), 0, 0));
  EXPECT_TRUE(is(range("bytes=900-"), 900, 999));
  EXPECT_TRUE(is(range("bytes=-100"), 900, 999));
  EXPECT_TRUE(is(range("bytes=-5000"), 0, 999));
  EXPECT_TRUE(is(range("bytes=10-99999999999999999999999"), 10, 999));
  EXPECT_TRUE(is(range("bytes=0-9", 1000, "\"tag\""), 0, 9));
  for (const char* whole : {"", "bytes", "bytes=", "bytes=-", "bytes=9-1", "bytes=a-b", "bytes=0-1,5-6", "lines=0-1",
                            "bytes=1-2x", "bytes=+1-2"})
    EXPECT_EQ(range(whole).kind, Kind::kWhole) << whole;
  EXPECT_EQ(range("bytes=0-9", 1000, "\"other\"").kind, Kind::kWhole);
  EXPECT_EQ(range("bytes=0-9", 1000, "Wed, 01 Jan 2025 00:00:00 GMT").kind, Kind::kWhole);
  for (const char* none : {"bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=99999999999999999999999-"})
    EXPECT_EQ(range(none).kind, Kind::kUnsatisfiable) << none;
  EXPECT_EQ(range("bytes=0-", 0).kind, Kind::kUnsatisfiable);
  EXPECT_EQ(content_range(range("bytes=0-99"), 1000), "bytes 0-99/1000");
  EXPECT_EQ(content_range(range("bytes=1000-"), 1000), "bytes */1000");
}

// ---- reports ----

TEST(DeliveryReports, AreReadByRecipient) {
  const DeliveryReport report = read_delivery_report(
      "Reporting-MTA: dns; mx.example.edu\r\n\r\n"
      "Original-Recipient: rfc822;x@example.org\r\nFinal-Recipient: rfc822; anna@example.org\r\nAction: failed\r\n"
      "Status: 5.1.1 (no such user)\r\nDiagnostic-Code: smtp; 550 5.1.1 <anna@example.org>:\r\n  no such user\r\n\r\n"
      "Final-Recipient: rfc822; bo@example.org\r\nAction: Delayed\r\n\r\n"
      "Final-Recipient: rfc822; cy@example.org\r\nAction: relayed\r\n");
  using Fate = DeliveryReport::Fate;
  ASSERT_EQ(report.recipients.size(), 3u);
  EXPECT_EQ(report.recipients[0].address, "anna@example.org");
  EXPECT_EQ(report.recipients[0].fate, Fate::kFailed);
  EXPECT_EQ(report.recipients[0].status, "5.1.1");
  EXPECT_EQ(report.recipients[0].reason, "550 5.1.1 <anna@example.org>:  no such user");
  EXPECT_EQ(report.recipients[1].fate, Fate::kDelayed);
  EXPECT_EQ(report.recipients[2].fate, Fate::kRelayed);
  const DeliveryReport shown = read_delivery_report(
      "Final-Recipient: rfc822;a@b.example\nDisposition: manual-action/MDN-sent-manually; displayed\n");
  ASSERT_EQ(shown.recipients.size(), 1u);
  EXPECT_EQ(shown.recipients[0].fate, Fate::kDisplayed);
}

TEST(DeliveryReports, AreTotalAndBounded) {
  EXPECT_TRUE(read_delivery_report("").recipients.empty());
  EXPECT_TRUE(read_delivery_report("\r\n\r\nnonsense\xFF\xFE").recipients.empty());
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "Action: failed\n\n";
  const DeliveryReport report = read_delivery_report(many);
  EXPECT_EQ(report.recipients.size(), DeliveryReport::kMost);
  EXPECT_TRUE(report.more);
}

// ---- lists ----

ListLinks links(const std::string& fields) { return read_header(fields + "\r\n").list_links; }

TEST(MailingLists, OfferWhatMayBeFollowed) {
  const ListLinks l = links(
      "List-Unsubscribe: <mailto:leave@list.example?subject=leave>,\r\n <https://list.example/leave?u=1>\r\n"
      "List-Archive: <http://list.example/a>\r\nList-Post: <mailto:all@list.example>\r\nList-Help: (see) <https://list.example/h>\r\n");
  EXPECT_EQ(l.unsubscribe_page, "https://list.example/leave?u=1");
  EXPECT_EQ(l.unsubscribe_mail, "mailto:leave@list.example?subject=leave");
  EXPECT_EQ(l.archive, "http://list.example/a");
  EXPECT_EQ(l.post, "mailto:all@list.example");
  EXPECT_EQ(l.help, "https://list.example/h");
  EXPECT_TRUE(links("List-Post: NO\r\n").closed);
  for (const char* bad : {"<javascript:alert(1)>", "<data:text/html,x>", "<ftp://x>", "https://no.brackets/", "<>", "<", "<https://a\"b>",
                          "<https://a'b>", "<file:///etc/passwd>", "<https://\xC3\xA9>"})
    EXPECT_EQ(links(std::string("List-Archive: ") + bad + "\r\n").archive, "") << bad;
}

// ---- kinds of files ----

const std::string kPng("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\b\6\0\0\0", 29);
const std::string kExe = "MZ" + std::string(58, '\0') + std::string("\x80\0\0\0", 4) + std::string(64, '\0') +
                         std::string("PE\0\0\x4C\1\1\0", 8) + std::string(300, '\0');

TEST(FileKinds, AreWhatTheBytesAre) {
  EXPECT_EQ(sniff_type(kPng), "image/png");
  EXPECT_EQ(judge_file("image/png", "a.png", kPng).found, FileKind::kPicture);
  EXPECT_FALSE(judge_file("image/png", "a.png", kPng).differs);
  EXPECT_FALSE(judge_file("application/octet-stream", "a.png", kPng).differs);
  EXPECT_TRUE(judge_file("application/pdf", "a.pdf", kPng).differs);
  EXPECT_TRUE(judge_file("application/octet-stream", "a.pdf", kPng).differs);
  const FileJudgement exe = judge_file("image/png", "holiday.png", kExe);
  EXPECT_EQ(exe.found, FileKind::kProgram);
  EXPECT_TRUE(exe.differs);
  EXPECT_TRUE(exe.dangerous);
  EXPECT_TRUE(judge_file("text/plain", "x.txt", "<!DOCTYPE html><html><script>x</script>").differs);
  EXPECT_FALSE(judge_file("text/html", "x.html", "<!DOCTYPE html><html><body>x").differs);
  EXPECT_FALSE(judge_file("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "a.docx",
                          std::string("PK\3\4\24\0\0\0\b\0", 10) + std::string(20, '\0'))
                   .differs);
  EXPECT_FALSE(judge_file("application/pdf", "a.pdf", "").differs);
}

TEST(FileKinds, DangerousOnesAreKnownByNameToo) {
  for (const char* name : {"a.exe", "rechnung.pdf.EXE", "x.hta", "x.lnk", "x.iso", "x.js", "x.one", "x.scr", "x.vbs", "x.docm",
                           "x.xlsm", "x.bat", "x.ps1", "x.jar", "x.chm", "x.img", "x.msi", "x.url"})
    EXPECT_TRUE(judge_file("application/octet-stream", name, "").dangerous) << name;
  for (const char* name : {"a.pdf", "exe", "a.docx", "a.zip", "js", "a.txt"})
    EXPECT_FALSE(judge_file("application/octet-stream", name, "").dangerous) << name;
}

TEST(FileKinds, OnlyHarmlessOnesAreOpenedInTheBrowser) {
  EXPECT_EQ(viewable_type("image/png", "image/png"), "image/png");
  EXPECT_EQ(viewable_type("image/png", "application/octet-stream"), "image/png");
  EXPECT_EQ(viewable_type("text/html", "image/png"), "");
  EXPECT_EQ(viewable_type("text/html", "text/html"), "");
  EXPECT_EQ(viewable_type("text/plain", "text/plain"), "text/plain");
  EXPECT_EQ(viewable_type("text/html", "text/plain"), "text/plain");
  EXPECT_EQ(viewable_type("", "text/plain"), "");
  EXPECT_EQ(viewable_type("image/svg+xml", "image/svg+xml"), "");
  EXPECT_EQ(viewable_type("image/svg+xml", "image/png"), "");
  EXPECT_EQ(viewable_type("application/pdf", "application/pdf"), "");
  EXPECT_EQ(viewable_type("text/xml", "text/xml"), "");
  EXPECT_EQ(viewable_type("image/tiff", "image/tiff"), "");
  EXPECT_EQ(viewable_type("audio/mpeg", "audio/mpeg"), "audio/mpeg");
  EXPECT_EQ(viewable_type("video/mp4", "application/octet-stream"), "video/mp4");
  EXPECT_EQ(viewable_type("application/x-dosexec", "image/png"), "");
}

// ---- structure ----

TEST(Structure, MessagesInsideAreOpenedWithWhatTheyHold) {
  const MessageViewBuffer view({{"", 0, "multipart/mixed"},
                                {"1", 1, "text/plain"},
                                {"2", 1, "message/rfc822"},
                                {"2.TEXT", 2, "multipart/mixed"},
                                {"2.1", 3, "text/plain"},
                                {"2.2", 3, "application/pdf", {{"name", "inner.pdf"}}},
                                {"2.3", 3, "message/rfc822"},
                                {"2.3.1", 4, "text/html"},
                                {"3", 1, "application/pdf", {{"name", "outer.pdf"}}}});
  const MessageContent content = read_content(*view);
  ASSERT_EQ(content.attachments.size(), 2u);
  EXPECT_TRUE(content.attachments[0].message);
  EXPECT_EQ(content.attachments[1].name, "outer.pdf");
  ASSERT_EQ(content.messages.size(), 1u);
  const InnerMessage& inner = content.messages[0];
  EXPECT_EQ(inner.section, "2");
  ASSERT_EQ(inner.content.texts.size(), 1u);
  EXPECT_EQ(inner.content.texts[0].section, "2.1");
  ASSERT_EQ(inner.content.attachments.size(), 2u);
  EXPECT_EQ(inner.content.attachments[0].name, "inner.pdf");
  const InnerMessage* deeper = find_inner(content, "2.3");
  ASSERT_NE(deeper, nullptr);
  EXPECT_TRUE(deeper->content.texts.at(0).html);
  EXPECT_EQ(find_inner(content, "3"), nullptr);
  EXPECT_FALSE(content.cut);
}

TEST(Structure, SaysWhatIsAPieceAndWhatIsAReport) {
  const MessageViewBuffer partial({{"1", 0, "message/partial", {{"number", "2"}, {"total", "3"}, {"id", "x"}}}});
  EXPECT_EQ(read_content(*partial).piece, "2/3");
  const MessageViewBuffer odd({{"1", 0, "message/partial", {{"number", "<b>"}, {"total", "3"}}}});
  EXPECT_EQ(read_content(*odd).piece, "/3");
  const MessageViewBuffer report({{"", 0, "multipart/report"},
                                  {"1", 1, "text/plain"},
                                  {"2", 1, "message/delivery-status"},
                                  {"3", 1, "text/rfc822-headers"}});
  EXPECT_EQ(read_content(*report).reports, std::vector<std::string>{"2"});
}

TEST(Structure, TooDeepAndTooManySayThatSomethingIsMissing) {
  std::vector<PartSpec> deep;
  for (std::uint8_t depth = 0; depth <= 50; ++depth) deep.push_back({depth == 0 ? "" : "1", depth, "multipart/mixed"});
  EXPECT_TRUE(read_content(*MessageViewBuffer(deep)).cut);
  deep.resize(50);
  EXPECT_FALSE(read_content(*MessageViewBuffer(deep)).cut);
  std::vector<PartSpec> many{{"", 0, "multipart/mixed"}};
  while (many.size() < kPartsRead - 1) many.push_back({std::to_string(many.size()), 1, "image/png"});
  EXPECT_FALSE(read_content(*MessageViewBuffer(many)).cut);
  many.push_back({"9999", 1, "image/png"});
  EXPECT_TRUE(read_content(*MessageViewBuffer(many)).cut);
}

// ---- text ----

ShownText shown(const std::string& text, TextView view = {}, const std::string& charset = "utf-8") {
  TextPart part;
  part.charset = charset;
  TextReader reader(part, kTextShown, view);
  reader.add(text);
  return reader.finish();
}

TEST(Text, SignaturesAreSetOff) {
  const ShownText text = shown("Hello\n-- \nAnna\nTel 1\n");
  ASSERT_EQ(text.blocks.size(), 2u);
  EXPECT_EQ(text.blocks[0].text, "Hello");
  EXPECT_FALSE(text.blocks[0].signature);
  EXPECT_EQ(text.blocks[1].text, "Anna\nTel 1");
  EXPECT_TRUE(text.blocks[1].signature);
  const ShownText below = shown("Hello\n-- \nAnna\n> quoted\nmore\n");
  ASSERT_EQ(below.blocks.size(), 4u);
  EXPECT_FALSE(below.blocks[3].signature);
  EXPECT_EQ(shown("Hello\n--\nno signature\n").blocks.size(), 1u);
}

TEST(Text, UnformattedKeepsEverySpace) {
  const std::string text = "  a  b\t c \n\n> > quoted  \n\n\n-- \nx \n";
  EXPECT_EQ(shown(text, {"", true}).raw, text);
  EXPECT_EQ(shown("a\r\nb\rc", {"", true}).raw, "a\nb\nc\n");
}

TEST(Text, AChosenCharsetIsTakenAtItsWord) {
  EXPECT_EQ(shown("\xD6\xD0\xCE\xC4", {"gb18030", false}, "iso-8859-1").blocks.at(0).text, "中文");
  EXPECT_EQ(shown("Gr\xC3\xBC", {"iso-8859-1", false}).blocks.at(0).text, "GrÃ¼");
  EXPECT_EQ(to_utf8_as("\xFC", "iso-8859-1"), "ü");
  EXPECT_EQ(to_utf8_as("\xFC", "utf-8"), "\uFFFD");
  EXPECT_EQ(to_utf8_as("Gr\xC3\xBC", "windows-1252"), "GrÃ¼");
  EXPECT_EQ(to_utf8_as("x", std::string(10000, 'x')), "x");
}

TEST(Text, FilesInItAreNotPartOfIt) {
  const ShownText text = shown(std::string("See:\n") + kCat + "Bye\n");
  ASSERT_EQ(text.files.size(), 1u);
  EXPECT_EQ(text.blocks.at(0).text, "See:\nBye");
}

}  // namespace
}  // namespace alphamail
