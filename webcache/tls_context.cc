// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/tls_context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>

namespace alphamail {
namespace {

constexpr std::size_t kMaxSessions = 1024;
constexpr long kSessionSeconds = 3600;

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE when the server has gone; this
// one sends with MSG_NOSIGNAL, so that no program using the stream must remember to ignore it.
int fd_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int bio_write(BIO* bio, const char* data, int length) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(fd_of(bio), data, static_cast<std::size_t>(length), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* into, int length) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(fd_of(bio), into, static_cast<std::size_t>(length), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long bio_ctrl(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
      return 1;
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    default:
      return 0;
  }
}

int bio_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

bool is_address(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 || inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// SSL and SSL_CTX carry a pointer of ours each: the session's key, and the Impl that keeps it.
int key_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}
int impl_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// TLS 1.3 tickets come after the handshake, with the first reads: OpenSSL calls this for each.
int on_new_session(SSL* ssl, SSL_SESSION* session) noexcept {
  SslSession owned(session);
  auto* impl = static_cast<TlsContext::Impl*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), impl_index()));
  const auto* key = static_cast<const std::string*>(SSL_get_ex_data(ssl, key_index()));
  if (impl == nullptr || key == nullptr) return 1;
  try {
    impl->keep(*key, std::move(owned));
  } catch (...) {
    return 1;  // out of memory: the next connection makes a full handshake
  }
  return 1;
}

bool certificate_still_valid(const SSL_SESSION* session) {
  const X509* peer = SSL_SESSION_get0_peer(const_cast<SSL_SESSION*>(session));
  return peer != nullptr && X509_cmp_current_time(X509_get0_notAfter(peer)) > 0;
}

Error tls_error(const char* what) { return {Code::kTls, std::string(what) + ": " + tls_reason(nullptr)}; }

}  // namespace

void tls_clear_errors() { ERR_clear_error(); }

bool tls_unexpected_end() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

std::string tls_reason(const SSL* ssl) {
  const long verified = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
  if (verified != X509_V_OK) {
    return std::string("certificate refused: ") + X509_verify_cert_error_string(verified);
  }
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason ? reason : "TLS failed";
}

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::make(const std::string& ca_file) {
  tls_clear_errors();
  auto impl = std::make_unique<Impl>();
  impl->method.reset(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE"));
  impl->ctx.reset(SSL_CTX_new(TLS_client_method()));
  if (!impl->method || !impl->ctx) return tls_error("no TLS context");
  BIO_meth_set_write(impl->method.get(), bio_write);
  BIO_meth_set_read(impl->method.get(), bio_read);
  BIO_meth_set_ctrl(impl->method.get(), bio_ctrl);
  BIO_meth_set_create(impl->method.get(), bio_create);

  SSL_CTX* ctx = impl->ctx.get();
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_security_level(ctx, 2);  // no RSA or DH below 2048 bits, no SHA-1 signatures
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_clear_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One recv() for what has come, instead of two for each record: servers send records of 2 KB.
  SSL_CTX_set_read_ahead(ctx, 1);
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_timeout(ctx, kSessionSeconds);
  SSL_CTX_sess_set_new_cb(ctx, on_new_session);
  SSL_CTX_set_ex_data(ctx, impl_index(), impl.get());

  const int trusted = ca_file.empty() ? SSL_CTX_set_default_verify_paths(ctx)
                                      : SSL_CTX_load_verify_file(ctx, ca_file.c_str());
  if (trusted != 1) return tls_error(ca_file.empty() ? "system certificates" : ca_file.c_str());
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

Result<Ssl> TlsContext::Impl::start(int fd, const std::string& host, std::uint16_t port, std::string* key) {
  tls_clear_errors();
  Ssl ssl(SSL_new(ctx.get()));
  BIO* bio = BIO_new(method.get());
  if (!ssl || bio == nullptr) {
    BIO_free(bio);
    return tls_error("no TLS connection");
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  SSL_set_bio(ssl.get(), bio, bio);

  *key = host + ':' + std::to_string(port);
  SSL_set_ex_data(ssl.get(), key_index(), key);
  X509_VERIFY_PARAM* check = SSL_get0_param(ssl.get());
  X509_VERIFY_PARAM_set_hostflags(check,
                                  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // An address is no SNI name (RFC 6066 section 3).
  const bool named = is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(check, host.c_str()) == 1
                                      : SSL_set1_host(ssl.get(), host.c_str()) == 1 &&
                                            SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1;
  if (!named) return tls_error("host name");
  const SslSession session = take(*key);
  if (session) SSL_set_session(ssl.get(), session.get());
  return ssl;
}

void TlsContext::Impl::keep(const std::string& key, SslSession session) {
  const std::lock_guard lock(mutex);
  if (sessions.size() >= kMaxSessions && !sessions.contains(key)) sessions.clear();
  sessions[key] = std::move(session);
}

/// A TLS 1.3 ticket is used once (RFC 8446 appendix C.4), so it leaves the cache; the server sends new ones.
/// A session of TLS 1.2 stays. A resumed session shows no certificate again, so one that has ended since is not resumed.
SslSession TlsContext::Impl::take(const std::string& key) {
  const std::lock_guard lock(mutex);
  const auto found = sessions.find(key);
  if (found == sessions.end()) return nullptr;
  SslSession session;
  if (SSL_SESSION_get_protocol_version(found->second.get()) >= TLS1_3_VERSION) {
    session = std::move(found->second);
    sessions.erase(found);
  } else if (SSL_SESSION_up_ref(found->second.get()) == 1) {
    session.reset(found->second.get());
  }
  if (!session || !SSL_SESSION_is_resumable(session.get()) || !certificate_still_valid(session.get())) return nullptr;
  return session;
}

}  // namespace alphamail
