// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/imap_reader.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "webcache/imap_limits.h"

namespace alphamail {
namespace {

using namespace imap_limits;

constexpr std::size_t kFirstCapacity = 32 * 1024;

Error broken(const char* why) { return {Code::kProtocol, std::string("the server's answer ") + why}; }

bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '*'; });
}

bool starts_with_word(std::string_view text, std::string_view word) {
  if (text.size() <= word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if ((text[i] & ~0x20) != word[i]) return false;
  }
  const char after = text[word.size()];
  return after == ' ' || after == '\r';
}

/// "... {123}" at the end of a line announces a literal.
std::optional<std::uint64_t> announced_literal(std::string_view line) {
  if (line.empty() || line.back() != '}') return std::nullopt;
  const std::size_t open = line.rfind('{');
  if (open == std::string_view::npos || open + 2 > line.size() - 1) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : line.substr(open + 1, line.size() - open - 2)) {
    if (c < '0' || c > '9') return std::nullopt;
    if (value > kLiteral) continue;  // already too much: no overflow, however many digits follow
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

}  // namespace

/// Reads at least one byte behind end_, with room for `room` at least.
Result<void> ImapReader::fill(std::size_t room, Deadline deadline) {
  if (begin_ > 0 && capacity_ - end_ < room) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    scan_ -= begin_;
    begin_ = next_ = 0;
  }
  if (capacity_ - end_ < room) {
    const std::size_t wanted = std::max({kFirstCapacity, capacity_ * 2, end_ + room});
    std::unique_ptr<char[]> larger(new char[wanted]);
    if (end_ > 0) std::memcpy(larger.get(), buffer_.get(), end_);
    buffer_ = std::move(larger);
    capacity_ = wanted;
  }
  const auto got = source_.read({buffer_.get() + end_, capacity_ - end_}, deadline);
  if (!got) return got.error();
  end_ += *got;
  return {};
}

/// "* 12 FETCH ": its line may be longer than the others.
bool ImapReader::is_fetch() const {
  const std::string_view text(buffer_.get() + begin_, end_ - begin_);
  std::size_t at = text.starts_with("* ") ? 2 : text.size();
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at > 2 && at < 30 && at < text.size() && text[at] == ' ' &&
         starts_with_word(text.substr(at + 1, 7), "FETCH");
}

/// How many bytes "* SORT ", "* SEARCH ", "* VANISHED " or "* VANISHED (EARLIER) " takes; 0 for anything else.
std::size_t ImapReader::numbers_head() const {
  const std::string_view text(buffer_.get() + begin_, end_ - begin_);
  if (!text.starts_with("* ")) return 0;
  for (const std::string_view word : {"SORT", "SEARCH", "VANISHED"}) {
    if (!starts_with_word(text.substr(2), word)) continue;
    std::size_t head = 2 + word.size() + 1;
    if (word == "VANISHED" && text.substr(head).starts_with("(")) {
      const std::size_t close = text.substr(0, kNumbersPiece).find(") ");
      if (close == std::string_view::npos) return 0;
      head = close + 2;
    }
    return head;
  }
  return 0;
}

/// Moves scan_ behind the next CRLF. A bare LF is refused: what it means differs from server to server.
/// @return kOverlong for a FETCH that is too long, kPiece for numbers of which a piece is there: scan_ stays
Result<ImapReader::LineEnd> ImapReader::find_line_end(Deadline deadline) {
  const std::size_t start = scan_ - begin_;
  std::size_t seen = start;
  for (;;) {
    const void* found = nullptr;
    if (begin_ + seen < end_) found = std::memchr(buffer_.get() + begin_ + seen, '\n', end_ - begin_ - seen);
    if (found != nullptr) {
      seen = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.get()) - begin_ + 1;
    } else {
      seen = end_ - begin_;
    }
    const std::size_t bytes = line_bytes_ + seen - start;
    if (bytes > kNumbersPiece && line_bytes_ == 0 && numbers_head() > 0) return LineEnd::kPiece;
    if (bytes > kLine && !is_fetch()) return broken("has too long a line");
    if (bytes > kFetchLine) return LineEnd::kOverlong;
    if (found != nullptr) break;
    if (auto more = fill(1024, deadline); !more) return more.error();
  }
  scan_ = begin_ + seen;
  if (seen - start < 2 || buffer_[scan_ - 2] != '\r') return broken("has a line without CRLF");
  line_bytes_ += seen - start;
  return LineEnd::kFound;
}

