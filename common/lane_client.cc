// SPDX-License-Identifier: GPL-3.0-or-later
// The child's end. Who owns which slot is known here, in memory of this process: a bit set of free
// slots and one of abandoned slots, so that threads share no lock with the daemon.
#include "common/lane_client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

#include <fcntl.h>

#include "common/lane.h"
#include "common/secret.h"
#include "common/unique_fd.h"

namespace alphamail {

namespace {

using lane::SlotState;

constexpr Millis kGreetingPatience{2000};  // a daemon that lives answers in microseconds
constexpr Millis kBackOff{5};              // between attempts that the daemon refused
constexpr useconds_t kOnceMore = 15'000;   // between those of one question

Error unreachable(const char* why) {
  return {Code::kUnreachable, why, 1};
}

static_assert(kSlots == 64, "a bit each in a 64-bit word");
std::uint64_t bit_of(std::uint32_t slot) {
  return std::uint64_t{1} << slot;
}

// ---- the control socket ----

void limit_wait(int fd, int option, Deadline deadline) {
  const int left = std::max(deadline.left_ms(), 1);  // 0 would mean for ever
  const timeval span{left / 1000, static_cast<suseconds_t>(left % 1000) * 1000};
  setsockopt(fd, SOL_SOCKET, option, &span, sizeof span);
}

Result<UniqueFd> dial(const std::string& path, uid_t daemon_uid, Deadline deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Error{Code::kUnreachable, "the path of the webcache's socket is empty or too long", 0};
  std::memcpy(address.sun_path, path.data(), path.size());

  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd) return lane::system_error(Code::kUnreachable, "socket");
  limit_wait(fd.get(), SO_SNDTIMEO, deadline);  // connect() waits while the daemon's queue is full
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return Error{Code::kUnreachable, lane::system_error(Code::kUnreachable, "connect").detail, 1};

  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != daemon_uid)
    return unreachable("the webcache's socket belongs to another user");
  return fd;
}

struct Greeted {
  lane::Greeting greeting;
  UniqueFd segment;
  UniqueFd doorbell;
};

/// Takes every descriptor that came, so that none leaks whatever was sent.
std::array<UniqueFd, 2> descriptors_of(msghdr& message) {
  std::array<UniqueFd, 2> taken;
  std::size_t count = 0;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len; at += sizeof(int)) {
      int fd;
      std::memcpy(&fd, reinterpret_cast<std::byte*>(c) + at, sizeof fd);
      UniqueFd owned(fd);
      if (count < taken.size()) taken[count++] = std::move(owned);
    }
  }
  return taken;
}

Result<Greeted> meet(int fd, Deadline deadline) {
  const lane::Hello hello;
  limit_wait(fd, SO_SNDTIMEO, deadline);
  limit_wait(fd, SO_RCVTIMEO, deadline);
  if (send(fd, &hello, sizeof hello, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof hello))
    return unreachable("the webcache closed the control socket");

  Greeted met;
  iovec piece{&met.greeting, sizeof met.greeting};
  alignas(cmsghdr) char rights[CMSG_SPACE(4 * sizeof(int))];
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = rights;
  message.msg_controllen = sizeof rights;
  const ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  if (got < 0) return unreachable("the webcache does not answer");
  auto fds = descriptors_of(message);
  if (got == 0)
    return unreachable("the webcache refused this process (uid, version, or too many lanes)");

  const lane::Greeting& g = met.greeting;
  const bool fits = got == static_cast<ssize_t>(sizeof g) && g.magic == lane::kMagic &&
                    lane::common_version(g.version, g.version).has_value() && g.slots == kSlots &&
                    g.request_bytes == kRequestBytes && g.ring_bytes == kRingBytes;
  if (!fits || !fds[1] || !lane::is_sealed_segment(fds[0].get()))
    return unreachable("the webcache speaks another version");
  met.segment = std::move(fds[0]);
  met.doorbell = std::move(fds[1]);
  return met;
}

// ---- one lane ----

