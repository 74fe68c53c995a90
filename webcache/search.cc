// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/search.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <tuple>

#include "common/seal.h"
#include "webcache/account.h"
#include "webcache/clock.h"
#include "webcache/heap_bytes.h"
#include "webcache/row_sort.h"
#include "webcache/search_work.h"

namespace alphamail {
namespace {

using wire::SearchProgress;
using wire::SortKey;

// Dates of a query are reckoned from when it was asked.
constexpr std::int64_t kSameClock = 60;

bool by_uid(const Hit& a, const Hit& b) {
  return a.uid < b.uid;
}

}  // namespace

bool SearchAsk::same_as(const SearchAsk& other) const {
  const std::int64_t apart = clock.now - other.clock.now;
  return query == other.query && folder == other.folder && below == other.below && me == other.me &&
         clock.zone_offset == other.clock.zone_offset && apart <= kSameClock && -apart <= kSameClock;
}

Search::Search(std::uint64_t id, SearchAsk ask, SearchQuery query, std::vector<std::string> folders)
    : work(std::make_unique<SearchWork>()),
      id_(id),
      ask_(std::move(ask)),
      query_(std::move(query)),
      begun_(steady_seconds()) {
  folders_.reserve(folders.size());
  for (std::string& address : folders) folders_.push_back({std::move(address), {}, 0, {}});
  status_.folders_all = static_cast<std::uint32_t>(folders_.size());
  if (!folders_.empty()) return;
  status_.progress = SearchProgress::Done;
  over_.store(true);
}

Search::~Search() = default;

std::size_t Search::count() const {
  return std::accumulate(folders_.begin(), folders_.end(), std::size_t{0},
                         [](std::size_t n, const Folder& f) { return n + f.hits.size(); });
}

Search::Status Search::status() const {
  const std::lock_guard lock(mutex_);
  Status status = status_;
  status.found = static_cast<std::uint32_t>(count());
  return status;
}

void Search::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (status_.progress == SearchProgress::Running) status_.progress = SearchProgress::Stopped;
    over_.store(true);
  }
  tell();
}

std::vector<FoundIn> Search::found() const {
  std::vector<FoundIn> all;
  const std::lock_guard lock(mutex_);
  for (const Folder& folder : folders_) {
    if (!folder.hits.empty()) all.push_back({folder.address, folder.uid_validity, folder.hits});
  }
  return all;
}

bool Search::claim() {
  return !over() && !claimed_.exchange(true);
}

void Search::add(std::size_t number, std::uint32_t uid_validity, const std::vector<Hit>& hits) {
  if (hits.empty()) return;
  const std::lock_guard lock(mutex_);
  Folder& folder = folders_[number];
  if (folder.uid_validity != uid_validity) folder.hits.clear();
  folder.uid_validity = uid_validity;
  const std::size_t room = kMostHits - std::min(kMostHits, count());
  const auto middle = static_cast<std::ptrdiff_t>(folder.hits.size());
  folder.hits.insert(folder.hits.end(), hits.begin(), hits.end());
  std::sort(folder.hits.begin() + middle, folder.hits.end(), by_uid);
  std::inplace_merge(folder.hits.begin(), folder.hits.begin() + middle, folder.hits.end(), by_uid);
  const auto same = [](const Hit& a, const Hit& b) { return a.uid == b.uid; };
  folder.hits.erase(std::unique(folder.hits.begin(), folder.hits.end(), same), folder.hits.end());
  const std::size_t most = static_cast<std::size_t>(middle) + room;
  if (folder.hits.size() > most) {
    // The newest stay.
    folder.hits.erase(folder.hits.begin(),
                      folder.hits.end() - static_cast<std::ptrdiff_t>(most));
    status_.cut = true;
    status_.progress = SearchProgress::Done;
    over_.store(true);
  }
  version_.fetch_add(1);
}

void Search::forget(std::size_t number) {
  const std::lock_guard lock(mutex_);
  if (folders_[number].hits.empty()) return;
  folders_[number].hits.clear();
  version_.fetch_add(1);
}

Search::State Search::state(std::size_t folder) const {
  const std::lock_guard lock(mutex_);
  return folders_[folder].state;
}

