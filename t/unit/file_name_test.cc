// SPDX-License-Identifier: GPL-3.0-or-later
// Names of attachments (security.md A2) and how downloads are served (A1).
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/characters.h"
#include "common/utf8.h"
#include "mod_alphamail/mime_reader.h"
#include "t/unit/message_view.h"

namespace alphamail {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view raw, clean;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.raw;
}
class FileName : public testing::TestWithParam<Case> {};
TEST_P(FileName, IsCleaned) {
  EXPECT_EQ(clean_file_name(GetParam().raw), GetParam().clean);
}

INSTANTIATE_TEST_SUITE_P(
    Honest, FileName,
    testing::Values(Case{"report.pdf", "report.pdf"},
                    Case{"Année 2026 (final).odt", "Année 2026 (final).odt"},
                    Case{"日本語.txt", "日本語.txt"}, Case{"تقرير.pdf", "تقرير.pdf"},
                    Case{"a+b & c, d; e=f#1@x!~.txt", "a+b & c, d; e=f#1@x!~.txt"},
                    Case{"100%.txt", "100%.txt"}, Case{"archive.tar.gz", "archive.tar.gz"},
                    Case{"no extension", "no extension"}, Case{"console.log", "console.log"},
                    Case{"com10.txt", "com10.txt"}, Case{"nullable.c", "nullable.c"},
                    Case{"😀.png", "😀.png"}));

INSTANTIATE_TEST_SUITE_P(
    Hostile, FileName,
    testing::Values(
        Case{"", ""}, Case{"...", ""}, Case{" . . ", ""}, Case{"\"\"", ""},
        Case{".htaccess", "htaccess"}, Case{"..bashrc", "bashrc"}, Case{"a.exe.", "a.exe"},
        Case{"a.exe . .", "a.exe"}, Case{"../../etc/passwd", "_.._etc_passwd"},
        Case{"/etc/passwd", "_etc_passwd"}, Case{"a/b", "a_b"},
        Case{"C:\\Users\\x\\a.doc", "a.doc"}, Case{"\\\\server\\share\\a.doc", "a.doc"},
        Case{"..\\..\\a", "_.._a"}, Case{"a:b", "a_b"},
        Case{"a\x00"
             "b"sv,
             "ab"},
        Case{"a\r\nb", "a b"}, Case{"a\x1B[31mb\x7F", "a[31mb"},
        Case{"a\xC2\x9B"
             "b",
             "ab"},
        Case{"gpj.\u202Eexe.scr", "gpj.exe.scr"}, Case{"a\u200Bb\uFEFF.txt", "ab.txt"},
        Case{"\u2066x\u2069", "x"}, Case{"\u061Cx", "x"}, Case{"a\"b'c`d.txt", "abcd.txt"},
        Case{"<script>.txt", "_script_.txt"}, Case{"a|b?c*d", "a_b_c_d"},
        Case{"invoice.pdf                              .exe", "invoice.pdf .exe"},
        Case{"a\u00A0\u3000\u2003b", "a b"}, Case{"CON", "_CON"}, Case{"con.txt", "_con.txt"},
        Case{"Nul.tar.gz", "_Nul.tar.gz"}, Case{"COM1", "_COM1"}, Case{"lpt9.x", "_lpt9.x"},
        Case{"com¹.x", "_com¹.x"}, Case{"aux .txt", "_aux .txt"}, Case{".con", "_con"},
        Case{"CONIN$", "_CONIN$"}, Case{"\xFF\xFE", "\uFFFD\uFFFD"}, Case{"a\uFFFF", "a"}));

TEST(FileNameLength, IsAtMost255BytesAndKeepsTheExtension) {
  const auto made = [](std::size_t stem) {
    return clean_file_name(std::string(stem, 'x') + ".pdf");
  };
  EXPECT_EQ(made(250).size(), 254u);
  EXPECT_EQ(made(251).size(), 255u);
  EXPECT_EQ(made(252).size(), 255u);
  EXPECT_TRUE(made(252).ends_with("x.pdf"));
  EXPECT_TRUE(made(100000).ends_with("x.pdf"));
  EXPECT_EQ(made(100000).size(), 255u);
  std::string japanese;
  for (int i = 0; i < 200; ++i) japanese += "語";
  EXPECT_LE(clean_file_name(japanese + ".txt").size(), 255u);
  EXPECT_TRUE(is_utf8(clean_file_name(japanese + ".txt")));
  EXPECT_TRUE(clean_file_name(japanese + ".txt").ends_with("語.txt"));
  EXPECT_EQ(clean_file_name("x." + std::string(1000, 'y')).size(), 255u);
}

