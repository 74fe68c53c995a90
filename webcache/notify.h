// SPDX-License-Identifier: GPL-3.0-or-later
// Tells the service manager how things stand (the protocol of sd_notify(3)); nothing where nobody
// asked.
#ifndef WEBCACHE_NOTIFY_H
#define WEBCACHE_NOTIFY_H

#include <string_view>

namespace alphamail {

/// Sends "READY=1", "STOPPING=1", ... to the socket that NOTIFY_SOCKET names.
void notify(std::string_view state);

}  // namespace alphamail

#endif