/// A connected lane, until the daemon dies. Calls keep it alive.
class Lane {
 public:
  static Result<std::shared_ptr<Lane>> open(UniqueFd control, Deadline deadline);
  Lane(UniqueFd control, UniqueFd doorbell, lane::MappedSegment segment)
      : control_(std::move(control)),
        doorbell_(std::move(doorbell)),
        segment_(std::move(segment)) {}
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  bool dead() const { return dead_.load(std::memory_order_acquire); }
  /// The daemon has said goodbye: what is asked next goes over another lane.
  bool left() const { return left_.load(std::memory_order_acquire); }
  bool of_this_process() const { return process_ == getpid(); }

  Result<std::uint32_t> take_slot(Deadline deadline);
  Result<void> send_secret(std::uint32_t slot, std::span<const std::byte> secret,
                           Deadline deadline);
  void post(std::uint32_t slot, std::span<const std::byte> request, bool has_secret);
  /// Gives a slot back that the daemon does not hold: never posted, done or cut.
  void give_back(std::uint32_t slot);
  void abandon(std::uint32_t slot);

  lane::Slot& slot(std::uint32_t n) { return segment_->slots[n]; }
  std::span<const std::byte, kRingBytes> ring(std::uint32_t n) { return segment_->rings[n]; }
  std::uint32_t generation(std::uint32_t n) const {
    return generations_[n].load(std::memory_order_relaxed);
  }

 private:
  Result<void> start_watching();
  void watch();
  std::optional<std::uint32_t> find_free();
  std::optional<std::uint32_t> find_freed();

  const pid_t process_ = getpid();
  const UniqueFd control_;
  const UniqueFd doorbell_;
  const lane::MappedSegment segment_;
  std::optional<pthread_t> watcher_;
  std::atomic<bool> dead_{false}, left_{false};

  std::atomic<std::uint64_t> free_{~std::uint64_t{0}};  // bit n: slot n is nobody's
  std::mutex abandoned_mutex_;                          // guards the next line
  std::uint64_t abandoned_ = 0;                         // bit n: the daemon will free slot n
  std::array<std::atomic<std::uint32_t>, kSlots> generations_{};  // written by a slot's owner
};

Result<std::shared_ptr<Lane>> Lane::open(UniqueFd control, Deadline deadline) {
  auto met = meet(control.get(), deadline);
  if (!met) return met.error();
  auto segment = lane::MappedSegment::map(met->segment.get());
  if (!segment) return segment.error();

  auto lane =
      std::make_shared<Lane>(std::move(control), std::move(met->doorbell), std::move(*segment));
  if (const auto watching = lane->start_watching(); !watching) return watching.error();
  return lane;
}

Result<void> Lane::start_watching() {
  const timeval for_ever{0, 0};
  setsockopt(control_.get(), SOL_SOCKET, SO_RCVTIMEO, &for_ever, sizeof for_ever);
  auto thread = lane::start_thread("am-lane-watch", [this] { watch(); });
  if (!thread) return thread.error();
  watcher_ = *thread;
  return {};
}

/// Sleeps in recv() until the daemon dies or ~Lane shuts the socket; then nobody may wait on.
void Lane::watch() {
  for (;;) {
    lane::Goodbye came{0};
    const ssize_t got = recv(control_.get(), &came, sizeof came, 0);
    if (got == 0 || (got < 0 && errno != EINTR)) break;
    if (got == static_cast<ssize_t>(sizeof came) && came.magic == lane::kMagic)
      left_.store(true, std::memory_order_release);
  }
  dead_.store(true, std::memory_order_release);
  for (lane::Slot& s : segment_->slots) s.news.ring_anyway();
  segment_->freed.ring_anyway();
}

Lane::~Lane() {
  // In a fork of the process that connected there is no watcher, and the socket is still the
  // parent's: our copies are closed, nothing more.
  if (!watcher_ || !of_this_process()) return;
  shutdown(control_.get(), SHUT_RDWR);
  pthread_join(*watcher_, nullptr);
}

