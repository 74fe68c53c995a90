// SPDX-License-Identifier: GPL-3.0-or-later
// How long questions took: by kind, by whether memory answered, by the size of the folder asked for.
// Of each the whole time, and the part of it that was waiting for the mail server; the rest is ours,
// a wait for a free worker included. Any thread may add; nothing is locked and nothing grows.
#ifndef WEBCACHE_QUESTION_TIMES_H
#define WEBCACHE_QUESTION_TIMES_H

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "common/protocol_generated.h"

namespace alphamail {

/// What is known of one question when it is answered.
struct QuestionTime {
  wire::Question kind = wire::Question::NONE;
  bool cached = true;              ///< no worker was needed
  std::uint32_t messages = 0;      ///< in the folder asked for; 0 where there is none
  std::uint64_t total_ns = 0;      ///< from the question's arrival to its answer
  std::uint64_t server_ns = 0;     ///< of it, waiting for the mail server
};

class QuestionTimes {
 public:
  /// Folders are told apart by their size: up to 100, 1 000, ... messages, and larger ones.
  static constexpr std::array<std::uint32_t, 6> kSizes{100, 1000, 10000, 100000, 1000000, UINT32_MAX};

  /// All questions of one kind, answered alike, of folders of about one size.
  struct Summary {
    wire::Question kind;
    bool cached;
    std::uint32_t messages_up_to;  ///< one of kSizes
    std::uint64_t count;
    std::uint64_t total_us, server_us;  ///< of all of them together
    std::uint64_t p50_us, p99_us;       ///< upper ends of the buckets: at most half too long
    std::uint64_t longest_us;
  };

  void add(const QuestionTime& time);
  /// Those that were asked at all, by kind, cached first.
  void each(const std::function<void(const Summary&)>& take) const;

 private:
  // Two a doubling: 2n holds times from 2^n us, 2n + 1 those from 3/2 of that; the last about 2 min.
  static constexpr std::size_t kBuckets = 56;
  static std::size_t bucket_of(std::uint64_t us);
  static std::uint64_t end_of(std::size_t bucket);

  struct Cell {
    std::atomic<std::uint64_t> count{0}, total_ns{0}, server_ns{0}, longest_ns{0};
    std::array<std::atomic<std::uint32_t>, kBuckets> buckets{};
  };
  static constexpr std::size_t kKinds = static_cast<std::size_t>(wire::Question::MAX) + 1;
  static Summary summary_of(const Cell& cell);

  std::array<std::array<std::array<Cell, kSizes.size()>, 2>, kKinds> cells_;
};

}  // namespace alphamail

#endif
