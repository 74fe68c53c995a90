// SPDX-License-Identifier: GPL-3.0-or-later
// How many messages, to how many recipients, a user may send within an hour. What was sent, sent_log.h keeps.
#ifndef WEBCACHE_SEND_LIMITS_H
#define WEBCACHE_SEND_LIMITS_H

#include <cstdint>
#include <deque>

#include "common/result.h"

namespace alphamail {

class SendLimits {
 public:
  static constexpr std::int64_t kHour = 3600;  ///< seconds

  /// A message that was given to be sent.
  struct Sent {
    std::int64_t when;  ///< seconds
    std::uint32_t recipients;
  };

  SendLimits(std::uint32_t messages, std::uint32_t recipients)
      : messages_(messages), recipients_(recipients) {}

  /// Whether one more may go.
  /// @param sent  within the last hour, oldest first
  /// @return kTooLarge for more recipients than any message may have; kThrottled with the seconds to wait
  Result<void> allow(const std::deque<Sent>& sent, std::uint32_t recipients, std::int64_t now) const;

 private:
  const std::uint32_t messages_, recipients_;
};

}  // namespace alphamail

#endif
