// SPDX-License-Identifier: GPL-3.0-or-later
// One connection to an SMTP submission server (RFC 5321, 6409): verified TLS, bounded replies, a deadline on
// every step, messages streamed.
//
// A client of our own: libetpan's wants the whole message in memory, reads replies without bound, and tells
// neither which step failed nor what was said of which recipient. What is needed here is small, since an SMTP
// reply has no grammar but its three digits.
#ifndef WEBCACHE_SMTP_CONNECTION_H
#define WEBCACHE_SMTP_CONNECTION_H

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"
#include "common/deadline.h"
#include "common/result.h"
#include "common/secret.h"
#include "webcache/message_bytes.h"
#include "webcache/smtp_reply.h"
#include "webcache/tls_stream.h"

namespace alphamail {

struct SmtpTimes {
  Millis connect{5000};
  Millis step{60000};  ///< each command, each piece; ten times that for the answer to a whole message
  const std::atomic<bool>* stopping = nullptr;  ///< the daemon ends: waiting ends with kTimeout
};

struct SmtpEnvelope {
  std::string from;
  std::vector<std::string> recipients;
  std::uint64_t bytes = 0;
  bool eight_bit = false;
  bool utf8_header = false;
};

/// A recipient that the server does not take.
struct SmtpRefused {
  std::string address;
  std::uint16_t reply = 0;
  std::string words;
};

/// What became of a message.
struct SmtpOutcome {
  enum class Kind {
    kTaken,      ///< the server has it (250)
    kRefused,    ///< the server said no: `reply`, `refused`
    kNotSent,    ///< something broke before the end of the message was sent: nobody has it
    kUncertain,  ///< all was sent, and no answer came: it may have arrived
  } kind = Kind::kNotSent;
  Error error;                       ///< of all but kTaken; detail is the server's words, or ours
  std::uint16_t reply = 0;           ///< the server's, where it said one
  std::vector<SmtpRefused> refused;  ///< one is enough that nothing is sent to anybody
  std::string words;                 ///< of kTaken
};

/// Used by one thread at a time.
class SmtpConnection {
 public:
  /// Connects, greets, secures the link (TLS at once, or STARTTLS with nothing unread behind it).
  /// @return kUnreachable, kTimeout, kTls, kProtocol, kServerSaid (a refusal, with its words)
  static Result<std::unique_ptr<SmtpConnection>> open(const MailServer& server,
                                                      const TlsContext& tls, const SmtpTimes& times);
  ~SmtpConnection();  ///< closes without ceremony

  /// AUTH PLAIN, or LOGIN where that is all that is offered (RFC 4954). Never without TLS, but where
  /// MailServer::plain_allowed. @return kBadCredentials for 535 and its like, kServerSaid
  Result<void> log_in(std::string_view user, const Secret& password);

  /// MAIL, RCPT, DATA. All recipients are taken, or nothing is sent.
  /// @param before_end  called once all but the end of the message was sent; where it fails, that is not sent
  SmtpOutcome send(const SmtpEnvelope& envelope, const ByteSource& message,
                   const std::function<Result<void>()>& before_end);

  /// Whether another message may follow: nothing is out of step, the server has not hung up, and it has had
  /// no more than it delivers at once (Exim queues what is beyond ten in a connection).
  bool reusable() const;
  void quit();

 private:
  SmtpConnection(std::unique_ptr<TlsStream> stream, const SmtpTimes& times);
  Result<void> greet(const MailServer& server, const TlsContext& tls);
  Result<SmtpReply> hello();
  Result<void> start_tls(const MailServer& server, const TlsContext& tls);
  Result<SmtpReply> ask(std::string_view line, Millis patience);
  Result<void> put(std::string_view bytes);
  Result<SmtpReply> read_reply(Millis patience);
  Result<void> fill(Deadline deadline);
  Result<void> log_in_by(std::string_view mechanism, const std::vector<std::string>& words);
  std::optional<SmtpOutcome> check_envelope(const SmtpEnvelope& envelope) const;
  std::optional<SmtpOutcome> ask_recipients(const SmtpEnvelope& envelope);
  std::optional<SmtpOutcome> put_message(const ByteSource& message);
  SmtpOutcome broken(Error error);
  void reset();

  std::unique_ptr<TlsStream> stream_;
  const SmtpTimes times_;
  SmtpOffers offers_;
  std::string unread_;
  bool in_step_ = true;
  bool plain_allowed_ = false;
  unsigned sent_ = 0;
};

}  // namespace alphamail

#endif
