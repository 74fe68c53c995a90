// SPDX-License-Identifier: GPL-3.0-or-later
// Everything read from the segment or the control socket here was written by a web child, which may
// be in an attacker's hands: it is copied first, then bounded, and nonsense ends the lane.
#include "common/served_lane.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include "common/pulse.h"

namespace alphamail {

namespace {

using lane::SlotState;

constexpr Millis kGreetingPatience{2000};
constexpr Millis kIdle{5000};      // then stretched rings give their memory back
constexpr Millis kLookAgain{250};  // a writer's longest sleep: its bell hangs in hostile memory
constexpr int kRoundsBetweenLooks = 64;    // at the control socket while questions keep coming
constexpr std::size_t kPiece = 64 * 1024;  // written before the reader is woken
constexpr std::size_t kSmallReply = 64 * 1024;

constexpr std::uint64_t kDoorbellEvent = 0;
constexpr std::uint64_t kControlEvent = 1;

bool watch(int events, int fd, std::uint32_t what, std::uint64_t name) {
  epoll_event event{};
  event.events = what;
  event.data.u64 = name;
  return epoll_ctl(events, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool send_greeting(int control, std::uint16_t version, int memory, int doorbell) {
  lane::Greeting greeting;
  greeting.version = version;
  iovec piece{&greeting, sizeof greeting};
  const int fds[2] = {memory, doorbell};
  alignas(cmsghdr) char rights[CMSG_SPACE(sizeof fds)] = {};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = rights;
  message.msg_controllen = sizeof rights;
  cmsghdr* c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof fds);
  std::memcpy(CMSG_DATA(c), fds, sizeof fds);
  return sendmsg(control, &message, MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(sizeof greeting);
}

}  // namespace

// ---- the lane ----

Result<std::shared_ptr<ServedLane>> ServedLane::make(UniqueFd control,
                                                     std::shared_ptr<Counters> counters) {
  auto memory = lane::make_segment();
  if (!memory) return memory.error();
  auto segment = lane::MappedSegment::map(memory->get());
  if (!segment) return segment.error();
  UniqueFd doorbell(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  UniqueFd events(epoll_create1(EPOLL_CLOEXEC));
  if (!doorbell || !events) return lane::system_error(Code::kBusy, "eventfd or epoll");
  // Edge-triggered: each ring wakes once and the counter is never read, one system call less.
  if (!watch(events.get(), doorbell.get(), EPOLLIN | EPOLLET, kDoorbellEvent) ||
      !watch(events.get(), control.get(), EPOLLIN, kControlEvent))
    return lane::system_error(Code::kBusy, "epoll_ctl");
  return std::make_shared<ServedLane>(std::move(control), std::move(doorbell), std::move(events),
                                      std::move(*memory), std::move(*segment), std::move(counters));
}

ServedLane::ServedLane(UniqueFd control, UniqueFd doorbell, UniqueFd events, UniqueFd memory,
                       lane::MappedSegment segment, std::shared_ptr<Counters> counters)
    : control_(std::move(control)),
      doorbell_(std::move(doorbell)),
      events_(std::move(events)),
      memory_(std::move(memory)),
      segment_(std::move(segment)),
      counters_(std::move(counters)) {
  counters_->lanes.fetch_add(1);
}

ServedLane::~ServedLane() {
  counters_->lanes.fetch_sub(1);
}

void ServedLane::run(const LaneServer::Handler& handler) {
  const PulseThread pulse("lane");
  if (greet()) serve(handler);
  stop();
  for (Known& k : known_) k.secret.clear();
}

void ServedLane::stop() {
  dead_.store(true, std::memory_order_release);
  shutdown(control_.get(), SHUT_RDWR);  // wakes the lane's thread, and tells the child
  for (lane::Slot& s : segment_->slots) s.room.ring_anyway();
}

void ServedLane::say_goodbye() {
  leaving_ = true;
  const std::uint64_t one = 1;
  (void)!write(doorbell_.get(), &one, sizeof one);  // its thread sends it, behind the greeting
}

void ServedLane::send_goodbye() {
  const lane::Goodbye goodbye;
  (void)send(control_.get(), &goodbye, sizeof goodbye, MSG_NOSIGNAL | MSG_DONTWAIT);
  told_ = true;
}

bool ServedLane::quiet() const {
  if (!told_ || segment_->posted.load() != 0) return false;
  return std::none_of(known_.begin(), known_.end(), [](const Known& k) { return k.busy.load(); });
}

void ServedLane::close() {
  control_.reset();
  doorbell_.reset();
  events_.reset();
}

bool ServedLane::greet() {
  pollfd control{control_.get(), POLLIN, 0};
  if (poll(&control, 1, static_cast<int>(kGreetingPatience.count())) <= 0) return false;
  lane::Hello hello{};
  // No room for control data: descriptors that a child sends are dropped by the kernel.
  const ssize_t got = recv(control_.get(), &hello, sizeof hello, MSG_DONTWAIT);
  if (got != static_cast<ssize_t>(sizeof hello) || hello.magic != lane::kMagic) return false;
  const auto version = lane::common_version(hello.newest, hello.oldest);
  if (!version || !send_greeting(control_.get(), *version, memory_.get(), doorbell_.get()))
    return false;
  memory_.reset();
  return true;
}

void ServedLane::serve(const LaneServer::Handler& handler) {
  int rounds = 0;
  while (!dead()) {
    if (leaving_ && !told_) send_goodbye();
    if (segment_->posted.load(std::memory_order_relaxed) == 0 || ++rounds > kRoundsBetweenLooks) {
      rounds = 0;
      if (!sleep()) return;
    }
    if (!take_questions(segment_->posted.exchange(0), handler)) return;
  }
}

/// Until the doorbell or the control socket has something; not at all while questions are there.
bool ServedLane::sleep() {
  segment_->sleeping.store(1);
  const int patience = segment_->posted.load() != 0 ? 0 : static_cast<int>(kIdle.count());
  epoll_event happened[2];
  const int count = epoll_wait(events_.get(), happened, 2, patience);
  segment_->sleeping.store(0, std::memory_order_relaxed);
  if (count == 0 && patience > 0 && any_stretched_.load()) give_memory_back();
  for (int i = 0; i < count; ++i)
    if (happened[i].data.u64 == kControlEvent && !receive_secrets()) return false;
  return true;
}

/// Rings that held a long answer shrink to what small ones use. Only this thread lets a slot become
/// busy, so nobody writes there meanwhile; a child that reads there without right reads zeros.
void ServedLane::give_memory_back() {
  any_stretched_ = false;
  for (std::uint32_t n = 0; n < kSlots; ++n) {
    Known& known = known_[n];
    if (!known.stretched) continue;
    const std::uint32_t word = segment_->slots[n].word.load();
    const bool free = !known.busy && slot_word(lane::generation_of(word), SlotState::kFree) == word;
    if (free &&
        madvise(segment_->rings[n] + kSmallReply, kRingBytes - kSmallReply, MADV_REMOVE) == 0)
      known.stretched = false;
    else
      any_stretched_ = true;
  }
}

/// @return false at the socket's end or for a packet that no honest child sends
bool ServedLane::receive_secrets() {
  for (;;) {
    std::byte packet[sizeof(lane::SecretHead) + Secret::kMaxBytes + 1];
    const ssize_t got = recv(control_.get(), packet, sizeof packet, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    if (got == 0) return false;
    const auto size = static_cast<std::size_t>(got);
    counters_->control_bytes.fetch_add(size);
    const bool kept = keep_secret({packet, size});
    wipe(packet, size);
    if (!kept) return false;
  }
}

bool ServedLane::keep_secret(std::span<const std::byte> packet) {
  lane::SecretHead head;
  if (packet.size() < sizeof head) return false;
  std::memcpy(&head, packet.data(), sizeof head);
  const auto secret = packet.subspan(sizeof head);
  if (head.slot >= kSlots || secret.size() > Secret::kMaxBytes) return false;
  Known& known = known_[head.slot];
  known.secret = Secret(secret);
  known.secret_generation = head.generation;
  return true;
}

bool ServedLane::take_questions(std::uint64_t posted, const LaneServer::Handler& handler) {
  for (; posted != 0; posted &= posted - 1)
    if (!take_question(static_cast<std::uint32_t>(std::countr_zero(posted)), handler)) return false;
  return true;
}

// ---- one question ----

struct LaneQuestion::State {
  State(std::shared_ptr<ServedLane> l, std::uint32_t s, std::uint32_t g)
      : lane(std::move(l)), slot(s), generation(g) {
    lane->counters_->questions.fetch_add(1);
  }
  ~State() { end(SlotState::kCut); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  lane::Slot& shared() const { return lane->segment_->slots[slot]; }
  std::span<std::byte, kRingBytes> ring() const { return lane->segment_->rings[slot]; }

  bool given_up() const;
  bool begin();
  void append(std::span<const std::byte> bytes);
  std::optional<std::size_t> room() const;
  Result<std::size_t> wait_for_room(Deadline deadline);
  void end(SlotState how);

  const std::shared_ptr<ServedLane> lane;
  const std::uint32_t slot;
  const std::uint32_t generation;
  std::vector<std::byte> request;
  Secret secret;
  LaneQuestion::Note note;
  std::uint32_t written = 0;  // ours; the word in the segment is only told
  bool answering = false;
  bool over = false;
};

/// @return false where an honest child could not have posted this
bool ServedLane::take_question(std::uint32_t n, const LaneServer::Handler& handler) {
  lane::Slot& s = segment_->slots[n];
  Known& known = known_[n];
  if (known.busy.load(std::memory_order_acquire)) return false;
  std::uint32_t word = s.word.load();
  const std::uint32_t g = lane::generation_of(word);
  const bool has_secret = s.has_secret.load(std::memory_order_relaxed) != 0;
  if (has_secret && !receive_secrets()) return false;
  Secret secret = std::exchange(known.secret, Secret());
  if (known.secret_generation != g) secret.clear();

  if (word != slot_word(g, SlotState::kAsked) ||
      !s.word.compare_exchange_strong(word, slot_word(g, SlotState::kWorking))) {
    if (word != slot_word(g, SlotState::kAbandoned)) return false;
    s.word.store(slot_word(lane::next_generation(g), SlotState::kFree));
    segment_->freed.ring();
    return true;
  }
  const std::size_t size = s.request_bytes.load(std::memory_order_relaxed);
  if (size > kRequestBytes) return false;
  try {
    auto state = std::make_unique<LaneQuestion::State>(shared_from_this(), n, g);
    known.busy.store(true, std::memory_order_relaxed);
    const std::byte* request = segment_->requests[n];
    state->request.assign(request, request + size);
    state->secret = std::move(secret);
    const PulseWork work;
    handler(LaneQuestion(std::move(state)));
  } catch (...) {
    // Out of memory, or a handler that broke its word: letting go of the question cut the answer.
    return known.busy.load() || s.word.load() != slot_word(g, SlotState::kWorking);
  }
  return true;
}

bool LaneQuestion::State::given_up() const {
  const std::uint32_t word = shared().word.load(std::memory_order_acquire);
  return over || lane->dead() ||
         word != slot_word(generation, answering ? SlotState::kAnswering : SlotState::kWorking);
}

bool LaneQuestion::State::begin() {
  if (answering) return true;
  std::uint32_t word = slot_word(generation, SlotState::kWorking);
  answering =
      shared().word.compare_exchange_strong(word, slot_word(generation, SlotState::kAnswering));
  return answering;
}

/// Bytes that fit the ring now; nothing where the child's position is impossible.
std::optional<std::size_t> LaneQuestion::State::room() const {
  const std::uint32_t unread = written - shared().taken.load();
  if (unread > kRingBytes) return std::nullopt;
  return kRingBytes - unread;
}

void LaneQuestion::State::append(std::span<const std::byte> bytes) {
  lane::put(ring(), written, bytes);
  written += static_cast<std::uint32_t>(bytes.size());
  shared().written.store(written);
  ServedLane::Known& known = lane->known_[slot];
  if (written > kSmallReply && !known.stretched.load(std::memory_order_relaxed)) {
    known.stretched = true;
    lane->any_stretched_ = true;
  }
}

Result<std::size_t> LaneQuestion::State::wait_for_room(Deadline deadline) {
  lane::Bell& bell = shared().room;
  bell.waiting.fetch_add(1);
  Result<std::size_t> result = Error{Code::kTimeout, "the reader of an answer is too slow", 0};
  for (;;) {
    const std::uint32_t seen = bell.turn.load();
    const auto free = room();
    if (!free || given_up()) {
      result = Error{Code::kUnreachable, "the caller is gone", 0};
      break;
    }
    if (*free > 0) {
      result = *free;
      break;
    }
    if (deadline.passed()) break;
    const PulseWait pulse(Deadline::in(kLookAgain));
    lane::sleep_on(bell, seen, deadline.sooner(Deadline::in(kLookAgain)));
  }
  bell.waiting.fetch_sub(1);
  return result;
}

/// Hands the slot back to the child. From then on the next question may come in it, so that this
/// object's last touch is the exchange and the bell.
void LaneQuestion::State::end(SlotState how) {
  if (std::exchange(over, true)) return;
  lane->counters_->questions.fetch_sub(1);
  lane::Slot& s = shared();
  lane->known_[slot].busy.store(false, std::memory_order_release);
  std::uint32_t word =
      slot_word(generation, answering ? SlotState::kAnswering : SlotState::kWorking);
  if (s.word.compare_exchange_strong(word, slot_word(generation, how))) {
    s.news.ring();
    return;
  }
  if (word != slot_word(generation, SlotState::kAbandoned))
    return;  // scribbled: the child's own loss
  s.word.store(slot_word(lane::next_generation(generation), SlotState::kFree));
  lane->segment_->freed.ring();
}

LaneQuestion::LaneQuestion(std::unique_ptr<State> state) : state_(std::move(state)) {}
LaneQuestion::LaneQuestion(LaneQuestion&&) noexcept = default;
LaneQuestion& LaneQuestion::operator=(LaneQuestion&&) noexcept = default;
LaneQuestion::~LaneQuestion() = default;

std::span<const std::byte> LaneQuestion::request() const {
  return state_->request;
}
Secret LaneQuestion::take_secret() {
  return std::exchange(state_->secret, Secret());
}
LaneQuestion::Note& LaneQuestion::note() {
  return state_->note;
}
bool LaneQuestion::abandoned() const {
  return state_->given_up();
}

Result<void> LaneQuestion::write(std::span<const std::byte> bytes, Deadline deadline) {
  while (!bytes.empty()) {
    if (state_->given_up() || !state_->begin())
      return Error{Code::kUnreachable, "the caller is gone", 0};
    auto free = state_->room();
    if (free && *free == 0) {
      const auto waited = state_->wait_for_room(deadline);
      if (!waited) return waited.error();
      free = *waited;
    }
    if (!free) return Error{Code::kUnreachable, "the caller is gone", 0};
    const std::size_t piece = std::min({bytes.size(), *free, kPiece});
    state_->append(bytes.first(piece));
    state_->shared().news.ring();
    bytes = bytes.subspan(piece);
  }
  return {};
}

void LaneQuestion::finish() {
  state_->end(SlotState::kDone);
}

Result<void> LaneQuestion::answer_at_once(std::span<const std::byte> bytes) {
  if (state_->given_up()) {
    finish();
    return Error{Code::kUnreachable, "the caller is gone", 0};
  }
  const auto free = state_->room();
  if (!free || bytes.size() > *free)
    return Error{Code::kTooLarge, "an answer over the ring's size", 0};
  state_->append(bytes);  // not rung for: the reader wakes once, at the end
  finish();
  return {};
}

}  // namespace alphamail
