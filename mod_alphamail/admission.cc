// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/admission.h"

#include <pthread.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>
#include <new>
#include <utility>

namespace alphamail {

struct Admission::Row {
  std::atomic<std::uint32_t> computing{0};
  std::atomic<std::uint16_t> users[kUsers] = {};
};

struct Admission::Shared {
  std::atomic<std::uint32_t> rows{0};     // that were ever taken
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::int64_t> told{0};      // steady seconds
  std::uint64_t salt = 0;                 // so that nobody chooses whom to share a counter with
  pthread_mutex_t alive[kChildren];       // held by the child that a row belongs to
  Row row[kChildren];
};

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

Result<std::unique_ptr<Admission>> Admission::make(Limits limits) {
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return Error{Code::kInternal, std::string("memory for requests in work: ") + std::strerror(errno), 0};
  }
  // The pages are zero, which is what every counter begins with: rows are not touched.
  auto* shared = static_cast<Shared*>(memory);
  if (getentropy(&shared->salt, sizeof shared->salt) != 0) shared->salt = 0;
  pthread_mutexattr_t robust;
  pthread_mutexattr_init(&robust);
  pthread_mutexattr_setpshared(&robust, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST);
  for (pthread_mutex_t& alive : shared->alive) pthread_mutex_init(&alive, &robust);
  pthread_mutexattr_destroy(&robust);
  return std::unique_ptr<Admission>(new Admission(shared, limits));
}

Admission::~Admission() {
  if (mine_ != nullptr && joined_ == getpid()) {
    const auto row = static_cast<std::size_t>(mine_ - shared_->row);
    clear(row);  // a child that is told to end may end in the middle of requests
    leave(row);
  }
  munmap(shared_, sizeof(Shared));
}

bool Admission::take(std::size_t row) {
  pthread_mutex_t* alive = &shared_->alive[row];
  const int error = pthread_mutex_trylock(alive);
  if (error != 0 && error != EOWNERDEAD) return false;
  if (error == EOWNERDEAD) {
    // What a child that died had in work is over.
    pthread_mutex_consistent(alive);
    clear(row);
  }
  return true;
}

void Admission::clear(std::size_t row) {
  shared_->row[row].computing.store(0, kRelaxed);
  for (auto& user : shared_->row[row].users) user.store(0, kRelaxed);
}

void Admission::leave(std::size_t row) { pthread_mutex_unlock(&shared_->alive[row]); }

void Admission::join() {
  for (std::size_t i = 0; i < kChildren; ++i) {
    if (!take(i)) continue;
    std::uint32_t rows = shared_->rows.load();
    while (rows <= i && !shared_->rows.compare_exchange_weak(rows, static_cast<std::uint32_t>(i + 1))) {
    }
    mine_ = &shared_->row[i];
    joined_ = getpid();
    return;
  }
}

void Admission::clear_the_dead() {
  const std::uint32_t rows = shared_->rows.load();
  for (std::uint32_t i = 0; i < rows; ++i) {
    if (take(i)) leave(i);
  }
}

std::uint32_t Admission::computing() const {
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0, rows = shared_->rows.load(kRelaxed); i < rows; ++i) {
    sum += shared_->row[i].computing.load(kRelaxed);
  }
  return sum;
}

std::uint32_t Admission::of_user(std::uint16_t user) const {
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0, rows = shared_->rows.load(kRelaxed); i < rows; ++i) {
    sum += shared_->row[i].users[user].load(kRelaxed);
  }
  return sum;
}

std::uint64_t Admission::refused() const { return shared_->refused.load(kRelaxed); }

bool Admission::tell() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  std::int64_t before = shared_->told.load(kRelaxed);
  if (before != 0 && now.tv_sec < before + 60) return false;
  return shared_->told.compare_exchange_strong(before, now.tv_sec);
}

Error Admission::too_many(const char* why) {
  shared_->refused.fetch_add(1, kRelaxed);
  return {Code::kBusy, why, 1};
}

Result<Admission::Place> Admission::enter() {
  if (mine_ == nullptr) return Place();
  mine_->computing.fetch_add(1, kRelaxed);
  Place place(this);
  if (computing() <= limits_.at_once) return place;
  clear_the_dead();
  if (computing() <= limits_.at_once) return place;
  return too_many("more requests than this machine can work on");
}

// ---- one request ----

Admission::Place::Place(Admission* of) : of_(of), computes_(true) {}

Admission::Place::Place(Place&& other) noexcept
    : of_(std::exchange(other.of_, nullptr)),
      computes_(std::exchange(other.computes_, false)),
      user_(std::exchange(other.user_, kNobody)) {}

Admission::Place& Admission::Place::operator=(Place&& other) noexcept {
  if (this == &other) return *this;
  leave();
  of_ = std::exchange(other.of_, nullptr);
  computes_ = std::exchange(other.computes_, false);
  user_ = std::exchange(other.user_, kNobody);
  return *this;
}

Admission::Place::~Place() { leave(); }

void Admission::Place::leave() {
  wait();
  if (of_ != nullptr && user_ != kNobody) of_->mine_->users[user_].fetch_sub(1, kRelaxed);
  user_ = kNobody;
  of_ = nullptr;
}

void Admission::Place::wait() {
  if (of_ != nullptr && std::exchange(computes_, false)) of_->mine_->computing.fetch_sub(1, kRelaxed);
}

void Admission::Place::go_on() {
  if (of_ != nullptr && !std::exchange(computes_, true)) of_->mine_->computing.fetch_add(1, kRelaxed);
}

Result<void> Admission::Place::belongs_to(std::string_view user, std::string_view domain, std::uint32_t times) {
  if (of_ == nullptr || user_ != kNobody) return {};
  const std::uint32_t most = of_->limits_.a_user * times;
  const std::size_t hash = std::hash<std::string_view>()(user) * 31 + std::hash<std::string_view>()(domain);
  user_ = static_cast<std::uint16_t>(((hash ^ of_->shared_->salt) * 0x9E3779B97F4A7C15U >> 40) % kUsers);
  of_->mine_->users[user_].fetch_add(1, kRelaxed);
  if (of_->of_user(user_) <= most) return {};
  of_->clear_the_dead();
  if (of_->of_user(user_) <= most) return {};
  of_->mine_->users[std::exchange(user_, kNobody)].fetch_sub(1, kRelaxed);
  return of_->too_many("too many requests of one user at once");
}

}  // namespace alphamail
