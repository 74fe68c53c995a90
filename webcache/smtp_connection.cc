// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/smtp_connection.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace alphamail {
namespace {

// So often somebody who waits looks whether the daemon ends.
constexpr Millis kSlice{200};

/// Exim delivers as many of one connection at once and queues the others; others are no stricter.
constexpr unsigned kMessagesAConnection = 10;

// Recipients that go out in one write where the server takes them so: their answers fit its buffers.
constexpr std::size_t kAtOnce = 50;

// A server that hangs up in the middle of a message has mostly said why.
constexpr Millis kLastWords{1000};

std::string base64(std::string_view bytes) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? kAlphabet[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

/// What this machine calls itself to the server.
std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  const std::string host(name.data());
  const bool good = !host.empty() && host.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
                                                            "nopqrstuvwxyz0123456789.-") == std::string::npos;
  return good ? host : "localhost";
}

Error refusal(const SmtpReply& reply) {
  return {Code::kServerSaid, reply.words(), 0};
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (static_cast<unsigned char>(c) & 0x80) == 0; });
}

SmtpOutcome refused_with(const SmtpReply& reply) {
  return {SmtpOutcome::Kind::kRefused, refusal(reply), reply.code, {}, {}};
}

SmtpOutcome not_sent(Error error) {
  return {SmtpOutcome::Kind::kNotSent, std::move(error), 0, {}, {}};
}

/// Doubles the dot at the beginning of a line (RFC 5321 section 4.5.2).
class DotStuffer {
 public:
  std::string_view stuff(std::string_view bytes) {
    out_.clear();
    while (!bytes.empty()) {
      if (at_line_start_ && bytes[0] == '.') out_ += '.';
      const std::size_t end = bytes.find('\n');
      const std::size_t some = end == std::string_view::npos ? bytes.size() : end + 1;
      out_ += bytes.substr(0, some);
      at_line_start_ = end != std::string_view::npos;
      bytes.remove_prefix(some);
    }
    return out_;
  }

 private:
  bool at_line_start_ = true;
  std::string out_;
};

}  // namespace

SmtpConnection::SmtpConnection(std::unique_ptr<TlsStream> stream, const SmtpTimes& times)
    : stream_(std::move(stream)), times_(times) {}

SmtpConnection::~SmtpConnection() = default;

Result<std::unique_ptr<SmtpConnection>> SmtpConnection::open(const MailServer& server,
                                                             const TlsContext& tls,
                                                             const SmtpTimes& times) {
  auto stream = TlsStream::connect(server.host, server.port, Deadline::in(times.connect));
  if (!stream) return stream.error();
  std::unique_ptr<SmtpConnection> self(new SmtpConnection(std::move(*stream), times));
  if (const auto greeted = self->greet(server, tls); !greeted) return greeted.error();
  return self;
}

Result<void> SmtpConnection::greet(const MailServer& server, const TlsContext& tls) {
  plain_allowed_ = server.plain_allowed;
  if (server.security == Security::kTls) {
    const auto secured = stream_->secure(tls, server.host, server.port, Deadline::in(times_.connect));
    if (!secured) return secured;
  }
  const auto greeting = read_reply(times_.step);
  if (!greeting) return greeting.error();
  if (!greeting->good()) return refusal(*greeting);
  if (const auto said = hello(); !said) return said.error();
  if (server.security == Security::kStartTls && offers_.starttls) return start_tls(server, tls);
  if (stream_->secured() || server.plain_allowed) return {};
  return Error{Code::kTls, "the server offers no STARTTLS", 0};
}

Result<SmtpReply> SmtpConnection::hello() {
  auto said = ask("EHLO " + host_name() + "\r\n", times_.step);
  if (!said) return said;
  if (!said->good()) return refusal(*said);
  offers_ = SmtpOffers::of(*said);
  return said;
}

// What the server said before it, and what it sent behind its answer, does not count (RFC 3207 section 6).
Result<void> SmtpConnection::start_tls(const MailServer& server, const TlsContext& tls) {
  const auto answer = ask("STARTTLS\r\n", times_.step);
  if (!answer) return answer.error();
  if (answer->code != 220)
    return Error{Code::kTls, "the server refuses STARTTLS: " + answer->words(), 0};
  if (!unread_.empty() || stream_->has_unread())
    return Error{Code::kTls, "the server sent plain text behind STARTTLS", 0};
  const auto secured = stream_->secure(tls, server.host, server.port, Deadline::in(times_.connect));
  if (!secured) return secured;
  if (const auto said = hello(); !said) return said.error();
  return {};
}

// ---- lines ----

Result<void> SmtpConnection::put(std::string_view bytes) {
  auto put = stream_->write(bytes, Deadline::in(times_.step));
  if (!put) in_step_ = false;
  return put;
}

