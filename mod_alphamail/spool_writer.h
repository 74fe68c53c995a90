// SPDX-License-Identifier: GPL-3.0-or-later
// Writes one file of the account's spool, piece by piece as it comes: an upload, the text of a form, a
// message. Holds at most 0.5 MB, however large the file. A webcache that dies over it, and is there again within
// a second or two, is given what it lost; whoever writes does not notice.
//
// Where it is given the lane, three pieces are on their way at once, so that neither side waits for the other at each;
// that many, since a lane has 64 places for questions, and pages ask theirs there, too.
//
//     auto writer = SpoolWriter::begin(webcache, caller, wire::SpoolKind::Upload, {}, {.size = 12345});
//     writer->write(bytes); ...; writer->finish();
#ifndef MOD_ALPHAMAIL_SPOOL_WRITER_H
#define MOD_ALPHAMAIL_SPOOL_WRITER_H

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/lane_client.h"
#include "common/protocol_generated.h"
#include "common/result.h"

namespace alphamail {

class WebcacheClient;
struct Caller;

class SpoolWriter {
 public:
  struct Options {
    std::uint64_t replaces = 0;  ///< a version; 0 = nothing is there under this id
    std::uint64_t size = 0;      ///< as far as it is known: what is too large is refused first
    std::string_view note;       ///< at most 4000 bytes
    LaneClient* lane = nullptr;  ///< of the client; null: one piece at a time
  };
  /// @param webcache, caller  stay while this lives; the client's deadline is that of the whole file
  /// @param id  absent: a new one
  /// @return what wire::SpoolBegin says. For a Message that is there already, or was sent, exists() is
  ///         true, and there is nothing to be written.
  static Result<SpoolWriter> begin(WebcacheClient& webcache, const Caller& caller,
                                   wire::SpoolKind kind, std::optional<wire::SpoolId> id,
                                   const Options& options);

  /// Pieces of any size. After an error nothing but the destructor is of use; what was written goes by
  /// itself, or by spool_delete().
  Result<void> write(std::span<const std::byte> bytes);
  /// On the disk when this returns. @return bytes of the whole
  Result<std::uint64_t> finish();

  wire::SpoolId id() const { return id_; }
  std::uint64_t version() const { return version_; }
  bool exists() const { return exists_; }
  std::uint64_t written() const { return kept_from_ + kept_.size(); }

 private:
  SpoolWriter(WebcacheClient& webcache, const Caller& caller, wire::SpoolKind kind)
      : webcache_(&webcache), caller_(&caller), kind_(kind) {}
  Result<void> send_some(std::size_t at_least);
  Result<void> post_piece();
  bool take_answer();
  Result<void> wait_for_all();
  Result<void> send_again();
  std::span<const std::byte> next_piece() const;
  void forget_old();

  WebcacheClient* webcache_;
  const Caller* caller_;
  wire::SpoolKind kind_;
  wire::SpoolId id_;
  std::uint64_t version_ = 0;
  bool exists_ = false;
  LaneClient* lane_ = nullptr;
  // The last bytes, sent or not: kept_ begins at kept_from_ of the file. Those before sent_ were sent, and the daemon
  // has said of those before has_ that it has them.
  std::vector<std::byte> kept_;
  std::uint64_t kept_from_ = 0, sent_ = 0, has_ = 0;
  struct OnItsWay {
    Call call;
    std::uint64_t end;  // of the piece, in the file
  };
  std::deque<OnItsWay> on_their_way_;  // in the order of the file
};

}  // namespace alphamail

#endif
