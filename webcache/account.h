// SPDX-License-Identifier: GPL-3.0-or-later
// All that is one user's: the folders, their indexes, the connection to the mail server.
//
// Two faces. What is published (folder tree, counts, index snapshots, opened messages) any thread
// reads, under a mutex held for an instant. What talks to the server runs on the account's strand
// (workers.h), one job at a time, and needs no lock; those functions are marked "strand".
//
// The account holds no password. When its connection is gone, and a question needs one, the answer
// is kNeedCredentials, and whoever holds the session's key brings the password for one log-in.
#ifndef WEBCACHE_ACCOUNT_H
#define WEBCACHE_ACCOUNT_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/config.h"
#include "common/result.h"
#include "common/secret.h"
#include "webcache/actions.h"
#include "webcache/cache_dir.h"
#include "webcache/clock.h"
#include "webcache/counters.h"
#include "webcache/folder_index.h"
#include "webcache/folder_view.h"
#include "webcache/idle_watch.h"
#include "webcache/imap_connection.h"
#include "webcache/index_file.h"
#include "webcache/index_writer.h"
#include "webcache/memory_use.h"
#include "webcache/message_log.h"
#include "webcache/second_connection.h"
#include "webcache/server_gate.h"
#include "webcache/workers.h"

namespace alphamail {

class BodyWords;    // body_search.h
class Search;       // search.h
class Searches;
class SearchQuery;  // common/search_query.h
struct KeywordChange;
struct SearchAsk;
struct SearchWork;

/// What all accounts share.
struct Services {
  const TlsContext& tls;
  Workers& workers;
  Counters& counters;
  std::atomic<Millis> connect_timeout;
  std::atomic<Millis> command_timeout;
  std::atomic<Millis> idle_renew{Millis{1680 * 1000}};
  IdleWatch* idle_watch = nullptr;  // null: nothing is followed live
  CacheDir* cache = nullptr;  // null: nothing is kept on disk
  std::atomic<bool> stopping{false};  // the daemon ends: nothing long is begun or waited for
  // Somebody waits for a place at a server that is full.
  std::function<void()> crowded = {};
  // Has a server probed after a time: begin_probe() of its gate, an attempt, probed().
  std::function<void(const std::shared_ptr<ServerGate>&, const MailServer&, Millis)> probe = {};
};

/// Connects and logs in. The password is the caller's to wipe.
/// @param second  it is an account's second connection: its failure says nothing about the server
/// @return what ImapConnection::open and log_in say
Result<Connection> connect_and_log_in(Services& services, ServerGate& gate,
                                      ServerGate::Place place, const MailServer& server,
                                      std::string_view user, const Secret& password,
                                      bool second = false);

class Account : public std::enable_shared_from_this<Account> {
 public:
  Account(Services& services, const MailServer& server, std::shared_ptr<ServerGate> gate,
          std::string user);
  ~Account();

  // ---- any thread ----

  const MailServer& server() const { return server_; }
  ServerGate& gate() const { return *gate_; }
  const std::string& user() const { return user_; }
  std::string address() const;     ///< user@domain
  /// "user ANN host HOST seconds N cpu_ms N": what its end says of it, for reports.
  std::string story() const;
  std::string cache_name() const;  ///< user and server, told apart from all others
  const std::shared_ptr<Workers::Strand>& strand() const { return strand_; }
  /// Where log-ins of resumed sessions queue, so that several at once make one.
  const std::shared_ptr<Workers::Strand>& login_strand() const { return login_strand_; }
  SecondConnection& second() { return second_; }
  /// True where an index is being built that wants a second connection, and it is worth having the
  /// password brought for it now. One caller gets that answer, now and then.
  bool claim_second();

