// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/question_times.h"

#include <algorithm>
#include <bit>

namespace alphamail {
namespace {

std::size_t size_class(std::uint32_t messages) {
  const auto& sizes = QuestionTimes::kSizes;
  return static_cast<std::size_t>(std::lower_bound(sizes.begin(), sizes.end(), messages) -
                                  sizes.begin());
}

}  // namespace

// Two buckets a doubling, split at three halves: cheaper than a square root, and as good.
std::size_t QuestionTimes::bucket_of(std::uint64_t us) {
  if (us < 2) return 0;
  const auto log = static_cast<std::size_t>(std::bit_width(us) - 1);
  const std::size_t upper_half = us >> (log - 1) & 1;
  return std::min(log * 2 + upper_half, kBuckets - 1);
}

std::uint64_t QuestionTimes::end_of(std::size_t bucket) {
  if (bucket < 2) return 2;
  const std::uint64_t half = std::uint64_t{1} << (bucket / 2 - 1);
  return bucket % 2 == 0 ? half * 3 : half * 4;
}

void QuestionTimes::add(const QuestionTime& time) {
  const auto kind = static_cast<std::size_t>(time.kind);
  if (kind >= kKinds) return;
  Cell& cell = cells_[kind][time.cached ? 1 : 0][size_class(time.messages)];
  constexpr auto kRelaxed = std::memory_order_relaxed;
  cell.count.fetch_add(1, kRelaxed);
  cell.total_ns.fetch_add(time.total_ns, kRelaxed);
  cell.server_ns.fetch_add(std::min(time.server_ns, time.total_ns), kRelaxed);
  cell.buckets[bucket_of(time.total_ns / 1000)].fetch_add(1, kRelaxed);
  std::uint64_t longest = cell.longest_ns.load(kRelaxed);
  while (longest < time.total_ns &&
         !cell.longest_ns.compare_exchange_weak(longest, time.total_ns, kRelaxed)) {
  }
}

QuestionTimes::Summary QuestionTimes::summary_of(const Cell& cell) {
  Summary summary{};
  constexpr auto kRelaxed = std::memory_order_relaxed;
  std::array<std::uint32_t, kBuckets> buckets;
  // Counts go on meanwhile: what is summed up is what the buckets held.
  for (std::size_t i = 0; i < kBuckets; ++i) {
    buckets[i] = cell.buckets[i].load(kRelaxed);
    summary.count += buckets[i];
  }
  summary.total_us = cell.total_ns.load(kRelaxed) / 1000;
  summary.server_us = cell.server_ns.load(kRelaxed) / 1000;
  summary.longest_us = cell.longest_ns.load(kRelaxed) / 1000;
  const auto quantile = [&](std::uint64_t hundredths) {
    const std::uint64_t rank = (summary.count * hundredths + 99) / 100;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      seen += buckets[i];
      if (seen >= rank && seen > 0) return std::min(end_of(i), std::max<std::uint64_t>(summary.longest_us, 1));
    }
    return summary.longest_us;
  };
  summary.p50_us = quantile(50);
  summary.p99_us = quantile(99);
  return summary;
}

void QuestionTimes::each(const std::function<void(const Summary&)>& take) const {
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    for (const bool cached : {true, false}) {
      for (std::size_t size = 0; size < kSizes.size(); ++size) {
        Summary summary = summary_of(cells_[kind][cached ? 1 : 0][size]);
        if (summary.count == 0) continue;
        summary.kind = static_cast<wire::Question>(kind);
        summary.cached = cached;
        summary.messages_up_to = kSizes[size];
        take(summary);
      }
    }
  }
}

}  // namespace alphamail
