// SPDX-License-Identifier: GPL-3.0-or-later
// A byte stream to a mail server: TCP, then TLS with a verified certificate and host name.
//
// Every step has a deadline and waits with poll(2), so any descriptor number works and no thread waits
// for ever. Knows nothing of IMAP or libetpan (etpan.h lays libetpan over it).
#ifndef WEBCACHE_TLS_STREAM_H
#define WEBCACHE_TLS_STREAM_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/deadline.h"
#include "common/result.h"
#include "common/unique_fd.h"

struct ssl_st;

namespace alphamail {

struct SslFree {
  void operator()(ssl_st* ssl) const noexcept;
};

/// What every client connection has in common: TLS 1.2 or newer, trusted certificates, a name check that
/// looks at subjectAltName alone, no renegotiation, no compression, and the sessions that a next
/// connection to the same server resumes. Safe to use from all threads.
class TlsContext {
 public:
  /// @param ca_file  PEM certificates to trust; "" = the system's
  /// @return kTls where the file cannot be read or OpenSSL refuses
  static Result<std::unique_ptr<TlsContext>> make(const std::string& ca_file);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  struct Impl;  ///< tls_context.h

 private:
  friend class TlsStream;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Used by one thread at a time. After an error of read() or write() it is good for nothing more.
class TlsStream {
 public:
  /// Tries every address of `host` (RFC 8305: the next one starts when one is slow) until one answers.
  /// @return kUnreachable (no such name, refused), kTimeout
  static Result<std::unique_ptr<TlsStream>> connect(const std::string& host, std::uint16_t port,
                                                    Deadline deadline);
  /// Over a connected non-blocking descriptor; for tests.
  explicit TlsStream(UniqueFd fd);
  ~TlsStream();  ///< closes; says close_notify if the socket takes it at once
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// TLS from here on. `host` is a name or an address and must be in the certificate.
  /// @return kTls with OpenSSL's reason, kTimeout, kUnreachable
  Result<void> secure(const TlsContext& context, const std::string& host, std::uint16_t port,
                      Deadline deadline);
  bool secured() const { return ssl_ != nullptr; }
  /// "TLSv1.3 TLS_AES_256_GCM_SHA384, resumed", for the log; "" without TLS.
  std::string describe() const;

  /// At least one byte. The end of the stream is an error here: IMAP never ends in the middle of an
  /// answer. @return kUnreachable (closed, also without close_notify), kTimeout, kTls (damaged record)
  Result<std::size_t> read(std::span<char> into, Deadline deadline);
  /// All of it.
  Result<void> write(std::string_view bytes, Deadline deadline);

  /// For as long as it lives, much is expected: a read waits, a millisecond at most, until there is something to do for
  /// one waking, instead of being woken for each record; and OpenSSL keeps its buffer between records.
  class Bulk {
   public:
    explicit Bulk(TlsStream& stream);
    ~Bulk();
    Bulk(const Bulk&) = delete;
    Bulk& operator=(const Bulk&) = delete;

   private:
    TlsStream& stream_;
  };

  /// True if bytes have arrived that nobody has read yet (in the socket or in OpenSSL).
  bool has_unread() const;
  /// True if nothing is left to read and nothing will come: the server has closed the connection, with or without a word
  /// of TLS, or it broke. A poll() of it says readable, too.
  bool ended() const;
  int fd() const { return fd_.get(); }

 private:
  Result<void> wait(short events, Deadline deadline) const;
  Result<void> wait_until(short events, Deadline deadline) const;
  Error failure(int ssl_result, const char* doing) const;

  UniqueFd fd_;
  std::unique_ptr<ssl_st, SslFree> ssl_;
  std::string session_key_;
  bool broken_ = false;
  bool bulk_ = false;
};

}  // namespace alphamail

#endif
