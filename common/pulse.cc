// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pulse.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace alphamail {
namespace {

thread_local Pulse* mine = nullptr;

struct Registry {
  std::mutex mutex;  // guards what follows
  std::vector<Pulse*> pulses;
};

// Never destroyed: threads may end after main() has returned.
Registry& registry() {
  static auto* const all = new Registry;
  return *all;
}

std::int64_t in_ms(Deadline::Clock::time_point when) {
  return std::chrono::duration_cast<Millis>(when.time_since_epoch()).count();
}

void owe_from(Deadline::Clock::time_point when) {
  mine->beats.fetch_add(1, std::memory_order_relaxed);
  mine->due.store(in_ms(when), std::memory_order_relaxed);
}

}  // namespace

bool Pulse::drop_connection() {
  const std::lock_guard lock(mutex_);
  return socket_ >= 0 && ::shutdown(socket_, SHUT_RDWR) == 0;
}

PulseThread::PulseThread(const char* name) {
  pulse_.name = name;
  pulse_.tid = static_cast<pid_t>(::syscall(SYS_gettid));
  pulse_.thread = ::pthread_self();
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, stack_signal());
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  mine = &pulse_;
  const std::lock_guard lock(registry().mutex);
  registry().pulses.push_back(&pulse_);
}

PulseThread::~PulseThread() {
  mine = nullptr;
  const std::lock_guard lock(registry().mutex);
  std::erase(registry().pulses, &pulse_);
}

PulseWork::PulseWork() {
  if (mine) owe_from(Deadline::Clock::now());
}

PulseWork::~PulseWork() {
  if (mine) mine->due.store(0, std::memory_order_relaxed);
}

PulseWait::PulseWait(Deadline deadline, int socket) : has_socket_(mine && socket >= 0) {
  if (!mine || mine->due.load(std::memory_order_relaxed) == 0) return;
  owe_from(std::max(deadline.when(), Deadline::Clock::now()));
  if (!has_socket_) return;
  const std::lock_guard lock(mine->mutex_);
  mine->socket_ = socket;
}

PulseWait::~PulseWait() {
  if (has_socket_) {
    const std::lock_guard lock(mine->mutex_);
    mine->socket_ = -1;
  }
  pulse_beat();
}

void pulse_beat() {
  if (mine && mine->due.load(std::memory_order_relaxed) != 0) owe_from(Deadline::Clock::now());
}

void each_pulse(const std::function<void(Pulse&)>& look) {
  const std::lock_guard lock(registry().mutex);
  for (Pulse* const pulse : registry().pulses) look(*pulse);
}

int stack_signal() {
  return SIGRTMIN + 4;
}

}  // namespace alphamail
