// SPDX-License-Identifier: GPL-3.0-or-later
// What OpenSSL has on the heap: sessions, certificates, buffers of connections. It is a large share of
// what a connection costs, nobody can compute it from outside, and it differs from server to server; so
// each of its blocks is counted.
#ifndef WEBCACHE_TLS_MEMORY_H
#define WEBCACHE_TLS_MEMORY_H

#include <cstddef>

namespace alphamail {

/// Counts from now on; before anything else is asked of OpenSSL. @return false where that was too late
bool count_tls_memory();
/// Bytes of its blocks, as malloc has them; 0 where nobody counts.
std::size_t tls_memory();

}  // namespace alphamail

#endif
