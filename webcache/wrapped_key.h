// SPDX-License-Identifier: GPL-3.0-or-later
// An account's key as it lies on disk: 32 random bytes that seal all of its cache, wrapped by a key
// from the user's password, or, where a log-in has none, by the daemon's own secret alone.
//
//     0     magic "AMkey", version 1, how: 1 = password, 2 = the daemon's secret
//     7     scrypt's cost: log2 N, r, p
//     10    salt, 16 random bytes
//     26    mark of the key inside, 16 bytes: tells whether a key is this one without opening
//     anything 42    the key under a Seal (seal.h); all above and the account's name are its
//     context
//
// The daemon's secret goes into the wrapping key in both cases: who has a copy of the cache alone
// cannot try passwords on it.
#ifndef WEBCACHE_WRAPPED_KEY_H
#define WEBCACHE_WRAPPED_KEY_H

#include <span>
#include <string>
#include <string_view>

#include "common/result.h"
#include "common/seal.h"
#include "common/secret.h"

namespace alphamail {

/// A new account key.
Secret new_account_key();

/// Takes some 60 ms and 16 MB where there is a password: for a worker.
/// @param password  empty: the log-in has none
/// @param account   whose key it is (AccountFiles::name)
Bytes wrap_key(const Secret& account_key, const Secret& password, const Secret& daemon_secret,
               std::string_view account);
/// @return kInvalid where password, secret, account or a bit differ
Result<Secret> unwrap_key(std::span<const std::byte> wrapped, const Secret& password,
                          const Secret& daemon_secret, std::string_view account);
/// Whether `account_key` is the one inside, by its mark.
bool is_key_of(const Secret& account_key, std::span<const std::byte> wrapped);

}  // namespace alphamail

#endif
