// SPDX-License-Identifier: GPL-3.0-or-later
// How much an IMAP server may say. A server is not trusted: each of these ends its connection (or, where
// it says so, drops what is too much), and none of them is near what an honest server sends.
#ifndef WEBCACHE_IMAP_LIMITS_H
#define WEBCACHE_IMAP_LIMITS_H

#include <cstddef>
#include <cstdint>

namespace alphamail::imap_limits {

#ifdef ALPHAMAIL_SMALL_LIMITS  // for the fuzzer, whose inputs are small
constexpr std::size_t kLine = 256;
constexpr std::size_t kFetchLine = 512;
constexpr std::size_t kLiteralKept = 64;
constexpr std::size_t kNumbersPiece = 96;
#else
constexpr std::size_t kLine = 64 * 1024;            ///< a response outside its literals
/// A FETCH response outside its literals: one mail to a thousand people has 100 KB of ENVELOPE. A longer
/// one is read and dropped, all but its number (ImapResponse::overlong): who sends a mail with a megabyte of
/// recipients must not be able to make the folder unreadable.
constexpr std::size_t kFetchLine = 1024 * 1024;
constexpr std::size_t kLiteralKept = 256 * 1024;    ///< of one literal; the rest is read and dropped
/// SORT, SEARCH and VANISHED of a large folder are one line of megabytes: it is handed on in such pieces.
constexpr std::size_t kNumbersPiece = 32 * 1024;
#endif
constexpr std::uint64_t kNumbersLine = 128 * 1024 * 1024;  ///< all pieces of such a line; more ends the connection
constexpr std::uint64_t kDropped = 64 * 1024 * 1024;  ///< of such a response; more ends the connection
constexpr std::uint64_t kLiteral = 64 * 1024 * 1024;  ///< announced; more ends the connection
constexpr std::size_t kResponseKept = 1024 * 1024;  ///< of all literals of one response
constexpr std::size_t kLiterals = 4096;             ///< in one response
constexpr std::size_t kUntagged = 10 * 1000 * 1000; ///< responses to one command: two a message of the largest
constexpr std::size_t kNews = 200 * 1000;             ///< changes told unasked that are kept
constexpr int kNesting = 64;                        ///< parentheses of a value that we skip
constexpr int kParts = 2000;                        ///< nodes of a BODYSTRUCTURE; more are left out
constexpr int kPartDepth = 50;                      ///< deeper parts are left out
constexpr std::size_t kListNames = 50 * 1000;
constexpr int kFlags = 256;                         ///< of a message; more are left out
constexpr std::size_t kKeywords = 32;               ///< of a message, beside those we know; more are left out
constexpr std::size_t kKeyword = 50;                ///< bytes; longer ones are left out, since a part is another one
constexpr std::size_t kRecipients = 30;             ///< of To and Cc; that there are more is kept
constexpr int kParameters = 100;                    ///< of a part; more are left out
constexpr std::size_t kValue = 8 * 1024;            ///< one string of an envelope or a part; cut there
constexpr std::size_t kName = 4 * 1024;             ///< a folder's name; longer ones are left out
constexpr std::size_t kWords = 300;                 ///< of a server's own words in an error
/// Messages in one folder: an EXISTS beyond it is nonsense and not believed.
constexpr std::uint64_t kMessages = 50 * 1000 * 1000;

}  // namespace alphamail::imap_limits

#endif