  FoldersView folders() const;
  /// How the outbox stands, for every page to say.
  void note_outbox(OutboxCounts counts);
  /// The sizes of folders are of a while ago at most.
  bool knows_sizes() const;
  /// The largest messages of all folders whose messages are known, and how many folders are not.
  struct Large {
    std::size_t folder = 0;  ///< in the tree
    std::shared_ptr<const FolderIndex> index;
    Uid uid{};
    std::uint64_t size = 0;
  };
  struct Largest {
    FoldersView folders;
    std::vector<Large> messages;  ///< the largest first
    std::size_t unknown = 0;
  };
  Largest largest(std::size_t most) const;
  /// The user's own choice of folders for roles.
  /// @return folders that are listed by their recipients now and were not, or the other way: to be shown anew
  std::vector<std::string> choose_roles(RoleChoices chosen);
  /// Nothing where the tree is not known or has no such folder.
  enum class Looking { kUser, kNobody };  ///< a user's look keeps its index in memory
  std::optional<FolderView> view(const std::string& folder, Looking looking = Looking::kUser) const;
  std::shared_ptr<const OpenedMessage> opened(const std::string& folder, Uid uid) const;

  /// False where the disk has nothing of this message, for sure. Any thread.
  bool may_be_on_disk(const std::string& folder, Uid uid) const;
  /// Keeps it on disk. Any thread that may wait.
  void save_message(const std::string& folder, const OpenedMessage& message) const;

  bool connected() const { return connected_.load(std::memory_order_acquire); }
  /// Gives the account a connection; one it does not need is closed.
  void offer(Connection connection);
  /// What to answer when a connection is needed and none is there: why the server is away,
  /// kUnderWay where somebody is logging in for it already, else kNeedCredentials.
  Error without_connection() const;
  /// A log-in for it failed: without_connection() says so for a moment.
  void note_refusal(const Error& error);
  /// Why nothing can be asked of the server now: it is away, or there is no connection. Nothing
  /// where it can.
  std::optional<Error> unable() const;
  /// While it is there, a log-in for this account is under way.
  class Resuming {
   public:
    explicit Resuming(std::shared_ptr<Account> account) : account_(std::move(account)) {
      ++account_->resuming_;
    }
    ~Resuming() { --account_->resuming_; }
    Resuming(const Resuming&) = delete;
    Resuming& operator=(const Resuming&) = delete;

   private:
    const std::shared_ptr<Account> account_;
  };
  /// Why the folder could not be opened a short while ago, where that was its own trouble (kInUse).
  std::optional<Error> trouble(const std::string& folder) const;

  // While the server is away, what the disk has is shown (account_offline.cc).

  /// Takes the tree of folders from disk where there is none. Any thread that may wait.
  /// @return false where the disk has none either
  bool load_folders();
  /// The same for a folder's index, as it was left. Strand. @return whether it is known now
  bool load_offline(const std::string& folder);
  /// A user asked something: the connection stays.
  void touch() const { asked_.store(steady_ms(), std::memory_order_relaxed); }
  std::int64_t asked() const { return asked_ms() / 1000; }  ///< steady seconds
  std::int64_t asked_ms() const { return asked_.load(std::memory_order_relaxed); }

  // Where a server is full, its connections go round.

  /// Of those who log in for this account and wait for a place only the first stands in the queue;
  /// the others are told with it.
  using Resumer = std::function<void(Result<ServerGate::Place>&)>;
  bool park(Resumer resumer);  ///< @return true where it is the first
  std::vector<Resumer> unpark();
  /// Has the strand close a connection that idles, for somebody else who needs one.
  /// @return false where there is none, or somebody may need it at any moment
  bool give_way();
  bool giving_way() const { return giving_way_.load(std::memory_order_relaxed); }
  /// While it is there, the connection stays: something long needs it again and again.
  class InUse {
   public:
    explicit InUse(std::shared_ptr<Account> account) : account_(std::move(account)) {
      ++account_->in_use_;
    }
    ~InUse() { --account_->in_use_; }
    InUse(const InUse&) = delete;
    InUse& operator=(const InUse&) = delete;

