// SPDX-License-Identifier: GPL-3.0-or-later
// Address lists (RFC 5322 section 3.4) as people's mailers really write them. Structure is read
// from the raw bytes and only then are the pieces decoded, so that nothing encoded can become an
// address.
#include <algorithm>

#include "common/characters.h"
#include "common/encoded_word.h"
#include "common/mime_text.h"

namespace alphamail {
namespace {

/// What one address is made of before it is judged.
struct Pieces {
  std::string phrase;   // words as written, quotes undone
  std::string angle;    // between < and >
  std::string comment;  // of the last ( )
  bool has_angle = false;
  bool has_quotes = false;  // some of the phrase was quoted

  bool empty() const { return trim(phrase).empty() && !has_angle; }  // a comment alone is nobody
};

std::string without_outer_quotes(std::string name) {
  while (name.size() >= 2 && (name.front() == '"' || name.front() == '\'') &&
         name.back() == name.front())
    name = std::string(trim(std::string_view(name).substr(1, name.size() - 2)));
  return name;
}

std::string readable(std::string_view raw) {
  return without_outer_quotes(decode_header(raw));
}

/// A mailbox is shown as written; white space and controls in it are a mailer's accident.
std::string mailbox_of(std::string_view raw) {
  std::string text = on_one_line(to_utf8(trim(raw), ""));
  if (text.starts_with('@')) {  // a source route: <@a,@b:user@host>
    const std::size_t colon = text.find(':');
    if (colon != std::string::npos) text.erase(0, colon + 1);
  }
  if (text.size() > 7 && equal_ignoring_case(std::string_view(text).substr(0, 7), "mailto:"))
    text.erase(0, 7);
  if (text.find('"') == std::string::npos) std::erase(text, ' ');
  while (text.starts_with('<')) text.erase(0, 1);
  return text;
}

/// "Full Name user@host" or "user @ host" without angle brackets: the word with the @ is the
/// address.
void split_bare(std::string_view phrase, std::string& name, std::string& mailbox) {
  phrase = trim(phrase);
  const std::size_t sign = phrase.rfind('@');
  if (sign == std::string_view::npos) {
    // A local name such as "root" or "MAILER-DAEMON" is an address; several words are a name.
    const bool one_word = std::none_of(phrase.begin(), phrase.end(), is_space) &&
                          phrase.find("=?") == std::string_view::npos && is_ascii(phrase);
    (one_word ? mailbox : name) = phrase;
    return;
  }
  std::size_t begin = sign, end = sign + 1;
  while (begin > 0 && is_space(phrase[begin - 1])) --begin;
  while (begin > 0 && !is_space(phrase[begin - 1])) --begin;
  while (end < phrase.size()) {
    while (end < phrase.size() && is_space(phrase[end])) ++end;
    while (end < phrase.size() && !is_space(phrase[end])) ++end;
    // White space around a dot was allowed once (RFC 5322 section 4.4).
    const std::size_t next = phrase.find_first_not_of(" \t\r\n", end);
    if (phrase[end - 1] != '.' && (next == std::string_view::npos || phrase[next] != '.')) break;
  }
  mailbox = phrase.substr(begin, end - begin);
  name = std::string(phrase.substr(0, begin)) + std::string(phrase.substr(end));
}

class AddressReader {
 public:
  AddressReader(std::string_view raw, std::size_t limit) : raw_(raw), words_(raw), limit_(limit) {}

  std::vector<Address> read() {
    while (at_ < raw_.size() && out_.size() < limit_) step();
    if (out_.size() < limit_) end_address();
    if (out_.size() < limit_) end_group();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = raw_[at_];
    switch (c) {
      case '"':
        if (quoted()) return;
        break;
      case '(':
        if (comment()) return;
        break;
      case '<':
        angle();
        return;
      case '>':
        ++at_;
        return;  // one too many
      case '\x1B':
        if (shifted()) return;
        break;
      case ',':
        ++at_;
        end_address();
        return;
      case ';':
        ++at_;
        end_address();
        end_group();
        return;
      case ':':
        if (group()) return;
        break;
      case '=':
        if (const auto word = words_.at(at_)) {  // may hold commas and brackets that mean nothing
          pieces_.phrase += raw_.substr(at_, word->length);
          at_ += word->length;
          return;
        }
        break;
      case '\\':
        if (at_ + 1 < raw_.size()) ++at_;
        break;
      default:
        break;
    }
    pieces_.phrase.push_back(raw_[at_++]);
  }

  /// Where the quoted string that begins at `from` ends (at its quote); npos if it never does.
  std::size_t end_of_quotes(std::size_t from) {
    for (std::size_t i = from + 1; !no_more_quotes_ && i < raw_.size(); ++i) {
      if (raw_[i] == '\\')
        ++i;
      else if (raw_[i] == '"')
        return i;
    }
    no_more_quotes_ = true;
    return std::string_view::npos;
  }

  bool quoted() {
    const std::size_t end = end_of_quotes(at_);
    if (end == std::string_view::npos) return false;
    const std::string_view whole = raw_.substr(at_, end + 1 - at_);
    at_ = end + 1;
    // "john doe"@host: the quotes belong to the address.
    if (at_ < raw_.size() && raw_[at_] == '@') {
      if (!pieces_.phrase.empty() && !is_space(pieces_.phrase.back()))
        pieces_.phrase.push_back(' ');
      quoted_local_ = whole;
      return true;
    }
    pieces_.has_quotes = true;
    for (std::size_t i = 1; i + 1 < whole.size(); ++i) {
      if (whole[i] == '\\' && i + 2 < whole.size()) ++i;
      pieces_.phrase.push_back(whole[i]);
    }
    return true;
  }