void Search::set_state(std::size_t number, State state) {
  const std::lock_guard lock(mutex_);
  State& now = folders_[number].state;
  if (now == State::kDone || now == State::kFailed) return;
  now = state;
  if (state == State::kDone) ++status_.folders_done;
  if (state == State::kFailed) ++status_.folders_failed;
  if (status_.folders_done + status_.folders_failed < status_.folders_all) return;
  if (status_.progress == SearchProgress::Running) {
    status_.progress = status_.folders_failed > 0 ? SearchProgress::Partial : SearchProgress::Done;
  }
  over_.store(true);
}

void Search::fail(std::size_t number, const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    if (status_.detail.empty()) status_.detail = error.detail;
  }
  set_state(number, State::kFailed);
}

void Search::pause(bool paused) {
  const std::lock_guard lock(mutex_);
  status_.paused = paused;
}

void Search::watch(Look look) {
  {
    const std::lock_guard lock(mutex_);
    looks_.push_back(std::move(look));
  }
  tell();
}

void Search::tell() {
  std::vector<Look> looks;
  {
    const std::lock_guard lock(mutex_);
    looks.swap(looks_);
  }
  std::erase_if(looks, [this](const Look& look) { return look(*this); });
  const std::lock_guard lock(mutex_);
  looks_.insert(looks_.end(), std::make_move_iterator(looks.begin()),
                std::make_move_iterator(looks.end()));
}

// ---- the result in an order ----

namespace {

// What one message sorts by: smaller goes first. For texts, the place of its key among all keys.
struct Sortable {
  Place place;
  std::uint64_t key = 0;
  std::size_t text = 0;  // where its collation key begins, and
  std::size_t end = 0;   // ends
};

std::string_view shown_text(const FolderIndex& index, RowId id, SortKey key) {
  if (key == SortKey::Subject) {
    const std::string_view both = index.text(index.row(id).subject);
    return both.substr(0, both.find('\0'));
  }
  return RowSort::shown_name(
      index.text(key == SortKey::To ? index.recipient(id) : index.row(id).sender));
}

std::uint64_t number_of(const IndexRow& row, SortKey key) {
  const auto has = [&row](wire::Flag flag) {
    return (row.flags & static_cast<std::uint16_t>(flag)) != 0;
  };
  switch (key) {
    case SortKey::Sent: return row.sent != 0 ? row.sent : row.arrived;
    case SortKey::Size: return row.size;
    case SortKey::Flags:
      return (has(wire::Flag::Flagged) ? 8U : 0U) + (has(wire::Flag::Seen) ? 0U : 4U) +
             (has(wire::Flag::Answered) ? 2U : 0U) + (has(wire::Flag::Forwarded) ? 1U : 0U);
    default: return row.arrived;
  }
}

}  // namespace

std::shared_ptr<const Search::Places> Search::places(const Account& account,
                                                     const ListOrder& order) const {
  std::vector<Folder> folders;
  {
    const std::lock_guard lock(mutex_);
    folders = folders_;
  }
  const auto collation = order.by_text() ? Collation::of(order.locale) : nullptr;
  std::vector<Sortable> all;
  std::string keys;
  for (std::uint32_t n = 0; n < folders.size(); ++n) {
    const Folder& folder = folders[n];
    if (folder.hits.empty()) continue;
    const auto view = account.view(folder.address);
    if (!view) continue;  // it is gone
    const FolderIndex* const index = view->index.get();
    if (index && index->uid_validity() != folder.uid_validity) continue;
    for (const Hit& hit : folder.hits) {
      Sortable one{{n, hit}, hit.arrived, keys.size(), keys.size()};
      const auto id = index ? index->id_of(hit.uid) : std::nullopt;
      if (!id && index && index->complete()) continue;  // gone
      if (id && !collation) one.key = number_of(index->row(*id), order.key);
      if (id && collation) collation->append_key(shown_text(*index, *id, order.key), keys);
      one.end = keys.size();
      all.push_back(one);
    }
  }
  const auto text = [&keys](const Sortable& s) {
    return std::string_view(keys).substr(s.text, s.end - s.text);
  };
  std::sort(all.begin(), all.end(), [&](const Sortable& a, const Sortable& b) {
    const int texts = collation ? text(a).compare(text(b)) : 0;
    if (texts != 0) return order.descending ? texts > 0 : texts < 0;
    if (!collation && a.key != b.key) return order.descending ? a.key > b.key : a.key < b.key;
    // The newest first, but that dates are read backwards as they stand.
    const auto rest = [](const Sortable& s) {
      return std::tuple(s.place.hit.arrived, ~s.place.folder, s.place.hit.uid);
    };
    const bool backwards = order.by_date() && !order.descending;
    return backwards ? rest(a) < rest(b) : rest(a) > rest(b);
  });
  auto places = std::make_shared<Places>();
  places->reserve(all.size());
  for (const Sortable& one : all) places->push_back(one.place);
  const std::lock_guard lock(mutex_);
  kept_ = {order, places};
  return places;
}

