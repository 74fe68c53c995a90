// SPDX-License-Identifier: GPL-3.0-or-later
// The one place that puts words of users into IMAP commands (RFC 3501 section 9, RFC 7888).
//
// A string goes out as an atom where every byte of it may stand in one, else quoted, else as a literal
// whose length is counted from the very bytes that follow. NUL, CR and LF are refused, so that whatever
// a user, a folder or a server calls itself, one command stays one command.
#ifndef WEBCACHE_IMAP_COMMAND_H
#define WEBCACHE_IMAP_COMMAND_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "webcache/imap_types.h"

namespace alphamail {

class ImapCommand {
 public:
  /// @param words  a constant of ours: "SELECT", "UID FETCH"
  explicit ImapCommand(std::string_view words);
  ~ImapCommand();  ///< wipes its text: it may have held a password
  ImapCommand(ImapCommand&&) noexcept = default;
  ImapCommand& operator=(ImapCommand&&) = delete;
  ImapCommand(const ImapCommand&) = delete;

  ImapCommand& words(std::string_view constant);  ///< " " and a constant of ours, as it stands
  ImapCommand& astring(std::string_view text);    ///< " " and a user's or server's string
  ImapCommand& string(std::string_view text);     ///< the same, never an atom (LIST patterns, passwords)
  ImapCommand& number(std::uint64_t value);       ///< " " and a number
  ImapCommand& range(std::uint32_t first, std::uint32_t last);  ///< " first:last"
  ImapCommand& set(std::span<const Uid> uids);    ///< " 1:3,7"; in the order given, runs joined
  /// " BODY.PEEK[section]<offset.length>" inside parentheses that the caller has opened. A section that is
  /// not made of letters, digits and dots spoils the command.
  ImapCommand& body_peek(std::string_view section, std::uint64_t offset, std::uint64_t length);

  /// False if a string held NUL, CR or LF, or a section was none: the command must not be sent.
  bool valid() const { return valid_; }

  /// What is to be written, piece by piece, the last one with its CRLF, without tag. Before each piece
  /// but the first the server must have said "+". With LITERAL+ (or LITERAL- and a short literal) there
  /// is no such wait.
  struct Piece {
    std::string_view text;
  };
  std::vector<Piece> pieces(const Capabilities& capabilities);

 private:
  struct LiteralAt {
    std::size_t size_end;  ///< offset of the '}' in text_
    std::size_t bytes;
  };
  void room(std::size_t bytes);
  void quoted_or_literal(std::string_view text);

  std::string text_;
  std::vector<LiteralAt> literals_;
  bool valid_ = true;
};

/// What may follow "BODY[": letters, digits and dots, at most 256.
bool is_section(std::string_view section);

}  // namespace alphamail

#endif
