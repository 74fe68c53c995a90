// SPDX-License-Identifier: GPL-3.0-or-later
// memory_limit_mb: adds up what all users and their mail take, and lets go of what is dearest to keep and
// cheapest to have again when that is too much:
//
//   opened messages, then orders, snippets, indexes, and at last whole accounts that nobody uses
//
// of each those first that were used least recently, and no more than it takes. What is added up is blocks
// of the heap (heap_bytes.h) and OpenSSL's own count (tls_memory.h); t/2190-memory.t compares it with the
// process.
#ifndef WEBCACHE_MEMORY_LIMIT_H
#define WEBCACHE_MEMORY_LIMIT_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "webcache/accounts.h"
#include "webcache/counters.h"
#include "webcache/memory_use.h"
#include "webcache/workers.h"

namespace alphamail {

class MemoryLimit {
 public:
  /// @param limit  bytes
  MemoryLimit(Accounts& accounts, Workers& workers, Counters& counters, std::size_t limit);

  void set(std::size_t limit) { limit_ = limit; }
  /// Adds up, for the counters.
  MemoryUse count();
  /// What malloc and the system say of the process, for the counters; takes a moment.
  void measure();
  /// The same, and lets go of what is too much: on the accounts' strands, so that the next look sees what
  /// came of it. One thread at a time.
  void look();

 private:
  struct Held;
  std::size_t drop(std::vector<Held>& held, MemoryKind kind, std::size_t too_much);
  std::size_t drop_indexes(std::vector<Held>& held, std::size_t too_much);
  void drop_accounts(std::vector<Held>& held, std::size_t too_much);
  bool post(const std::shared_ptr<Account>& account, Job job);
  void trim_heap();

  Accounts& accounts_;
  Workers& workers_;
  Counters& counters_;
  std::atomic<std::size_t> limit_;
  const std::size_t tls_at_start_;
  const std::shared_ptr<Workers::Strand> strand_;  // where the heap is given back
  bool shedding_ = false;
  unsigned looks_ = 0;
};

}  // namespace alphamail

#endif
