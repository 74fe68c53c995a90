// SPDX-License-Identifier: GPL-3.0-or-later
// Typed questions over a lane: builds the request, reads the whole reply, verifies it, and turns a
// Failure into an Error. One instance a request, on the request's thread.
#ifndef MOD_ALPHAMAIL_WEBCACHE_CLIENT_H
#define MOD_ALPHAMAIL_WEBCACHE_CLIENT_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/deadline.h"
#include "common/lane_client.h"
#include "common/protocol_generated.h"
#include "common/result.h"
#include "mod_alphamail/admission.h"
#include "mod_alphamail/reply_bytes.h"

namespace alphamail {

/// A verified reply: the table, the bytes it lies in, and the call, whose stream may go on.
/// The bytes are this object's own, so the daemon may die while the page is rendered.
template <typename Table>
class Reply {
 public:
  Reply(ReplyBytes bytes, const Table* table, Call call)
      : bytes_(std::move(bytes)), table_(table), call_(std::move(call)) {}
  const Table& operator*() const { return *table_; }
  const Table* operator->() const { return table_; }
  Call& call() { return call_; }  ///< for ReadPart: the bytes behind the reply

 private:
  ReplyBytes bytes_;
  const Table* table_;
  Call call_;
};

/// What the daemon needs to know of whoever asks.
struct Caller {
  wire::Handle handle;                       ///< from the cookie (session.h)
  std::string_view user;
  std::string_view domain;
  std::span<const std::byte> sealed_password; ///< from the session's row
  std::span<const std::byte> sealed_account_key;  ///< the same; may be empty
  std::span<const std::byte> password_key;    ///< from the cookie; sent only when the daemon asks
  std::span<const std::string> roles = {};    ///< Settings::roles
};

/// What of a folder a list shows, and what is counted beside it; as in wire::Chosen.
struct WantedChosen {
  std::uint8_t filters = 0;
  std::int64_t since = 0;
  std::string query = {};
  std::int32_t zone_offset = 0;
  std::vector<std::string> me = {};
  std::vector<std::int64_t> count_since = {};
};

/// The order of a list; nothing said is the newest first.
struct WantedOrder {
  wire::SortKey key = wire::SortKey::Arrived;
  bool descending = true;
  std::string_view locale;
  const WantedChosen* chosen = nullptr;  ///< null: all of the folder, and nothing is counted
  std::uint64_t search = 0;  ///< of a message: the list is what that one has found; 0 = its folder
};

/// What is searched for; as in wire::Search.
struct WantedSearch {
  std::string query;
  std::string folder;            ///< "" = all
  bool below = false;
  std::int32_t zone_offset = 0;  ///< seconds east of UTC
  std::vector<std::string> me;
  std::uint64_t id = 0;          ///< of one that goes on; 0 = begins one
  bool anew = false;
};

/// A message of a folder, as the page showed it that somebody answers, forwards or edits.
struct ShownMessage {
  std::string_view folder;
  std::uint32_t uid_validity = 0;
  std::uint32_t uid = 0;
  std::uint32_t identity = 0;  ///< Row.identity
};

/// What is to be sent, and what is to happen behind it; as in wire::Send.
struct Outgoing {
  wire::SpoolId id;                           ///< a whole Message of the spool
  std::string_view from;
  std::span<const std::string> recipients;    ///< any number
  std::uint8_t hold_seconds = 0;
  bool keep_copy = true;
  std::string_view sent_folder;               ///< "" = the one for sent mail
  wire::Mark mark = wire::Mark::Answered;
  std::span<const ShownMessage> marked;
  std::optional<ShownMessage> draft;
};

/// The lane, and on whose behalf it is asked.
struct AskedFor {
  LaneClient& lane;
  Admission::Place* place = nullptr;
};

class WebcacheClient {
 public:
  /// @param place  of the request that asks, which does not count as computing while it waits; may be null
  WebcacheClient(LaneClient& lane, Deadline deadline, Admission::Place* place = nullptr)
      : lane_{lane, place}, deadline_(deadline) {}

  Result<Reply<wire::LoggedIn>> log_in(wire::Handle handle, std::string_view user,
                                       std::string_view domain, std::string_view network,
                                       std::string_view known_browser, std::uint32_t idle_seconds,
                                       std::span<const std::byte> password);
  /// Right after log_in(): what the session keeps as sealed_account_key; empty where there is none.
  Result<std::vector<std::byte>> keep_key(const Caller& caller);
  Result<void> log_out(const Caller& caller);

