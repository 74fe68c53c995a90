// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a part on their way from the daemon to the browser, their transfer encoding undone; and
// those of a file that stands uuencoded in a text. A piece is in memory at a time.
#ifndef MOD_ALPHAMAIL_PART_STREAM_H
#define MOD_ALPHAMAIL_PART_STREAM_H

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/mime_text.h"
#include "common/result.h"
#include "mod_alphamail/response.h"
#include "mod_alphamail/uuencode.h"
#include "mod_alphamail/webcache_client.h"

namespace alphamail {

using PartReply = Reply<wire::PartHead>;

/// A file of any size needs longer than a page; what stalls is ended by the lane and by httpd.
inline Deadline download_deadline() { return Deadline::in(std::chrono::hours(1)); }

class PartStream {
 public:
  PartStream(PartReply reply, std::string_view encoding)
      : reply_(std::move(reply)), deadline_(download_deadline()), decoder_(encoding) {}

  /// Reads so many decoded bytes ahead, or to the end; next() gives them first.
  Result<void> begin(std::size_t bytes);
  /// What begin() has read.
  std::string_view begun() const { return begun_; }

  /// So many decoded bytes are left out of what copy() gives.
  void skip(std::uint64_t bytes) { skip_ = bytes; }
  /// The next decoded bytes into `out`, which is emptied first; still empty at the end of the part.
  Result<void> next(std::string& out);
  /// Everything that is left.
  Result<void> copy(const Sink& sink);

 private:
  Result<void> read(std::string& out);

  PartReply reply_;
  Deadline deadline_;
  TransferDecoder decoder_;
  std::vector<std::byte> piece_;  ///< as it came
  std::string begun_;
  std::uint64_t skip_ = 0;
  bool ended_ = false;
};

/// The file number `wanted` (from 0) of a text.
class UuStream {
 public:
  UuStream(PartStream part, std::size_t wanted) : part_(std::move(part)), filter_(wanted), wanted_(wanted) {}

  /// Reads up to the first bytes of the file.
  Result<void> begin();
  /// Its name, cleaned; "" where the text has no such file.
  std::string name() const { return filter_.files().size() > wanted_ ? filter_.files()[wanted_].name : ""; }
  std::string_view begun() const { return begun_; }
  Result<void> copy(const Sink& sink);

 private:
  /// @return false at the end of the file
  Result<bool> next(std::string& file);

  PartStream part_;
  UuFilter filter_;
  std::size_t wanted_;
  std::string begun_;
  bool ended_ = false;
};

}  // namespace alphamail

#endif
