// SPDX-License-Identifier: GPL-3.0-or-later
// Connecting to a host by name within a deadline, whatever the resolver and the routes are doing.
#ifndef WEBCACHE_TCP_CONNECT_H
#define WEBCACHE_TCP_CONNECT_H

#include <cstdint>
#include <string>

#include "common/deadline.h"
#include "common/result.h"
#include "common/unique_fd.h"

namespace alphamail {

/// A connected, non-blocking, close-on-exec socket with TCP_NODELAY and keep-alive.
/// @return kUnreachable with the reason of the last address, kTimeout, kBusy (resolver overloaded)
Result<UniqueFd> tcp_connect(const std::string& host, std::uint16_t port, Deadline deadline);

}  // namespace alphamail

#endif
