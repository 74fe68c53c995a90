// SPDX-License-Identifier: GPL-3.0-or-later
// What tells one file of an account's spool from another: 128 random bits.
#ifndef WEBCACHE_SPOOL_ID_H
#define WEBCACHE_SPOOL_ID_H

#include <compare>
#include <cstdint>

#include "common/protocol_generated.h"

namespace alphamail {

/// wire::SpoolId as a key of maps. All zero is none.
struct SpoolId {
  std::uint64_t high = 0, low = 0;
  auto operator<=>(const SpoolId&) const = default;
  explicit operator bool() const { return high != 0 || low != 0; }
};
inline SpoolId spool_id(const wire::SpoolId* id) {
  return id ? SpoolId{id->high(), id->low()} : SpoolId{};
}
SpoolId new_spool_id();

}  // namespace alphamail

#endif
