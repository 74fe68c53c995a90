// SPDX-License-Identifier: GPL-3.0-or-later
// What both ends of a lane need: the mapping, the futex, the ring's arithmetic, quiet threads.
#include "common/lane.h"

#include <linux/futex.h>
#include <linux/memfd.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

#include <fcntl.h>

#include <boost/interprocess/mapped_region.hpp>

namespace alphamail::lane {

namespace {

namespace ipc = boost::interprocess;

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
constexpr std::size_t kStackBytes = 1024 * 1024;  // the daemon's handlers run on it

/// Shows a descriptor to mapped_region, which asks its argument for a handle and a mode. Going
/// through /proc/self/fd would need /proc, which a confined daemon may lack.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ipc::mapping_handle_t get_mapping_handle() const { return {fd_, false}; }
  ipc::mode_t get_mode() const { return ipc::read_write; }

 private:
  int fd_;
};

void wake_all(std::atomic<std::uint32_t>& word) {
  // Not FUTEX_PRIVATE: the sleepers are another process's.
  syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE, INT_MAX, nullptr, nullptr,
          0);
}

}  // namespace

Error system_error(Code code, const char* what) {
  char words[128];
  return {code, std::string(what) + ": " + strerror_r(errno, words, sizeof words)};
}

void Bell::ring_anyway() {
  turn.fetch_add(1);
  wake_all(turn);
}

void sleep_on(Bell& bell, std::uint32_t seen, Deadline deadline) {
  const auto when = deadline.when().time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(when);
  const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(when - seconds);
  const timespec until{static_cast<time_t>(seconds.count()), static_cast<long>(nanos.count())};
  // An absolute time on CLOCK_MONOTONIC, which steady_clock is. EAGAIN, EINTR and ETIMEDOUT all
  // mean the same to the caller: look again.
  syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&bell.turn), FUTEX_WAIT_BITSET, seen, &until,
          nullptr, FUTEX_BITSET_MATCH_ANY);
}

struct MappedSegment::Region {
  ipc::mapped_region mapped;
};

MappedSegment::MappedSegment(std::unique_ptr<Region> region, Segment* segment)
    : region_(std::move(region)), segment_(segment) {}
MappedSegment::MappedSegment(MappedSegment&&) noexcept = default;
MappedSegment::~MappedSegment() = default;

Result<MappedSegment> MappedSegment::map(int fd) {
  try {
    auto region = std::make_unique<Region>(
        Region{ipc::mapped_region(Descriptor(fd), ipc::read_write, 0, sizeof(Segment))});
    void* start = region->mapped.get_address();
    madvise(start, sizeof(Segment), MADV_DONTDUMP);
    return MappedSegment(std::move(region), static_cast<Segment*>(start));
  } catch (const std::exception& e) {
    return Error{Code::kInternal, std::string("mapping a lane: ") + e.what()};
  }
}

Result<UniqueFd> make_segment() {
  UniqueFd fd(memfd_create("alphamail-lane", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return system_error(Code::kStorage, "memfd_create");
  if (ftruncate(fd.get(), sizeof(Segment)) != 0) return system_error(Code::kStorage, "ftruncate");
  if (fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0)
    return system_error(Code::kStorage, "sealing a lane");
  auto mapped = MappedSegment::map(fd.get());
  if (!mapped) return mapped.error();
  (*mapped)->magic = kMagic;
  (*mapped)->version = kVersion;
  (*mapped)->bytes = sizeof(Segment);
  return fd;
}

bool is_sealed_segment(int fd) {
  struct stat info;
  if (fstat(fd, &info) != 0 || info.st_size != static_cast<off_t>(sizeof(Segment))) return false;
  const int seals = fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & kSeals) == kSeals;
}

void put(std::span<std::byte, kRingBytes> ring, std::uint32_t at,
         std::span<const std::byte> bytes) {
  const std::size_t start = at % kRingBytes;
  const std::size_t first = std::min(bytes.size(), kRingBytes - start);
  if (first != 0) std::memcpy(&ring[start], bytes.data(), first);
  if (first < bytes.size()) std::memcpy(&ring[0], bytes.data() + first, bytes.size() - first);
}

void get(std::span<const std::byte, kRingBytes> ring, std::uint32_t at, std::span<std::byte> into) {
  const std::size_t start = at % kRingBytes;
  const std::size_t first = std::min(into.size(), kRingBytes - start);
  if (first != 0) std::memcpy(into.data(), &ring[start], first);
  if (first < into.size()) std::memcpy(into.data() + first, &ring[0], into.size() - first);
}

namespace {

struct Start {
  char name[16] = {};
  std::function<void()> body;
};

extern "C" void* run_thread(void* raw) {
  const std::unique_ptr<Start> start(static_cast<Start*>(raw));
  pthread_setname_np(pthread_self(), start->name);
  try {
    start->body();
  } catch (...) {  // the bodies catch what they expect; nothing may cross into C
    std::terminate();
  }
  return nullptr;
}

}  // namespace

Result<pthread_t> start_thread(const char* name, std::function<void()> body) {
  auto start = std::make_unique<Start>();
  std::strncpy(start->name, name, sizeof start->name - 1);
  start->body = std::move(body);

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // a new thread inherits the mask
  pthread_t thread{};
  const int rc = pthread_create(&thread, &attributes, run_thread, start.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (rc != 0) {
    errno = rc;
    return system_error(Code::kBusy, "starting a thread");
  }
  (void)start.release();  // run_thread owns it now
  return thread;
}

}  // namespace alphamail::lane
