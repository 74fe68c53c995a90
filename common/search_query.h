// SPDX-License-Identifier: GPL-3.0-or-later
// What people type to find messages, as both programs understand it:
//
//   words  "two words"            header or text of the message has it, anywhere in a word
//   from: to: cc: subject: body:  has it there (to: is To and Cc; "me" unquoted stands for the user's addresses)
//   has:attachment
//   is:unread is:read is:starred is:answered is:forwarded is:draft is:junk
//   before: after:                2026  2026-07  2026-07-15  15.7.2026  today  yesterday: after: from that day on
//   older: newer:                 7d 2w 3m 1y, or a date as well; since: is after:
//   larger: smaller:              5M  100k  1.5M (1000 of the smaller one, as lists show sizes)
//   in:FOLDER in:any              an address, a path as people read it, a last level, or a role: inbox sent drafts
//                                 trash junk archive
//   label:NAME
//   -term                         not;   term OR term   either; all others have to hold
//
// An operator may be in any case, and a space may stand behind its colon. Case, accents and odd spaces do not
// matter (text_fold.h); dates are those of arrival, whole days of the user.
// Nothing is an error: what is no operator, or has no such value, is searched as a word and noted; a quotation
// mark that is missing is at the end; what is beyond a limit is left out and noted.
#ifndef COMMON_SEARCH_QUERY_H
#define COMMON_SEARCH_QUERY_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace alphamail {

/// As far as it is known whether something holds.
enum class Tri : std::uint8_t { kNo, kPerhaps, kYes };

constexpr Tri operator!(Tri t) { return t == Tri::kYes ? Tri::kNo : t == Tri::kNo ? Tri::kYes : Tri::kPerhaps; }

/// Which instant and whose days a query's dates are reckoned from.
struct QueryClock {
  std::int64_t now = 0;          ///< seconds since 1970 UTC
  std::int32_t zone_offset = 0;  ///< seconds east of UTC
};

struct Term {
  enum class Kind : std::uint8_t {
    kWords,                                          ///< text: in the header or the body
    kFrom, kTo, kCc, kSubject, kBody,                ///< text, or `me`
    kAttachment,
    kUnread, kStarred, kAnswered, kForwarded, kDraft, kJunk,
    kSince,                                          ///< arrived at `number` (seconds since 1970 UTC) or after
    kBefore,                                         ///< arrived before it
    kLarger, kSmaller,                               ///< more, less than `number` bytes
    kIn,                                             ///< text: of which folder (FolderNames)
    kLabel,                                          ///< text: a keyword
  };
  Kind kind = Kind::kWords;
  bool negated = false;
  bool me = false;           ///< of kFrom, kTo, kCc: one of the user's addresses
  std::string text;          ///< as typed, without quotation marks; of dates and sizes what `number` was read from
  std::int64_t number = 0;

  bool operator==(const Term&) const = default;
};

/// Terms of which one has to hold.
struct Clause {
  std::vector<Term> any;  ///< at least one

  bool operator==(const Clause&) const = default;
};

/// By what a folder can be named in in:.
struct FolderNames {
  std::string_view address;  ///< mailbox_name.h
  std::string_view role;     ///< "inbox", "sent", "drafts", "trash", "junk", "archive" or ""
};

/// Immutable.
class SearchQuery {
 public:
  static constexpr std::size_t kMostBytes = 1000;
  static constexpr std::size_t kMostTerms = 50;
  static constexpr std::size_t kMostNotes = 10;

  struct Note {
    enum class Why : std::uint8_t {
      kUnknownOperator,  ///< text: "foo:bar", which is searched as it stands
      kBadValue,         ///< the same of a known operator whose value says nothing: "before:soon"
      kTooLong,          ///< what is beyond kMostBytes was left out
      kTooMany,          ///< what is beyond kMostTerms was left out
    };
    Why why;
    std::string text;
    bool operator==(const Note&) const = default;
  };

  /// @param text  any bytes
  static SearchQuery parse(std::string_view text, const QueryClock& clock);

  const std::vector<Clause>& clauses() const { return clauses_; }  ///< all have to hold
  const std::vector<Note>& notes() const { return notes_; }
  bool empty() const { return clauses_.empty(); }

  /// Whether some term asks for what only the messages themselves tell: kWords and kBody. All others an
  /// index with all recipients decides alone.
  bool needs_server() const;
  static bool needs_server(const Term& term) {
    return term.kind == Term::Kind::kWords || term.kind == Term::Kind::kBody;
  }
  /// Whether a folder is named (in:), so that the query itself says where it looks.
  bool names_folders() const;
  /// kNo: nothing in that folder can be meant.
  Tri may_lie_in(const FolderNames& folder) const;
  /// Whether the term, a kIn that is not taken as negated, names that folder.
  static bool names(const Term& term, const FolderNames& folder);

  /// The text again, in one spelling: where that is not too long, parse(spelled()) has the same clauses and no notes.
  std::string spelled() const;
  static std::string spelled(const Clause& clause);
  static std::string spelled(const Term& term);
  /// Any text as what stands between quotation marks: on one line, without them, at most kMostBytes.
  static std::string phrase(std::string_view text);
  /// "me", which unquoted is the user.
  static bool is_me(std::string_view text);

  /// The same query with the texts of its label: terms exchanged: names that people gave for keywords.
  template <typename Change>
  SearchQuery with_labels(const Change& change) const {
    SearchQuery other = *this;
    for (Clause& clause : other.clauses_) {
      for (Term& term : clause.any) {
        if (term.kind == Term::Kind::kLabel) term.text = change(term.text);
      }
    }
    return other;
  }

  /// What holds of all, where `tell(term)` says it of one term; it is not to look at Term::negated.
  template <typename Tell>
  Tri tell(const Tell& tell) const {
    Tri all = Tri::kYes;
    for (const Clause& clause : clauses_) {
      Tri any = Tri::kNo;
      for (const Term& term : clause.any) {
        const Tri one = tell(term);
        any = std::max(any, term.negated ? !one : one);
        if (any == Tri::kYes) break;
      }
      all = std::min(all, any);
      if (all == Tri::kNo) break;
    }
    return all;
  }

 private:
  std::vector<Clause> clauses_;
  std::vector<Note> notes_;
};

}  // namespace alphamail

#endif
