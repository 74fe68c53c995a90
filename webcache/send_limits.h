// SPDX-License-Identifier: GPL-3.0-or-later
// How many messages, to how many recipients, a user sent within the last hour. Any thread. In memory alone: a
// restart forgets it, and nodes count each for itself.
#ifndef WEBCACHE_SEND_LIMITS_H
#define WEBCACHE_SEND_LIMITS_H

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

#include "common/result.h"

namespace alphamail {

class SendLimits {
 public:
  SendLimits(std::uint32_t messages, std::uint32_t recipients)
      : messages_(messages), recipients_(recipients) {}

  /// Counts one message. @return kTooLarge for more recipients than any message may have; kThrottled with
  /// the seconds to wait: nothing is counted then
  /// @param now  steady seconds
  Result<void> claim(const std::string& user, std::uint32_t recipients, std::int64_t now);
  std::uint32_t recipients() const { return recipients_; }

 private:
  struct Sent {
    std::int64_t when;
    std::uint32_t recipients;
  };
  static void forget(std::deque<Sent>& sent, std::int64_t now);

  const std::uint32_t messages_, recipients_;
  std::mutex mutex_;  // guards what follows
  std::unordered_map<std::string, std::deque<Sent>> sent_;
  std::int64_t swept_ = 0;
};

}  // namespace alphamail

#endif
