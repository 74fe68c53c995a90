// SPDX-License-Identifier: GPL-3.0-or-later
// BODYSTRUCTURE (RFC 3501 section 7.4.2). Recursive, at most kPartDepth deep.
#include <charconv>

#include "webcache/imap_fetch.h"

namespace alphamail {
namespace {

using namespace imap_limits;

// A sender decides how deep and how wide his message is; he must not be able to end the connection of
// who receives it. So what is too deep is stepped over, and not taken for a broken server.
constexpr int kSkippedNesting = 100 * 1000;

void lower(std::string& text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
}

void lower_nstring(ImapCursor& at, std::string& out) {
  at.nstring(out, 256);
  lower(out);
}

class Structure {
 public:
  Structure(ImapCursor& at, std::vector<PartInfo>& parts) : at_(at), parts_(parts) {}

  /// One body; `parent` is the section its number is put behind ("" or "1.2"), `number` from 1.
  /// `whole`: the body of a message (the root or a message/rfc822), so no number where it is a multipart.
  void body(const std::string& parent, int number, bool whole, int depth) {
    if (depth > kPartDepth || parts_.size() >= static_cast<std::size_t>(kParts)) {
      return at_.skip_value(kSkippedNesting);
    }
    at_.expect('(');
    if (at_.peek() == '(') {
      multipart(whole ? parent : numbered(parent, number), whole, depth);
    } else {
      single(numbered(parent, number), depth);
    }
    // Extension data that we do not know (RFC 3501: "must be accepted").
    while (!at_.failed() && at_.accept(' ')) at_.skip_value();
    at_.expect(')');
  }

 private:
  static std::string numbered(const std::string& parent, int number) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    std::string section = parent;
    if (!section.empty()) section += '.';
    section.append(digits, end);
    return section;
  }

  void multipart(const std::string& section, bool whole, int depth) {
    const std::size_t mine = parts_.size();
    PartInfo& fresh = parts_.emplace_back();
    fresh.section = whole && !section.empty() ? section + ".TEXT" : section;
    fresh.depth = static_cast<std::uint8_t>(depth);
    fresh.type = "multipart";
    for (int number = 1; !at_.failed() && at_.peek() == '('; ++number) {
      body(section, number, false, depth + 1);
      while (at_.peek() == ' ' && at_.rest().starts_with(" (")) at_.accept(' ');  // odd servers
    }
    at_.expect(' ');
    PartInfo& part = parts_[mine];  // the vector may have moved
    lower_nstring(at_, part.subtype);
    if (!at_.accept(' ')) return;
    parameters(part.parameters);
    disposition_and_more(part);
  }

  void single(std::string section, int depth) {
    const std::size_t mine = parts_.size();
    {
      PartInfo& part = parts_.emplace_back();
      part.section = section;
      part.depth = static_cast<std::uint8_t>(depth);
      lower_nstring(at_, part.type);
      at_.expect(' ');
      lower_nstring(at_, part.subtype);
      at_.expect(' ');
      parameters(part.parameters);
      at_.expect(' ');
      at_.nstring(part.content_id);
      at_.expect(' ');
      at_.nstring(part.description);
      at_.expect(' ');
      lower_nstring(at_, part.encoding);
      at_.expect(' ');
      const std::uint64_t size = at_.number();
      part.size = size == ImapCursor::kOdd ? 0 : size;
    }
    const bool message =
        parts_[mine].type == "message" && (parts_[mine].subtype == "rfc822" || parts_[mine].subtype == "global");
    if (message && at_.rest().starts_with(" (")) {
      at_.expect(' ');
      at_.skip_value();  // its envelope
      at_.expect(' ');
      if (at_.peek() == '(') {
        body(section, 1, true, depth + 1);
      } else {
        at_.skip_value();  // NIL, from servers that could not parse it
      }
      if (at_.accept(' ')) at_.number();  // lines
    } else if (parts_[mine].type == "text" && at_.accept(' ')) {
      at_.number();  // lines
    }
    if (!at_.accept(' ')) return;
    at_.skip_value();  // MD5
    disposition_and_more(parts_[mine]);
  }

  void disposition_and_more(PartInfo& part) {
    if (!at_.accept(' ')) return;
    if (at_.accept('(')) {
      lower_nstring(at_, part.disposition);
      if (at_.accept(' ')) parameters(part.disposition_parameters);
      at_.expect(')');
    } else {
      lower_nstring(at_, part.disposition);
    }
    // Language and location are stepped over with the unknown rest.
  }

  void parameters(std::vector<Parameter>& out) {
    if (at_.accept_nil()) return;
    at_.expect('(');
    for (int count = 0; !at_.failed() && !at_.accept(')'); ++count) {
      if (count > 0) at_.expect(' ');
      if (count >= kParameters) {
        at_.skip_value();
        at_.expect(' ');
        at_.skip_value();
        continue;
      }
      Parameter& parameter = out.emplace_back();
      lower_nstring(at_, parameter.name);
      at_.expect(' ');
      at_.nstring(parameter.value);
    }
  }

  ImapCursor& at_;
  std::vector<PartInfo>& parts_;
};

}  // namespace

void parse_structure(ImapCursor& at, std::vector<PartInfo>& parts) {
  parts.clear();
  parts.reserve(4);  // text, HTML and what holds them: moving them later costs more than the rest
  Structure(at, parts).body("", 1, true, 0);
}

}  // namespace alphamail
