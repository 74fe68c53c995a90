// SPDX-License-Identifier: GPL-3.0-or-later
// What all connections to one mail server share: how many there are, who waits for one, and whether
// the server is worth being asked (server_breaker.h), so that a dead one is not asked by everyone.
//
//   wait() ──▶ the server is away ──▶ take(why), at once
//     ├──▶ a free place ──▶ take(place), at once
//     └──▶ the queue, while crowded() looks for who can do without ──▶ take(the place given back)
//                ├──▶ after the server's return: a few each tenth of a second, by serve()
//                └──▶ its time is over ──▶ take(kBusy)
//
// Nobody's thread waits: what is to be done with a place is parked here and posted when there is
// one.
#ifndef WEBCACHE_SERVER_GATE_H
#define WEBCACHE_SERVER_GATE_H

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/deadline.h"
#include "common/result.h"
#include "webcache/counters.h"
#include "webcache/server_breaker.h"

namespace alphamail {

class ServerGate : public std::enable_shared_from_this<ServerGate> {
 public:
  /// @param crowded  called, on the thread that called wait(), each time that somebody begins to
  ///                 wait
  /// @param probe    called, on any thread, where the server is to be probed after a time: by
  ///                 begin_probe(), and where that says so, an attempt and probed()
  /// @param name     of the server, for the log
  ServerGate(std::size_t limit, Counters& counters, std::function<void()> crowded = {},
             std::function<void(Millis)> probe = {}, std::string name = {});

  /// The right to hold one connection; given back when let go of, to whoever waits first.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept = default;
    Place& operator=(Place&& other) noexcept {
      release();
      gate_ = std::move(other.gate_);
      return *this;
    }
    ~Place() { release(); }
    explicit operator bool() const { return gate_ != nullptr; }

   private:
    friend class ServerGate;
    explicit Place(std::shared_ptr<ServerGate> gate) : gate_(std::move(gate)) {}
    void release();
    std::shared_ptr<ServerGate> gate_;
  };

  /// What is done with a place, or without; runs on any thread, so it posts and does not linger.
  using Take = std::function<void(Result<Place>)>;

  /// Gives a place: at once where one is free, else in the order of asking, when one is given back.
  /// Else why the server is away, or kBusy with the seconds to wait: where too many wait already, or
  /// at expire() after `until`.
  void wait(Deadline until, Take take);
  /// Gives places to those who wait only because the server has just come back.
  void serve();
  bool full() const;  ///< all places are taken
  /// Answers those whose time is over.
  void expire();
  /// A place for what nobody waits for, or nothing: only while a quarter of all are free.
  std::optional<Place> enter_if_quiet();
  bool quiet() const;  ///< whether it would give one
  std::size_t waiting() const;
  /// Lets go of all who wait, unanswered: the daemon ends.
  void stop();

  // What its connections tell of the server.

  /// It let somebody in, or answered a command.
  void answered();
  /// It could not be connected to. Whoever waits gets this error, too.
  void failed(const Error& error);
  /// It left a command unanswered.
  void stalled();
  /// A connection broke: has the server probed, unless that was done a moment ago.
  void suspect();
  /// Why it is not to be asked now, with the seconds until it may be; nothing while it is well.
  std::optional<Error> away() const;

  bool begin_probe();
  void probed(const Result<void>& greeted);

 private:
  struct Waiting {
    Deadline until;
    Take take;
  };
  using Turn = ServerBreaker::Turn;
  bool has_quiet_place() const;  // with mutex_ held
  void turned(Turn turn, const Error* why);
  void plan_probe();

  const std::size_t limit_, most_waiting_;
  Counters& counters_;
  const std::function<void()> crowded_;
  const std::function<void(Millis)> probe_;
  const std::string name_;
  std::atomic<bool> troubled_{false};  // answered() has something to tell the breaker
  std::atomic<bool> away_{false};
  mutable std::mutex mutex_;  // guards all below; nothing foreign is called with it held
  ServerBreaker breaker_;
  bool suspected_ = false;               // a probe is planned though nothing is known
  Deadline::Clock::time_point suspected_at_{};
  std::size_t held_ = 0;
  std::deque<Waiting> waiting_;
  bool stopped_ = false;
};

}  // namespace alphamail

#endif
