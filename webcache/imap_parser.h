// SPDX-License-Identifier: GPL-3.0-or-later
// What the responses of an IMAP server say, in types of ours: a bounded parser for those that come in
// bulk or unasked (RFC 3501 section 7 with LIST-STATUS, CONDSTORE, QRESYNC, PREVIEW, BINARY).
//
// One pass over the bytes of an ImapResponse, no copy but the strings kept. Each function says kBroken
// for what is not IMAP (the connection then ends), and kOdd for what is, but says nonsense, as a UID of
// 2^40: the response is then left out and the next one read. Unknown FETCH items, flags, codes and
// responses are stepped over. Fuzzed by t/fuzz/imap_parser_fuzz.cc.
#ifndef WEBCACHE_IMAP_PARSER_H
#define WEBCACHE_IMAP_PARSER_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "webcache/imap_reader.h"
#include "webcache/imap_types.h"

namespace alphamail {

enum class Parsed : std::uint8_t { kGood, kOdd, kBroken };

/// "OK [UIDVALIDITY 3] words": of a tagged response, or an untagged OK, NO, BAD, BYE, PREAUTH.
struct StatusText {
  enum class Kind : std::uint8_t { kOk, kNo, kBad, kBye, kPreauth } kind = Kind::kOk;
  std::string_view code;   ///< as sent, "" = none
  std::string_view args;   ///< behind the code's space
  std::string_view words;  ///< untrusted, any bytes
};
Parsed parse_status_text(const ImapResponse& response, StatusText& out);
/// The words as an error may carry them: valid UTF-8, no control characters, at most 300 bytes.
std::string presentable(std::string_view words);
/// A whole decimal number, at most `max`; 0 for anything else.
std::uint64_t number_in(std::string_view text, std::uint64_t max);

/// What an untagged response is about; `number` stands before the word in "12 EXISTS".
struct Untagged {
  enum class Kind : std::uint8_t {
    kStatus, kCapability, kExists, kExpunge, kVanished, kFetch, kList, kStatusCounts, kFound,
    kExtendedSearch, kEnabled, kSubscribed, kNamespaces, kQuota, kOther
  } kind = Kind::kOther;
  std::uint32_t number = 0;
};
Parsed parse_untagged(const ImapResponse& response, Untagged& out);

/// Of "* CAPABILITY ..." or of the code's args. Unknown words are stepped over.
Capabilities parse_capabilities(std::string_view words);

struct FetchedBody {
  std::string_view section;      ///< "HEADER", "1.2", "" for BODY[]; upper or lower case as sent
  bool has_origin = false;       ///< BODY[..]<origin>: a piece
  std::uint64_t origin = 0;
  bool nil = false;
  std::string_view bytes;        ///< lives as long as the response (or FetchResponse::scratch)
  std::uint64_t announced = 0;   ///< its real length; more than bytes.size() where it was too long
};

/// The args of a PERMANENTFLAGS code. What is beyond a limit, or no list of flags, is as if not told.
PermanentFlags parse_permanent_flags(std::string_view args);

/// One "* n FETCH (...)". `row.seq` is n; the rest is there where `has` says so.
struct FetchResponse {
  enum Has : std::uint16_t {
    kUid = 1, kFlags = 2, kDate = 4, kSize = 8, kModseq = 16, kEnvelope = 32, kStructure = 64, kPreview = 128
  };
  std::uint16_t has = 0;
  FetchedRow row;
  std::vector<FetchedBody> bodies;  ///< at most kMaxBodies
  std::string preview;
  std::vector<std::string> scratch;

  static constexpr std::size_t kMaxBodies = 16;
  void clear();
};
Parsed parse_fetch(const ImapResponse& response, FetchResponse& out);

/// "LIST (flags) sep name ...". @return kOdd for a name that is too long
Parsed parse_list(const ImapResponse& response, ListedFolder& out);
/// "STATUS name (MESSAGES 3 UNSEEN 1 ...)": fills name, messages, unseen; counted if both are there.
Parsed parse_status_counts(const ImapResponse& response, ListedFolder& out);
/// "NAMESPACE (own) (others) (shared)": those that are not the user's own and have a prefix.
Parsed parse_namespaces(const ImapResponse& response, std::vector<Namespace>& out);
/// "QUOTA root (STORAGE 10 512 ...)": adds to `out`. @return kOdd for what is no quota
Parsed parse_quota(const ImapResponse& response, std::vector<QuotaUse>& out);

/// "17-Jul-1996 02:44:25 -0700" in seconds since 1970 UTC; 0 where it is none.
std::int64_t parse_internal_date(std::string_view text);

}  // namespace alphamail

#endif
