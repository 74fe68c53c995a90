// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts the byte stream of an IMAP server into whole responses (RFC 3501 section 2.2.2), bounded before
// anything looks inside them.
//
// A response stands in one piece of memory, literals included, so that the parser (imap_parser.h) walks
// over it without copying or waiting:
//
//   * 12 FETCH (BODY[HEADER] {9}\r\nSubject: \r\nx UID 7)\r\n
//     ^ text ...              ^ Literal.begin, 9 kept       ^ text ends
//
// Of a literal that is too long only the beginning is kept; Literal says how much. A line of numbers that is
// too long for memory comes as several responses, each with the line's first word (ImapResponse::continues).
#ifndef WEBCACHE_IMAP_READER_H
#define WEBCACHE_IMAP_READER_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/result.h"

namespace alphamail {

/// Where bytes come from: a TlsStream, or memory in tests. Never gives 0 bytes.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual Result<std::size_t> read(std::span<char> into, Deadline deadline) = 0;
};

struct ImapLiteral {
  std::size_t begin = 0;       ///< offset in the text of the response
  std::size_t kept = 0;        ///< bytes there
  std::uint64_t announced = 0; ///< bytes the server sent
};

struct ImapResponse {
  enum class Kind : std::uint8_t { kUntagged, kTagged, kContinuation };
  Kind kind = Kind::kUntagged;
  std::string_view tag;   ///< of a tagged one
  std::string_view text;  ///< behind "* ", "+ " or the tag; without the CRLF at the end
  std::span<const ImapLiteral> literals;
  bool continues = false; ///< a long SORT, SEARCH or VANISHED: the next response is the rest of it
  bool overlong = false;  ///< a FETCH over kFetchLine: of the text only "12 FETCH " is there
};

class ImapReader {
 public:
  explicit ImapReader(ByteSource& source) : source_(source) {}

  /// The next response; its views live until the next call.
  /// @return kProtocol (not IMAP, over a limit), or what the source failed with. No step further then.
  Result<ImapResponse> next(Deadline deadline);

  /// The next response if all of it has arrived; nothing if not, and nothing is lost by asking.
  Result<std::optional<ImapResponse>> poll();

  /// Bytes of the server behind the last response that have been read already.
  std::size_t unread() const { return end_ - begin_; }
  /// Gives the memory back; between commands, when nothing is unread.
  void release();

 private:
  Result<void> fill(std::size_t room, Deadline deadline);
  enum class LineEnd : std::uint8_t { kFound, kOverlong, kPiece };
  Result<LineEnd> find_line_end(Deadline deadline);
  Result<ImapResponse> drop_rest(Deadline deadline);
  Result<void> take_literal(std::uint64_t announced, Deadline deadline);
  bool may_hold_literal() const;
  bool is_fetch() const;
  std::size_t numbers_head() const;
  Result<ImapResponse> cut_piece();
  Result<ImapResponse> cut();

  ByteSource& source_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  ///< of the response being read
  std::size_t end_ = 0;    ///< of what has been read
  std::size_t scan_ = 0;   ///< looked at so far; behind a CRLF when a line has been found
  std::size_t next_ = 0;   ///< where the next response begins
  bool dropped_ = false;   ///< bytes of the response being read are gone: it cannot be begun again
  std::size_t line_bytes_ = 0;     ///< outside literals, lines before this one
  std::size_t literal_bytes_ = 0;  ///< kept
  std::string head_;               ///< "* SORT ": stands before the next piece too
  std::uint64_t numbers_bytes_ = 0;  ///< of the pieces so far
  std::vector<ImapLiteral> literals_;
};

}  // namespace alphamail

#endif
