// SPDX-License-Identifier: GPL-3.0-or-later
// A logged-in browser. The cookie carries one random secret of 256 bits and nothing else; all else
// follows from it: the row's name in the store (a hash), the key that opens the password, the
// handle that the webcache knows it by, the key of its form tokens. So neither the store, nor the
// session cache, nor the daemon alone can open anything.
#ifndef MOD_ALPHAMAIL_SESSION_H
#define MOD_ALPHAMAIL_SESSION_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "common/seal.h"
#include "common/settings.h"
#include "mod_alphamail/webcache_client.h"

namespace alphamail {

class Session {
 public:
  /// Everything that follows from the cookie's secret.
  struct Keys {
    Digest row;           ///< names the row: SHA-256 of a derived value
    Key password;         ///< opens sealed_password and sealed_account_key
    Key token;            ///< of form tokens
    wire::Handle handle;

    ~Keys() {
      wipe(password);
      wipe(token);
    }
  };
  static Keys keys_of(std::span<const std::byte, 32> cookie_secret);

  std::string user;
  std::string domain;
  Bytes sealed_password;
  Bytes sealed_account_key;     ///< of the webcache's files; empty where it keeps none
  std::int64_t started = 0;     ///< seconds since 1970
  std::int64_t last_used = 0;   ///< polls do not count
  std::uint32_t idle_limit = 0; ///< seconds
  std::string browser_class;    ///< S4: the user agent's family; another one ends the session
  Settings settings;
  std::vector<std::string> identities;  ///< their addresses, as far as they are others than the user's own
  std::string labels;           ///< what the user has made of them (labels.h); "" = nothing
  Keys keys;

  std::string address() const { return user.find('@') == std::string::npos ? user + "@" + domain : user; }
  /// All that mail to this user may be addressed to, as far as is known.
  std::vector<std::string> addresses() const {
    std::vector<std::string> all{address()};
    all.insert(all.end(), identities.begin(), identities.end());
    return all;
  }
  Caller caller() const {
    return {keys.handle, user, domain, sealed_password, sealed_account_key, keys.password,
            settings.roles};
  }
};

}  // namespace alphamail

#endif
