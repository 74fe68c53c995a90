// SPDX-License-Identifier: GPL-3.0-or-later
// The senders whose pictures from elsewhere a user wants to see always. Asked only where the receiving server vouched for
// the sender (sender_trust.h): an address alone is anybody's.
#ifndef MOD_ALPHAMAIL_PICTURE_SENDERS_H
#define MOD_ALPHAMAIL_PICTURE_SENDERS_H

#include <string>
#include <string_view>

#include "common/deadline.h"
#include "common/result.h"
#include "mod_alphamail/mime_reader.h"

namespace alphamail {

class Session;
class Store;

class PictureSenders {
 public:
  explicit PictureSenders(Store& store) : store_(store) {}

  /// The address that a message's pictures go by: that of its only From, in small letters; "" where there is not just
  /// one, or it is too long to be kept.
  static std::string address_of(const MessageHeader& header);

  Result<bool> has(const Session& session, const std::string& address, Deadline deadline);
  /// Both may be said twice. @return kStorage where the database is read-only or full
  Result<void> add(const Session& session, const std::string& address, Deadline deadline);
  Result<void> remove(const Session& session, const std::string& address, Deadline deadline);

 private:
  Store& store_;
};

}  // namespace alphamail

#endif
