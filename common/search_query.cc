// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/search_query.h"

#include <array>
#include <optional>
#include <utility>

#include "common/characters.h"
#include "common/mailbox_name.h"
#include "common/mime_text.h"
#include "common/query_values.h"
#include "common/text_fold.h"
#include "common/utf8.h"

namespace alphamail {
namespace {

using Kind = Term::Kind;
using Note = SearchQuery::Note;

struct Operator {
  std::string_view word;
  Kind kind;
};
// The first of each kind is how it is spelled.
constexpr std::array kOperators{
    Operator{"from", Kind::kFrom},     Operator{"to", Kind::kTo},         Operator{"cc", Kind::kCc},
    Operator{"subject", Kind::kSubject}, Operator{"body", Kind::kBody},   Operator{"after", Kind::kSince},
    Operator{"since", Kind::kSince},   Operator{"newer", Kind::kSince},   Operator{"before", Kind::kBefore},
    Operator{"older", Kind::kBefore},  Operator{"larger", Kind::kLarger}, Operator{"smaller", Kind::kSmaller},
    Operator{"in", Kind::kIn},         Operator{"label", Kind::kLabel},
};

struct State {
  std::string_view words;  // "is:unread"
  Kind kind;
  bool negated = false;
};
constexpr std::array kStates{
    State{"is:unread", Kind::kUnread},         State{"is:read", Kind::kUnread, true},
    State{"is:starred", Kind::kStarred},       State{"is:flagged", Kind::kStarred},
    State{"is:answered", Kind::kAnswered},     State{"is:replied", Kind::kAnswered},
    State{"is:forwarded", Kind::kForwarded},   State{"is:draft", Kind::kDraft},
    State{"is:junk", Kind::kJunk},             State{"is:spam", Kind::kJunk},
    State{"has:attachment", Kind::kAttachment}, State{"has:attachments", Kind::kAttachment},
};

bool is_quote(char32_t c) {
  return c == '"' || (c >= 0x201C && c <= 0x201F) || c == 0xAB || c == 0xBB || c == 0xFF02;
}

bool is_blank(char32_t c) {
  return c == ' ' || is_control(c) || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

// "from" of "from:anna"; "" where it begins with no operator, known or not.
std::string_view operator_of(std::string_view word) {
  const auto colon = std::find_if_not(word.begin(), word.end(), is_letter);
  const auto length = static_cast<std::size_t>(colon - word.begin());
  return length > 0 && colon != word.end() && *colon == ':' ? word.substr(0, length) : std::string_view();
}

std::optional<Kind> kind_of(std::string_view word) {
  const std::string low = lower(word);
  const auto found = std::find_if(kOperators.begin(), kOperators.end(), [&](const Operator& o) { return o.word == low; });
  return found == kOperators.end() ? std::nullopt : std::optional(found->kind);
}

bool is_state(std::string_view word) {
  return equal_ignoring_case(word, "is") || equal_ignoring_case(word, "has");
}

bool is_person(Kind kind) {
  return kind == Kind::kFrom || kind == Kind::kTo || kind == Kind::kCc;
}

// Reads the text from left to right; what it holds is valid UTF-8.
class Reader {
 public:
  Reader(std::string_view text, const QueryClock& clock) : rest_(text), clock_(clock) {}

  void read(std::vector<Clause>& clauses, std::vector<Note>& notes);

 private:
  struct Piece {
    std::string text;
    bool quoted = false;
  };

  Utf8Char next() const { return first_utf8(rest_); }
  void skip_blanks();
  Piece read_piece();
  std::optional<Term> read_term();
  Term operated(Kind kind, const Piece& value, std::string_view typed);
  Term word(std::string text) const;
  void note(Note::Why why, std::string_view text);

  std::string_view rest_;
  const QueryClock& clock_;
  std::vector<Note>* notes_ = nullptr;
};

void Reader::skip_blanks() {
  while (next().length > 0 && is_blank(next().code)) rest_.remove_prefix(next().length);
}

// A phrase, or all up to a blank or a quotation mark. White space within becomes single spaces.
Reader::Piece Reader::read_piece() {
  const bool quoted = is_quote(next().code);
  if (quoted) rest_.remove_prefix(next().length);
  const std::string_view begin = rest_;
  for (Utf8Char c = next(); c.length > 0; c = next()) {
    if (is_quote(c.code) || (!quoted && is_blank(c.code))) break;
    rest_.remove_prefix(c.length);
  }
  Piece piece{SearchQuery::phrase(begin.substr(0, begin.size() - rest_.size())), quoted};
  if (quoted && !rest_.empty()) rest_.remove_prefix(next().length);
  return piece;
}

void Reader::note(Note::Why why, std::string_view text) {
  if (notes_->size() < SearchQuery::kMostNotes) notes_->push_back({why, std::string(text)});
}

Term Reader::word(std::string text) const {
  Term term;
  term.text = std::move(text);
  return term;
}

// @param typed  all of it, for what has to be taken as a word
Term Reader::operated(Kind kind, const Piece& value, std::string_view typed) {
  Term term;
  term.kind = kind;
  term.text = value.text;
  bool good = !value.text.empty();
  if (kind == Kind::kSince || kind == Kind::kBefore) {
    const auto date = read_query_date(value.text, clock_);
    good = date.has_value();
    term.number = date.value_or(0);
  } else if (kind == Kind::kLarger || kind == Kind::kSmaller) {
    const auto size = read_query_size(value.text);
    good = size.has_value();
    term.number = size.value_or(0);
  } else if (is_person(kind)) {
    term.me = !value.quoted && SearchQuery::is_me(value.text);
    if (term.me) term.text.clear();
    if (term.text.size() > 2 && term.text.front() == '<' && term.text.back() == '>')
      term.text = term.text.substr(1, term.text.size() - 2);
  }
  if (good) return term;
  note(Note::Why::kBadValue, typed);
  return word(std::string(typed));
}

// Nothing where there is none, or it asks for nothing.
std::optional<Term> Reader::read_term() {
  bool negated = false;
  if (next().code == '-') {
    rest_.remove_prefix(1);
    if (next().length == 0 || is_blank(next().code)) return std::nullopt;  // a dash between words
    negated = true;
  }
  Piece piece = read_piece();
  const std::string_view name = piece.quoted ? std::string_view() : operator_of(piece.text);
  Term term;
  if (const auto kind = kind_of(name); !name.empty() && (kind || is_state(name))) {
    std::string typed = piece.text;
    Piece value{piece.text.substr(name.size() + 1), false};
    if (value.text.empty()) {
      skip_blanks();
      const std::string_view before = rest_;
      value = read_piece();
      // Another term follows: this operator has no value.
      const std::string_view other = value.quoted ? std::string_view() : operator_of(value.text);
      if (!other.empty() && (kind_of(other) || is_state(other))) {
        rest_ = before;
        value = {};
      }
      typed += value.text;
    }
    if (kind) {
      term = operated(*kind, value, typed);
    } else {
      const std::string words = lower(name) + ":" + lower(value.text);
      const auto state = std::find_if(kStates.begin(), kStates.end(), [&](const State& s) { return s.words == words; });
      if (state == kStates.end()) {
        note(Note::Why::kBadValue, typed);
        term = word(std::move(typed));
      } else {
        term.kind = state->kind;
        negated = negated != state->negated;
      }
    }
  } else {
    const std::string_view value = std::string_view(piece.text).substr(name.empty() ? 0 : name.size() + 1);
    if (!name.empty() && name.size() > 1 && !value.empty() && !value.starts_with("//")) {
      note(Note::Why::kUnknownOperator, piece.text);
    }
    term = word(std::move(piece.text));
  }
  term.negated = negated;
  const bool has_text = !term.text.empty();
  const bool wants_text = term.kind == Kind::kWords || term.kind == Kind::kSubject || term.kind == Kind::kBody ||
                          (is_person(term.kind) && !term.me);
  const std::string plain = wants_text && has_text ? folded(term.text) : std::string();
  if (wants_text && (plain.empty() || plain == " ")) return std::nullopt;
  return term;
}

void Reader::read(std::vector<Clause>& clauses, std::vector<Note>& notes) {
  notes_ = &notes;
  std::size_t terms = 0;
  bool either = false;
  for (skip_blanks(); !rest_.empty(); skip_blanks()) {
    const std::string_view before = rest_;
    const Piece piece = read_piece();
    if (!piece.quoted && piece.text == "OR") {
      either = !clauses.empty();
      continue;
    }
    rest_ = before;
    if (terms == SearchQuery::kMostTerms) return note(Note::Why::kTooMany, {});
    auto term = read_term();
    if (!term) continue;
    ++terms;
    if (!either) clauses.emplace_back();
    clauses.back().any.push_back(std::move(*term));
    either = false;
  }
}

std::string_view operator_word(Kind kind) {
  const auto found = std::find_if(kOperators.begin(), kOperators.end(), [&](const Operator& o) { return o.kind == kind; });
  return found == kOperators.end() ? std::string_view() : found->word;
}

bool must_be_quoted(std::string_view text) {
  return text.empty() || text.find(' ') != text.npos || text.starts_with('-') || text == "OR" ||
         !operator_of(text).empty();
}

std::string in_quotes(std::string_view text) {
  return std::string("\"").append(text).append("\"");
}

}  // namespace

SearchQuery SearchQuery::parse(std::string_view text, const QueryClock& clock) {
  SearchQuery query;
  const std::string_view some = text.substr(0, kMostBytes * 4);
  const std::string valid = valid_utf8(some);
  const std::string_view cut = cut_utf8(valid, kMostBytes);
  Reader(cut, clock).read(query.clauses_, query.notes_);
  if (cut.size() < valid.size() || some.size() < text.size()) {
    if (query.notes_.size() == kMostNotes) query.notes_.pop_back();
    query.notes_.push_back({Note::Why::kTooLong, {}});
  }
  return query;
}

bool SearchQuery::needs_server() const {
  return std::any_of(clauses_.begin(), clauses_.end(), [](const Clause& clause) {
    return std::any_of(clause.any.begin(), clause.any.end(), [](const Term& t) { return needs_server(t); });
  });
}

bool SearchQuery::names_folders() const {
  return std::any_of(clauses_.begin(), clauses_.end(), [](const Clause& clause) {
    return std::any_of(clause.any.begin(), clause.any.end(), [](const Term& t) { return t.kind == Kind::kIn; });
  });
}

bool SearchQuery::names(const Term& term, const FolderNames& folder) {
  if (term.text == folder.address) return true;
  const std::string wanted = folded(term.text);
  if (wanted == "any" || wanted == "all" || wanted == folded(folder.address)) return true;
  if (!folder.role.empty() && (wanted == folder.role || (folder.role == "junk" && wanted == "spam"))) return true;
  std::string path;
  const std::vector<std::string> levels = levels_of(folder.address);
  for (const std::string& level : levels) path.append(path.empty() ? "" : "/").append(level);
  return wanted == folded(path) || (!levels.empty() && wanted == folded(levels.back()));
}

Tri SearchQuery::may_lie_in(const FolderNames& folder) const {
  return tell([&](const Term& term) {
    if (term.kind != Kind::kIn) return Tri::kPerhaps;
    return names(term, folder) ? Tri::kYes : Tri::kNo;
  });
}

bool SearchQuery::is_me(std::string_view text) {
  return equal_ignoring_case(text, "me");
}

std::string SearchQuery::phrase(std::string_view text) {
  const std::string valid = valid_utf8(text.substr(0, kMostBytes * 4));
  std::string out;
  for (std::string_view rest = cut_utf8(valid, kMostBytes); !rest.empty();) {
    const Utf8Char c = first_utf8(rest);
    const bool blank = is_blank(c.code) || is_quote(c.code);
    if (!blank) out.append(rest.substr(0, c.length));
    if (blank && !out.empty() && out.back() != ' ') out.push_back(' ');
    rest.remove_prefix(c.length);
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string SearchQuery::spelled(const Term& term) {
  if (term.kind == Kind::kUnread) return term.negated ? "is:read" : "is:unread";
  std::string out = term.negated ? "-" : "";
  const auto state = std::find_if(kStates.begin(), kStates.end(), [&](const State& s) { return s.kind == term.kind; });
  if (state != kStates.end()) return out.append(state->words);
  if (term.kind == Kind::kWords) return out + (must_be_quoted(term.text) ? in_quotes(term.text) : term.text);
  out.append(operator_word(term.kind)).append(":");
  if (term.me) return out + "me";
  const bool plain = term.text.find(' ') == std::string::npos && !is_me(term.text);
  return out + (plain ? term.text : in_quotes(term.text));
}

std::string SearchQuery::spelled(const Clause& clause) {
  std::string out;
  for (const Term& term : clause.any) out.append(out.empty() ? "" : " OR ").append(spelled(term));
  return out;
}

std::string SearchQuery::spelled() const {
  std::string out;
  for (const Clause& clause : clauses_) out.append(out.empty() ? "" : " ").append(spelled(clause));
  return out;
}

}  // namespace alphamail
