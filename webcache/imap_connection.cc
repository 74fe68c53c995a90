// SPDX-License-Identifier: GPL-3.0-or-later
// Opening, securing, logging in, selecting. Fetching is in imap_fetching.cc.
#include "webcache/imap_connection_impl.h"

#include <utility>

#include "webcache/heap_bytes.h"
#include "webcache/imap_cursor.h"
#include "webcache/imap_error.h"
#include "webcache/imap_parser.h"

namespace alphamail {
namespace {

/// SASL PLAIN (RFC 4616) in base64, "=" for nothing: its buffers are wiped by who calls.
std::string base64(std::string_view bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k <= bytes.size() ? kAlphabet[bits >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

// Room for one lost packet (RFC 6298 section 2: a second).
constexpr Millis kMayTakeToConnect{2500};

bool may_be_sent(std::string_view text) {
  return text.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos;
}

}  // namespace

ImapConnection::ImapConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ImapConnection::~ImapConnection() = default;

const Capabilities& ImapConnection::capabilities() const { return impl_->wire.capabilities(); }
bool ImapConnection::dead() const { return impl_->wire.dead(); }
std::uint64_t ImapConnection::commands() const { return impl_->wire.commands(); }
const std::string& ImapConnection::selected() const { return impl_->selected; }
std::uint32_t ImapConnection::exists() const { return impl_->wire.exists(); }

Result<void> ImapConnection::Impl::check(Result<StatusText> status) {
  if (!std::exchange(more_follows, false)) wire.rest();
  if (!status) return status.error();
  if (status->kind != StatusText::Kind::kOk) return server_said(*status);
  return {};
}

Result<void> ImapConnection::Impl::ask_capabilities(Deadline deadline) {
  auto asked = check(etpan->capability(deadline));
  if (!asked) return asked.error().while_doing("CAPABILITY");
  if (wire.take_news_of_capabilities()) return {};
  wire.die();
  return protocol_error("names no capabilities");
}

/// STARTTLS (RFC 3501 section 6.2.1). What the server said before it, and what it sent behind its OK
/// in the hope that we take it for a part of the secured conversation, does not count.
Result<void> ImapConnection::Impl::start_tls(const MailServer& server, const TlsContext& tls, Deadline deadline) {
  auto status = etpan->start_tls(deadline);
  if (!status) return status.error();
  if (status->kind != StatusText::Kind::kOk) {
    wire.die();
    return Error{Code::kTls, "the server refuses STARTTLS: " + presentable(status->words)};
  }
  if (wire.has_unread()) {
    wire.die();
    return Error{Code::kTls, "the server sent plain text behind STARTTLS"};
  }
  wire.rest();
  auto secured = wire.stream().secure(tls, server.host, server.port, deadline);
  if (!secured) {
    wire.die();
    return secured;
  }
  wire.forget_capabilities();
  return ask_capabilities(deadline);
}

/// From the greeting to the point where a password may be sent.
Result<void> ImapConnection::Impl::establish(const MailServer& server, const TlsContext& tls, Deadline deadline) {
  const auto greeting = wire.greeting(deadline);
  if (!greeting) return greeting.error();
  if (*greeting == StatusText::Kind::kPreauth) {
    // Logged in as whom? And there is no STARTTLS from here (RFC 2595 section 2.4).
    wire.die();
    return Error{wire.stream().secured() ? Code::kProtocol : Code::kTls, "the server wants no log-in (PREAUTH)"};
  }
  auto session = EtpanSession::start(wire);
  if (!session) return session.error();
  etpan = std::move(*session);
  if (!wire.take_news_of_capabilities()) {
    if (auto asked = ask_capabilities(deadline); !asked) return asked;
  }
  if (wire.stream().secured()) return {};
  if (wire.capabilities().starttls) return start_tls(server, tls, deadline);
  if (server.plain_allowed || server.security == Security::kPlain) return {};
  wire.die();
  return Error{Code::kTls, "the server offers no STARTTLS"};
}

Result<std::unique_ptr<ImapConnection>> ImapConnection::open(const MailServer& server, const TlsContext& tls,
                                                             Deadline deadline) {
  // A machine that is switched off answers nothing at all: that is known before the greeting is due.
  auto stream =
      TlsStream::connect(server.host, server.port, deadline.sooner(Deadline::in(kMayTakeToConnect)));
  if (!stream) return stream.error();
  if (server.security == Security::kTls) {
    auto secured = (*stream)->secure(tls, server.host, server.port, deadline);
    if (!secured) return secured.error();
  }
  auto impl = std::make_unique<Impl>(std::move(*stream));
  if (auto ready = impl->establish(server, tls, deadline); !ready) return ready.error();
  impl->wire.rest();
  return std::unique_ptr<ImapConnection>(new ImapConnection(std::move(impl)));
}

/// AUTHENTICATE PLAIN (RFC 4616), with its initial response in the command where that is offered.
Result<StatusText> ImapConnection::Impl::authenticate_plain(std::string_view user, const Secret& password,
                                                            Deadline deadline) {
  std::string plain;
  plain.reserve(user.size() + password.size() + 2);
  plain += '\0';
  plain += user;
  plain += '\0';
  plain += password.text();
  std::string line = base64(plain);
  wipe(plain.data(), plain.capacity());

  const std::string tag = wire.next_tag();
  const bool at_once = wire.capabilities().sasl_ir;
  std::string command = tag + " AUTHENTICATE PLAIN";
  command.reserve(command.size() + line.size() + 4);
  if (at_once) command.append(" ").append(line);
  command += "\r\n";
  auto sent = wire.send(command, deadline);
  wipe(command.data(), command.capacity());
  Result<bool> go_on = false;
  if (sent && !at_once) {
    line += "\r\n";
    go_on = wire.await_continuation(tag, deadline, nullptr);
    if (go_on && *go_on) sent = wire.send_more(line, deadline);
  }
  wipe(line.data(), line.capacity());
  if (!sent) return sent.error();
  if (!go_on) return go_on.error();
  if (!at_once && !*go_on) return wire.status();
  return wire.finish(tag, deadline, nullptr);
}

Result<void> ImapConnection::log_in(std::string_view user, const Secret& password, Deadline deadline) {
  if (user.empty() || user.size() > 1024 || !may_be_sent(user) || !may_be_sent(password.text())) {
    return Error{Code::kBadCredentials, "no such user or password can exist"};
  }
  ImapWire& wire = impl_->wire;
  wire.take_news_of_capabilities();
  const Capabilities& offered = wire.capabilities();
  Result<StatusText> status = Error{Code::kServerSaid, "the server accepts no log-in by password"};
  if (offered.auth_plain && (offered.sasl_ir || offered.login_disabled)) {
    status = impl_->authenticate_plain(user, password, deadline);
    if (status && status->kind == StatusText::Kind::kOk) impl_->etpan->now_logged_in();
  } else if (!offered.login_disabled) {
    ImapCommand command("LOGIN");
    command.astring(user).string(password.text());
    status = impl_->etpan->log_in(command, deadline);
  }
  if (!status) return status.error();
  if (status->kind != StatusText::Kind::kOk) return login_refused(*status);
  impl_->logged_in = true;
  if (wire.take_news_of_capabilities()) {
    wire.rest();
  } else if (auto asked = impl_->ask_capabilities(deadline); !asked) {
    return asked;
  }
  if (wire.capabilities().enable && wire.capabilities().qresync) wire.send_ahead("E1", "E1 ENABLE QRESYNC\r\n");
  return {};
}

void ImapConnection::log_out(Deadline deadline) {
  if (const auto session = impl_->session()) (*session)->log_out(deadline);
}

Result<void> ImapConnection::noop(Deadline deadline) {
  const auto session = impl_->session();
  return session ? impl_->check((*session)->noop(deadline)) : session.error();
}

News ImapConnection::take_news() { return impl_->wire.take_news(); }
bool ImapConnection::has_news() const { return impl_->wire.has_news(); }
bool ImapConnection::idling() const { return impl_->wire.idling(); }
bool ImapConnection::take_nonsense() { return std::exchange(impl_->told_nonsense, false); }
int ImapConnection::fd() const { return impl_->wire.stream().fd(); }

Result<void> ImapConnection::idle(Deadline deadline) {
  if (impl_->selected.empty() || !capabilities().idle) return Error{Code::kInvalid, "IDLE is not possible"};
  return impl_->wire.idle(deadline);
}

Result<void> ImapConnection::listen() {
  auto heard = impl_->wire.listen();
  impl_->wire.rest();
  return heard;
}

void ImapConnection::rest() {
  impl_->wire.rest();
  if (impl_->logged_in) impl_->etpan.reset();
}

std::size_t ImapConnection::bytes_at_rest() {
  constexpr std::size_t kTexts = 192;  // names of server and folder, the last status line
  return heap_block(sizeof(ImapConnection)) + heap_block(sizeof(Impl)) + heap_block(sizeof(TlsStream)) +
         kTexts;
}

Result<EtpanSession*> ImapConnection::Impl::session() {
  if (!etpan) {
    auto made = EtpanSession::start(wire);
    if (!made) return made.error();
    etpan = std::move(*made);
    if (logged_in) etpan->now_logged_in();
    if (!selected.empty()) etpan->now_selected();
  }
  return etpan.get();
}

Result<void> ImapConnection::mark_seen(Uid uid, Deadline deadline) {
  if (uid == Uid{} || impl_->selected.empty()) return Error{Code::kNotFound, "no such message"};
  const auto session = impl_->session();
  return session ? impl_->check((*session)->mark_seen(uid, deadline)) : session.error();
}

Result<StatusText> ImapConnection::Impl::select(const char* verb, std::string_view mailbox, const KnownState* known,
                                                Selected& selected_now, Deadline deadline) {
  ImapCommand command(verb);
  command.astring(mailbox);
  if (known != nullptr) {
    command.words("(QRESYNC (" + std::to_string(known->uid_validity) + ' ' + std::to_string(known->modseq) + "))");
  } else if (wire.capabilities().condstore) {
    command.words("(CONDSTORE)");
  }
  if (!command.valid()) return Error{Code::kNotFound, "no folder can have this name"};
  selected.clear();  // also a SELECT that fails leaves nothing selected
  wire.forget_exists();
  const auto libetpan = session();
  if (!libetpan) return libetpan.error();
  auto status = (*libetpan)->select(command, selected_now, deadline);
  wire.rest();
  return status;
}

Result<Selected> ImapConnection::select(std::string_view mailbox, Deadline deadline, const KnownState& known) {
  const Capabilities& offered = capabilities();
  Selected selected;
  const bool by_qresync = known.uid_validity != 0 && known.modseq != 0 && offered.enable && offered.qresync &&
                          !impl_->refuses_qresync;
  auto status = impl_->select("SELECT", mailbox, by_qresync ? &known : nullptr, selected, deadline);
  if (status && by_qresync && status->kind == StatusText::Kind::kBad) {
    impl_->refuses_qresync = true;
    status = impl_->select("SELECT", mailbox, nullptr, selected, deadline);
  }
  if (auto good = impl_->now_selected(status, mailbox, selected); !good) return good.error();
  selected.caught_up = by_qresync && !impl_->refuses_qresync && impl_->wire.qresync() &&
                       selected.uid_validity == known.uid_validity && selected.highest_modseq != 0;
  return selected;
}

Result<Selected> ImapConnection::examine(std::string_view mailbox, Deadline deadline) {
  Selected selected;
  const auto status = impl_->select("EXAMINE", mailbox, nullptr, selected, deadline);
  if (auto good = impl_->now_selected(status, mailbox, selected); !good) return good.error();
  return selected;
}

Result<void> ImapConnection::Impl::now_selected(const Result<StatusText>& status, std::string_view mailbox,
                                                Selected& now) {
  if (!status) return status.error();
  if (status->kind != StatusText::Kind::kOk) return select_refused(*status);
  // Without these two nobody knows what is shown; both are required (RFC 3501 section 6.3.1).
  if (now.uid_validity == 0 || !wire.exists_said()) {
    wire.die();
    return protocol_error("to SELECT lacks EXISTS or UIDVALIDITY");
  }
  selected = mailbox;
  now.exists = wire.exists();
  // Dovecot tells it unasked; without the extension nothing can be done with it.
  if (!wire.capabilities().condstore) now.highest_modseq = 0;
  return {};
}

}  // namespace alphamail