// Waits in slices, so that a server that hangs does not hold up the daemon's end.
Result<void> SmtpConnection::fill(Deadline deadline) {
  std::array<char, 4096> some;
  while (!stream_->has_unread()) {
    pollfd polled{stream_->fd(), POLLIN, 0};
    const Deadline slice = Deadline::in(kSlice).sooner(deadline);
    const int ready = ::poll(&polled, 1, slice.left_ms());
    if (ready > 0) break;
    if (ready < 0 && errno != EINTR) return Error{Code::kUnreachable, "the connection failed", 0};
    if (times_.stopping && *times_.stopping) return Error{Code::kTimeout, "the webcache ends", 0};
    if (deadline.passed()) return Error{Code::kTimeout, "the server does not answer", 0};
  }
  const auto got = stream_->read(some, deadline);
  if (!got) return got.error();
  unread_.append(some.data(), *got);
  return {};
}

Result<SmtpReply> SmtpConnection::read_reply(Millis patience) {
  const Deadline deadline = Deadline::in(patience);
  SmtpReplyReader reader;
  for (;;) {
    const std::size_t end = unread_.find('\n');
    if (end == std::string::npos) {
      const bool overlong = unread_.size() > SmtpReplyReader::kLongestLine;
      const auto filled =
          overlong ? Result<void>(Error{Code::kProtocol, "the server's answer has no end", 0})
                   : fill(deadline);
      if (filled) continue;
      in_step_ = false;
      return filled.error();
    }
    const auto last = reader.take(std::string_view(unread_).substr(0, end));
    unread_.erase(0, end + 1);
    if (!last) in_step_ = false;
    if (!last) return last.error();
    if (!*last) continue;
    if (reader.reply.code == 421) in_step_ = false;  // it closes the connection
    return std::move(reader.reply);
  }
}

Result<SmtpReply> SmtpConnection::ask(std::string_view line, Millis patience) {
  if (const auto sent = put(line); !sent) return sent.error();
  return read_reply(patience);
}

// ---- log-in ----

Result<void> SmtpConnection::log_in(std::string_view user, const Secret& password) {
  if (!stream_->secured() && !plain_allowed_)
    return Error{Code::kTls, "no password goes without TLS", 0};
  const auto sendable = [](std::string_view text) {
    return text.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos;
  };
  if (!sendable(user) || !sendable(password.text())) return Error{Code::kBadCredentials, "", 0};
  if (offers_.auth_plain) {
    std::string plain;
    plain.reserve(user.size() + password.size() + 2);
    plain.append(1, '\0').append(user).append(1, '\0').append(password.text());
    std::vector<std::string> words;
    words.push_back(base64(plain));  // moved: a copy would be left behind
    wipe(plain.data(), plain.size());
    auto done = log_in_by("PLAIN", words);
    wipe(words[0].data(), words[0].size());
    return done;
  }
  if (offers_.auth_login) {
    std::vector<std::string> words;
    words.reserve(2);
    words.push_back(base64(user));
    words.push_back(base64(password.text()));
    auto done = log_in_by("LOGIN", words);
    wipe(words[1].data(), words[1].size());
    return done;
  }
  return Error{Code::kServerSaid, "the server offers no way to log in that is known here", 0};
}

// Without initial response: each word is sent when the server asks for it (334).
Result<void> SmtpConnection::log_in_by(std::string_view mechanism,
                                       const std::vector<std::string>& words) {
  auto answer = ask("AUTH " + std::string(mechanism) + "\r\n", times_.step);
  for (const std::string& word : words) {
    if (!answer) return answer.error();
    if (answer->code != 334) break;
    std::string line;
    line.reserve(word.size() + 2);
    line.append(word).append("\r\n");
    answer = ask(line, times_.step);
    wipe(line.data(), line.size());
  }
  if (!answer) return answer.error();
  if (answer->code == 235) return {};
  if (answer->code == 334) in_step_ = false;  // it asks for more than there is
  const bool wrong = answer->code == 535 || answer->code == 534 || answer->code == 530;
  return Error{wrong ? Code::kBadCredentials : Code::kServerSaid, answer->words(), 0};
}

// ---- messages ----

SmtpOutcome SmtpConnection::broken(Error error) {
  in_step_ = false;
  return not_sent(std::move(error));
}

// What the server has said beforehand that it will not take.
std::optional<SmtpOutcome> SmtpConnection::check_envelope(const SmtpEnvelope& envelope) const {
  const bool ascii = is_ascii(envelope.from) &&
                     std::all_of(envelope.recipients.begin(), envelope.recipients.end(),
                                 [](const std::string& address) { return is_ascii(address); });
  const auto refuse = [](Code code, std::string words) {
    return SmtpOutcome{SmtpOutcome::Kind::kRefused, {code, std::move(words), 0}, 0, {}, {}};
  };
  if (envelope.recipients.empty()) return refuse(Code::kInvalid, "there is no recipient");
  if (!ascii && !offers_.utf8)
    return refuse(Code::kServerSaid, "the mail server takes no international addresses (SMTPUTF8)");
  if (envelope.utf8_header && !offers_.utf8)
    return refuse(Code::kServerSaid, "the mail server takes no international headers (SMTPUTF8)");
  if (envelope.eight_bit && !offers_.eight_bit)
    return refuse(Code::kServerSaid, "the mail server takes no 8-bit text (8BITMIME)");
  if (offers_.most_bytes != 0 && envelope.bytes > offers_.most_bytes) {
    return refuse(Code::kTooLarge,
                  "the message has " + std::to_string(envelope.bytes) + " bytes, the mail server takes " +
                      std::to_string(offers_.most_bytes));
  }
  return std::nullopt;
}