   private:
    const std::shared_ptr<Account> account_;
  };
  /// A page of this folder was shown: it is the one to follow. Says so where the caller is to have
  /// follow() called, and nobody else does so yet.
  /// @return after what time
  std::optional<Millis> look_at(const std::string& folder);
  /// The same after work on the strand, whose commands have ended IDLE.
  bool claim_follow();
  void drop_follow();  ///< nobody will call follow(), though it was claimed

  /// True once per span for a folder that was checked longer ago, or is not as it was read: the caller posts the check.
  bool claim_check(const std::string& folder, const FolderIndex& index);

  /// Where what is known lies on disk, with the key to it; null where nothing is kept there.
  std::shared_ptr<AccountFiles> files() const;
  void set_files(std::shared_ptr<AccountFiles> files);
  /// Indexes have changed that are not on disk yet, and it is time to write them.
  bool wants_saving() const;
  /// Brings the disk up to date. Any thread that may wait.
  void save_changes();
  /// The same for the last time: another daemon may use the disk from now on.
  void leave_files();
  const std::shared_ptr<Workers::Strand>& disk_strand() const { return disk_strand_; }

  /// What the user has done, for pages to tell and for taking it back.
  ActionLog& actions() { return actions_; }
  const ActionLog& actions() const { return actions_; }
  /// Brings the disk up to date with it, and takes in what is there. Any thread that may wait.
  void save_actions();
  void load_actions();

  // What the user searches for: account_search.cc.

  Searches& searches() { return *searches_; }
  /// Where the work on searches queues that needs no server.
  const std::shared_ptr<Workers::Strand>& search_strand() const { return search_strand_; }
  /// Which folders are meant, in the order in which they are searched.
  std::vector<std::string> searched_folders(const SearchAsk& ask, const SearchQuery& query) const;
  /// Adds what is found in the index of one of its folders, where that is all known. Takes time.
  void search_index(Search& search, std::size_t number) const;
  /// No server has to be asked for anything.
  bool knows_all(const Search& search) const;

  // Memory: account_memory.cc.

  /// What it takes on the heap, by kinds.
  MemoryUse memory() const;
  struct HeldIndex {
    std::string folder;
    std::int64_t used;  ///< steady seconds, when it was looked at last
    std::size_t bytes;  ///< kIndexes
  };
  std::vector<HeldIndex> held_indexes() const;
  /// Lets go of opened messages.
  void drop_opened();
  /// Closes the files of opened messages.
  void rest_messages();
  /// True where shrink() would free something, and all of it comes back from disk.
  bool shrinkable() const;

  // ---- strand ----

  /// Reads the list of folders where it is not known, or anew. @return also where counts are
  /// partial
  /// @param sizes  with the sizes of folders, as far as they are to be had
  Result<void> read_folders(bool anew, bool sizes = false);
  /// The folder's place in the tree; reads the list once more before it says kNotFound.
  Result<FolderView> find_folder(const std::string& folder);
  /// Changes the tree (account_folders.cc); it is read anew then. What was known of folders that are gone, or have
  /// another name now, is forgotten.
  /// @return kInvalid, kChanged, kForbidden, kNotFound as in protocol.fbs
  Result<void> change_folder(wire::FolderChange change, const std::string& folder,
                             const std::string& target);
  /// UIDs of a folder over `above`, ascending, with its UIDVALIDITY.
  struct FolderUids {
    std::uint32_t uid_validity = 0;
    std::vector<Uid> uids;
  };
  Result<FolderUids> read_uids(const std::string& folder, Uid above);
  /// After choose_roles().
  void show_anew(const std::vector<std::string>& folders);

