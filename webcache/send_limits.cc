// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/send_limits.h"

#include <algorithm>

namespace alphamail {
namespace {

constexpr std::int64_t kHour = 3600;

}  // namespace

void SendLimits::forget(std::deque<Sent>& sent, std::int64_t now) {
  while (!sent.empty() && now - sent.front().when >= kHour) sent.pop_front();
}

Result<void> SendLimits::claim(const std::string& user, std::uint32_t recipients,
                               std::int64_t now) {
  if (recipients > recipients_) {
    return Error{Code::kTooLarge,
                 "a message may have at most " + std::to_string(recipients_) + " recipients", 0};
  }
  const std::lock_guard lock(mutex_);
  if (now - swept_ >= kHour) {
    swept_ = now;
    for (auto it = sent_.begin(); it != sent_.end();) {
      forget(it->second, now);
      it = it->second.empty() ? sent_.erase(it) : std::next(it);
    }
  }
  std::deque<Sent>& sent = sent_[user];
  forget(sent, now);
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
  sent.push_back({now, recipients});
  return {};
}

}  // namespace alphamail
