// SPDX-License-Identifier: GPL-3.0-or-later
// How many requests are in work at once: of everybody, and of each user. Whoever comes when it is too
// many is told so at once (503), so that those who are in stay as quick as they are.
//
//   Row of a child:  requests that compute | requests of users, by the hash of the user
//
// The rows lie in memory that all children of one httpd share, a row a child, which alone writes it but
// for one that died: whoever would be refused clears the rows of the dead first. So a killed child
// takes no place for long, and no request waits for a lock. What tells that a child has died is a robust mutex that its
// main thread holds from its first moment to its last: the kernel gives it up before the child's connections are closed,
// while a process's number is there for a while longer, and then again for somebody else.
//
// A request that waits for a mail server computes nothing and counts for its user only; how many of them
// wait is bounded by httpd's threads and by the users' own limit.
#ifndef MOD_ALPHAMAIL_ADMISSION_H
#define MOD_ALPHAMAIL_ADMISSION_H

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "common/result.h"

namespace alphamail {

class Admission {
 public:
  struct Limits {
    std::uint32_t at_once = 64;   ///< requests that compute, of all children
    std::uint32_t a_user = 8;     ///< requests of one user, whatever they do
  };

  /// Makes the shared memory: before httpd forks its children.
  static Result<std::unique_ptr<Admission>> make(Limits limits);
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// In each child, before its first request, by a thread that lives as long as the child and destroys this if anybody
  /// does. Without it (no row was free) everybody is let in.
  void join();

  /// One request's place. Its end gives it back.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept;
    Place& operator=(Place&& other) noexcept;
    ~Place();

    /// From now on it counts for this user, too.
    /// @param times  as many times Limits::a_user are let in
    /// @return kBusy where the user has too many; may be asked again
    Result<void> belongs_to(std::string_view user, std::string_view domain, std::uint32_t times = 1);
    /// It waits for somebody else from here on, or computes again.
    void wait();
    void go_on();

   private:
    friend class Admission;
    explicit Place(Admission* of);
    void leave();
    Admission* of_ = nullptr;
    bool computes_ = false;
    std::uint16_t user_ = kNobody;
  };
  /// @return kBusy where too many compute
  Result<Place> enter();

  /// Requests in work and refused ones, of all children, since httpd started; for tests and the log.
  std::uint32_t computing() const;
  std::uint64_t refused() const;
  /// True once a minute, for whoever logs a refusal.
  bool tell();

 private:
  static constexpr std::uint16_t kNobody = 0xFFFF;
  static constexpr std::size_t kChildren = 1024;  // rows; untouched ones take no memory
  static constexpr std::size_t kUsers = 1024;     // counters a row
  struct Row;
  struct Shared;
  Admission(Shared* shared, Limits limits) : shared_(shared), limits_(limits) {}

  std::uint32_t of_user(std::uint16_t user) const;
  /// @return true where the row is this thread's to use or to leave; what a dead child had in work is then cleared
  bool take(std::size_t row);
  void clear(std::size_t row);
  void leave(std::size_t row);
  void clear_the_dead();
  Error too_many(const char* why);

  Shared* const shared_;
  const Limits limits_;
  Row* mine_ = nullptr;  // of this child
  pid_t joined_ = 0;     // the process that it is of
};

}  // namespace alphamail

#endif