  /// Makes a page of the folder known.
  /// @return its messages where the index has holes above them, newest first; else nothing
  Result<std::vector<Uid>> read_page(const std::string& folder, std::size_t page, std::size_t rows);
  /// The same in another order than that of arrival, which is made where the index is complete.
  /// @return the page's messages while it is not and the server said them; else nothing
  Result<std::vector<Uid>> read_sorted(const std::string& folder, const ListPage& page);
  /// Makes an order of what is known, for the snapshots from now on.
  void make_order(const std::string& folder, const ListOrder& order);
  /// Compares the index with the server: new mail, flags, what is gone.
  /// @param all  also where that takes the flags of every message
  Result<void> check_folder(const std::string& folder, bool all);
  /// Goes on with check_folder() where that looked at the newest flags only (servers without
  /// CONDSTORE): one window of older ones. @return true while there is more to do
  Result<bool> compare_step(const std::string& folder);
  bool claim_compare(const std::string& folder);
  void compare_ended(const std::string& folder);
  /// Has the folder that is looked at follow the server live: brings its index up to date and has
  /// the connection IDLE on it; `wake` is called from another thread when there is news, or it is
  /// time to renew. @return true where it is too early: follow() is to be called again in a moment
  bool follow(Job wake);
  /// Counts folders that the list came without counts for, a few at a time. @return true while
  /// there are more
  Result<bool> count_step();
  bool claim_count();
  void count_ended() { counting_ = false; }
  /// Closes the connection of an account that nobody uses, and lets go of what is quickly had
  /// again.
  void rest();
  bool at_rest() const;  ///< nothing is being built or downloaded
  /// Closes the connection alone. What was being built goes on with the next one.
  void yield_connection();
  /// True where what the server said meanwhile does not fit the index: the caller posts a check.
  bool out_of_step(const std::string& folder);
  /// One more window of an index that is being built. @return true while there is more to do
  Result<bool> build_step(const std::string& folder);
  /// True where the index wants build_step() calls and nobody makes them yet: the caller posts
  /// them, one after the other, until one has nothing more to do or fails, and says build_ended().
  bool claim_build(const std::string& folder);
  void build_ended(const std::string& folder);
  /// More than a window of its index is missing. Strand.
  bool long_build(const std::string& folder) const;
  /// claim_second() before that folder's building has begun.
  bool claim_second_for(const std::string& folder);
  /// What the second connection is to read next, where there is one.
  std::optional<SecondConnection::Window> next_window(const std::string& folder) const;
  /// Takes in what it has read. @return as build_step(), which goes on where it failed
  Result<bool> take_window(const std::string& folder, const SecondConnection::Window& window,
                           Result<std::vector<NewRow>> rows);
  std::vector<std::string> unfinished() const;  ///< the folders whose indexes are incomplete
  /// Fetches the snippets that these messages lack.
  Result<void> read_snippets(const std::string& folder, std::span<const Uid> uids);

  /// Header, structure and short texts; kNotFound where it is gone (the index is corrected then).
  Result<std::shared_ptr<const OpenedMessage>> open_message(const std::string& folder, Uid uid);
  /// In the index alone, at once; store_seen() tells the server.
  void show_flag(const std::string& folder, Uid uid, wire::Flag flag, bool set);
  Result<void> store_seen(const std::string& folder, Uid uid);
  /// One piece of one part (ImapConnection::fetch_piece); kChanged where the folder is not the one that was shown.
  Result<std::string> read_piece(const std::string& folder, Uid uid, std::uint32_t uid_validity,
                                 std::string_view section, std::uint64_t offset,
                                 std::uint32_t length, std::string piece = {});

  // What was asked, done to those messages that are meant (account_act.cc), a step after the other.
  class Acting;
  /// What it is about, and where to; the lists show it as done from here on.
  /// @return an error where nothing was done; kChanged where the folder is not the one that was shown
  Result<std::shared_ptr<Acting>> begin_act(const Act& act);
  /// The same to take something back: one of Acted::back, with Acted::back_from.
  Result<std::shared_ptr<Acting>> begin_back(Act back, std::uint32_t from);
  /// The same Act, with the UIDs that what it is about has now.
  Result<Act> where_now(Act back, std::uint32_t from);
  /// About one command. @return true while there is more; in the end Acting::acted says what came of it
  bool act_step(Acting& acting);
  /// Instead of the steps that are left.
  void drop_act(Acting& acting);
  /// All of it at once, for few messages.
  Result<Acted> act(const Act& act);

