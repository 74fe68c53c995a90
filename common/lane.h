// SPDX-License-Identifier: GPL-3.0-or-later
// The lane: what one web child and the webcache share, byte by byte. lane_client.h is the child's
// end, lane_server.h the daemon's; nobody else includes this file.
//
// A lane is born on the daemon's control socket (Unix, SEQPACKET). Each side has the kernel name
// the other's uid (SO_PEERCRED); the child says Hello, the daemon answers with a Greeting that
// carries two descriptors: a Segment, sealed against changes of its size, and an eventfd, the
// doorbell. From then on the socket carries secrets from child to daemon and at most one Goodbye the
// other way, and its end tells each side that the other has died. A lane dies with its socket; a
// child that wants to go on makes a new one.
//
// There is no lock in the segment, so that a process killed at any instruction hangs nobody. Each
// word has one side that writes it in each state, and each wait has a deadline:
//
//     free ─child─▶ asked ─daemon─▶ working ─daemon─▶ answering ─daemon─▶ done ─child─▶ free
//                     │                │                  │
//                     │                └──────────────────┴──────daemon─▶ cut  ─child─▶ free
//                     └─────────────any of the three───────child─▶ abandoned ─daemon─▶ free
//
// A slot that becomes free takes the next generation, which stands in the same word as its state,
// so that neither side mistakes an old call for a new one.
//
// What the other side wrote is not trusted. The daemon copies a request before it looks at it,
// keeps its own positions in memory of its own, and ends a lane whose words make no sense.
#ifndef COMMON_LANE_H
#define COMMON_LANE_H

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "common/deadline.h"
#include "common/result.h"
#include "common/unique_fd.h"

namespace alphamail {

inline constexpr std::size_t kSlots = 64;                ///< calls at a time in one lane
inline constexpr std::size_t kRequestBytes = 16 * 1024;  ///< the longest request
inline constexpr std::size_t kRingBytes = 256 * 1024;    ///< of a reply that wait for their reader

namespace lane {

inline constexpr std::uint64_t kMagic = 0x3130656e614c6d41;  // "AmLane01", little-endian
/// Raised whenever layout or meaning change. Each side still speaks the version before its own.
inline constexpr std::uint16_t kVersion = 1;
inline constexpr std::uint16_t kOldestVersion = 1;

enum class SlotState : std::uint32_t {
  kFree,       ///< nobody's; the child may take it
  kAsked,      ///< the request lies there; the daemon may take it
  kWorking,    ///< the daemon has copied the request
  kAnswering,  ///< the reply has begun
  kDone,       ///< the reply is whole
  kCut,        ///< the reply ends here, unfinished: the daemon gave up on it
  kAbandoned,  ///< the child gave up; the daemon frees the slot
};

/// A slot's word: generation (29 bits, going round) and state (3 bits).
constexpr std::uint32_t slot_word(std::uint32_t generation, SlotState state) {
  return generation << 3 | static_cast<std::uint32_t>(state);
}
constexpr std::uint32_t generation_of(std::uint32_t word) {
  return word >> 3;
}
constexpr std::uint32_t next_generation(std::uint32_t g) {
  return (g + 1) & 0x1fffffff;
}

/// Wakes sleepers of the other process. Who waits counts itself in, remembers `turn`, looks once
/// more for what it waits for, and sleeps (futex) unless the turn has changed. Who has news writes
/// them first and rings then, which costs a system call only where somebody waits. News, `waiting`
/// and the second look are sequentially consistent: one side always sees the other.
struct Bell {
  std::atomic<std::uint32_t> turn;
  std::atomic<std::uint32_t> waiting;

  void ring() {
    if (waiting.load() != 0) ring_anyway();
  }
  void ring_anyway();  ///< without trusting `waiting`
};

/// One call. Three cache lines by who writes them while it lasts.
struct alignas(64) Slot {
  // the child, before it asks; `word` as drawn above
  std::atomic<std::uint32_t> word;
  std::atomic<std::uint32_t> request_bytes;
  std::atomic<std::uint32_t> has_secret;  ///< 1: a SecretHead for this call was sent before
  // the daemon
  alignas(64) std::atomic<std::uint32_t> written;  ///< bytes of the reply so far, modulo 2^32
  Bell news;                                       ///< `written` grew or the state changed
  // the child
  alignas(64) std::atomic<std::uint32_t> taken;  ///< of them, read by the child
  Bell room;                                     ///< `taken` grew or the call was abandoned
};

/// The shared memory, 17 MB, of which only what is used becomes real:
///
///     0        Header     magic, version; which slots were posted; is the daemon's thread asleep
///     4 KB     Slot[64]   192 bytes each
///     16 KB    requests   64 x 16 KB: one Request of protocol.fbs
///     1040 KB  rings      64 x 256 KB: reply byte n lies at n modulo 256 KB. The daemon may write
///                         while written - taken < 256 KB, the child read while it is not 0.
struct Segment {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t bytes;
  alignas(64)
      std::atomic<std::uint64_t> posted;  ///< bit n: slot n was asked; child sets, daemon clears
  alignas(64) std::atomic<std::uint32_t> sleeping;  ///< daemon: ring the doorbell; child: rung, 0
  alignas(64) Bell freed;                           ///< a slot became free

