// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/row_match.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "common/text_fold.h"

namespace alphamail {
namespace {

using Kind = Term::Kind;

// A text that is this long was perhaps cut, up to a character earlier.
constexpr std::size_t kMaybeCut = TextStore::kLongest - 3;

bool has(const IndexRow& row, wire::Flag flag) {
  return (row.flags & static_cast<std::uint16_t>(flag)) != 0;
}

Tri tri(bool known) {
  return known ? Tri::kYes : Tri::kNo;
}

std::string_view name_part(std::string_view both) {
  return both.substr(0, both.find('\0'));
}
std::string_view address_part(std::string_view both) {
  const std::size_t nul = both.find('\0');
  return nul == both.npos ? std::string_view() : both.substr(nul + 1);
}

// What was found of the texts that were looked at last: senders and many subjects come again and again.
class Memo {
 public:
  explicit Memo(unsigned bits) : bits_(bits) {}
  template <typename Look>
  Tri of(TextRef ref, const Look& look) {
    if (entries_.empty()) entries_.resize(std::size_t{1} << bits_);
    Entry& entry = entries_[static_cast<std::uint32_t>(ref) * 2654435761U >> (32 - bits_)];
    if (entry.ref != ref || ref == kNoText) entry = {ref, look()};
    return entry.found;
  }

 private:
  struct Entry {
    TextRef ref = kNoText;
    Tri found = Tri::kNo;
  };
  const unsigned bits_;
  std::vector<Entry> entries_;
};

// From the quickest to the slowest.
int cost(const Term& term) {
  switch (term.kind) {
    case Kind::kWords: return 4;
    case Kind::kSubject: return 3;
    case Kind::kTo:
    case Kind::kCc: return 2;
    case Kind::kFrom:
    case Kind::kLabel: return 1;
    default: return 0;
  }
}

int cost(const Clause& clause) {
  int most = 0;
  for (const Term& term : clause.any) most = std::max(most, cost(term));
  return most;
}

// A term with what its looks need.
struct Probe {
  Term term;
  std::string word;          // folded
  std::string body_word;     // as bodies are searched
  Tri place = Tri::kNo;      // of kIn
  std::optional<std::size_t> label;  // of kLabel, where some message has it
  Memo people{14}, lists{12}, subjects{12};
  std::vector<signed char> prefix_helps;  // by IndexRow::prefix(): -1 not known yet
};

}  // namespace

class RowMatch::Compiled {
 public:
  Compiled(const FolderIndex& index, std::vector<Clause> clauses, std::span<const std::string> me,
           const FolderNames& folder) {
    std::stable_sort(clauses.begin(), clauses.end(), [](const Clause& a, const Clause& b) { return cost(a) < cost(b); });
    for (const std::string& address : me) {
      if (!address.empty()) me_.push_back(folded(address));
    }
    for (Clause& clause : clauses) {
      std::vector<Probe>& probes = clauses_.emplace_back();
      for (Term& term : clause.any) {
        Probe& probe = probes.emplace_back();
        probe.word = folded(term.text);
        if (term.kind == Kind::kWords) probe.body_word = folded_with_accents(term.text);
        if (term.kind == Kind::kLabel) probe.label = index.find_label(term.text);
        if (term.kind == Kind::kIn) probe.place = tri(SearchQuery::names(term, folder));
        probe.term = std::move(term);
      }
    }
  }

  Tri tell(const FolderIndex& index, RowId id, const IndexRow& row) {
    Tri all = Tri::kYes;
    for (std::vector<Probe>& clause : clauses_) {
      Tri any = Tri::kNo;
      for (Probe& probe : clause) {
        const Tri one = look(index, id, row, probe);
        any = std::max(any, probe.term.negated ? !one : one);
        if (any == Tri::kYes) break;
      }
      all = std::min(all, any);
      if (all == Tri::kNo) break;
    }
    return all;
  }

 private:
  Tri look(const FolderIndex& index, RowId id, const IndexRow& row, Probe& probe) {
    const Term& term = probe.term;
    switch (term.kind) {
      case Kind::kUnread: return tri(!has(row, wire::Flag::Seen));
      case Kind::kStarred: return tri(has(row, wire::Flag::Flagged));
      case Kind::kAnswered: return tri(has(row, wire::Flag::Answered));
      case Kind::kForwarded: return tri(has(row, wire::Flag::Forwarded));
      case Kind::kDraft: return tri(has(row, wire::Flag::Draft));
      case Kind::kJunk: return tri(has(row, wire::Flag::Junk));
      case Kind::kAttachment: return tri(has(row, wire::Flag::HasAttachment));
      case Kind::kSince: return tri(row.arrived >= term.number);
      case Kind::kBefore: return tri(row.arrived < term.number);
      case Kind::kLarger: return tri(row.size > term.number);
      case Kind::kSmaller: return tri(row.size < term.number);
      case Kind::kIn: return probe.place;
      case Kind::kFrom: return person(index, row.sender, probe);
      case Kind::kTo: return recipients(index, id, probe);
      case Kind::kCc: return recipients(index, id, probe, true);
      case Kind::kLabel: return labelled(index, id, probe);
      case Kind::kSubject: return subject(index, row, probe);
      case Kind::kWords: return words(index, id, row, probe);
      default: return Tri::kPerhaps;
    }
  }