/// Numbers up to the last separator of a piece; the rest of the line stays for the next call.
Result<ImapResponse> ImapReader::cut_piece() {
  const std::size_t head = numbers_head();
  const std::string_view text(buffer_.get() + begin_, kNumbersPiece);
  const std::size_t end = text.find_last_of((text[2] & ~0x20) == 'V' ? ',' : ' ');
  if (end == std::string_view::npos || end < head) return broken("has too long a number");
  if (text.substr(0, end).find_first_of("{\r\n") != std::string_view::npos) return broken("is not IMAP");
  numbers_bytes_ += end - head;
  if (numbers_bytes_ > kNumbersLine) return broken("has too long a line");
  head_.assign(text.substr(0, head));
  ImapResponse response;
  response.text = text.substr(2, end - 2);
  response.continues = true;
  begin_ = next_ = begin_ + end + 1;
  return response;
}

/// Reads a FETCH to its end, line by line and literal by literal, and keeps its head alone: "* 12 FETCH ".
Result<ImapResponse> ImapReader::drop_rest(Deadline deadline) {
  std::size_t head = 2;
  while (buffer_[begin_ + head] != ' ') ++head;
  head += 7;  // " FETCH "
  std::uint64_t dropped = 0, literal = 0;
  dropped_ = true;
  std::string tail;  // the line's last bytes, where "{123}\r\n" would stand
  for (std::size_t at = scan_ - begin_;;) {
    // [begin_ + at, end_) has been read and not been looked at; nothing before it but the head is needed.
    const std::string_view fresh(buffer_.get() + begin_ + at, end_ - begin_ - at);
    std::size_t used = static_cast<std::size_t>(std::min<std::uint64_t>(literal, fresh.size()));
    literal -= used;
    bool ended = false;
    while (literal == 0 && used < fresh.size() && !ended) {
      const std::size_t newline = fresh.find('\n', used);
      const std::size_t stop = newline == std::string_view::npos ? fresh.size() : newline + 1;
      tail.append(fresh.substr(used, stop - used));
      if (tail.size() > 64) tail.erase(0, tail.size() - 64);
      used = stop;
      if (newline == std::string_view::npos) break;
      if (!tail.ends_with("\r\n")) return broken("has a line without CRLF");
      const auto announced = announced_literal(std::string_view(tail).substr(0, tail.size() - 2));
      tail.clear();
      if (announced && *announced > kLiteral) return broken("announces too large a literal");
      literal = announced.value_or(0);
      ended = !announced;
      const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(literal, fresh.size() - used));
      used += now;
      literal -= now;
    }
    dropped += used;
    if (dropped > kDropped) return broken("has too long a line");
    if (ended) {
      next_ = begin_ + at + used;
      break;
    }
    end_ = begin_ + head;
    at = head;
    scan_ = end_;
    if (auto more = fill(16 * 1024, deadline); !more) return more.error();
  }
  ImapResponse response;
  response.text = std::string_view(buffer_.get() + begin_ + 2, head - 2);
  response.overlong = true;
  begin_ = next_;
  return response;
}

/// Human text may end in "{5}"; only data announces literals.
bool ImapReader::may_hold_literal() const {
  const std::string_view text(buffer_.get() + begin_, scan_ - begin_);
  if (!text.starts_with("* ")) return false;
  const std::string_view rest = text.substr(2);
  for (const std::string_view word : {"OK", "NO", "BAD", "BYE", "PREAUTH"}) {
    if (starts_with_word(rest, word)) return false;
  }
  return true;
}