  alignas(4096) Slot slots[kSlots];
  alignas(4096) std::byte requests[kSlots][kRequestBytes];
  alignas(4096) std::byte rings[kSlots][kRingBytes];
};

static_assert(sizeof(Slot) == 192);
static_assert(offsetof(Segment, slots) == 4096 && offsetof(Segment, requests) == 16 * 1024);
static_assert(offsetof(Segment, rings) == 1040 * 1024);
static_assert(sizeof(Segment) == 1040 * 1024 + kSlots * kRingBytes);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert((kRingBytes & (kRingBytes - 1)) == 0, "positions go round at 2^32");

// ---- packets of the control socket, one struct a packet, native byte order ----

/// Child to daemon, first. Later versions may be longer; what is unknown is ignored.
struct Hello {
  std::uint64_t magic = kMagic;
  std::uint16_t newest = kVersion;
  std::uint16_t oldest = kOldestVersion;
  std::uint32_t reserved = 0;
};

/// The answer, with the descriptors of segment and doorbell (SCM_RIGHTS, in this order). A child
/// that is refused (uid, version, too many lanes) sees the socket closed instead.
struct Greeting {
  std::uint64_t magic = kMagic;
  std::uint16_t version = kVersion;  ///< spoken from now on
  std::uint16_t newest = kVersion;   ///< the daemon's own
  std::uint32_t slots = kSlots;
  std::uint32_t request_bytes = kRequestBytes;
  std::uint32_t ring_bytes = kRingBytes;
};

/// Child to daemon, just before slot `slot` is posted in that generation; the secret follows.
struct SecretHead {
  std::uint32_t slot;
  std::uint32_t generation;
};

/// Daemon to child: another daemon takes over. Ask nothing new in this lane, but in a new one; what
/// was asked is answered. A child that does not know it goes on until the lane ends.
struct Goodbye {
  std::uint64_t magic = kMagic;
};

/// What both speak, or nothing where they have no version in common.
constexpr std::optional<std::uint16_t> common_version(std::uint16_t newest, std::uint16_t oldest) {
  const std::uint16_t version = newest < kVersion ? newest : kVersion;
  if (version < oldest || version < kOldestVersion) return std::nullopt;
  return version;
}

// ---- what both ends need ----

/// Sleeps until bell.turn differs from `seen`, somebody rings, or the deadline passes.
void sleep_on(Bell& bell, std::uint32_t seen, Deadline deadline);

/// A Segment mapped into this process; the descriptor may be closed afterwards. Kept out of core
/// dumps, since mail lies in it.
class MappedSegment {
 public:
  static Result<MappedSegment> map(int fd);
  MappedSegment(MappedSegment&&) noexcept;
  ~MappedSegment();
  Segment& operator*() const { return *segment_; }
  Segment* operator->() const { return segment_; }

 private:
  struct Region;
  MappedSegment(std::unique_ptr<Region> region, Segment* segment);
  std::unique_ptr<Region> region_;
  Segment* segment_;
};

/// A new empty segment that can neither shrink nor grow, header filled in.
Result<UniqueFd> make_segment();
/// True for a descriptor of exactly such a segment: size, seals.
bool is_sealed_segment(int fd);

/// Copies into and out of a ring, around its end.
void put(std::span<std::byte, kRingBytes> ring, std::uint32_t at, std::span<const std::byte> bytes);
void get(std::span<const std::byte, kRingBytes> ring, std::uint32_t at, std::span<std::byte> into);

/// A thread with all signals blocked and a stack of 1 MB. The caller joins it.
Result<pthread_t> start_thread(const char* name, std::function<void()> body);

/// "what: strerror(errno)"
Error system_error(Code code, const char* what);

}  // namespace lane
}  // namespace alphamail

#endif