std::optional<std::uint32_t> Lane::find_free() {
  std::uint64_t free = free_.load(std::memory_order_relaxed);
  while (free != 0) {
    // The lowest first: few callers then stay within few pages of memory.
    const std::uint64_t rest = free & (free - 1);
    if (free_.compare_exchange_weak(free, rest, std::memory_order_acquire))
      return static_cast<std::uint32_t>(std::countr_zero(free));
  }
  return std::nullopt;
}

/// Among the abandoned slots, one that the daemon has freed meanwhile.
std::optional<std::uint32_t> Lane::find_freed() {
  const std::lock_guard lock(abandoned_mutex_);
  for (std::uint64_t left = abandoned_; left != 0; left &= left - 1) {
    const auto n = static_cast<std::uint32_t>(std::countr_zero(left));
    const std::uint32_t next = lane::next_generation(generation(n));
    if (slot(n).word.load() != slot_word(next, SlotState::kFree)) continue;
    abandoned_ &= ~bit_of(n);
    generations_[n].store(next, std::memory_order_relaxed);
    return n;
  }
  return std::nullopt;
}

Result<std::uint32_t> Lane::take_slot(Deadline deadline) {
  if (const auto n = find_free()) return *n;
  lane::Bell& freed = segment_->freed;
  freed.waiting.fetch_add(1);
  Result<std::uint32_t> taken = Error{Code::kBusy, "all slots of the lane are in use", 1};
  for (;;) {
    const std::uint32_t seen = freed.turn.load();
    auto n = find_free();
    if (!n) n = find_freed();
    if (n) {
      taken = *n;
      break;
    }
    if (dead()) {
      taken = unreachable("the webcache died");
      break;
    }
    if (deadline.passed()) break;
    lane::sleep_on(freed, seen, deadline);
  }
  freed.waiting.fetch_sub(1);
  return taken;
}

