// SPDX-License-Identifier: GPL-3.0-or-later
// What a search asks of the server (account_search.cc says when): which messages may have words in their
// texts, and those texts themselves.
#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "common/characters.h"
#include "common/log.h"
#include "common/mime_text.h"
#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/chosen_rows.h"
#include "webcache/search_work.h"
#include "webcache/term_tells.h"

namespace alphamail {
namespace {

// What a step on the server may take: windows grow and shrink so that it does.
constexpr Millis kShort{60}, kLong{180};
constexpr std::size_t kSmallestWindow = 25;

// Messages whose texts are read in one step, bytes of one part, and of all together.
constexpr std::size_t kReadAtOnce = 50;
constexpr std::size_t kPartBytes = 256 * 1024;
constexpr std::uint64_t kBytesAtOnce = 4 * 1024 * 1024;

// The newest of `asks` that one command can name; taken out of it.
std::vector<Uid> newest_of(std::vector<Uid>& asks, std::size_t most) {
  std::size_t from = asks.size(), runs = 0;
  while (from > 0 && asks.size() - from < std::min(most, ImapConnection::kSearched)) {
    const bool joins = from < asks.size() && static_cast<std::uint64_t>(asks[from - 1]) + 1 ==
                                                 static_cast<std::uint64_t>(asks[from]);
    if (!joins && ++runs > ImapConnection::kSearchedRuns) break;
    --from;
  }
  std::vector<Uid> window(asks.begin() + static_cast<std::ptrdiff_t>(from), asks.end());
  asks.resize(from);
  return window;
}

}  // namespace

// Asks about a window of messages, one term after the other: about the next only those that still matter.
Result<void> Account::ask_window(Search& search, SearchWork& work, const FolderView& view) {
  if (const auto selected = ensure_selected(view.entry()); !selected) return selected;
  const BodyTerms terms(search.query());
  TermTells tells(search.query(), terms, *view.index, search.ask().me, folder_names(view.entry()));
  struct Open {
    Uid uid;
    RowId id;
    std::uint64_t may, named;
    bool asked;  // the server can read it
  };
  const auto begun = Deadline::Clock::now();
  std::vector<Uid> window = newest_of(work.asks, work.window);
  std::vector<Open> open;
  for (const Uid uid : window) {
    const auto id = view.index->id_of(uid);
    if (!id) continue;
    const auto readable = server_reads(view, uid);
    if (!readable) {
      work.asks.insert(work.asks.end(), window.begin(), window.end());
      return readable.error();
    }
    open.push_back({uid, *id, terms.every(), 0, *readable});
  }
  if (searches_->charsets.some_blind()) {
    std::vector<Uid> asked;
    for (const Open& one : open) {
      if (one.asked) asked.push_back(one.uid);
    }
    const auto readable = wholly_readable(asked);
    if (!readable) {
      work.asks.insert(work.asks.end(), window.begin(), window.end());
      return readable.error();
    }
    for (Open& one : open) one.asked = one.asked && std::binary_search(readable->begin(), readable->end(), one.uid);
  }
  std::vector<Hit> hits;
  for (const std::size_t n : terms.by_rarity()) {
    const std::uint64_t bit = std::uint64_t{1} << n;
    std::vector<Uid> among;
    for (const Open& one : open) {
      if (one.asked && tells.open(one.id, n)) among.push_back(one.uid);
    }
    if (among.empty()) continue;
    const auto named = ask_for(terms.all()[n].words, among);
    if (!named) {
      work.asks.insert(work.asks.end(), window.begin(), window.end());
      return named.error();
    }
    if (!*named) continue;  // it cannot be asked for that
    for (Open& one : open) {
      const bool asked = std::binary_search(among.begin(), among.end(), one.uid);
      const bool found = std::binary_search((*named)->begin(), (*named)->end(), one.uid);
      if (asked && !found) one.may &= ~bit;
      if (found) one.named |= bit;
    }
    std::erase_if(open, [&](const Open& one) {
      const Tri tri = tells.tell(one.id, one.may, 0);
      if (tri == Tri::kYes) hits.push_back(hit_of(*view.index, one.id));
      return tri != Tri::kPerhaps;
    });
    if (open.empty()) break;
  }
  for (const Open& one : open) work.to_read.push_back({one.uid, one.named});
  search.add(work.at, view.index->uid_validity(), hits);
  const auto took = Deadline::Clock::now() - begun;
  if (took < kShort) work.window = std::min(work.window * 2, ImapConnection::kSearched);
  if (took > kLong) work.window = std::max(work.window / 2, kSmallestWindow);
  return {};
}

// Which of them the server names; nothing inside where it cannot be asked for such words.
Result<std::optional<std::vector<Uid>>> Account::ask_for(const BodyWords& words,
                                                         std::span<const Uid> among) {
  for (const bool utf8 : {true, false}) {
    if (utf8 && !connection_.imap->searches_utf8()) continue;
    const SearchProgram program = words.keys(utf8);
    if (program.all.empty()) return std::optional<std::vector<Uid>>();
    // Scattered ones in several commands.
    std::vector<Uid> found;
    std::optional<Error> refused;
    for (std::span<const Uid> left = among; !left.empty() && !refused;) {
      std::size_t n = std::min(left.size(), ImapConnection::kSearched);
      while (ImapConnection::runs_of(left.first(n)) > ImapConnection::kSearchedRuns) n /= 2;
      auto named = on_server(
          [&](ImapConnection& imap) { return imap.search(left.first(n), program, step()); });
      if (!named && named.error().code != Code::kServerSaid) return named.error();
      if (!named) {
        refused = named.error();
        break;
      }
      found.insert(found.end(), named->begin(), named->end());
      left = left.subspan(n);
    }
    if (!refused) return std::optional(std::move(found));
    log(Severity::kInfo, 242, address() + ": the server does not search: " + refused->detail);
    // It was the words' charset, perhaps.
    if (utf8 && !connection_.imap->searches_utf8()) continue;
    return std::optional<std::vector<Uid>>();
  }
  return std::optional<std::vector<Uid>>();
}

// ---- the messages themselves ----

Result<void> Account::read_candidates(Search& search, SearchWork& work, const FolderView& view) {
  if (const auto selected = ensure_selected(view.entry()); !selected) return selected;
  const std::size_t n = std::min(work.to_read.size(), kReadAtOnce);
  const std::span<const SearchWork::Candidate> batch(work.to_read.end() - static_cast<std::ptrdiff_t>(n), n);
  std::vector<Uid> uids;
  for (const auto& one : batch) uids.push_back(one.uid);
  std::map<Uid, std::vector<PartInfo>> structures;
  const auto structured = on_server([&](ImapConnection& imap) {
    return imap.fetch_structures(
        uids,
        [&](FetchedRow&& row) {
          structures[row.uid] = std::move(row.parts);
          return true;
        },
        step());
  });
  if (!structured) return structured;
  // The newest first, as many as have room.
  struct Text {
    Uid uid;
    const PartInfo* part;
  };
  std::map<std::string, std::vector<Text>> by_section;
  std::uint64_t bytes = 0;
  std::size_t taken = 0;
  while (taken < n && (bytes < kBytesAtOnce || taken == 0)) {
    const Uid uid = batch[n - ++taken].uid;
    const auto found = structures.find(uid);
    if (found == structures.end()) continue;  // gone
    for (const PartInfo* part : searched_parts(found->second)) {
      bytes += std::min<std::uint64_t>(part->size, kPartBytes);
      by_section[part->section].push_back({uid, part});
    }
  }
  const BodyTerms terms(search.query());
  std::map<Uid, std::uint64_t> has;
  for (const auto& [section, texts] : by_section) {
    std::vector<Uid> wanted;
    for (const Text& text : texts) wanted.push_back(text.uid);
    std::sort(wanted.begin(), wanted.end());
    const auto fetched = on_server([&](ImapConnection& imap) {
      return imap.fetch_beginnings(
          wanted, section, kPartBytes,
          [&](ImapConnection::Snippet&& piece) {
            const auto text = std::find_if(texts.begin(), texts.end(),
                                           [&](const Text& t) { return t.uid == piece.uid; });
            if (text == texts.end()) return;
            std::uint64_t& bits = has[piece.uid];
            bits |= terms.in(searched_text(piece.text, *text->part));
            // What lies behind that is the server's word alone.
            const auto one = std::find_if(batch.begin(), batch.end(),
                                          [&](const auto& c) { return c.uid == piece.uid; });
            if (text->part->size > kPartBytes) bits |= one->named;
          },
          step());
    });
    if (!fetched) return fetched;
  }
  services_.counters.add(Count::texts_searched, taken);
  TermTells tells(search.query(), terms, *view.index, search.ask().me, folder_names(view.entry()));
  std::vector<Hit> hits;
  for (std::size_t i = 0; i < taken; ++i) {
    const Uid uid = batch[n - 1 - i].uid;
    const auto id = view.index->id_of(uid);
    const bool there = id && structures.contains(uid);
    if (there && tells.tell(*id, 0, has[uid]) == Tri::kYes) hits.push_back(hit_of(*view.index, *id));
  }
  search.add(work.at, view.index->uid_validity(), hits);
  work.to_read.resize(work.to_read.size() - taken);
  return {};
}

Result<void> Account::read_rows(const std::string& folder, std::span<const Uid> uids) {
  const auto known = find_folder(folder);
  if (!known) return known.error();
  const FolderEntry entry = known->entry();
  if (!folder_state(entry).writer) {
    constexpr std::size_t kRows = 50;
    if (const auto page = read_page(folder, 1, kRows); !page) return page.error();
  }
  if (const auto selected = ensure_selected(entry); !selected) return selected;
  const Folder& state = folder_state(entry);
  if (!state.writer) return Error{Code::kChanged, "the folder was made anew meanwhile", 0};
  std::vector<Uid> unknown;
  std::copy_if(uids.begin(), uids.end(), std::back_inserter(unknown),
               [&](Uid uid) { return !state.writer->now().find(uid); });
  const auto fetched = unknown.empty() ? Result<void>() : fetch_new(entry, std::move(unknown));
  if (fetched) publish(entry);
  return fetched;
}

}  // namespace alphamail
