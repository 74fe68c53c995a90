// SPDX-License-Identifier: GPL-3.0-or-later
// A step of a search (search_work.h), on the account's strand and its connection.
//
// Folders that nobody has looked at are read into an index as they are searched, the newest messages first:
// no server can be asked for all that a query may hold (attachments, the user's own addresses, accents that
// do not matter), and the next search finds them in memory.
#include <algorithm>
#include <iterator>
#include <utility>

#include "common/log.h"
#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/chosen_rows.h"
#include "webcache/clock.h"
#include "webcache/search_work.h"
#include "webcache/term_tells.h"

namespace alphamail {
namespace {

// Connections that may break over a folder, or indexes that may get lost, before it is given up.
constexpr int kBroken = 2;

// What the index alone decides is not compared with the server where that was done a while ago.
constexpr std::int64_t kKnownSeconds = 300;

bool is_of_connection(Code code) {
  return code == Code::kUnreachable || code == Code::kTimeout || code == Code::kTls ||
         code == Code::kProtocol;
}

// Where mail is looked for first: INBOX, then where the newest has arrived; what was thrown away last.
std::pair<int, std::int64_t> rank_of(const Account& account, const FolderEntry& entry) {
  if (entry.role == wire::Role::Inbox) return {0, 0};
  const bool thrown = entry.role == wire::Role::Trash || entry.role == wire::Role::Junk;
  const auto view = account.view(entry.address, Account::Looking::kNobody);
  const bool known = view && view->index && view->index->size() > 0;
  const std::int64_t newest = known ? view->index->at(0).arrived : 0;
  if (thrown) return {4, -newest};
  if (known) return {1, -newest};
  return {entry.role == wire::Role::Sent || entry.role == wire::Role::Archive ? 2 : 3, 0};
}

}  // namespace

std::vector<std::string> Account::searched_folders(const SearchAsk& ask, const SearchQuery& query) const {
  const FoldersView all = folders();
  std::vector<std::pair<std::pair<int, std::int64_t>, std::string>> ranked;
  if (all.tree) {
    for (const FolderEntry& entry : all.tree->entries()) {
      const bool within = ask.folder.empty() || entry.address == ask.folder ||
                          (ask.below && entry.address.starts_with(ask.folder + "/"));
      if (!within || !entry.selectable || query.may_lie_in(folder_names(entry)) == Tri::kNo) continue;
      ranked.emplace_back(rank_of(*this, entry), entry.address);
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> addresses;
  for (auto& [rank, address] : ranked) addresses.push_back(std::move(address));
  return addresses;
}

void Account::search_index(Search& search, std::size_t number) const {
  const auto known = view(search.folder(number));
  if (!known || !known->index || known->stale || !known->index->complete()) return;
  const FolderIndex& index = *known->index;
  const BodyTerms terms(search.query());
  TermTells tells(search.query(), terms, index, search.ask().me, folder_names(known->entry()));
  std::vector<Hit> hits;
  bool open = false;
  for (const RowId id : index.ids()) {
    const Tri tri = tells.tell(id);
    if (tri == Tri::kYes) hits.push_back(hit_of(index, id));
    open |= tri == Tri::kPerhaps;
  }
  search.add(number, index.uid_validity(), hits);
  if (!open && seconds_since(index.checked()) < kKnownSeconds)
    search.set_state(number, Search::State::kDone);
}

bool Account::knows_all(const Search& search) const {
  if (search.query().needs_server()) return false;
  for (std::size_t n = 0; n < search.folders(); ++n) {
    const auto known = view(search.folder(n), Looking::kNobody);
    if (!known || !known->index || known->stale || !known->index->complete()) return false;
  }
  return true;
}

// ---- a step ----

Account::SearchStep Account::search_step(Search& search) {
  if (search.over() || services_.stopping) return SearchStep::kOver;
  SearchWork& work = *search.work;
  while (work.at < search.folders() && search.state(work.at) != Search::State::kWaiting &&
         search.state(work.at) != Search::State::kAsking) {
    ++work.at;
    work.begin(work.at);
  }
  if (work.at == search.folders()) return SearchStep::kOver;
  const auto stepped = step_in_folder(search, work);
  if (stepped) return *stepped;
  const Error& error = stepped.error();
  log(Severity::kDebug, 241, "search of " + address() + ": " + error.detail);
  const bool away = gate_->away().has_value();
  const bool broken = is_of_connection(error.code) && !away && ++work.broke <= kBroken;
  if (error.code == Code::kNeedCredentials || error.code == Code::kUnderWay || broken) {
    work.begun = false;  // it is gone on with where that was
    search.pause(true);
    return SearchStep::kPaused;
  }
  search.fail(work.at, error);
  return SearchStep::kGoOn;
}

Result<Account::SearchStep> Account::step_in_folder(Search& search, SearchWork& work) {
  const std::string& address = search.folder(work.at);
  auto known = find_folder(address);
  if (!known) return known.error();
  const FolderEntry entry = known->entry();
  if (!std::exchange(work.begun, true)) {
    search.set_state(work.at, Search::State::kAsking);
    if (const auto begun = begin_search(entry, work); !begun) return begun.error();
    known = find_folder(address);
    if (!known) return known.error();
  }
  if (!known->index) {  // memory was short
    if (++work.broke > kBroken) return Error{Code::kBusy, "the folder's messages are not known", 0};
    work.begun = false;
    return SearchStep::kGoOn;
  }
  if (work.uid_validity != 0 && work.uid_validity != known->index->uid_validity()) {
    search.forget(work.at);  // made anew: from the beginning
    work.begin(work.at);
    return SearchStep::kGoOn;
  }
  work.uid_validity = known->index->uid_validity();
  look_at_rows(search, work, *known);
  if (!work.to_read.empty()) {
    if (const auto read = read_candidates(search, work, *known); !read) return read.error();
    return SearchStep::kGoOn;
  }
  if (!work.asks.empty()) {
    if (const auto asked = ask_window(search, work, *known); !asked) return asked.error();
    return SearchStep::kGoOn;
  }
  if (known->index->complete()) {
    search.set_state(work.at, Search::State::kDone);
    return SearchStep::kGoOn;
  }
  if (!claim_build(address)) return SearchStep::kWait;  // somebody else reads it
  const auto more = build_step(address);
  build_ended(address);
  if (!more) return more.error();
  return SearchStep::kGoOn;
}

// Has the folder's index begun, or compared with the server where that is due.
Result<void> Account::begin_search(const FolderEntry& entry, SearchWork& work) {
  const auto known = view(entry.address);
  if (!known || !known->index) {
    constexpr std::size_t kRows = 50;
    const auto page = read_page(entry.address, 1, kRows);
    return page ? Result<void>() : page.error();
  }
  if (std::exchange(work.checked, true) || unable()) return {};
  const bool due = known->stale || claim_check(entry.address, *known->index);
  return due ? check_folder(entry.address, false) : Result<void>();
}

// What the index tells of the rows that have become known since the last step.
void Account::look_at_rows(Search& search, SearchWork& work, const FolderView& view) const {
  const FolderIndex& index = *view.index;
  if (work.seen.size() == index.size() && !work.seen.empty()) return;
  const std::vector<Uid> all = index.uids();
  std::vector<Uid> fresh;
  std::set_difference(all.begin(), all.end(), work.seen.begin(), work.seen.end(),
                      std::back_inserter(fresh));
  if (fresh.empty()) return;
  const BodyTerms terms(search.query());
  TermTells tells(search.query(), terms, index, search.ask().me, folder_names(view.entry()));
  std::vector<Hit> hits;
  std::vector<Uid> asks;
  for (const Uid uid : fresh) {
    const auto id = index.id_of(uid);
    const Tri tri = id ? tells.tell(*id) : Tri::kNo;
    if (tri == Tri::kYes) hits.push_back(hit_of(index, *id));
    if (tri == Tri::kPerhaps) asks.push_back(uid);
  }
  search.add(work.at, index.uid_validity(), hits);
  const auto middle = static_cast<std::ptrdiff_t>(work.asks.size());
  work.asks.insert(work.asks.end(), asks.begin(), asks.end());
  std::inplace_merge(work.asks.begin(), work.asks.begin() + middle, work.asks.end());
  work.seen = all;
}

}  // namespace alphamail
