// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/tls_stream.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "common/pulse.h"
#include "webcache/server_wait.h"
#include "webcache/tcp_connect.h"
#include "webcache/tls_context.h"

namespace alphamail {
namespace {

// What is worth a waking: many records of most servers, and half of what a socket's buffer holds by default.
constexpr int kMuch = 64 * 1024;
constexpr Millis kMuchWaits{1};

/// Less than so many bytes wake nobody who waits for the socket; where the system refuses it, each one does.
void wake_for(int fd, int bytes) {
  (void)::setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

}  // namespace

void SslFree::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }

Result<std::unique_ptr<TlsStream>> TlsStream::connect(const std::string& host, std::uint16_t port,
                                                      Deadline deadline) {
  auto fd = tcp_connect(host, port, deadline);
  if (!fd) return fd.error();
  return std::make_unique<TlsStream>(std::move(*fd));
}

TlsStream::TlsStream(UniqueFd fd) : fd_(std::move(fd)) {}

TlsStream::~TlsStream() {
  // One try: the socket does not block, and a server that takes no more bytes gets none.
  if (ssl_ && !broken_ && SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
  tls_clear_errors();
}

Result<void> TlsStream::wait(short events, Deadline deadline) const {
  if (!bulk_ || events != POLLIN) return wait_until(events, deadline);
  if (wait_until(events, Deadline::in(kMuchWaits).sooner(deadline))) return {};
  // Little came: any byte counts now.
  wake_for(fd(), 1);
  const auto ready = wait_until(events, deadline);
  wake_for(fd(), kMuch);
  return ready;
}

Result<void> TlsStream::wait_until(short events, Deadline deadline) const {
  pollfd polled{fd_.get(), events, 0};
  const PulseWait pulse(deadline, fd_.get());
  for (;;) {
    const auto began = Deadline::Clock::now();
    const int ready = ::poll(&polled, 1, deadline.left_ms());
    add_server_wait(static_cast<std::uint64_t>(
        std::chrono::nanoseconds(Deadline::Clock::now() - began).count()));
    if (ready > 0) return {};
    if (ready == 0 && deadline.passed()) return Error{Code::kTimeout, "the server does not answer"};
    if (ready < 0 && errno != EINTR) return Error{Code::kUnreachable, std::strerror(errno)};
  }
}

TlsStream::Bulk::Bulk(TlsStream& stream) : stream_(stream) {
  stream_.bulk_ = true;
  wake_for(stream_.fd(), kMuch);
  if (!stream_.ssl_) return;
  SSL_clear_mode(stream_.ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_set_default_read_buffer_len(stream_.ssl_.get(), kMuch);
}

TlsStream::Bulk::~Bulk() {
  stream_.bulk_ = false;
  wake_for(stream_.fd(), 1);
  if (!stream_.ssl_) return;
  SSL_set_mode(stream_.ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_set_default_read_buffer_len(stream_.ssl_.get(), 0);
}

Error TlsStream::failure(int ssl_result, const char* doing) const {
  const int system_error = errno;
  const int kind = SSL_get_error(ssl_.get(), ssl_result);
  if (kind == SSL_ERROR_ZERO_RETURN) return {Code::kUnreachable, "the server closed the connection"};
  if (kind == SSL_ERROR_SYSCALL) {
    return {Code::kUnreachable, system_error ? std::strerror(system_error) : "the connection was cut"};
  }
  // Somebody on the way may have cut it: the answer ends here, but it is not complete.
  if (tls_unexpected_end()) return {Code::kUnreachable, "the connection was cut without close_notify"};
  return {Code::kTls, std::string(doing) + ": " + tls_reason(ssl_.get())};
}

Result<void> TlsStream::secure(const TlsContext& context, const std::string& host, std::uint16_t port,
                               Deadline deadline) {
  auto ssl = context.impl_->start(fd_.get(), host, port, &session_key_);
  if (!ssl) return ssl.error();
  ssl_ = std::move(*ssl);
  for (;;) {
    tls_clear_errors();
    errno = 0;
    const int rc = SSL_connect(ssl_.get());
    if (rc == 1) break;
    const int kind = SSL_get_error(ssl_.get(), rc);
    if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE) {
      broken_ = true;
      // A server that has no version or cipher in common with us may just hang up.
      if (tls_unexpected_end()) return Error{Code::kTls, "the server ended the TLS negotiation"};
      return failure(rc, "TLS with the server failed");
    }
    if (auto ready = wait(kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline); !ready) {
      broken_ = true;
      return ready;
    }
  }
  // SSL_VERIFY_PEER has already refused anything else; a second look costs nothing.
  if (SSL_get_verify_result(ssl_.get()) != X509_V_OK) {
    broken_ = true;
    return Error{Code::kTls, tls_reason(ssl_.get())};
  }
  return {};
}

std::string TlsStream::describe() const {
  if (!ssl_) return "";
  return std::string(SSL_get_version(ssl_.get())) + " " + SSL_get_cipher_name(ssl_.get()) +
         (SSL_session_reused(ssl_.get()) ? ", resumed" : "");
}

Result<std::size_t> TlsStream::read(std::span<char> into, Deadline deadline) {
  for (;;) {
    short events = POLLIN;
    errno = 0;
    if (ssl_) {
      tls_clear_errors();
      std::size_t got = 0;
      const int rc = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
      if (rc == 1) return got;
      const int kind = SSL_get_error(ssl_.get(), rc);
      if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE) {
        broken_ = true;
        return failure(rc, "reading from the server");
      }
      if (kind == SSL_ERROR_WANT_WRITE) events = POLLOUT;
    } else {
      const ssize_t got = ::recv(fd_.get(), into.data(), into.size(), 0);
      if (got > 0) return static_cast<std::size_t>(got);
      if (got == 0) return Error{Code::kUnreachable, "the server closed the connection"};
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return Error{Code::kUnreachable, std::strerror(errno)};
    }
    if (auto ready = wait(events, deadline); !ready) return ready.error();
  }
}

Result<void> TlsStream::write(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    short events = POLLOUT;
    errno = 0;
    std::size_t sent = 0;
    if (ssl_) {
      tls_clear_errors();
      const int rc = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
      if (rc != 1) {
        const int kind = SSL_get_error(ssl_.get(), rc);
        if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE) {
          broken_ = true;
          return failure(rc, "writing to the server");
        }
        if (kind == SSL_ERROR_WANT_READ) events = POLLIN;
      }
    } else {
      const ssize_t rc = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (rc >= 0) {
        sent = static_cast<std::size_t>(rc);
      } else if (errno != EAGAIN && errno != EINTR) {
        return Error{Code::kUnreachable, std::strerror(errno)};
      }
    }
    bytes.remove_prefix(sent);
    if (sent > 0 || bytes.empty()) continue;
    if (auto ready = wait(events, deadline); !ready) return ready;
  }
  return {};
}

bool TlsStream::has_unread() const {
  if (ssl_ && SSL_has_pending(ssl_.get())) return true;
  char byte = 0;
  return ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

bool TlsStream::ended() const {
  if (ssl_ && SSL_has_pending(ssl_.get())) return false;
  char byte = 0;
  const ssize_t got = ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

}  // namespace alphamail
