// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/smtp_reply.h"

#include <algorithm>
#include <charconv>

#include "common/utf8.h"
#include "webcache/imap_parser.h"

namespace alphamail {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find_first_of(" ="));
    if (!word.empty()) words.push_back(upper(word));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
  }
  return words;
}

}  // namespace

std::string SmtpReply::words() const {
  std::string all = std::to_string(code);
  for (const std::string& line : lines) {
    if (!line.empty()) all.append(" ").append(line);
  }
  return presentable(all);
}

Result<bool> SmtpReplyReader::take(std::string_view line) {
  const Error broken{Code::kProtocol, "the server's answer is not SMTP", 0};
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool coded = line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && is_digit(line[1]) &&
                     is_digit(line[2]);
  if (!coded || (line.size() > 3 && line[3] != ' ' && line[3] != '-')) return broken;
  const auto code =
      static_cast<std::uint16_t>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
  if (!reply.lines.empty() && code != reply.code) return broken;
  if (reply.lines.size() >= kMostLines) return broken;
  reply.code = code;
  reply.lines.emplace_back(line.size() > 4 ? line.substr(4) : std::string_view());
  return line.size() == 3 || line[3] == ' ';
}

SmtpOffers SmtpOffers::of(const SmtpReply& reply) {
  SmtpOffers offers;
  for (std::size_t i = 1; i < reply.lines.size(); ++i) {
    const auto words = words_of(reply.lines[i]);
    if (words.empty()) continue;
    const std::string& name = words.front();
    offers.starttls |= name == "STARTTLS";
    offers.eight_bit |= name == "8BITMIME";
    offers.utf8 |= name == "SMTPUTF8";
    offers.pipelining |= name == "PIPELINING";
    if (name == "SIZE") {
      offers.size = true;
      if (words.size() > 1)
        (void)std::from_chars(words[1].data(), words[1].data() + words[1].size(), offers.most_bytes);
    }
    if (name != "AUTH") continue;
    offers.auth_plain |= std::find(words.begin(), words.end(), "PLAIN") != words.end();
    offers.auth_login |= std::find(words.begin(), words.end(), "LOGIN") != words.end();
  }
  return offers;
}

bool is_envelope_address(std::string_view address) {
  constexpr std::size_t kLongest = 254, kLongestLocal = 64;
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == address.size()) return false;
  if (address.size() > kLongest || at > kLongestLocal) return false;
  for (std::string_view rest = address; !rest.empty();) {
    const Utf8Char c = first_utf8(rest);
    if (c.length == 0 || c.code < 0x20 || (c.code >= 0x7F && c.code < 0xA0)) return false;
    if (c.code == 0x2028 || c.code == 0x2029) return false;  // line ends, to some
    rest.remove_prefix(c.length);
  }
  const std::string_view local = address.substr(0, at), domain = address.substr(at + 1);
  if (domain.find_first_of(" <>@\"\\,;()") != std::string_view::npos) return false;
  if (domain.front() == '.' || domain.back() == '.') return false;
  if (!local.starts_with('"')) return local.find_first_of(" <>@\"\\,;()[]:") == std::string_view::npos;
  if (local.size() < 3 || !local.ends_with('"')) return false;
  const std::string_view inside = local.substr(1, local.size() - 2);
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '"') return false;
    if (inside[i] == '\\' && ++i == inside.size()) return false;
  }
  return true;
}

}  // namespace alphamail
