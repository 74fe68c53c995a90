// SPDX-License-Identifier: GPL-3.0-or-later
// A question that several may answer: the worker that has what was asked for, or a timer because it
// may not wait longer. The first one does; for the others there is nothing left to do.
#ifndef WEBCACHE_PENDING_H
#define WEBCACHE_PENDING_H

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "common/deadline.h"
#include "common/lane_server.h"
#include "webcache/server_wait.h"
#include "webcache/wire.h"

namespace alphamail {

class Pending {
 public:
  /// Puts a whole reply on the lane.
  using Deliver = std::function<void(LaneQuestion, ReplyBytes, Deadline)>;

  Pending(LaneQuestion question, Deadline deadline, Deliver deliver)
      : deadline_(deadline), deliver_(std::move(deliver)), question_(std::move(question)) {}

  Deadline deadline() const { return deadline_; }

  /// True while somebody waits for the answer, or was told to ask for it again in a moment.
  bool wanted() const {
    const std::lock_guard lock(mutex_);
    if (deadline_.passed()) return false;
    return goes_on_ || (question_ && !question_->abandoned());
  }

  /// How many messages the folder has that was asked for, for the times of questions.
  void about(std::size_t messages) {
    const std::lock_guard lock(mutex_);
    if (question_) question_->note().messages = static_cast<std::uint32_t>(messages);
  }

  /// Answers, unless it is answered; `make` is called only then. @return whether it did
  template <std::invocable Make>
  bool answer(Make&& make) {
    std::optional<LaneQuestion> mine = take();
    if (!mine) return false;
    mine->note().server_ns += server_wait_ns();
    deliver_(std::move(*mine), make(), deadline_);
    return true;
  }
  bool fail(const Error& error) {
    return answer([&] { return reply_failure(error); });
  }

  /// Says how far it is, and has the work go on for whoever asks again.
  template <std::invocable Make>
  bool answer_meanwhile(Make&& make) {
    {
      const std::lock_guard lock(mutex_);
      if (!question_ || question_->abandoned()) return false;
      goes_on_ = true;
    }
    return answer(std::forward<Make>(make));
  }

 private:
  std::optional<LaneQuestion> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(question_, std::nullopt);
  }

  const Deadline deadline_;
  const Deliver deliver_;
  mutable std::mutex mutex_;  // guards what follows
  bool goes_on_ = false;
  std::optional<LaneQuestion> question_;
};

}  // namespace alphamail

#endif