  // The following answer kNeedCredentials by themselves: they resume the session with the sealed
  // password once and ask again. What remains kBadCredentials is a password changed meanwhile.
  Result<Reply<wire::FolderPage>> folder_page(const Caller& caller, std::string_view folder,
                                              std::uint32_t page, std::uint16_t rows, bool refresh,
                                              const WantedOrder& order = {},
                                              std::uint64_t report = 0);
  /// @param text_bytes  how much of its text may come with it
  Result<Reply<wire::MessageView>> message(const Caller& caller, std::string_view folder,
                                           std::uint32_t uid, std::uint16_t rows, bool peek,
                                           const WantedOrder& order = {},
                                           std::uint32_t text_bytes = 0,
                                           std::uint64_t report = 0);
  Result<Reply<wire::PartHead>> part(const Caller& caller, std::string_view folder,
                                     std::uint32_t uid, std::uint32_t uid_validity,
                                     std::string_view section, std::uint64_t limit);
  Result<Reply<wire::FolderList>> folders(const Caller& caller);
  /// From memory alone; kNotFound where nothing is known of the folder.
  Result<Reply<wire::FolderState>> state(const Caller& caller, std::string_view folder);
  /// @param sizes  Folder.size as well, as far as it is to be had
  Result<Reply<wire::FolderList>> all_folders(const Caller& caller, bool anew, bool sizes);
  /// What each error means stands in protocol.fbs; kUnderWay where the server takes longer than a moment.
  Result<Reply<wire::FolderList>> change_folder(const Caller& caller, wire::FolderChange change,
                                                std::string_view folder, std::string_view target = {});
  Result<void> choose_roles(const Caller& caller);  ///< those of the caller
  Result<Reply<wire::UidList>> uids(const Caller& caller, std::string_view folder, std::uint32_t above,
                                    std::uint32_t most);
  Result<Reply<wire::Largest>> largest(const Caller& caller, std::uint16_t most);

  /// What a search has found so far. @param wait  for its first hits
  Result<Reply<wire::SearchPage>> search(const Caller& caller, const WantedSearch& wanted, std::uint32_t page,
                                         std::uint16_t rows, const WantedOrder& order, std::uint64_t report = 0,
                                         Millis wait = Millis{800});
  Result<void> stop_search(const Caller& caller, std::uint64_t search);

  /// All messages of the folder under that UID, as far as they are listed.
  /// @param brings_password  to report junk by mail
  Result<Reply<wire::Report>> act_on_all(const Caller& caller, std::string_view folder, std::uint32_t uid_validity,
                                         wire::Action action, std::string_view target, std::uint32_t below,
                                         const WantedChosen& listed, bool brings_password = false,
                                         std::string_view label = {});
  /// All that a search has found, in whatever folders. @return kChanged while it is not over, kNotFound once it is
  /// forgotten
  Result<Reply<wire::Report>> act_on_found(const Caller& caller, std::uint64_t search, wire::Action action,
                                           std::string_view target, bool brings_password = false,
                                           std::string_view label = {});
  /// At most 1000 messages; what goes on under one report names that of the question before.
  Result<Reply<wire::Report>> act(const Caller& caller, std::string_view folder,
                                  std::uint32_t uid_validity, wire::Action action,
                                  std::string_view target, std::span<const wire::Marked> messages,
                                  std::uint64_t report, bool brings_password = false,
                                  std::string_view label = {});
  Result<Reply<wire::Report>> undo(const Caller& caller, std::uint64_t report);

  // ---- writing: how these are used, and what each error means, stands in protocol.fbs ----

  /// Begins a file of the spool; spool_writer.h does it and what follows.
  /// @param id  absent: a new one
  Result<Reply<wire::Spooled>> spool_begin(const Caller& caller, wire::SpoolKind kind,
                                           std::optional<wire::SpoolId> id, std::uint64_t replaces,
                                           std::uint64_t size, std::string_view note);
  /// @param bytes  at most kSpoolPiece
  Result<Reply<wire::Spooled>> spool_append(const Caller& caller, wire::SpoolKind kind,
                                            wire::SpoolId id, std::uint64_t version,
                                            std::uint64_t offset, std::span<const std::byte> bytes);
  static constexpr std::size_t kSpoolPiece = 15 * 1024;
  Result<Reply<wire::Spooled>> spool_finish(const Caller& caller, wire::SpoolKind kind,
                                            wire::SpoolId id, std::uint64_t version,
                                            std::uint64_t size);
  /// The bytes follow on call(), as those of part() do.
  Result<Reply<wire::Spooled>> spool_read(const Caller& caller, wire::SpoolKind kind,
                                          wire::SpoolId id, std::uint64_t offset = 0,
                                          std::uint64_t limit = 0);
  Result<Reply<wire::SpoolListing>> spool_list(const Caller& caller, wire::SpoolKind kind);
  Result<void> spool_delete(const Caller& caller, wire::SpoolKind kind, wire::SpoolId id);

  /// Where the answer did not come (kNoWebcache, kTimeout) it may be asked again with the same id.
  Result<Reply<wire::DraftSaved>> save_draft(const Caller& caller, wire::SpoolId id,
                                             const std::optional<ShownMessage>& replaces = {});
  /// The same holds for this one: nothing is sent twice.
  /// @param wait  for the mail server's answer, before it says Sending
  Result<Reply<wire::OutboxEntry>> send(const Caller& caller, const Outgoing& outgoing,
                                        Millis wait = Millis{3000});
  Result<Reply<wire::OutboxEntry>> outgoing(const Caller& caller, wire::SpoolId id,
                                            Millis wait = Millis{0});
  Result<Reply<wire::Outbox>> outbox(const Caller& caller);
  Result<Reply<wire::OutboxEntry>> outbox_act(const Caller& caller, wire::SpoolId id,
                                              wire::OutboxAction action,
                                              Millis wait = Millis{3000});

  Deadline deadline() const { return deadline_; }

 private:
  const AskedFor lane_;
  Deadline deadline_;
};

}  // namespace alphamail

#endif
