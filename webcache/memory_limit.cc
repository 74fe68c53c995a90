// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/memory_limit.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "common/log.h"
#include "webcache/clock.h"
#include "webcache/tls_memory.h"

namespace alphamail {
namespace {

// Jobs that a strand may have waiting already: one that a server keeps waiting gets no more.
constexpr std::size_t kWaiting = 4;

// Whoever asked so many seconds ago is no idle account.
constexpr std::int64_t kInUse = 10;

// Free memory that malloc keeps for the next need: so much, and a share of what is in use. What is
// beyond goes back to the system.
constexpr std::size_t kSpare = std::size_t{2} << 20, kSpareShare = 32;

// Looks after which that is seen to where nothing was let go of.
constexpr unsigned kTrimEvery = 6;

std::size_t resident_bytes() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                             &std::fclose);
  unsigned long all = 0, resident = 0;
  if (!file || std::fscanf(file.get(), "%lu %lu", &all, &resident) != 2) return 0;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

struct MemoryLimit::Held {
  std::shared_ptr<Account> account;
  std::int64_t asked;
  MemoryUse use;
};

MemoryLimit::MemoryLimit(Accounts& accounts, Workers& workers, Counters& counters,
                         std::size_t limit)
    : accounts_(accounts),
      workers_(workers),
      counters_(counters),
      limit_(limit),
      tls_at_start_(tls_memory()),
      strand_(workers.strand("memory")) {}

MemoryUse MemoryLimit::count() {
  MemoryUse sum;
  for (const auto& account : accounts_.all()) sum += account->memory();
  sum[MemoryKind::kAccounts] += accounts_.bytes();
  const std::size_t tls = tls_memory();
  sum[MemoryKind::kConnections] += tls > tls_at_start_ ? tls - tls_at_start_ : 0;
  counters_.set(Count::memory_bytes, sum.sum());
  counters_.set(Count::memory_messages, sum[MemoryKind::kMessages]);
  counters_.set(Count::memory_orders, sum[MemoryKind::kOrders]);
  counters_.set(Count::memory_snippets, sum[MemoryKind::kSnippets]);
  counters_.set(Count::memory_indexes, sum[MemoryKind::kIndexes]);
  counters_.set(Count::memory_accounts, sum[MemoryKind::kAccounts]);
  counters_.set(Count::memory_connections, sum[MemoryKind::kConnections]);
  return sum;
}

void MemoryLimit::measure() {
  const auto info = mallinfo2();
  counters_.set(Count::memory_heap, info.uordblks + info.hblkhd);
  counters_.set(Count::memory_resident, resident_bytes());
}

void MemoryLimit::look() {
  const std::size_t sum = count().sum(), limit = limit_;
  if (sum <= limit) {
    if (std::exchange(shedding_, false) || ++looks_ % kTrimEvery == 0) trim_heap();
    return;
  }
  // A little more than too much, so that the next user does not have it done again.
  std::size_t too_much = sum - limit + limit / 32;
  std::vector<Held> held;
  for (auto& account : accounts_.all()) {
    const std::int64_t asked = account->asked_ms();
    MemoryUse use = account->memory();
    held.push_back({std::move(account), asked, use});
  }
  std::sort(held.begin(), held.end(),
            [](const Held& a, const Held& b) { return a.asked < b.asked; });
  for (const MemoryKind kind : {MemoryKind::kMessages, MemoryKind::kOrders, MemoryKind::kSnippets})
    too_much = drop(held, kind, too_much);
  too_much = drop_indexes(held, too_much);
  drop_accounts(held, too_much);
  if (!std::exchange(shedding_, true)) {
    log(Severity::kWarning, 222,
        "memory is over memory_limit_mb: what was used least recently is dropped");
  }
  trim_heap();
}

bool MemoryLimit::post(const std::shared_ptr<Account>& account, Job job) {
  return workers_.post(account->strand(), Workers::When::kNow, std::move(job), kWaiting);
}

// @return how much is still too much
std::size_t MemoryLimit::drop(std::vector<Held>& held, MemoryKind kind, std::size_t too_much) {
  for (const Held& one : held) {
    const std::size_t bytes = one.use[kind];
    if (too_much == 0) break;
    if (bytes == 0) continue;
    bool gone = true;
    switch (kind) {
      case MemoryKind::kMessages:
        one.account->drop_opened();
        counters_.add(Count::shed_messages);
        break;
      case MemoryKind::kOrders:
        gone = post(one.account, [a = one.account, &counters = counters_] {
          a->drop_orders();
          counters.add(Count::shed_orders);
        });
        break;
      default:
        gone = post(one.account, [a = one.account, &counters = counters_] {
          a->drop_snippets();
          counters.add(Count::shed_snippets);
        });
    }
    if (gone) too_much -= std::min(too_much, bytes);
  }
  return too_much;
}

std::size_t MemoryLimit::drop_indexes(std::vector<Held>& held, std::size_t too_much) {
  if (too_much == 0) return 0;
  struct One {
    Account::HeldIndex index;
    std::shared_ptr<Account> account;
  };
  std::vector<One> all;
  for (const Held& one : held) {
    for (auto& index : one.account->held_indexes()) all.push_back({std::move(index), one.account});
  }
  std::sort(all.begin(), all.end(),
            [](const One& a, const One& b) { return a.index.used < b.index.used; });
  for (One& one : all) {
    if (too_much == 0) break;
    const bool posted =
        post(one.account, [a = one.account, f = one.index.folder, &counters = counters_] {
          a->drop_index(f);
          counters.add(Count::shed_indexes);
        });
    if (posted) too_much -= std::min(too_much, one.index.bytes);
  }
  return too_much;
}

void MemoryLimit::drop_accounts(std::vector<Held>& held, std::size_t too_much) {
  const std::int64_t before = steady_ms() - kInUse * 1000;
  for (const Held& one : held) {
    if (too_much == 0 || one.asked >= before) break;
    // One that has shrunk already gives nothing more; to count it as given would keep those that can from
    // being reached.
    if (!one.account->connected() && !one.account->shrinkable()) continue;
    const std::size_t bytes =
        one.use[MemoryKind::kAccounts] + one.use[MemoryKind::kConnections];
    const bool posted = post(one.account, [a = one.account, before, &counters = counters_] {
      if (a->asked_ms() >= before || !a->at_rest()) return;
      a->rest();
      a->shrink();
      counters.add(Count::shed_accounts);
    });
    if (posted) too_much -= std::min(too_much, bytes);
  }
}

// What was let go of lies in malloc's arenas, in pieces: it goes back to the system where there is much
// of it. Takes milliseconds, so it is a worker's.
void MemoryLimit::trim_heap() {
  workers_.post(
      strand_, Workers::When::kLater,
      [] {
        const auto info = mallinfo2();
        const std::size_t spare = kSpare + (info.uordblks + info.hblkhd) / kSpareShare;
        if (info.fordblks > spare) malloc_trim(kSpare);
      },
      1);
}

}  // namespace alphamail