std::shared_ptr<const Search::Places> Search::made_places(const ListOrder& order) const {
  const std::lock_guard lock(mutex_);
  const ListOrder& kept = kept_.order;
  const bool same = kept.key == order.key && kept.descending == order.descending &&
                    (!order.by_text() || kept.locale == order.locale);
  return same ? kept_.places : nullptr;
}

std::optional<FoundPlace> place_among(const Account& account, const Search& search, const Search::Places& places,
                                      std::string_view folder, Uid uid) {
  const auto at = std::find_if(places.begin(), places.end(), [&](const Place& place) {
    return place.hit.uid == uid && search.folder(place.folder) == folder;
  });
  if (at == places.end()) return std::nullopt;
  FoundPlace found{static_cast<std::size_t>(at - places.begin()) + 1, places.size(), {}, {}, {}, {}};
  // What is gone since is stepped over.
  const auto there = [&](const Place& place) {
    const auto view = account.view(search.folder(place.folder), Account::Looking::kNobody);
    return view && (!view->index || !view->index->complete() || view->index->find(place.hit.uid));
  };
  for (auto before = at; before != places.begin() && found.newer == Uid{};) {
    if (!there(*--before)) continue;
    found.newer = before->hit.uid;
    found.newer_folder = search.folder(before->folder);
  }
  for (auto behind = at + 1; behind != places.end() && found.older == Uid{}; ++behind) {
    if (!there(*behind)) continue;
    found.older = behind->hit.uid;
    found.older_folder = search.folder(behind->folder);
  }
  return found;
}

std::size_t Search::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = shared_block<Search>() + heap_block(sizeof(SearchWork)) + heap_bytes(folders_) +
                    heap_bytes(ask_.query);
  for (const Folder& folder : folders_) sum += heap_bytes(folder.hits) + heap_bytes(folder.address);
  if (kept_.places) sum += shared_block<Places>() + heap_bytes(*kept_.places);
  return sum;
}

// ---- those of an account ----

void Searches::trim(std::int64_t now) {
  while (!entries_.empty() &&
         (entries_.size() > kKept || now - entries_.back().used > kSecondsKept)) {
    entries_.back().search->stop();
    entries_.pop_back();
  }
}

std::shared_ptr<Search> Searches::find(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  trim(steady_seconds());
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [id](const Entry& e) { return e.search->id() == id; });
  if (found == entries_.end()) return nullptr;
  found->used = steady_seconds();
  entries_.splice(entries_.begin(), entries_, found);
  return found->search;
}

std::shared_ptr<Search> Searches::find_same(const SearchAsk& ask) {
  const std::int64_t now = steady_seconds();
  std::uint64_t id = 0;
  std::int64_t begun = 0;
  {
    // The newest of them: whoever searched anew means what that one found.
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_) {
      const Search& search = *entry.search;
      if (id != 0 && search.begun() <= begun) continue;
      const bool ended = search.status().progress == SearchProgress::Stopped ||
                         search.status().progress == SearchProgress::Partial;
      if (ended || now - search.begun() > kFresh || !search.ask().same_as(ask)) continue;
      id = search.id();
      begun = search.begun();
    }
  }
  return id == 0 ? nullptr : find(id);
}

std::shared_ptr<Search> Searches::begin(SearchAsk ask, SearchQuery query,
                                        std::vector<std::string> folders) {
  std::uint64_t id = 0;
  while (id == 0) random_bytes(std::as_writable_bytes(std::span(&id, 1)));
  auto search =
      std::make_shared<Search>(id, std::move(ask), std::move(query), std::move(folders));
  const std::lock_guard lock(mutex_);
  entries_.push_front({search, steady_seconds()});
  trim(steady_seconds());
  return search;
}

void Searches::clear() {
  std::list<Entry> gone;
  {
    const std::lock_guard lock(mutex_);
    gone.swap(entries_);
  }
  for (const Entry& entry : gone) entry.search->stop();
}

std::size_t Searches::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const Entry& entry : entries_) {
    sum += heap_block(sizeof(Entry) + 2 * sizeof(void*)) + entry.search->bytes();
  }
  return sum;
}

}  // namespace alphamail
