// SPDX-License-Identifier: GPL-3.0-or-later
// SMTP connections that have sent a message and may send another one soon. Any thread.
#ifndef WEBCACHE_SMTP_POOL_H
#define WEBCACHE_SMTP_POOL_H

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "webcache/smtp_connection.h"

namespace alphamail {

class SmtpPool {
 public:
  static constexpr std::size_t kMost = 256;
  static constexpr std::int64_t kIdleSeconds = 15;

  /// @param key  server, and who has logged in there
  /// @return null where none is there that can be used
  std::unique_ptr<SmtpConnection> take(const std::string& key) {
    std::list<Idle> found;
    {
      const std::lock_guard lock(mutex_);
      for (auto it = idle_.begin(); it != idle_.end(); ++it) {
        if (it->key != key) continue;
        found.splice(found.begin(), idle_, it);
        break;
      }
    }
    if (found.empty() || !found.front().connection->reusable()) return nullptr;
    return std::move(found.front().connection);
  }
  /// @param now  steady seconds
  void give(const std::string& key, std::unique_ptr<SmtpConnection> connection, std::int64_t now) {
    if (!connection->reusable()) return;
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kMost) idle_.push_front({key, std::move(connection), now});
  }
  /// Closes those that nobody wanted. May wait a moment.
  void sweep(std::int64_t now) {
    std::list<Idle> old;
    {
      const std::lock_guard lock(mutex_);
      for (auto it = idle_.begin(); it != idle_.end();) {
        const auto next = std::next(it);
        if (now - it->since > kIdleSeconds) old.splice(old.end(), idle_, it);
        it = next;
      }
    }
    for (const Idle& one : old) one.connection->quit();
  }

 private:
  struct Idle {
    std::string key;
    std::unique_ptr<SmtpConnection> connection;
    std::int64_t since;
  };
  std::mutex mutex_;  // guards what follows
  std::list<Idle> idle_;
};

}  // namespace alphamail

#endif