/// Each pair of pieces from a list of odd ones: what comes out obeys every rule and stays as it is.
TEST(FileNameRules, HoldForAllCombinations) {
  const std::string_view pieces[] = {
      "",   ".", "..",   " ",    "/",      "\\",     "C:\\", "con",  "COM1", ".txt",
      "\"", "'", "\0"sv, "\r\n", "\u202E", "\uFEFF", "é",    "\xFF", "日本", "%2e%2e%2f",
      "~",  "-", "$(x)", "aux.", "\u2028", "\xC2",   ":",    "x"};
  for (const std::string_view a : pieces) {
    for (const std::string_view b : pieces) {
      for (const std::string_view c : pieces) {
        const std::string raw = std::string(a) + std::string(b) + std::string(c);
        const std::string name = clean_file_name(raw);
        ASSERT_EQ(clean_file_name(name), name) << raw;
        ASSERT_TRUE(is_utf8(name)) << raw;
        ASSERT_EQ(name.find_first_of("/\\:\"'`<>|?*\r\n"sv), std::string::npos) << raw;
        ASSERT_EQ(name.find('\0'), std::string::npos) << raw;
        if (name.empty()) continue;
        ASSERT_TRUE(name.front() != '.' && name.front() != ' ' && name.back() != '.' &&
                    name.back() != ' ')
            << raw;
      }
    }
  }
}

TEST(ContentDisposition, IsAlwaysAnAttachmentOnOneLine) {
  EXPECT_EQ(content_disposition("report.pdf"), "attachment; filename=\"report.pdf\"");
  EXPECT_EQ(content_disposition("naïve plan.pdf"),
            "attachment; filename=\"na_ve plan.pdf\"; filename*=UTF-8''na%C3%AFve%20plan.pdf");
  EXPECT_EQ(content_disposition("€.txt"),
            "attachment; filename=\"_.txt\"; filename*=UTF-8''%E2%82%AC.txt");
  EXPECT_EQ(content_disposition("a%41.txt"),
            "attachment; filename=\"a_41.txt\"; filename*=UTF-8''a%2541.txt");
  EXPECT_EQ(content_disposition("a\"; filename=evil.exe\r\nX: y"),
            "attachment; filename=\"a; filename=evil.exe X_ y\"");
  EXPECT_EQ(content_disposition(""), "attachment; filename=\"attachment\"");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string value =
        content_disposition("a" + std::string(1, static_cast<char>(byte)) + "b");
    for (const char c : value) EXPECT_TRUE(c >= ' ' && c < 0x7F) << byte;
    EXPECT_TRUE(value.starts_with("attachment; filename=\"a")) << byte;
  }
}

TEST(ServedType, IsFromTheList) {
  EXPECT_EQ(served_type("image", "png"), "image/png");
  EXPECT_EQ(served_type("Application", "PDF"), "application/pdf");
  for (const auto& [type, subtype] : {std::pair{"text", "html"},
                                      {"image", "svg+xml"},
                                      {"application", "xhtml+xml"},
                                      {"text", "xml"},
                                      {"application", "javascript"},
                                      {"text", "javascript"},
                                      {"message", "rfc822"},
                                      {"multipart", "related"},
                                      {"application", "x-shockwave-flash"},
                                      {"text", "css"},
                                      {"image", "png\r\nX: y"},
                                      {"image", "png; charset=x"},
                                      {"", ""},
                                      {"*", "*"}})
    EXPECT_EQ(served_type(type, subtype), "application/octet-stream") << type << "/" << subtype;
}

TEST(Download, OfAPart) {
  const MessageViewBuffer buffer(
      {{"2", 0, "text/html", {{"name", "page.html"}}, "inline", {}, 100, "", "BASE64"}});
  const Download download = download_of(*(*buffer).parts()->Get(0));
  EXPECT_EQ(download.disposition, "attachment; filename=\"page.html\"");
  EXPECT_EQ(download.content_type, "application/octet-stream");
  EXPECT_EQ(download.encoding, "base64");
}

TEST(Download, OfTheSource) {
  MessageHeader header;
  EXPECT_EQ(download_of_source(header).name, "message.eml");
  header.subject = "Re: plan / budget";
  EXPECT_EQ(download_of_source(header).name, "Re_ plan _ budget.eml");
  EXPECT_EQ(download_of_source(header).content_type, "application/octet-stream");
  header.subject = std::string(10000, 'x');
  EXPECT_TRUE(download_of_source(header).name.ends_with("x.eml"));
}

}  // namespace
}  // namespace alphamail