/// scan_ is at the literal's first byte; moves it behind the last one kept, and drops the others.
Result<void> ImapReader::take_literal(std::uint64_t announced, Deadline deadline) {
  if (announced > kLiteral) return broken("announces too large a literal");
  if (literals_.size() >= kLiterals) return broken("has too many literals");
  const auto kept = static_cast<std::size_t>(
      std::min<std::uint64_t>({announced, kLiteralKept, kResponseKept - literal_bytes_}));
  while (end_ - scan_ < kept) {
    const std::size_t room = std::max<std::size_t>(1024, kept - (end_ - scan_));
    if (auto more = fill(room, deadline); !more) return more;
  }
  literals_.push_back({scan_ - begin_, kept, announced});
  literal_bytes_ += kept;
  scan_ += kept;
  for (std::uint64_t left = announced - kept; left > 0;) {
    if (end_ == scan_) {
      if (auto more = fill(16 * 1024, deadline); !more) return more;
    }
    const auto gone = static_cast<std::size_t>(std::min<std::uint64_t>(left, end_ - scan_));
    std::memmove(buffer_.get() + scan_, buffer_.get() + scan_ + gone, end_ - scan_ - gone);
    dropped_ = true;
    end_ -= gone;
    left -= gone;
  }
  return {};
}

Result<ImapResponse> ImapReader::next(Deadline deadline) {
  begin_ = scan_ = next_;
  line_bytes_ = literal_bytes_ = 0;
  literals_.clear();
  dropped_ = false;
  if (!head_.empty()) {
    // The piece before took more room than its head, so there is room for it here.
    begin_ = scan_ = next_ = next_ - head_.size();
    std::memcpy(buffer_.get() + begin_, head_.data(), head_.size());
    head_.clear();
  } else {
    numbers_bytes_ = 0;
    if (begin_ == end_) begin_ = end_ = scan_ = next_ = 0;
  }
  auto line_ended = find_line_end(deadline);
  for (std::size_t line_start = 0; line_ended && *line_ended == LineEnd::kFound && may_hold_literal();) {
    const std::string_view line(buffer_.get() + begin_ + line_start, scan_ - begin_ - line_start - 2);
    const auto announced = announced_literal(line);
    if (!announced) break;
    if (auto taken = take_literal(*announced, deadline); !taken) return taken.error();
    line_start = scan_ - begin_;
    line_ended = find_line_end(deadline);
  }
  if (!line_ended) return line_ended.error();
  if (*line_ended == LineEnd::kPiece) return cut_piece();
  return *line_ended == LineEnd::kFound ? cut() : drop_rest(deadline);
}

Result<std::optional<ImapResponse>> ImapReader::poll() {
  auto response = next(Deadline::in(Millis{0}));
  if (response) return std::optional<ImapResponse>(*response);
  if (response.error().code == Code::kTimeout && !dropped_) return std::optional<ImapResponse>();
  return response.error();
}

Result<ImapResponse> ImapReader::cut() {
  next_ = scan_;
  std::string_view all(buffer_.get() + begin_, scan_ - begin_ - 2);
  ImapResponse response;
  if (all.starts_with("* ")) {
    response.kind = ImapResponse::Kind::kUntagged;
    response.text = all.substr(2);
  } else if (all.starts_with("+")) {
    response.kind = ImapResponse::Kind::kContinuation;
    response.text = all.substr(all.starts_with("+ ") ? 2 : 1);
  } else {
    const std::size_t space = all.find(' ');
    if (space == std::string_view::npos || !is_tag(all.substr(0, space))) return broken("is not IMAP");
    response.kind = ImapResponse::Kind::kTagged;
    response.tag = all.substr(0, space);
    response.text = all.substr(space + 1);
  }
  for (ImapLiteral& literal : literals_) literal.begin -= 2;  // all of them are behind "* "
  response.literals = literals_;
  begin_ = next_;
  return response;
}

void ImapReader::release() {
  if (unread() != 0 || !head_.empty()) return;
  buffer_.reset();
  capacity_ = begin_ = end_ = scan_ = next_ = 0;
}

}  // namespace alphamail
