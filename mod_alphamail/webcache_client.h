// SPDX-License-Identifier: GPL-3.0-or-later
// Typed questions over a lane: builds the request, reads the whole reply, verifies it, and turns a
// Failure into an Error. One instance a request, on the request's thread.
#ifndef MOD_ALPHAMAIL_WEBCACHE_CLIENT_H
#define MOD_ALPHAMAIL_WEBCACHE_CLIENT_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "common/deadline.h"
#include "common/lane_client.h"
#include "common/protocol_generated.h"
#include "common/result.h"

namespace alphamail {

/// A verified reply: the table, the bytes it lies in, and the call, whose stream may go on.
/// The bytes are this object's own, so the daemon may die while the page is rendered.
template <typename Table>
class Reply {
 public:
  Reply(std::vector<std::byte> bytes, const Table* table, Call call)
      : bytes_(std::move(bytes)), table_(table), call_(std::move(call)) {}
  const Table& operator*() const { return *table_; }
  const Table* operator->() const { return table_; }
  Call& call() { return call_; }  ///< for ReadPart: the bytes behind the reply

 private:
  std::vector<std::byte> bytes_;
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
};

/// The order of a list; nothing said is the newest first.
struct WantedOrder {
  wire::SortKey key = wire::SortKey::Arrived;
  bool descending = true;
  std::string_view locale;
};

class WebcacheClient {
 public:
  WebcacheClient(LaneClient& lane, Deadline deadline) : lane_(lane), deadline_(deadline) {}

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

  /// At most 1000 messages; what goes on under one report names that of the question before.
  Result<Reply<wire::Report>> act(const Caller& caller, std::string_view folder,
                                  std::uint32_t uid_validity, wire::Action action,
                                  std::string_view target, std::span<const wire::Marked> messages,
                                  std::uint64_t report);
  Result<Reply<wire::Report>> undo(const Caller& caller, std::uint64_t report);

  Deadline deadline() const { return deadline_; }

 private:
  LaneClient& lane_;
  Deadline deadline_;
};

}  // namespace alphamail

#endif
