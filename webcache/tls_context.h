// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of TlsContext (tls_stream.h), for tls_stream.cc: OpenSSL's context and the sessions kept.
#ifndef WEBCACHE_TLS_CONTEXT_H
#define WEBCACHE_TLS_CONTEXT_H

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "common/result.h"
#include "webcache/tls_stream.h"

namespace alphamail {

struct SslCtxFree {
  void operator()(SSL_CTX* ctx) const noexcept { SSL_CTX_free(ctx); }
};
struct SslSessionFree {
  void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
struct BioMethodFree {
  void operator()(BIO_METHOD* method) const noexcept { BIO_meth_free(method); }
};
using SslSession = std::unique_ptr<SSL_SESSION, SslSessionFree>;
using Ssl = std::unique_ptr<SSL, SslFree>;

struct TlsContext::Impl {
  /// An SSL over `fd`, ready for SSL_connect: name to check, SNI, a session to resume.
  /// @param key  lives as long as the SSL; under it the session will be kept
  Result<Ssl> start(int fd, const std::string& host, std::uint16_t port, std::string* key);

  void keep(const std::string& key, SslSession session);
  SslSession take(const std::string& key);

  std::unique_ptr<BIO_METHOD, BioMethodFree> method;
  std::unique_ptr<SSL_CTX, SslCtxFree> ctx;
  std::mutex mutex;  ///< guards sessions
  std::unordered_map<std::string, SslSession> sessions;
};

/// Why TLS failed, in words for a reader: the certificate's fault, else OpenSSL's newest error.
std::string tls_reason(const SSL* ssl);
/// True if OpenSSL's newest error is an end without close_notify.
bool tls_unexpected_end();
void tls_clear_errors();

}  // namespace alphamail

#endif
