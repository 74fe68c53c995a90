// SPDX-License-Identifier: GPL-3.0-or-later
// What users search for, and what has been found so far. A search goes through its folders one after the
// other, the newest first (account_search.cc), while pages look at it from any thread:
//
//   folder:  waiting ──▶ indexed ──▶ asking ▸▸▸ done         what the index alone decides is found before
//                                           └──▶ failed      any folder is asked
//
// Of a message that was found its place is kept, no more: what a list shows of it comes from the folder's
// index when it is shown. Messages that are gone by then are left out.
#ifndef WEBCACHE_SEARCH_H
#define WEBCACHE_SEARCH_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/protocol_generated.h"
#include "common/result.h"
#include "common/search_query.h"
#include "webcache/folder_view.h"
#include "webcache/imap_types.h"
#include "webcache/readable_charsets.h"
#include "webcache/sort_key.h"

namespace alphamail {

class Account;
struct SearchWork;  // search_work.h

/// A search as it was asked for.
struct SearchAsk {
  std::string query;      ///< as typed
  std::string folder;     ///< address; "" = all
  bool below = false;
  QueryClock clock;
  std::vector<std::string> me;

  /// True where what one finds the other does, at about the same time.
  bool same_as(const SearchAsk& other) const;
};

/// A message that was found.
struct Hit {
  Uid uid{};
  std::uint32_t identity = 0;  ///< Row.identity
  std::uint32_t arrived = 0;   ///< seconds since 1970
};

/// Those of one folder.
struct FoundIn {
  std::string folder;  ///< address
  std::uint32_t uid_validity = 0;
  std::vector<Hit> hits;
};

/// One message of a result in an order.
struct Place {
  std::uint32_t folder = 0;  ///< of the search's folders
  Hit hit;
};

class Search {
 public:
  /// More hits than these are not kept.
  static constexpr std::size_t kMostHits = 20000;

  enum class State : std::uint8_t { kWaiting, kAsking, kDone, kFailed };
  /// How far it is.
  struct Status {
    wire::SearchProgress progress = wire::SearchProgress::Running;
    std::uint32_t found = 0;
    std::uint32_t folders_all = 0, folders_done = 0, folders_failed = 0;
    std::string detail;  ///< why the first of those failed
    bool cut = false;
    bool paused = false;  ///< it lacks the connection, and goes on when somebody asks for it
  };

  /// @param folders  addresses, in the order in which they are searched
  Search(std::uint64_t id, SearchAsk ask, SearchQuery query, std::vector<std::string> folders);

  std::uint64_t id() const { return id_; }
  const SearchAsk& ask() const { return ask_; }
  const SearchQuery& query() const { return query_; }
  std::size_t folders() const { return folders_.size(); }
  const std::string& folder(std::size_t n) const { return folders_[n].address; }
  std::int64_t begun() const { return begun_; }  ///< steady seconds

  Status status() const;
  /// Ends it; what was found stays.
  void stop();
  bool over() const { return over_.load(std::memory_order_relaxed); }

  /// By folder, in the order of the search; messages that are gone since are among them.
  std::vector<FoundIn> found() const;
  /// How often found() has changed.
  std::uint64_t version() const { return version_.load(std::memory_order_relaxed); }

  // Who does the work (account_search.cc, command_search.cc).

  /// One after the other; true for whom nobody else does.
  bool claim();
  void unclaim() { claimed_.store(false); }
  void add(std::size_t folder, std::uint32_t uid_validity, const std::vector<Hit>& hits);
  /// The folder was made anew: what was found there is nothing.
  void forget(std::size_t folder);
  State state(std::size_t folder) const;
  void set_state(std::size_t folder, State state);
  void fail(std::size_t folder, const Error& error);
  void pause(bool paused);

  /// `look` is called at once and after each change, by whoever makes it, until it gives true.
  using Look = std::function<bool(const Search&)>;
  void watch(Look look);
  void tell();

  /// The result in an order, as it is now. Takes time: 20 000 hits, some tens of milliseconds.
  using Places = std::vector<Place>;
  std::shared_ptr<const Places> places(const Account& account, const ListOrder& order) const;
  /// As places() gave it last, for a page's links; null where that was in another order.
  std::shared_ptr<const Places> made_places(const ListOrder& order) const;

  std::size_t bytes() const;  ///< on the heap

  /// What the strand remembers of the folder that it is at; its alone.
  std::unique_ptr<SearchWork> work;
  ~Search();

 private:
  struct Folder {
    std::string address;
    State state = State::kWaiting;
    std::uint32_t uid_validity = 0;
    std::vector<Hit> hits;
  };
  std::size_t count() const;  // of hits; with mutex_ held

  const std::uint64_t id_;
  const SearchAsk ask_;
  const SearchQuery query_;
  const std::int64_t begun_;
  std::atomic<bool> over_{false}, claimed_{false};
  std::atomic<std::uint64_t> version_{0};

  mutable std::mutex mutex_;  // guards all below
  std::vector<Folder> folders_;  // their addresses never change
  Status status_;
  std::vector<Look> looks_;
  struct Kept {
    ListOrder order;
    std::shared_ptr<const Places> places;
  };
  mutable Kept kept_;  // as a page showed it last
};

/// A message among those that were found.
struct FoundPlace {
  std::size_t position = 0;  ///< from 1
  std::size_t total = 0;
  Uid newer{}, older{};      ///< before and behind it; 0 = none
  std::string newer_folder, older_folder;  ///< their addresses
};
/// @return nothing where it is not among them
std::optional<FoundPlace> place_among(const Account& account, const Search& search, const Search::Places& places,
                                      std::string_view folder, Uid uid);

/// A page of what was found, as a reply shows it.
struct FoundPage {
  struct Row {
    std::size_t folder = 0;                    ///< in the tree
    std::shared_ptr<const FolderIndex> index;  ///< null, or without the message: no more than the hit is known
    Hit hit;
    std::uint32_t uid_validity = 0;
  };
  FoldersView folders;
  Search::Status status;
  std::size_t page = 1, found = 0;  ///< those that are still there
  std::vector<Row> rows;
  wire::Standing standing = wire::Standing::Live;
};

/// The searches of an account that are still known. Any thread.
class Searches {
 public:
  static constexpr std::size_t kKept = 4;
  static constexpr std::int64_t kSecondsKept = 30 * 60;
  static constexpr std::int64_t kFresh = 60;  ///< the same query is answered by one that is no older

  std::shared_ptr<Search> find(std::uint64_t id);
  std::shared_ptr<Search> find_same(const SearchAsk& ask);
  /// The one used least recently is stopped and forgotten for it where there are too many.
  std::shared_ptr<Search> begin(SearchAsk ask, SearchQuery query, std::vector<std::string> folders);
  void clear();
  std::size_t bytes() const;

  ReadableCharsets charsets;  ///< the account's strand's

 private:
  void trim(std::int64_t now);
  mutable std::mutex mutex_;
  struct Entry {
    std::shared_ptr<Search> search;
    std::int64_t used;  // steady seconds
  };
  std::list<Entry> entries_;  // used last first
};

}  // namespace alphamail

#endif