  // account_search.cc
  enum class SearchStep {
    kGoOn,
    kWait,    ///< for somebody who reads the folder, a moment
    kPaused,  ///< until there is a connection again
    kOver
  };
  /// One step of a search; failures are in it, as Search::fail().
  SearchStep search_step(Search& search);
  /// Has the index know these messages, for a page that shows them.
  Result<void> read_rows(const std::string& folder, std::span<const Uid> uids);

  // account_append.cc: what is written. Messages are known by these:
  struct Shown {
    std::string folder;  ///< address
    std::uint32_t uid_validity = 0;
    Uid uid{};
    std::uint32_t identity = 0;
  };
  /// The folder of a role, made under `name` where there is none.
  Result<FolderView> find_role(wire::Role role, std::string_view name);
  /// Where a message that is put into a folder will be: at this UID or above.
  struct Place {
    std::string folder;
    std::uint32_t uid_validity = 0, uid_next = 0;
  };
  Result<Place> place_in(const FolderView& folder);
  /// The message of this Message-ID at or above a place: one whose APPEND nobody saw succeed.
  /// Where the folder has another UIDVALIDITY meanwhile it is looked for in all of it.
  /// @return kNotFound
  Result<Shown> find_appended(const Place& place, std::string_view message_id);
  /// @param flags  of IMAP, in parentheses
  Result<Shown> append(const Place& place, std::string_view flags, std::string_view message_id,
                       std::uint64_t bytes, const ImapConnection::Source& source);
  /// kChanged where it is not what was shown, or is gone.
  Result<void> still_there(const Shown& message);
  Result<void> mark(const Shown& message, wire::Flag flag);
  Result<void> remove_for_good(const Shown& message);

  /// Lets go of all orders of its indexes but that of arrival.
  void drop_orders();
  void drop_snippets();  ///< pages that are asked for have them fetched again
  /// Lets go of all that was read of folders and messages: what is left of an account is who it is,
  /// its sessions, and its connection with nothing selected.
  void shrink();
  /// Forgets the index of a folder; it is read anew when it is asked for.
  void drop_index(const std::string& folder);
  /// Logs out and lets go of everything.
  void close();

 private:
  // What the strand knows of a folder beyond its published index.
  struct Folder {
    std::unique_ptr<IndexWriter> writer;
    std::uint32_t below = 0;  // sequence numbers 1..below are not fetched yet
    std::uint32_t uid_next = 0;
    std::uint64_t modseq = 0;  // everything up to it is in the index; 0 = not known
    bool building = false;     // claim_build()
    bool newest_only = false;  // the writer has what load_newest() gave: the rest is on disk
    bool unseen = false;       // it came from disk while the server was away, which has not seen it
    bool reselected = false;   // while it was being built: what happened meanwhile was not told
    std::size_t compared = 0;  // how many of the newest have their flags compared; 0 = nothing to do
    bool comparing = false;    // claim_compare()
    std::int64_t compared_at = 0;  // steady seconds, when that began
    bool doubted = false;          // the server talked nonsense while it was selected
    std::int64_t looked_through_at = 0;  // steady seconds, by look_through()
  };
  struct Published {
    std::shared_ptr<const FolderIndex> index;
    mutable std::atomic<std::int64_t> used{0};  // steady seconds
    std::int64_t check_claimed = 0;
    bool stale = false;  // known to be not as the server has it
    MemoryUse memory;
  };
  struct OpenedKey {
    std::string folder;
    Uid uid;
    bool operator==(const OpenedKey&) const = default;
  };

