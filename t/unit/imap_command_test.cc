// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever a user, a password or a folder is called: what goes out is one command (RFC 3501 section 9).
#include "webcache/imap_command.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>

namespace alphamail {
namespace {

/// A strict reader of the client's grammar, written apart from the builder: words, then CRLF, and
/// nothing behind it. Gives the strings of the command; nullopt where it is anything but one command.
class Strict {
 public:
  explicit Strict(std::string_view text) : rest_(text) {}

  std::optional<std::vector<std::string>> command() {
    std::vector<std::string> out;
    for (;;) {
      auto word = next();
      if (!word) return std::nullopt;
      out.push_back(*word);
      if (rest_ == "\r\n") return out;
      if (!rest_.starts_with(' ')) return std::nullopt;
      rest_.remove_prefix(1);
    }
  }

 private:
  std::optional<std::string> next() {
    if (rest_.starts_with('"')) return quoted();
    if (rest_.starts_with('{')) return literal();
    const std::size_t end = rest_.find_first_of(std::string_view(" \r\n\"\\{}%*\0\x7f", 11));
    if (end == 0 || end == std::string_view::npos) return std::nullopt;
    const std::string word(rest_.substr(0, end));
    for (const char c : word) {
      if (c < 0x21 || c == 0x7f) return std::nullopt;
    }
    rest_.remove_prefix(end);
    return word;
  }
  std::optional<std::string> quoted() {
    std::string out;
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_[0] != '"') {
      if (rest_[0] == '\\') rest_.remove_prefix(1);
      if (rest_.empty() || rest_[0] < 0x20 || rest_[0] == 0x7f) return std::nullopt;
      out += rest_[0];
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) return std::nullopt;
    rest_.remove_prefix(1);
    return out;
  }
  std::optional<std::string> literal() {
    std::size_t at = 1, size = 0;
    while (at < rest_.size() && rest_[at] >= '0' && rest_[at] <= '9') size = size * 10 + static_cast<std::size_t>(rest_[at++] - '0');
    if (at == 1) return std::nullopt;
    if (at < rest_.size() && rest_[at] == '+') ++at;
    if (rest_.substr(at, 3) != "}\r\n" || rest_.size() < at + 3 + size) return std::nullopt;
    std::string out(rest_.substr(at + 3, size));
    if (out.find('\0') != std::string::npos) return std::nullopt;
    rest_.remove_prefix(at + 3 + size);
    return out;
  }

  std::string_view rest_;
};

std::string joined(ImapCommand& command, const Capabilities& capabilities = {}) {
  std::string out;
  for (const auto& piece : command.pieces(capabilities)) out += piece.text;
  return out;
}

std::string random_string(std::mt19937& random) {
  static constexpr std::string_view kNasty = "\"\\{}()%* \r\n\0+abc1]~";
  std::string out;
  const std::size_t length = random() % 4 == 0 ? random() % 3000 : random() % 24;
  const unsigned kind = random() % 4;
  for (std::size_t i = 0; i < length; ++i) {
    const unsigned dice = static_cast<unsigned>(random());
    if (kind == 0) out += static_cast<char>('a' + dice % 26);
    if (kind == 1) out += kNasty[dice % kNasty.size()];
    if (kind == 2) out += static_cast<char>(dice & 0xff);
    if (kind == 3) out += static_cast<char>(0x20 + dice % 95);
  }
  static const char* const kWhole[] = {"", "NIL", "nil", "{5}", "{5+}\r\n", "x\r\nA2 LOGOUT", "\" \"", "\\", "INBOX",
                                       "+", "*", "\xff\xfe", "a\tb", "(\\Seen)"};
  return random() % 10 == 0 ? kWhole[random() % std::size(kWhole)] : out;
}

TEST(ImapCommand, AHundredThousandStringsAreOneCommandEach) {
  std::mt19937 random(20261122);
  int refused = 0;
  for (int i = 0; i < 100000; ++i) {
    const std::string first = random_string(random), second = random_string(random);
    ImapCommand command("LOGIN");
    command.astring(first).string(second);
    const bool spoiled = (first + second).find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos;
    ASSERT_EQ(command.valid(), !spoiled) << i;
    if (spoiled) {
      ++refused;
      continue;
    }
    Capabilities capabilities;
    capabilities.literal_plus = random() % 2 == 0;
    capabilities.literal_minus = random() % 2 == 0;
    const std::string text = joined(command, capabilities);
    const auto words = Strict(text).command();
    ASSERT_TRUE(words) << text;
    ASSERT_EQ(words->size(), 3u) << text;
    ASSERT_EQ((*words)[1], first) << text;
    ASSERT_EQ((*words)[2], second) << text;
  }
  EXPECT_GT(refused, 1000);
  EXPECT_LT(refused, 80000);
}

TEST(ImapCommand, AtomsQuotesAndLiterals) {
  ImapCommand command("SELECT");
  command.astring("INBOX").astring("a b").astring("a\"b\\").astring("caf\xc3\xa9").astring("NIL").astring("").string("atom");
  EXPECT_EQ(joined(command), "SELECT INBOX \"a b\" \"a\\\"b\\\\\" {5}\r\ncaf\xc3\xa9 \"NIL\" \"\" \"atom\"\r\n");
}

TEST(ImapCommand, LiteralsWaitUnlessTheServerSaysOtherwise) {
  const auto pieces = [](std::size_t size, bool plus, bool minus) {
    ImapCommand command("LOGIN");
    command.astring(std::string(size, '\xe9')).string("\xe9");
    Capabilities capabilities;
    capabilities.literal_plus = plus;
    capabilities.literal_minus = minus;
    std::vector<std::string> out;
    for (const auto& piece : command.pieces(capabilities)) out.emplace_back(piece.text);
    return out;
  };
  const auto waiting = pieces(2, false, false);
  ASSERT_EQ(waiting.size(), 3u);
  EXPECT_EQ(waiting[0], "LOGIN {2}\r\n");
  EXPECT_EQ(waiting[1], "\xe9\xe9 {1}\r\n");
  EXPECT_EQ(waiting[2], "\xe9\r\n");
  EXPECT_EQ(pieces(2, true, false), std::vector<std::string>{"LOGIN {2+}\r\n\xe9\xe9 {1+}\r\n\xe9\r\n"});
  EXPECT_EQ(pieces(4096, false, true).size(), 1u);
  EXPECT_EQ(pieces(4097, false, true).size(), 3u);
  EXPECT_EQ(pieces(4097, true, true).size(), 1u);
}

TEST(ImapCommand, SetsJoinRuns) {
  const std::vector<Uid> uids{Uid{1}, Uid{2}, Uid{3}, Uid{7}, Uid{9}, Uid{8}, Uid{4294967295}};
  ImapCommand command("UID FETCH");
  command.set(uids).words("(UID").body_peek("1.2", 0, 512).words(")");
  EXPECT_EQ(joined(command), "UID FETCH 1:3,7,9,8,4294967295 (UID BODY.PEEK[1.2]<0.512>)\r\n");
}

TEST(ImapCommand, SectionsAreChecked) {
  for (const char* section : {"", "1", "1.2.3", "HEADER", "2.MIME", "TEXT"}) EXPECT_TRUE(is_section(section));
  for (const char* section : {"1]", "1 2", "HEADER.FIELDS (X)", "1\r\n", "\"", "{1}"}) {
    EXPECT_FALSE(is_section(section)) << section;
    ImapCommand command("FETCH");
    command.body_peek(section, 0, 1);
    EXPECT_FALSE(command.valid());
  }
}

}  // namespace
}  // namespace alphamail
