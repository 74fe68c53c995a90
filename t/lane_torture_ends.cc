// SPDX-License-Identifier: GPL-3.0-or-later
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "common/lane_client.h"
#include "common/lane_server.h"
#include "t/lane_torture.h"
#include "t/lib/raw_lane.h"

namespace alphamail::torture {

namespace {

using Clock = std::chrono::steady_clock;
using Buffer = std::vector<std::byte>;

constexpr std::uint32_t kLargest = 1024 * 1024;
constexpr std::uint32_t kAtOnce = 64 * 1024;  // longer answers are a worker's
constexpr int kWorkers = 8;

/// A request: this, then `filler` bytes that depend on the id.
struct Ask {
  std::uint64_t id;
  std::uint32_t size;  // of the answer's body
  std::uint32_t filler;
};
/// An answer: this, then `size` bytes that depend on the id.
struct Told {
  std::uint64_t id;
  std::uint64_t request_sum;  // of all its bytes
  std::uint64_t secret_sum;
};

std::byte pattern(std::uint64_t id, std::size_t at) {
  return static_cast<std::byte>(((at + id * 31) * 2654435761u) >> 15);
}

std::uint64_t sum(std::span<const std::byte> bytes) {  // FNV-1a
  std::uint64_t h = 0xcbf29ce484222325;
  for (const std::byte b : bytes) h = (h ^ static_cast<std::uint64_t>(b)) * 0x100000001b3;
  return h;
}

std::string secret_for(std::uint64_t id) {
  return id % 16 == 0 ? "secret of " + std::to_string(id) : std::string();
}

// ---- the daemon ----

class Workers {
 public:
  Workers() {
    for (int i = 0; i < kWorkers; ++i) std::thread([this] { work(); }).detach();
  }
  void add(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    more_.notify_one();
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock lock(mutex_);
      more_.wait(lock, [this] { return !jobs_.empty(); });
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
    }
  }
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<std::function<void()>> jobs_;
};

Buffer answer_to(std::span<const std::byte> request, std::span<const std::byte> secret) {
  Ask ask{};
  if (!request.empty()) std::memcpy(&ask, request.data(), std::min(sizeof ask, request.size()));
  const Told told{ask.id, sum(request), sum(secret)};
  Buffer answer(sizeof told + std::min(ask.size, kLargest));
  std::memcpy(answer.data(), &told, sizeof told);
  for (std::size_t i = sizeof told; i < answer.size(); ++i) answer[i] = pattern(ask.id, i);
  return answer;
}

void answer(Workers& workers, LaneQuestion question) {
  const Secret secret = question.take_secret();
  auto whole = std::make_shared<Buffer>(answer_to(question.request(), secret.bytes()));
  if (whole->size() <= kAtOnce) {
    (void)question.answer_at_once(*whole);
    return;
  }
  auto held = std::make_shared<LaneQuestion>(std::move(question));
  workers.add([whole, held] {
    if (held->write(*whole, Deadline::in(Millis{kDeadlineMs}))) held->finish();
  });
}

// ---- a child ----

void count(Tally& tally, const Error& error) {
  switch (error.code) {
    case Code::kUnreachable:
      ++tally.unreachable;
      break;
    case Code::kTimeout:
      ++tally.timeout;
      break;
    case Code::kBusy:
      ++tally.busy;
      break;
    case Code::kInternal:
      ++tally.cut;
      break;
    default:
      ++tally.other;
  }
}

bool is_right(std::span<const std::byte> got, const Ask& ask, std::span<const std::byte> request,
              const std::string& secret) {
  Told told;
  if (got.size() != sizeof told + ask.size) return false;
  std::memcpy(&told, got.data(), sizeof told);
  if (told.id != ask.id || told.request_sum != sum(request)) return false;
  if (told.secret_sum != sum(std::as_bytes(std::span(secret.data(), secret.size())))) return false;
  for (std::size_t i = sizeof told; i < got.size(); ++i)
    if (got[i] != pattern(ask.id, i)) return false;
  return true;
}

Result<std::size_t> call(LaneClient& client, std::span<const std::byte> request,
                         const std::string& secret, Buffer& into, bool drop_half_way) {
  const Deadline deadline = Deadline::in(Millis{kDeadlineMs});
  auto asked =
      client.ask(request, deadline, std::as_bytes(std::span(secret.data(), secret.size())));
  if (!asked) return asked.error();
  std::size_t total = 0;
  while (total < into.size()) {
    const auto got = asked->read(std::span(into).subspan(total), deadline);
    if (!got) return got.error();
    if (*got == 0) break;
    total += *got;
    if (drop_half_way) break;
  }
  return total;
}

void ask_for_ever(const Stage& stage, LaneClient& client, std::mt19937_64 random) {
  Tally& tally = *stage.tally;
  Buffer into(sizeof(Told) + kLargest + 1);
  Buffer request;
  while (!tally.stop) {
    const bool stream = random() % 64 == 0 && !tally.small_only;
    const Ask ask{random(), static_cast<std::uint32_t>(random() % (stream ? kLargest : 12'000)),
                  static_cast<std::uint32_t>(random() % (random() % 8 == 0 ? 16'000 : 300))};
    request.resize(sizeof ask + ask.filler);
    std::memcpy(request.data(), &ask, sizeof ask);
    for (std::size_t i = sizeof ask; i < request.size(); ++i) request[i] = pattern(~ask.id, i);
    const std::string secret = secret_for(ask.id);
    const bool drop = random() % 50 == 0;

    const auto start = Clock::now();
    const auto got = call(client, request, secret, into, drop);
    const auto us = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count());
    for (std::uint64_t longest = tally.longest_us; us > longest;)
      if (tally.longest_us.compare_exchange_weak(longest, us)) break;

    if (!got) {
      count(tally, got.error());
      // Without a daemon the answer comes at once; a page would be shown and time would pass.
      if (got.error().code == Code::kUnreachable) usleep(200);
    } else if (!drop) {
      ++(is_right(std::span(into).first(*got), ask, request, secret) ? tally.right : tally.wrong);
    }
  }
}

// ---- a child in an attacker's hands ----

/// One random damage. Most strike where it may hurt: words of slots, positions, bells, lengths.
void scribble(lane::Segment& segment, std::mt19937_64& random) {
  auto* raw = reinterpret_cast<volatile unsigned char*>(&segment);
  lane::Slot& slot = segment.slots[random() % kSlots];
  switch (random() % 8) {
    case 0:  // anywhere in header and slots
      for (auto n = random() % 64; n-- > 0;)
        raw[random() % sizeof segment.slots] = static_cast<unsigned char>(random());
      break;
    case 1:  // a request, perhaps one that is being copied
      for (auto n = random() % 64; n-- > 0;)
        segment.requests[random() % kSlots][random() % 64] = static_cast<std::byte>(random());
      break;
    case 2:
      slot.word = static_cast<std::uint32_t>(random() % 64);
      break;
    case 3:
      slot.taken = static_cast<std::uint32_t>(random() % 2 ? random() : random() % 1000);
      break;
    case 4:
      slot.request_bytes =
          static_cast<std::uint32_t>(random() % (random() % 4 ? kRequestBytes : 0xffffffff));
      break;
    case 5:
      slot.room.waiting = static_cast<std::uint32_t>(random() % 2),
      slot.room.turn = static_cast<std::uint32_t>(random());
      break;
    case 6:
      segment.sleeping = static_cast<std::uint32_t>(random() % 2),
      slot.written = static_cast<std::uint32_t>(random());
      break;
    default:  // what an honest child would do, so that the daemon comes to look
      slot.request_bytes = static_cast<std::uint32_t>(random() % 200);
      slot.has_secret = static_cast<std::uint32_t>(random() % 2);
      slot.word = lane::slot_word(lane::generation_of(slot.word), lane::SlotState::kAsked);
      segment.posted |= std::uint64_t{1} << (&slot - segment.slots);
  }
  if (random() % 1000 == 0) segment.posted = random();
}

void send_junk(const RawLane& lane, std::mt19937_64& random) {
  std::byte packet[200];
  for (std::byte& b : packet) b = static_cast<std::byte>(random());
  const lane::SecretHead head{static_cast<std::uint32_t>(random() % (kSlots + 2)),
                              static_cast<std::uint32_t>(random() % 4)};
  std::memcpy(packet, &head, sizeof head);
  (void)!send(lane.control.get(), packet, random() % sizeof packet, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

void Tally::clear() {
  for (auto* n : {&right, &wrong, &unreachable, &timeout, &busy, &cut, &other, &longest_us,
                  &scribbles, &lanes_spoilt})
    *n = 0;
  stop = false;
  small_only = false;
}

int daemon(const Stage& stage) {
  auto* workers = new Workers;  // lives as long as the process, which is killed
  auto server = LaneServer::open({stage.path, {getuid()}},
                                 [workers](LaneQuestion q) { answer(*workers, std::move(q)); });
  if (!server) return 1;
  for (;;) {
    stage.tally->lanes = (*server)->lanes();
    usleep(2000);
  }
}

int child(const Stage& stage, int threads, std::uint32_t seed) {
  LaneClient client({stage.path, getuid()});
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t)
    running.emplace_back([&, t] {
      ask_for_ever(stage, client, std::mt19937_64(seed * 1000u + static_cast<unsigned>(t)));
    });
  for (auto& t : running) t.join();
  return 0;
}

int scribbler(const Stage& stage, std::uint32_t seed) {
  std::mt19937_64 random(seed);
  Tally& tally = *stage.tally;
  while (!tally.stop) {
    const auto lane = raw_lane(stage.path);
    if (!lane) continue;
    auto segment = lane::MappedSegment::map(lane->memory.get());
    if (!segment) return 1;
    for (int i = 0; i < 20'000 && !tally.stop && !lane->closed(); ++i) {
      scribble(**segment, random);
      ++tally.scribbles;
      if (random() % 4 == 0) lane->ring();
      if (random() % 200 == 0) send_junk(*lane, random);
    }
    ++tally.lanes_spoilt;
  }
  return 0;
}

}  // namespace alphamail::torture
