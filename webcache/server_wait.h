// SPDX-License-Identifier: GPL-3.0-or-later
// How long this thread has waited for mail servers since its job began: the stream adds each wait,
// whoever answers a question reads what came together (question_times.h).
#ifndef WEBCACHE_SERVER_WAIT_H
#define WEBCACHE_SERVER_WAIT_H

#include <cstdint>

namespace alphamail {

void begin_server_wait();
void add_server_wait(std::uint64_t ns);
std::uint64_t server_wait_ns();

}  // namespace alphamail

#endif