  FoldersView folders_now() const;
  Deadline step() const;  // the deadline of one command
  Result<ImapConnection*> connection();
  // Runs a step on the connection, counts its commands, lets go of it where it broke.
  static constexpr Millis kIdle{1000};  // a connection unused for so long may have been closed
  template <typename Step>
  auto on_server(Step&& take) -> decltype(take(std::declval<ImapConnection&>()));
  void settle();

  Result<void> ensure_selected(const FolderEntry& entry);
  Result<Selected> select(const FolderEntry& entry);
  static bool counts_backwards(const Selected& selected, std::uint32_t uid_next, std::uint64_t modseq);
  void note_trouble(const std::string& address, const Error* error);
  bool greets() const;
  void save_folders(std::vector<ListedFolder> listed);
  wire::Standing standing_of(const std::string& folder) const;  // with mutex_ held
  Folder& folder_state(const FolderEntry& entry);
  Result<void> begin_index(const FolderEntry& entry);
  static bool is_long(const Folder& folder);
  Result<std::vector<Uid>> fetch_window(const FolderEntry& entry, std::uint32_t first,
                                        std::uint32_t last);
  Result<std::vector<Uid>> ask_order(const FolderEntry& entry, const ListPage& page);
  Result<void> fetch_new(const FolderEntry& entry, std::vector<Uid> unknown);
  Result<void> compare(const FolderEntry& entry, bool all);
  Result<void> compare_building(const FolderEntry& entry);
  Result<void> compare_changed(const FolderEntry& entry);
  Result<void> compare_plain(const FolderEntry& entry, bool all);
  Result<void> compare_places(const FolderEntry& entry);
  Result<void> compare_range(const FolderEntry& entry, Uid first, Uid last);
  Result<void> look_through(const FolderEntry& entry);
  Result<void> compare_all(const FolderEntry& entry, Uid from);
  // account_disk.cc
  Result<bool> take_from_disk(const FolderEntry& entry, const Selected& selected);
  Result<bool> take_over(const FolderEntry& entry, LoadedIndex loaded, const Selected& selected);
  Result<void> load_rest(const FolderEntry& entry);
  void forget_on_disk(const std::string& folder);
  void leave_disk(const std::string& folder);
  IndexFile* index_file(const std::string& folder);

