// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/watchdog.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "common/log.h"

namespace alphamail {
namespace {

constexpr int kFrames = 40;
constexpr int kOfSignal = 2;  // the handler's own frame, and the kernel's
constexpr Millis kForTheStack{300};

// Written by the handler in the thread that was asked, read by the one that asked: one at a time.
struct Answer {
  std::array<void*, kFrames> frames;
  std::atomic<int> count{-1};
};
Answer answer;

void tell_stack(int) {
  const int saved = errno;
  // Safe here: backtrace() was called before, so that it loads nothing any more.
  answer.count.store(::backtrace(answer.frames.data(), kFrames), std::memory_order_release);
  errno = saved;
}

void prepare_stacks() {
  std::array<void*, 4> some;
  (void)::backtrace(some.data(), static_cast<int>(some.size()));
  struct sigaction action {};
  action.sa_handler = tell_stack;
  action.sa_flags = SA_RESTART;
  ::sigaction(stack_signal(), &action, nullptr);
}

std::string function_at(void* address) {
  Dl_info info{};
  if (::dladdr(address, &info) == 0 || !info.dli_fname) return "?";
  const char* const slash = std::strrchr(info.dli_fname, '/');
  char offset[32];
  std::snprintf(offset, sizeof offset, "+0x%zx",
                static_cast<std::size_t>(static_cast<char*>(address) -
                                         static_cast<char*>(info.dli_fbase)));
  std::string where = std::string(slash ? slash + 1 : info.dli_fname) + offset;
  if (!info.dli_sname) return where;
  int status = 0;
  char* const plain = abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status);
  std::string name = status == 0 && plain ? plain : info.dli_sname;
  std::free(plain);
  const auto arguments = name.find('(');
  if (arguments != std::string::npos && arguments > 0) name.resize(arguments);
  return name + " (" + where + ")";
}

std::string kernel_says(pid_t tid) {
  std::ifstream file("/proc/self/task/" + std::to_string(tid) + "/wchan");
  std::string name;
  std::getline(file, name);
  return name.empty() || name == "0" ? "" : ", in the kernel's " + name;
}

}  // namespace

std::string stack_of(const Pulse& pulse) {
  answer.count.store(-1);
  if (::pthread_kill(pulse.thread, stack_signal()) != 0) return "no stack: it takes no signal";
  const Deadline until = Deadline::in(kForTheStack);
  while (answer.count.load(std::memory_order_acquire) < 0) {
    if (until.passed()) return "no stack: it does not answer" + kernel_says(pulse.tid);
    ::usleep(1000);
  }
  std::string all;
  for (int i = kOfSignal; i < answer.count.load(); ++i) {
    if (!all.empty()) all += " < ";
    all += function_at(answer.frames[static_cast<std::size_t>(i)]);
  }
  return all;
}

Watchdog::Watchdog(Options options, Counters& counters)
    : options_(std::move(options)),
      counters_(counters),
      patience_(static_cast<std::uint32_t>(
          std::max<std::int64_t>(options_.hang_timeout / options_.every, 1))) {
  prepare_stacks();
  thread_ = std::thread([this] { run(); });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, options_.every, [this] { return stopping_; })) {
    lock.unlock();
    each_pulse([this](Pulse& pulse) { look_at(pulse); });
    if (!told_ && options_.alive) options_.alive();
    lock.lock();
  }
}

void Watchdog::look_at(Pulse& pulse) {
  const std::uint32_t beats = pulse.beats.load();
  const std::int64_t due = pulse.due.load();
  const std::int64_t now = std::chrono::duration_cast<Millis>(
      Deadline::Clock::now().time_since_epoch()).count();
  const bool overdue = due != 0 && now > due && pulse.seen.exchange(beats) == beats;
  if (!overdue) {
    pulse.seen = beats;
    pulse.looks = 0;
    return;
  }
  const std::uint32_t looks = pulse.looks.fetch_add(1) + 1;
  if (looks == patience_) report(pulse);
  if (looks == 2 * patience_ && !told_) {
    told_ = true;
    if (options_.stuck) options_.stuck(stuck_);
  }
}

void Watchdog::report(Pulse& pulse) {
  counters_.add(Count::hangs);
  stuck_ = std::string(pulse.name) + " " + std::to_string(pulse.tid) + " at " + stack_of(pulse);
  const bool dropped = pulse.drop_connection();
  log(Severity::kError, 270,
      "a thread hangs beyond its deadline" +
          std::string(dropped ? "; the connection it waits for is dropped: " : ": ") + stuck_);
}

}  // namespace alphamail
