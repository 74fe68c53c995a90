// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/message_bytes.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace alphamail {
namespace {

// A header line as it stands in the spool; those that are folded as they should are far shorter.
constexpr std::size_t kLongestHeaderLine = 64 * 1024;
constexpr std::size_t kLongestLine = 998;  // RFC 5322 section 2.1.1

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Of "name:" and "name :" (RFC 5322 section 4.5) alike, whatever the case.
bool is_field(std::string_view line, std::string_view name) {
  if (line.size() <= name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (lower(line[i]) != name[i]) return false;
  }
  const std::size_t colon = line.find_first_not_of(" \t", name.size());
  return colon != std::string_view::npos && line[colon] == ':';
}

bool is_folded(std::string_view line) {
  return !line.empty() && (line[0] == ' ' || line[0] == '\t');
}

}  // namespace

void MessageBytes::end_header_line() {
  if (!is_folded(line_)) leaving_out_ = bcc_ == Bcc::kLeftOut && is_field(line_, "bcc");
  if (line_.empty()) in_header_ = false;
  if (!leaving_out_) out_.append(line_).append("\r\n");
  line_.clear();
}

void MessageBytes::take(std::string_view some) {
  while (!some.empty()) {
    if (after_cr_ && some[0] == '\n') {  // the line has been ended by its CR
      after_cr_ = false;
      some.remove_prefix(1);
      continue;
    }
    after_cr_ = false;
    const std::size_t end = some.find_first_of("\r\n");
    const std::string_view text = some.substr(0, end);
    if (in_header_) {
      line_ += text;
      overlong_ = overlong_ || line_.size() > kLongestHeaderLine;
      if (overlong_) return;
    } else {
      out_ += text;
      line_open_ = line_open_ || !text.empty();
    }
    if (end == std::string_view::npos) return;
    after_cr_ = some[end] == '\r';
    some.remove_prefix(end + 1);
    if (in_header_) {
      end_header_line();
    } else {
      out_ += "\r\n";
      line_open_ = false;
    }
  }
}

Result<void> MessageBytes::end() {
  ended_ = true;
  if (in_header_ && !line_.empty()) end_header_line();
  if (line_open_) out_ += "\r\n";
  line_open_ = false;
  return {};
}

Result<std::string_view> MessageBytes::next() {
  out_.clear();
  while (out_.empty() && !ended_) {
    const auto some = source_();
    if (!some) return some.error();
    if (some->empty()) {
      if (const auto done = end(); !done) return done.error();
    } else {
      take(*some);
    }
    if (overlong_) return Error{Code::kInvalid, "a line of its header is far too long", 0};
  }
  return std::string_view(out_);
}

namespace {

/// Looks at what goes by.
class Look {
 public:
  Result<void> take(std::string_view some, MessageFacts& facts) {
    if (some.find('\0') != std::string_view::npos)
      return Error{Code::kInvalid, "the message holds a NUL", 0};
    const bool high = std::any_of(some.begin(), some.end(),
                                  [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
    facts.eight_bit = facts.eight_bit || high;
    for (std::string_view rest = some; !rest.empty();) {
      const std::size_t end = rest.find('\n');
      const std::string_view part = rest.substr(0, end);
      if (in_header_) line_ += part;
      length_ += part.size();
      if (end == std::string_view::npos) break;
      if (length_ > kLongestLine + 1)  // and its CR
        return Error{Code::kInvalid, "a line of the message is longer than 998 bytes", 0};
      if (in_header_) look_at_line(facts);
      length_ = 0;
      rest.remove_prefix(end + 1);
    }
    return {};
  }

 private:
  void look_at_line(MessageFacts& facts) {
    if (line_.ends_with('\r')) line_.pop_back();
    if (line_.empty()) in_header_ = false;
    facts.utf8_header = facts.utf8_header ||
                        std::any_of(line_.begin(), line_.end(), [](char c) {
                          return (static_cast<unsigned char>(c) & 0x80) != 0;
                        });
    if (!is_folded(line_)) in_id_ = facts.message_id.empty() && is_field(line_, "message-id");
    if (in_id_) {
      const std::size_t from = line_.find('<'), to = line_.find('>');
      if (from != std::string::npos && to != std::string::npos && from < to)
        facts.message_id = line_.substr(from, to - from + 1);
    }
    line_.clear();
  }

  bool in_header_ = true, in_id_ = false;
  std::string line_;
  std::size_t length_ = 0;
};

}  // namespace

Result<MessageFacts> message_facts(const std::function<ByteSource()>& open) {
  MessageFacts facts;
  for (const auto bcc : {MessageBytes::Bcc::kKept, MessageBytes::Bcc::kLeftOut}) {
    MessageBytes bytes(open(), bcc);
    Look look;
    for (;;) {
      const auto some = bytes.next();
      if (!some) return some.error();
      if (some->empty()) break;
      if (bcc == MessageBytes::Bcc::kLeftOut) {
        facts.wire_bytes += some->size();
        continue;
      }
      facts.whole_bytes += some->size();
      if (const auto seen = look.take(*some, facts); !seen) return seen.error();
    }
  }
  if (facts.whole_bytes == 0) return Error{Code::kInvalid, "the message is empty", 0};
  if (facts.message_id.empty()) return Error{Code::kInvalid, "the message has no Message-ID", 0};
  return facts;
}

}  // namespace alphamail