  Result<void> end_build(const FolderEntry& entry);
  bool agrees(const FolderEntry& entry);
  bool can_catch_up(const FolderEntry& entry);
  Result<void> fetch_arrived(const FolderEntry& entry);
  bool absorb(const FolderEntry& entry, const News& news);
  Result<bool> catch_up(const FolderEntry& entry);
  Result<void> take_in_told(const FolderEntry& entry);
  Result<void> keep_up(const FolderEntry& entry);
  Result<void> idle();
  void unwatch();
  enum class Saving { kSoon, kNot };
  void publish(const FolderEntry& entry, Saving saving = Saving::kSoon);
  void forget_index(const std::string& folder, std::string_view why);
  // account_search.cc
  Result<SearchStep> step_in_folder(Search& search, SearchWork& work);
  Result<void> begin_search(const FolderEntry& entry, SearchWork& work);
  void look_at_rows(Search& search, SearchWork& work, const FolderView& view) const;
  Result<void> ask_window(Search& search, SearchWork& work, const FolderView& view);
  Result<bool> server_reads(const FolderView& view, Uid uid);
  Result<bool> is_all_in(Uid uid, std::string_view charset);
  Result<std::vector<Uid>> wholly_readable(std::span<const Uid> uids);
  Result<std::optional<std::vector<Uid>>> ask_for(const BodyWords& words, std::span<const Uid> among);
  Result<void> read_candidates(Search& search, SearchWork& work, const FolderView& view);
  // account_act.cc, account_meant.cc
  struct Meant {
    Marked marked;
    std::uint16_t flags = 0;
    bool labelled = false;  // it has Act::label
  };
  Result<std::vector<Meant>> find_meant(const Act& act, Acted& acted);
  Result<std::vector<Meant>> find_single(const Act& act, Acted& acted);
  Result<std::vector<Meant>> find_all(const Act& act, Acted& acted);
  Result<std::vector<Meant>> ask_for_all(const Act& act, const std::vector<UidRange>& ranges);
  Result<FolderView> find_or_make(const std::string& address);
  Result<std::optional<FolderView>> target_of(const Act& act);
  std::shared_ptr<const FolderIndex> with_acting(const std::string& address, const Folder& folder,
                                                 std::shared_ptr<const FolderIndex> index) const;
  void keep_flags(const FolderEntry& entry, const Act& act, std::span<const Uid> done);
  void keep_removal(const FolderEntry& entry, std::span<const Uid> done);
  void count_without_index(const FolderEntry& entry, std::int64_t messages, std::int64_t unread);
  void change_counts(const std::string& address, std::int64_t messages, std::int64_t unread);
  void note_arrival(const std::string& address, std::uint32_t messages, std::uint32_t unread);
  void mark_stale(const std::string& address);
  Deadline step_for(std::size_t messages) const;
  Result<Copied> transfer(std::span<const Uid> uids, Action action, const std::string& mailbox);
  Result<ListedFolder> place_of(const FolderEntry& target);
  Result<void> stay_with(const Acting& acting);
  static void fail_rest(Acting& acting, Error error);
  static void note_back(Acting& acting, std::uint16_t before, std::uint32_t uid, std::uint32_t identity);
  std::vector<Meant> next_of(const Acting& acting) const;
  Result<std::vector<Meant>> left_of(Acting& acting, std::span<const Meant> some);
  static void pace(Acting& acting, std::size_t messages, Deadline::Clock::time_point begun);
  Result<void> store_keywords(Acting& acting, std::span<const Uid> uids, KeywordChange change);
  void act_on_flags(Acting& acting);
  void act_on_places(Acting& acting);
  void act_for_good(Acting& acting);
  Act way_back(const Acting& acting, std::uint16_t before) const;
  void end_act(Acting& acting);
  Result<void> find_moved(Act& back, std::uint32_t from);
  void forget_messages(const std::string& folder, std::span<const Uid> uids);
  void forget_opened(const std::string& folder, std::uint32_t but_of_uid_validity);
  Result<void> find_neighbours(const FolderEntry& entry, std::uint32_t seq, OpenedMessage& message);
  std::shared_ptr<MessageLog> messages() const;
  std::shared_ptr<const OpenedMessage> find_on_disk(const FolderView& view, Uid uid);
  Result<ImapConnection::Opened> fetch_opened(const Folder& folder, Uid uid);
  void keep_opened(const std::string& folder, std::shared_ptr<const OpenedMessage> message);
  void plan_counts(std::vector<ListedFolder>& listed);
  void set_counts(std::size_t number, const FolderIndex& index);
  // account_folders.cc
  void publish_folders(const std::vector<ListedFolder>& listed,
                       std::optional<std::vector<QuotaUse>> quotas);
  void keep_sizes(std::vector<ListedFolder>& listed) const;
  Result<std::string> new_name(const std::string& address) const;
  Result<void> create_folder(const std::string& folder);
  Result<void> rename_folder(const FolderView& folder, const std::string& target);
  Result<void> delete_folder(const FolderView& folder);
  Result<void> leave_below(const FolderView& folder);
  void forget_below(const FoldersView& folders, std::size_t number, std::string_view why);

  ActionLog actions_;
  const std::unique_ptr<Searches> searches_;
  const std::int64_t since_ = steady_seconds();
  Deadline::Clock::time_point last_answer_{};  // of the connection; its worker's alone
  Services& services_;
  const MailServer server_;
  const std::shared_ptr<ServerGate> gate_;
  const std::string user_;
  const std::shared_ptr<Workers::Strand> strand_, login_strand_, disk_strand_, search_strand_;

