// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/server_wait.h"

namespace alphamail {
namespace {
thread_local std::uint64_t waited_ns = 0;
}  // namespace

void begin_server_wait() {
  waited_ns = 0;
}

void add_server_wait(std::uint64_t ns) {
  waited_ns += ns;
}

std::uint64_t server_wait_ns() {
  return waited_ns;
}

}  // namespace alphamail