std::optional<SmtpOutcome> SmtpConnection::ask_recipients(const SmtpEnvelope& envelope) {
  std::vector<SmtpRefused> refused;
  const std::size_t at_once = offers_.pipelining ? kAtOnce : 1;
  for (std::size_t i = 0; i < envelope.recipients.size(); i += at_once) {
    const std::size_t end = std::min(i + at_once, envelope.recipients.size());
    std::string lines;
    for (std::size_t k = i; k < end; ++k)
      lines.append("RCPT TO:<").append(envelope.recipients[k]).append(">\r\n");
    if (const auto sent = put(lines); !sent) return broken(sent.error());
    for (std::size_t k = i; k < end; ++k) {
      const auto answer = read_reply(times_.step);
      if (!answer) return broken(answer.error());
      if (answer->code == 250 || answer->code == 251 || answer->code == 252) continue;
      refused.push_back({envelope.recipients[k], answer->code, answer->words()});
      if (!in_step_) break;
    }
    if (!in_step_) break;
  }
  if (refused.empty()) return std::nullopt;
  SmtpOutcome outcome;
  outcome.kind = SmtpOutcome::Kind::kRefused;
  outcome.reply = refused.front().reply;
  outcome.error = {Code::kServerSaid, refused.front().words, 0};
  outcome.refused = std::move(refused);
  return outcome;
}

std::optional<SmtpOutcome> SmtpConnection::put_message(const ByteSource& message) {
  DotStuffer stuffer;
  for (;;) {
    const auto some = message();
    if (!some) return broken(some.error());
    if (some->empty()) return std::nullopt;
    const auto sent = put(stuffer.stuff(*some));
    if (sent) continue;
    if (const auto why = read_reply(kLastWords); why && !why->good()) {
      in_step_ = false;
      return refused_with(*why);
    }
    return broken(sent.error());
  }
}

SmtpOutcome SmtpConnection::send(const SmtpEnvelope& envelope, const ByteSource& message,
                                 const std::function<Result<void>()>& before_end) {
  if (auto refused = check_envelope(envelope)) return *refused;
  ++sent_;
  std::string mail = "MAIL FROM:<" + envelope.from + ">";
  if (offers_.size) mail += " SIZE=" + std::to_string(envelope.bytes);
  if (offers_.eight_bit && envelope.eight_bit) mail += " BODY=8BITMIME";
  const bool ascii = is_ascii(envelope.from) &&
                     std::all_of(envelope.recipients.begin(), envelope.recipients.end(),
                                 [](const std::string& address) { return is_ascii(address); });
  if (!ascii || envelope.utf8_header) mail += " SMTPUTF8";
  const auto from = ask(mail + "\r\n", times_.step);
  if (!from) return broken(from.error());
  if (!from->good()) {
    reset();
    return refused_with(*from);
  }
  if (auto refused = ask_recipients(envelope)) {
    reset();
    return *refused;
  }
  const auto go_on = ask("DATA\r\n", times_.step);
  if (!go_on) return broken(go_on.error());
  if (go_on->code != 354) {
    reset();
    return refused_with(*go_on);
  }
  if (auto failed = put_message(message)) return *failed;
  // The only ".CRLF" at the beginning of a line; the message ends with CRLF.
  if (const auto may = before_end(); !may) return broken(may.error());
  const auto uncertain = [this](const Error& error) {
    in_step_ = false;
    return SmtpOutcome{SmtpOutcome::Kind::kUncertain, error, 0, {}, {}};
  };
  if (const auto sent = put(".\r\n"); !sent) return uncertain(sent.error());
  const auto taken = read_reply(times_.step * 10);
  if (!taken) return uncertain(taken.error());
  if (taken->code >= 200 && taken->code < 300)
    return {SmtpOutcome::Kind::kTaken, {}, taken->code, {}, taken->words()};
  if (taken->code < 400) return uncertain({Code::kProtocol, taken->words(), 0});
  return refused_with(*taken);
}

// Forgets what was begun, so that another message may follow.
void SmtpConnection::reset() {
  if (!in_step_) return;
  const auto done = ask("RSET\r\n", times_.step);
  in_step_ = in_step_ && done && done->good();
}

bool SmtpConnection::reusable() const {
  return in_step_ && sent_ < kMessagesAConnection && unread_.empty() && !stream_->has_unread() && [this] {
    pollfd polled{stream_->fd(), POLLIN, 0};
    return ::poll(&polled, 1, 0) == 0;  // readable: the server has hung up, or says so
  }();
}

void SmtpConnection::quit() {
  if (in_step_) (void)stream_->write("QUIT\r\n", Deadline::in(Millis(500)));
  in_step_ = false;
}

}  // namespace alphamail
