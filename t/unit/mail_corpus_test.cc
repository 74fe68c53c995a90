// SPDX-License-Identifier: GPL-3.0-or-later
// Real mail through everything that reads it: the fixtures against what they should show, and every
// file below $ALPHAMAIL_CORPUS for crashes, time and valid text.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "common/utf8.h"
#include "mod_alphamail/mime_reader.h"
#include "t/unit/cpu_time.h"
#include "t/unit/mime_split.h"

namespace alphamail {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

fs::path fixtures() {
  const char* top = std::getenv("top_srcdir");
  return fs::path(top != nullptr ? top : TOP_SRCDIR) / "t/fixtures/mail";
}

std::string shown(const std::vector<Address>& list) {
  std::string out;
  for (const Address& a : list) out += (out.empty() ? "" : "; ") + a.name + "<" + a.mailbox + ">";
  return out;
}

ShownText shown_text(const TextPart& part, const MimeSplit& split) {
  TextReader reader(part);
  const auto body = split.bodies.find(part.section);
  if (body != split.bodies.end()) reader.add(body->second);
  return reader.finish();
}

/// What the page would show of a message, a line a field.
std::string summary(const MimeSplit& split) {
  const MessageViewBuffer view(split.parts, split.header);
  const MessageHeader header = read_header(split.header);
  const MessageContent content = read_content(*view);
  std::string out = "subject: " + header.subject + "\nfrom: " + shown(header.from) +
                    "\nto: " + shown(header.to) + "\n";
  if (!header.cc.empty()) out += "cc: " + shown(header.cc) + "\n";
  out +=
      "date: " + (header.date ? std::to_string(*header.date) : "none " + header.date_text) + "\n";
  for (const TextPart& part : content.texts) {
    std::string text;
    for (const TextBlock& block : shown_text(part, split).blocks)
      if (!block.signature) text += (text.empty() ? "" : "\n") + block.text;
    out +=
        "text " + part.section + (part.html ? " html" : "") + ": " + snippet_of(text, 100) + "\n";
  }
  for (const Attachment& a : content.attachments)
    out += "attachment " + a.section + ": " + a.name + " (" + a.type + ")\n";
  return out;
}

/// expected.txt: "== FILE" lines, each followed by the summary of that file.
TEST(MailFixtures, ShowWhatTheyShould) {
  std::ifstream list(fixtures() / "expected.txt");
  ASSERT_TRUE(list) << fixtures();
  std::string line, file, expected;
  std::size_t count = 0;
  const auto check = [&] {
    if (file.empty()) return;
    ++count;
    const std::string message = slurp(fixtures() / file);
    EXPECT_FALSE(message.empty()) << file;
    EXPECT_EQ(summary(MimeSplit(message)), expected) << file;
  };
  while (std::getline(list, line)) {
    if (!line.starts_with("== ")) {
      expected += line + "\n";
      continue;
    }
    check();
    file = line.substr(3);
    expected.clear();
  }
  check();
  EXPECT_GE(count, 60u);
}

void expect_text(std::string_view text, bool line_ends, const std::string& where) {
  EXPECT_TRUE(is_utf8(text)) << where;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    if (is_control(c.value) && !(line_ends && c.value == '\n')) {
      ADD_FAILURE() << where << ": control character " << static_cast<unsigned>(c.value);
      return;
    }
    at += c.length;
  }
}

void expect_addresses(const std::vector<Address>& list, const std::string& where) {
  for (const Address& a : list) {
    expect_text(a.name, false, where + " name");
    expect_text(a.mailbox, false, where + " mailbox");
  }
}

/// Everything that is shown of a message is text.
void expect_sane(std::string_view message, const std::string& where) {
  const MimeSplit split(message);
  const MessageViewBuffer view(split.parts, split.header);
  const MessageHeader header = read_header(split.header);
  expect_text(header.subject, false, where + " subject");
  expect_text(header.date_text, false, where + " date");
  expect_text(header.list, false, where + " list");
  for (const auto* list :
       {&header.from, &header.sender, &header.reply_to, &header.to, &header.cc, &header.bcc})
    expect_addresses(*list, where);
  const MessageContent content = read_content(*view);
  for (const TextPart& part : content.texts) {
    for (const TextBlock& block : shown_text(part, split).blocks) {
      expect_text(block.text, true, where + " text");
      expect_text(snippet_of(block.text, 120), false, where + " snippet");
    }
  }
  for (const Attachment& a : content.attachments) {
    expect_text(a.name, false, where + " attachment");
    EXPECT_EQ(clean_file_name(a.name), a.name) << where;
    EXPECT_FALSE(a.name.empty() || a.type.empty() || a.icon.empty()) << where;
  }
  // Parts are also read as what they are not.
  for (const auto& [section, body] : split.bodies) {
    expect_text(html_to_text(valid_utf8(body), 100000), true, where + " html");
    for (const std::string_view encoding : {"base64", "quoted-printable"})
      decode_transfer(body, encoding);
  }
  expect_text(decode_header(message.substr(0, 100000)), false, where + " as a header");
  expect_addresses(parse_addresses(message.substr(0, 100000)), where + " as addresses");
}

TEST(MailFixtures, AreTextThroughout) {
  for (const auto& entry : fs::recursive_directory_iterator(fixtures()))
    if (entry.is_regular_file()) expect_sane(slurp(entry.path()), entry.path().filename());
}

TEST(MailFixtures, CutAnywhereAreTextThroughout) {
  for (const auto& entry : fs::recursive_directory_iterator(fixtures())) {
    if (!entry.is_regular_file()) continue;
    const std::string message = slurp(entry.path());
    for (std::size_t i = 1; i < 8; ++i)
      expect_sane(std::string_view(message).substr(0, message.size() * i / 8),
                  entry.path().filename());
  }
}

TEST(MailCorpus, IsTextThroughoutAndReadInTime) {
  const char* corpus = std::getenv("ALPHAMAIL_CORPUS");
  if (corpus == nullptr) GTEST_SKIP() << "ALPHAMAIL_CORPUS names no folder";
  std::size_t files = 0;
  double longest = 0;
  for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
    if (!entry.is_regular_file()) continue;
    const std::string message = slurp(entry.path());
    const CpuTime time;
    expect_sane(message, entry.path());
    const double took = time.seconds();
    EXPECT_LT(took, kLinearSeconds) << entry.path();
    longest = std::max(longest, took);
    ++files;
  }
  std::cout << files << " files, the longest took " << longest * 1000 << " ms\n";
}

/// For making expected.txt: prints the summaries of the files that ALPHAMAIL_SUMMARIZE names, a
/// space between.
TEST(MailFixtures, Summarize) {
  const char* wanted = std::getenv("ALPHAMAIL_SUMMARIZE");
  if (wanted == nullptr) GTEST_SKIP() << "nothing to summarize";
  std::ifstream names{std::string(wanted)};
  for (std::string name; std::getline(names, name);)
    std::cout << "== " << name << "\n" << summary(MimeSplit(slurp(fixtures() / name)));
}

}  // namespace
}  // namespace alphamail
