// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/send_limits.h"

#include <algorithm>
#include <string>

namespace alphamail {

Result<void> SendLimits::allow(const std::deque<Sent>& sent, std::uint32_t recipients, std::int64_t now) const {
  if (recipients > recipients_) {
    return Error{Code::kTooLarge,
                 "a message may have at most " + std::to_string(recipients_) + " recipients", 0};
  }
  std::uint64_t sum = recipients;
  for (const Sent& one : sent) sum += one.recipients;
  // Until enough of them are an hour old.
  std::size_t count = sent.size() + 1;
  for (const Sent& one : sent) {
    if (count <= messages_ && sum <= recipients_) break;
    --count;
    sum -= one.recipients;
    if (count <= messages_ && sum <= recipients_) {
      return Error{Code::kThrottled,
                   "at most " + std::to_string(messages_) + " messages to " +
                       std::to_string(recipients_) + " recipients can be sent an hour",
                   static_cast<std::uint32_t>(std::max<std::int64_t>(kHour - (now - one.when), 1))};
    }
  }
  return {};
}

}  // namespace alphamail
