// SPDX-License-Identifier: GPL-3.0-or-later
// UID SEARCH among some messages of the selected folder, and what it takes to read their texts: their
// structures. An answer names no more than was asked about, so it is bounded by that.
#include <algorithm>
#include <iterator>
#include <utility>

#include "common/characters.h"
#include "webcache/imap_connection_impl.h"
#include "webcache/imap_cursor.h"
#include "webcache/imap_error.h"
#include "webcache/imap_limits.h"
#include "webcache/imap_numbers.h"

namespace alphamail {
namespace {

const char* word_of(SearchKey::Kind kind) {
  switch (kind) {
    case SearchKey::Kind::kText: return "TEXT";
    case SearchKey::Kind::kFrom: return "FROM";
    case SearchKey::Kind::kTo: return "TO";
    case SearchKey::Kind::kCc: return "CC";
    case SearchKey::Kind::kSubject: return "SUBJECT";
    default: return "BODY";
  }
}

bool is_plain(const SearchProgram& program) {
  for (const auto& any : program.all) {
    for (const SearchKey& key : any) {
      if (!is_ascii(key.text)) return false;
    }
  }
  return true;
}

// "OR BODY a OR BODY b BODY c"
void add_keys(ImapCommand& command, const SearchProgram& program) {
  for (const auto& any : program.all) {
    for (std::size_t i = 0; i < any.size(); ++i) {
      if (i + 1 < any.size()) command.words("OR");
      command.words(word_of(any[i].kind)).string(any[i].text);
    }
  }
}

}  // namespace

Result<std::vector<Uid>> ImapConnection::Impl::search(ImapCommand& command, std::size_t most,
                                                      Deadline deadline) {
  Found found{.first = 1, .last = most};
  std::vector<UidRange> ranges;
  bool odd = false;
  const auto sink = [&](const ImapResponse& response, const Untagged& about) -> Result<void> {
    Parsed parsed = Parsed::kGood;
    if (about.kind == Untagged::Kind::kFound) parsed = parse_found(response, found);
    if (about.kind == Untagged::Kind::kExtendedSearch) {
      ExtendedSearch answer;
      parsed = parse_extended_search(response, most, answer);
      if (parsed == Parsed::kGood && answer.by_uid) ranges = std::move(answer.all);
    }
    odd |= parsed == Parsed::kOdd;
    return parsed == Parsed::kBroken ? protocol_error("to SEARCH is not IMAP") : Result<void>();
  };
  if (auto done = check(wire.run(command, deadline, sink)); !done) return done.error();
  std::uint64_t named = found.total;
  for (const UidRange& range : ranges) {
    const auto [low, high] = std::minmax(range.first, range.last);
    named += std::uint64_t{high} - low + 1;
  }
  if (odd || named > most) return Error{Code::kServerSaid, "the server found more than there is"};
  for (const UidRange& range : ranges) {
    const auto [low, high] = std::minmax(range.first, range.last);
    for (std::uint64_t uid = low; uid <= high; ++uid) {
      found.uids.push_back(Uid{static_cast<std::uint32_t>(uid)});
    }
  }
  std::sort(found.uids.begin(), found.uids.end());
  found.uids.erase(std::unique(found.uids.begin(), found.uids.end()), found.uids.end());
  return std::move(found.uids);
}

Result<std::vector<Uid>> ImapConnection::search(std::span<const Uid> among,
                                                const SearchProgram& program, Deadline deadline) {
  if (among.empty()) return std::vector<Uid>{};
  if (among.size() > kSearched || runs_of(among) > kSearchedRuns || impl_->selected.empty())
    return Error{Code::kInvalid, "not so many messages can be asked about at once", 0};
  ImapCommand command("UID SEARCH");
  if (capabilities().esearch) command.words("RETURN (ALL)");
  if (!is_plain(program)) command.words("CHARSET UTF-8");
  command.words("UID").set(among);
  add_keys(command, program);
  if (!command.valid()) return Error{Code::kInvalid, "words that no server can be asked for", 0};
  auto found = impl_->search(command, among.size(), deadline);
  if (!found) {
    const StatusText& status = impl_->wire.status();
    if (!dead() && !is_plain(program) && found.error().code == Code::kServerSaid &&
        (same_word(status.code, "BADCHARSET") || status.kind == StatusText::Kind::kBad)) {
      impl_->refuses_utf8 = true;
    }
    return found;
  }
  std::vector<Uid> meant;
  std::set_intersection(found->begin(), found->end(), among.begin(), among.end(),
                        std::back_inserter(meant));
  return meant;
}

std::size_t ImapConnection::runs_of(std::span<const Uid> uids) {
  std::size_t runs = uids.empty() ? 0 : 1;
  for (std::size_t i = 1; i < uids.size(); ++i) {
    if (static_cast<std::uint64_t>(uids[i]) != static_cast<std::uint64_t>(uids[i - 1]) + 1) ++runs;
  }
  return runs;
}

bool ImapConnection::searches_utf8() const {
  return !impl_->refuses_utf8;
}

}  // namespace alphamail