  Tri person(const FolderIndex& index, TextRef ref, Probe& probe) {
    return probe.people.of(ref, [&] {
      const std::string_view both = index.text(ref);
      const bool cut = both.size() >= kMaybeCut;
      if (probe.term.me) {
        const std::string address = folded(address_part(both));
        const bool mine = std::find(me_.begin(), me_.end(), address) != me_.end();
        return mine ? Tri::kYes : cut ? Tri::kPerhaps : Tri::kNo;
      }
      return holds(fold(both), probe.word) ? Tri::kYes : cut ? Tri::kPerhaps : Tri::kNo;
    });
  }

  // @param cc_alone  not those of To
  Tri recipients(const FolderIndex& index, RowId id, Probe& probe, bool cc_alone = false) {
    return probe.lists.of(index.recipients_key(id), [&] {
      const RecipientList list = index.recipient_list(id);
      Tri found = list.more() ? Tri::kPerhaps : Tri::kNo;
      for (std::size_t n = cc_alone ? list.to() : 0; n < list.size() && found != Tri::kYes; ++n) {
        found = std::max(found, person(index, list.text(n), probe));
      }
      return found;
    });
  }

  static Tri labelled(const FolderIndex& index, RowId id, const Probe& probe) {
    if (!probe.label) return Tri::kNo;
    const auto labels = index.labels(id);
    return tri(std::any_of(labels.begin(), labels.end(), [&](const RowLabel& l) { return l.label == *probe.label; }));
  }

  Tri subject(const FolderIndex& index, const IndexRow& row, Probe& probe) {
    const Tri found = probe.subjects.of(row.subject, [&] {
      const std::string_view text = index.text(row.subject);
      if (holds(fold(name_part(text)), probe.word)) return Tri::kYes;
      return text.size() >= kMaybeCut ? Tri::kPerhaps : Tri::kNo;
    });
    if (found == Tri::kYes || row.prefix() == 0 || !prefix_helps(index, row, probe)) return found;
    scratch_.clear();
    fold_text(index.prefix(row), scratch_);
    fold_text(name_part(index.text(row.subject)), scratch_);
    return holds(scratch_, probe.word) ? Tri::kYes : found;
  }

  // "Re: " and its like are kept apart: whether the word may lie in it, or begin there.
  bool prefix_helps(const FolderIndex& index, const IndexRow& row, Probe& probe) {
    if (probe.prefix_helps.size() <= row.prefix()) probe.prefix_helps.resize(row.prefix() + 1, -1);
    signed char& known = probe.prefix_helps[row.prefix()];
    if (known >= 0) return known != 0;
    const std::string prefix = folded(index.prefix(row));
    bool helps = holds(prefix, probe.word);
    for (std::size_t at = 0; at < prefix.size() && !helps; ++at) {
      helps = std::string_view(probe.word).starts_with(std::string_view(prefix).substr(at));
    }
    known = helps ? 1 : 0;
    return helps;
  }

  Tri words(const FolderIndex& index, RowId id, const IndexRow& row, Probe& probe) {
    const bool found = person(index, row.sender, probe) == Tri::kYes ||
                       recipients(index, id, probe) == Tri::kYes ||
                       subject(index, row, probe) == Tri::kYes || in_snippet(index, row, probe);
    return found ? Tri::kYes : Tri::kPerhaps;
  }

  // A snippet leaves out quoted lines: what stands beside each other there need not in the text.
  bool in_snippet(const FolderIndex& index, const IndexRow& row, const Probe& probe) {
    if (row.snippet == kNoText || probe.body_word.find(' ') != std::string::npos) return false;
    const std::string_view text = index.snippet(row);
    return text.size() >= probe.body_word.size() && holds(folded_with_accents(text), probe.body_word);
  }

  std::string_view fold(std::string_view text) {
    scratch_.clear();
    fold_text(text, scratch_);
    return scratch_;
  }

  std::vector<std::string> me_;
  std::vector<std::vector<Probe>> clauses_;
  std::string scratch_;
};

RowMatch::RowMatch(const FolderIndex& index, const SearchQuery& query, std::span<const std::string> me,
                   const FolderNames& folder)
    : RowMatch(index, query.clauses(), me, folder) {}

RowMatch::RowMatch(const FolderIndex& index, std::vector<Clause> clauses, std::span<const std::string> me,
                   const FolderNames& folder)
    : index_(index), compiled_(std::make_unique<Compiled>(index, std::move(clauses), me, folder)) {}

RowMatch::~RowMatch() = default;

Tri RowMatch::tell(RowId id) {
  return compiled_->tell(index_, id, index_.row(id));
}

MatchedRows RowMatch::all() {
  MatchedRows matched{RowSet(index_.room()), RowSet(index_.room())};
  index_.each_row([&](RowId id, const IndexRow& row) {
    const Tri found = compiled_->tell(index_, id, row);
    if (found == Tri::kYes) matched.yes.add(id);
    if (found == Tri::kPerhaps) matched.perhaps.add(id);
  });
  return matched;
}

}  // namespace alphamail
