// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/idle_watch.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <string>
#include <vector>

#include "common/log.h"
#include "common/pulse.h"

namespace alphamail {

IdleWatch::IdleWatch()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = 0;
  if (epoll_ && bell_) ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, bell_.get(), &event);
  thread_ = std::thread([this] { run(); });
}

IdleWatch::~IdleWatch() {
  stop();
}

IdleWatch::Ticket IdleWatch::add(int fd, Deadline until, Job wake) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return 0;
  const Ticket ticket = next_++;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT;
  event.data.u64 = ticket;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return 0;
  entries_.emplace(ticket, Entry{fd, until.when(), std::move(wake)});
  const auto place = by_time_.emplace(until.when(), ticket).first;
  if (place == by_time_.begin()) (void)!::eventfd_write(bell_.get(), 1);
  return ticket;
}

Job IdleWatch::take(Ticket ticket) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(ticket);
  if (found == entries_.end()) return Job();
  Job wake = std::move(found->second.wake);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second.fd, nullptr);
  by_time_.erase({found->second.until, ticket});
  entries_.erase(found);
  return wake;
}

void IdleWatch::remove(Ticket ticket) {
  if (ticket != 0) take(ticket);
}

int IdleWatch::next_wait_ms() {
  const std::lock_guard lock(mutex_);
  if (stopping_) return 0;
  return by_time_.empty() ? -1 : Deadline::at(by_time_.begin()->first).left_ms();
}

void IdleWatch::run() {
  const PulseThread pulse("idle watch");
  std::array<epoll_event, 64> events;
  for (;;) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), next_wait_ms());
    const PulseWork work;
    std::vector<Ticket> woken;
    for (int i = 0; i < count; ++i) {
      if (events[static_cast<std::size_t>(i)].data.u64 == 0) {
        eventfd_t ignored = 0;
        (void)!::eventfd_read(bell_.get(), &ignored);
      } else {
        woken.push_back(events[static_cast<std::size_t>(i)].data.u64);
      }
    }
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      const auto now = Deadline::Clock::now();
      for (auto it = by_time_.begin(); it != by_time_.end() && it->first <= now; ++it) woken.push_back(it->second);
    }
    for (const Ticket ticket : woken) {
      Job wake = take(ticket);
      if (!wake) continue;
      try {
        wake();
      } catch (const std::exception& e) {
        log(Severity::kError, 293, std::string("a wake-up ended with an exception: ") + e.what());
      }
    }
  }
}

void IdleWatch::stop() {
  std::unordered_map<Ticket, Entry> dropped;  // let go of outside the lock
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    std::swap(dropped, entries_);
    by_time_.clear();
  }
  (void)!::eventfd_write(bell_.get(), 1);
  if (thread_.joinable()) thread_.join();
}

std::size_t IdleWatch::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace alphamail
