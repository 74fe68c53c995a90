// SPDX-License-Identifier: GPL-3.0-or-later
// From the outbox to the mail server, by SMTP.
#include <algorithm>
#include <chrono>
#include <utility>

#include "common/log.h"
#include "webcache/clock.h"
#include "webcache/outbox.h"
#include "webcache/server.h"

namespace alphamail {
namespace {

bool is_relay(const Config& config, const std::string& domain) {
  const auto& relays = config.smtp_trusted_relay;
  return std::find(relays.begin(), relays.end(), domain) != relays.end();
}

}  // namespace

// Sends it when its time has come.
void Outbox::start(const ItemPtr& item) {
  const MailServer* smtp = server_.config().smtp_server(item->account->server().domain);
  const std::string where = smtp ? smtp->host + ":" + std::to_string(smtp->port) : "";
  const auto strand = server_.workers().strand("smtp " + where);
  const std::int64_t until = item->journal.order->held_until;
  const std::int64_t now = wall_seconds();
  if (item->journal.status.state != OutgoingState::Held || until <= now) {
    set_status(item, {});
    return post(item, strand, &Outbox::deliver);
  }
  // A clock that was set back meanwhile holds nothing longer than was asked.
  const std::int64_t left = std::min<std::int64_t>(until - now, 60);
  server_.timers().at(Deadline::in(Millis(left * 1000)), [self = shared_from_this(), item, strand] {
    if (self->claim_held(item)) self->post(item, strand, &Outbox::deliver);
  });
}

SmtpOutcome Outbox::transact(Item& item, const MailServer& smtp) {
  const SendOrder& order = *item.journal.order;
  Services& services = server_.services();
  const bool relay = is_relay(server_.config(), smtp.domain);
  const std::string key = smtp.host + ":" + std::to_string(smtp.port) + " " +
                          (relay ? std::string() : item.account->cache_name());
  SmtpTimes times;
  times.connect = services.connect_timeout.load();
  times.step = server_.config().smtp_timeout;
  times.stopping = &services.stopping;
  const SmtpEnvelope envelope{order.from, order.recipients, order.facts.wire_bytes,
                              order.facts.eight_bit, order.facts.utf8_header};
  const auto not_sent = [](Error error) {
    return SmtpOutcome{SmtpOutcome::Kind::kNotSent, std::move(error), 0, {}, {}};
  };
  auto connection = server_.smtp_pool().take(key);
  for (bool reused = connection != nullptr;; reused = false) {
    if (reused) server_.counters().add(Count::smtp_reused);
    if (!connection) {
      auto made = SmtpConnection::open(smtp, services.tls, times);
      if (!made) return not_sent(made.error().while_doing("connecting to the mail server"));
      server_.counters().add(Count::smtp_connects);
      if (!relay) {
        const auto entered = (*made)->log_in(item.account->user(), item.password);
        if (!entered) return not_sent(entered.error());
      }
      connection = std::move(*made);
    }
    bool at_end = false;
    SpoolFile::Reader reader(*item.file);
    MessageBytes bytes([&] { return reader.next(); }, MessageBytes::Bcc::kLeftOut);
    SmtpOutcome outcome = connection->send(
        envelope, [&] { return bytes.next(); },
        [&]() -> Result<void> {
          at_end = true;
          return item.file->note(at_end_note());
        });
    // One that the server closed while nobody used it is no reason to give up.
    const bool stale = reused && !at_end && outcome.kind == SmtpOutcome::Kind::kNotSent &&
                       outcome.error.code == Code::kUnreachable;
    if (!stale) {
      server_.smtp_pool().give(key, std::move(connection), steady_seconds());
      return outcome;
    }
    connection.reset();
  }
}

void Outbox::deliver(const ItemPtr& item) {
  const Account& account = *item->account;
  const MailServer* smtp = server_.config().smtp_server(account.server().domain);
  const auto began = Deadline::Clock::now();
  SmtpOutcome outcome =
      smtp ? transact(*item, *smtp)
           : SmtpOutcome{SmtpOutcome::Kind::kNotSent,
                         {Code::kUnknownDomain, "no submission server is configured", 0}, 0, {}, {}};
  const auto took = std::chrono::duration_cast<Millis>(Deadline::Clock::now() - began);
  // The journal is what the next daemon goes by.
  if (server_.services().stopping && outcome.error.code == Code::kTimeout) return release(item);
  OutgoingStatus status;
  status.reply = outcome.reply;
  if (outcome.kind == SmtpOutcome::Kind::kTaken) {
    status.state = OutgoingState::Sent;
    server_.counters().add(Count::messages_sent);
    log(Severity::kInfo, 245,
        "sent: user " + account.address() + " host " + smtp->host + " recipients " +
            std::to_string(item->journal.order->recipients.size()) + " bytes " +
            std::to_string(item->journal.order->facts.wire_bytes) + " ms " +
            std::to_string(took.count()) + " answer " + outcome.words);
    note(*item, status_note(status));
    item->journal.status = status;
    set_status(item, std::move(status));
    return post(item, item->account->strand(), &Outbox::file);
  }
  const bool uncertain = outcome.kind == SmtpOutcome::Kind::kUncertain;
  status.state = uncertain ? OutgoingState::Uncertain : OutgoingState::Failed;
  status.error = outcome.error;
  status.refused = std::move(outcome.refused);
  server_.counters().add(uncertain ? Count::messages_uncertain : Count::messages_refused);
  const std::string whose = account.address() + ": " + outcome.error.detail;
  if (uncertain) {
    log(Severity::kWarning, 247, "may have been sent: user " + whose);
  } else {
    log(Severity::kWarning, 246, "not sent: user " + whose);
  }
  settle(item, std::move(status));
}

}  // namespace alphamail