  /// Raw ISO-2022-JP, whose letters are brackets and commas to others: taken whole.
  bool shifted() {
    if (raw_.substr(at_ + 1, 1) != "$" || no_more_shifts_) return false;
    const std::size_t end = raw_.find("\x1B(", at_ + 1);
    no_more_shifts_ = end == std::string_view::npos;
    if (no_more_shifts_) return false;
    pieces_.phrase += raw_.substr(at_, end + 3 - at_);
    at_ = std::min(end + 3, raw_.size());
    return true;
  }

  /// Past the comment that begins at `from`, which `text` gets; npos where it never ends. Comments
  /// nest (RFC 5322 section 3.2.2); only the outermost parentheses are taken off.
  std::size_t end_of_comment(std::size_t from, std::string& text) {
    std::size_t depth = 0;
    for (std::size_t i = from; !no_more_comments_ && i < raw_.size(); ++i) {
      const char c = raw_[i];
      if (c == '\\' && i + 1 < raw_.size()) {
        text.push_back(raw_[++i]);
        continue;
      }
      if (c == '(' && depth++ == 0) continue;
      if (c == ')' && --depth == 0) return i + 1;
      text.push_back(c);
    }
    no_more_comments_ = true;
    return std::string_view::npos;
  }

  bool comment() {
    std::string text;
    const std::size_t end = end_of_comment(at_, text);
    if (end == std::string_view::npos) return false;
    at_ = end;
    pieces_.comment = std::move(text);
    pieces_.phrase.push_back(' ');
    return true;
  }

  void angle() {
    std::size_t i = at_ + 1;
    std::string text;
    while (i < raw_.size() && raw_[i] != '>') {
      if (raw_[i] == '"') {
        const std::size_t end = end_of_quotes(i);
        if (end != std::string_view::npos) {
          text += raw_.substr(i, end + 1 - i);
          i = end + 1;
          continue;
        }
      }
      if (raw_[i] == '(') {
        std::string skipped;
        const std::size_t end = end_of_comment(i, skipped);
        if (end != std::string_view::npos) {
          i = end;
          continue;
        }
      }
      if (raw_[i] == ',' && !text.starts_with('@'))
        break;  // the bracket was forgotten; a route has commas
      if (raw_[i] == '<')
        text.clear();  // "<<a@b>>", "<name <a@b>"
      else
        text.push_back(raw_[i]);
      ++i;
    }
    at_ = i < raw_.size() && raw_[i] == '>' ? i + 1 : i;
    if (!pieces_.has_angle || pieces_.angle.empty()) pieces_.angle = std::move(text);
    pieces_.has_angle = true;
    pieces_.phrase.push_back(' ');
  }

  bool group() {
    const std::string_view phrase = trim(pieces_.phrase);
    if (in_group_ || pieces_.has_angle || phrase.find('@') != std::string_view::npos) return false;
    if (equal_ignoring_case(phrase, "mailto")) return false;
    group_ = readable(phrase);
    pieces_ = {};
    in_group_ = true;
    members_ = out_.size();
    ++at_;
    return true;
  }

  void end_group() {
    // A group without members ("undisclosed-recipients:;") is all there is to show.
    if (in_group_ && out_.size() == members_ && !group_.empty()) out_.push_back({group_, ""});
    in_group_ = false;
  }

  void end_address() {
    Pieces pieces = std::move(pieces_);
    pieces_ = {};
    const std::string local = std::move(quoted_local_);
    quoted_local_.clear();
    if (pieces.empty() && local.empty()) return;
    Address address;
    if (pieces.has_angle) {
      address.mailbox = mailbox_of(pieces.angle);
      address.name = readable(pieces.phrase);
    } else if (!local.empty()) {
      address.mailbox = mailbox_of(local + std::string(trim(pieces.phrase)));
    } else if (pieces.has_quotes && pieces.phrase.find('@') == std::string::npos) {
      address.name = readable(pieces.phrase);
    } else {
      std::string name, mailbox;
      split_bare(pieces.phrase, name, mailbox);
      address.mailbox = mailbox_of(mailbox);
      address.name = readable(name);
    }
    if (address.name.empty()) address.name = readable(pieces.comment);
    if (!address.name.empty() || !address.mailbox.empty()) out_.push_back(std::move(address));
  }

  std::string_view raw_;
  EncodedWords words_;
  std::size_t limit_;
  std::size_t at_ = 0;
  Pieces pieces_;
  std::string quoted_local_;
  std::string group_;
  std::size_t members_ = 0;
  bool in_group_ = false;
  bool no_more_quotes_ = false;  // so that a header of nothing but openings is read in linear time
  bool no_more_comments_ = false;
  bool no_more_shifts_ = false;
  std::vector<Address> out_;
};

}  // namespace

std::vector<Address> parse_addresses(std::string_view raw, std::size_t limit) {
  return AddressReader(raw, limit).read();
}

}  // namespace alphamail