Result<void> Lane::send_secret(std::uint32_t n, std::span<const std::byte> secret,
                               Deadline deadline) {
  lane::SecretHead head{n, generation(n)};
  iovec pieces[2] = {{&head, sizeof head}, {const_cast<std::byte*>(secret.data()), secret.size()}};
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = 2;
  for (;;) {
    // The wait is this call's alone: SO_SNDTIMEO would be every thread's.
    if (sendmsg(control_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return {};
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return unreachable("the webcache died");
    if (deadline.passed()) return Error{Code::kTimeout, "sending a secret", 0};
    // A full queue means a daemon that is stopped; poll() would not tell when this type of socket
    // has room at its peer.
    usleep(1000);
  }
}

void Lane::post(std::uint32_t n, std::span<const std::byte> request, bool has_secret) {
  lane::Slot& s = slot(n);
  if (!request.empty()) std::memcpy(segment_->requests[n], request.data(), request.size());
  s.request_bytes.store(static_cast<std::uint32_t>(request.size()), std::memory_order_relaxed);
  s.has_secret.store(has_secret ? 1 : 0, std::memory_order_relaxed);
  s.written.store(0, std::memory_order_relaxed);
  s.taken.store(0, std::memory_order_relaxed);
  s.word.store(slot_word(generation(n), SlotState::kAsked), std::memory_order_release);
  segment_->posted.fetch_or(bit_of(n));
  // Either the daemon's thread sees the bit before it sleeps, or we see that it sleeps.
  if (segment_->sleeping.load() == 0 || segment_->sleeping.exchange(0) == 0) return;
  const std::uint64_t one = 1;
  while (write(doorbell_.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void Lane::give_back(std::uint32_t n) {
  const std::uint32_t next = lane::next_generation(generation(n));
  generations_[n].store(next, std::memory_order_relaxed);
  slot(n).word.store(slot_word(next, SlotState::kFree), std::memory_order_relaxed);
  free_.fetch_or(bit_of(n));
  segment_->freed.ring();
}

void Lane::abandon(std::uint32_t n) {
  lane::Slot& s = slot(n);
  const std::uint32_t g = generation(n);
  for (std::uint32_t word = s.word.load(std::memory_order_acquire);;) {
    if (word == slot_word(g, SlotState::kDone) || word == slot_word(g, SlotState::kCut)) {
      give_back(n);
      return;
    }
    if (s.word.compare_exchange_weak(word, slot_word(g, SlotState::kAbandoned))) break;
  }
  s.room.ring();  // a worker that waits for us to read stops now
  {
    const std::lock_guard lock(abandoned_mutex_);
    abandoned_ |= bit_of(n);
  }
  segment_->freed.ring();  // the daemon may have freed it before we put it in the set
}

}  // namespace

// ---- Call ----

struct Call::State {
  explicit State(std::shared_ptr<Lane> l) : lane(std::move(l)) {}
  ~State() {
    if (held && !lane->dead()) lane->abandon(slot);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::shared_ptr<Lane> lane;
  std::uint32_t slot = 0;
  std::uint32_t taken = 0;  // bytes read, modulo 2^32
  bool held = false;        // from posting until the answer is read to its end
  bool cut = false;         // ... which was not a good one

  std::optional<Result<std::size_t>> try_read(std::span<std::byte> into);
  Result<std::size_t> take(std::uint32_t available, std::span<std::byte> into);
  Result<std::size_t> end(bool whole);
  Result<std::size_t> over() const;
};

/// What can be said without waiting.
std::optional<Result<std::size_t>> Call::State::try_read(std::span<std::byte> into) {
  lane::Slot& s = lane->slot(slot);
  // State first: whoever sees the end sees all that was written before it.
  const std::uint32_t word = s.word.load();
  const std::uint32_t available = s.written.load() - taken;
  if (available > kRingBytes) return Error{Code::kProtocol, "a damaged reply ring", 0};
  if (available > 0) return take(available, into);
  const std::uint32_t g = lane->generation(slot);
  if (word == slot_word(g, SlotState::kDone)) return end(true);
  if (word == slot_word(g, SlotState::kCut)) return end(false);
  if (lane->dead()) return unreachable("the webcache died");
  return std::nullopt;
}

Result<std::size_t> Call::State::take(std::uint32_t available, std::span<std::byte> into) {
  const std::size_t n = std::min<std::size_t>(available, into.size());
  lane::get(lane->ring(slot), taken, into.first(n));
  taken += static_cast<std::uint32_t>(n);
  lane::Slot& s = lane->slot(slot);
  s.taken.store(taken);
  s.room.ring();
  return n;
}

Result<std::size_t> Call::State::end(bool whole) {
  lane->give_back(slot);
  held = false;
  cut = !whole;
  return over();
}

Result<std::size_t> Call::State::over() const {
  if (cut) return Error{Code::kInternal, "the webcache gave up in the middle of an answer", 0};
  return std::size_t{0};
}

Call::Call(std::unique_ptr<State> state) : state_(std::move(state)) {}
Call::Call(Call&&) noexcept = default;
Call& Call::operator=(Call&&) noexcept = default;
Call::~Call() = default;

Result<std::size_t> Call::read(std::span<std::byte> into, Deadline deadline) {
  if (into.empty()) return std::size_t{0};
  if (!state_->held) return state_->over();
  if (auto ready = state_->try_read(into)) return std::move(*ready);
  lane::Bell& news = state_->lane->slot(state_->slot).news;
  news.waiting.fetch_add(1);
  std::optional<Result<std::size_t>> ready;
  for (;;) {
    const std::uint32_t seen = news.turn.load();
    ready = state_->try_read(into);
    if (ready) break;
    if (deadline.passed()) {
      ready = Error{Code::kTimeout, "the webcache did not answer in time", 0};
      break;
    }
    lane::sleep_on(news, seen, deadline);
  }
  news.waiting.fetch_sub(1);
  return std::move(*ready);
}

// ---- LaneClient ----

struct LaneClient::Impl {
  explicit Impl(Options o) : options(std::move(o)) {}

  const Options options;
  std::atomic<std::uint64_t> control_bytes{0};

  std::mutex mutex;  // guards what follows; not held while connecting
  std::condition_variable connected;
  std::shared_ptr<Lane> lane;
  bool connecting = false;
  Error refused;                                // what the last attempt said ...
  Deadline::Clock::time_point refused_until{};  // ... repeated until then

  Result<std::shared_ptr<Lane>> find_lane(Deadline deadline);
  Result<std::shared_ptr<Lane>> connect(std::unique_lock<std::mutex>& lock, Deadline deadline);
};

Result<std::shared_ptr<Lane>> LaneClient::Impl::find_lane(Deadline deadline) {
  std::unique_lock lock(mutex);
  for (;;) {
    if (lane && !lane->dead() && !lane->left() && lane->of_this_process()) return lane;
    if (!connecting) return connect(lock, deadline);
    if (connected.wait_until(lock, deadline.when()) == std::cv_status::timeout)
      return unreachable("another thread is still connecting to the webcache");
  }
}

/// One thread connects, the others wait for it.
Result<std::shared_ptr<Lane>> LaneClient::Impl::connect(std::unique_lock<std::mutex>& lock,
                                                        Deadline deadline) {
  if (Deadline::Clock::now() < refused_until) return refused;
  std::shared_ptr<Lane> old = std::exchange(lane, nullptr);
  connecting = true;
  lock.unlock();
  // Joins its watcher, unless calls still hold it. One that was only told to leave is kept until
  // there is another.
  const bool serves = old && !old->dead() && old->of_this_process();
  if (!serves) old.reset();
  const Deadline patience = deadline.sooner(Deadline::in(kGreetingPatience));
  bool listens = false;
  Result<std::shared_ptr<Lane>> made = unreachable("the webcache");
  // A daemon that dies over the greeting may have a successor already.
  for (int tries = 3; !made && tries > 0; --tries) {
    auto control = dial(options.socket_path, options.daemon_uid, patience);
    listens = control.has_value();
    made = listens ? Lane::open(std::move(*control), patience)
                   : Result<std::shared_ptr<Lane>>(control.error());
    if (!listens || patience.passed()) break;
    if (!made) usleep(kOnceMore);
  }
  lock.lock();
  connecting = false;
  if (made) {
    lane = *made;
  } else if (serves && !old->dead()) {
    lane = old;
    made = old;
  } else if (listens) {
    // One that refuses or hangs is left in peace for a while; that none is there costs nothing to
    // see.
    refused = made.error();
    refused_until = Deadline::Clock::now() + kBackOff;
  }
  connected.notify_all();
  lock.unlock();  // the old lane goes outside it
  old.reset();
  return made;
}

LaneClient::LaneClient(Options options) : impl_(std::make_shared<Impl>(std::move(options))) {}
LaneClient::~LaneClient() = default;

Result<Call> LaneClient::ask(std::span<const std::byte> request, Deadline deadline,
                             std::span<const std::byte> secret) {
  if (request.size() > kRequestBytes) return Error{Code::kTooLarge, "a request over 16 KB", 0};
  if (secret.size() > Secret::kMaxBytes) return Error{Code::kTooLarge, "a secret over 4 KB", 0};
  auto found = impl_->find_lane(deadline);
  if (!found) return found.error();
  auto state = std::make_unique<Call::State>(std::move(*found));
  Lane& lane = *state->lane;
  const auto slot = lane.take_slot(deadline);
  if (!slot) return slot.error();
  if (!secret.empty()) {
    if (const auto sent = lane.send_secret(*slot, secret, deadline); !sent) {
      lane.give_back(*slot);
      return sent.error();
    }
    impl_->control_bytes.fetch_add(sizeof(lane::SecretHead) + secret.size());
  }
  state->slot = *slot;
  state->held = true;
  lane.post(*slot, request, !secret.empty());
  return Call(std::move(state));
}

std::uint64_t LaneClient::control_bytes() const {
  return impl_->control_bytes.load();
}

}  // namespace alphamail