  SecondConnection second_;
  std::atomic<bool> long_work_{false};  // claim_second()

  mutable std::mutex mutex_;  // guards what is published
  FoldersView folders_;
  OutboxCounts outbox_;
  RoleChoices roles_;
  std::unordered_map<std::string, Published> indexes_;                            // by address
  std::list<std::pair<OpenedKey, std::shared_ptr<const OpenedMessage>>> opened_;  // newest first
  std::size_t opened_bytes_ = 0;
  std::shared_ptr<AccountFiles> files_;
  std::shared_ptr<MessageLog> messages_;  // null without files_
  std::map<std::string, IndexState> to_save_;  // by address: not on disk yet
  std::atomic<bool> unsaved_{false};
  std::atomic<std::int64_t> save_after_{0};  // steady seconds; a disk that was full is left in peace
  std::string looked_at_;            // the folder shown last
  std::string followed_;             // the folder that the connection idles on
  std::int64_t followed_since_ = 0;  // steady seconds
  bool follow_claimed_ = false;
  bool live_ = false;  // the server tells what changes in followed_, flags as well
  std::vector<Resumer> parked_;
  mutable std::atomic<std::int64_t> asked_{steady_ms()};
  std::atomic<bool> giving_way_{false};
  std::atomic<std::size_t> in_use_{0};
  std::atomic<std::size_t> resuming_{0};
  struct Trouble {
    Error error;
    std::int64_t when;  // steady seconds
  };
  std::map<std::string, Trouble> troubles_;  // by address
  std::optional<Trouble> refusal_;
  std::optional<Connection> spare_;  // offered, not taken over yet
  std::atomic<bool> connected_{false};

  // Held while files are read or written, before mutex_; what it guards.
  std::mutex disk_mutex_;
  std::map<std::string, IndexFile> disk_;  // by address
  std::shared_ptr<AccountFiles> left_files_;  // after leave_files()

  // the strand's own
  Connection connection_;
  std::uint64_t counted_commands_ = 0;
  bool loss_counted_ = false;
  // What is selected, and how its index stands to it.
  struct Selection {
    std::string address;  // "" = nothing
    Selected selected;
    bool in_step = false;  // but for the news that the connection holds, the index is as the folder
  };
  Selection selection_;
  IdleWatch::Ticket ticket_ = 0;
  Deadline::Clock::time_point idle_since_{};
  bool refuses_idle_ = false;
  std::vector<std::weak_ptr<const Acting>> acting_;  // begun, not ended: oldest first
  bool counting_ = false;
  std::vector<std::string> to_count_;  // names on the server; the next is the last
  std::map<std::string, Folder> work_;  // by address
  std::int64_t listed_at_ = 0;          // steady seconds
  bool folders_saved_ = false;          // the tree is on disk, or on its way there
  std::atomic<std::int64_t> sizes_at_{0};  // steady seconds, when the server told them; 0 = never
};

/// An Act that is on its way; the strand's.
class Account::Acting {
 public:
  Acting(std::shared_ptr<Account> account, Act asked, FolderEntry where);

  std::size_t messages() const { return meant.size(); }  ///< that it is about
  std::size_t behind() const { return next; }            ///< done, or failed
  Acted acted;
  const Act act;

 private:
  friend class Account;
  const FolderEntry entry;
  std::optional<FolderEntry> target;
  std::vector<Meant> meant;             // ascending UIDs
  std::size_t next = 0;                 // all before it are behind
  std::size_t most = 0;                 // messages of the next command, where they move
  bool no_keywords = false;             // the server keeps none
  std::uint32_t arrived = 0, unread = 0;  // at the target
  std::map<std::uint16_t, Act> back;    // what is to be taken back, by the keywords before
  std::uint32_t back_validity = 0;
  std::size_t marked = 0;               // single messages in it
  const InUse in_use_;
};

}  // namespace alphamail

#endif
