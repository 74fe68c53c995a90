// SPDX-License-Identifier: GPL-3.0-or-later
// Questions about drafts and messages that are sent.
#include <algorithm>
#include <utility>

#include "webcache/clock.h"
#include "webcache/commands.h"
#include "webcache/login_steps.h"

namespace alphamail {
namespace {

constexpr std::size_t kMostMarked = 100;
constexpr std::uint8_t kLongestHold = 60;  // seconds
constexpr std::uint32_t kLongestWait = 60'000;
constexpr std::size_t kWaitingQuestions = 64;

std::string text_of(const flatbuffers::String* text) {
  return text ? text->str() : std::string();
}

Result<Account::Shown> shown_of(const wire::Shown& shown) {
  Account::Shown message{shown.folder()->str(), shown.uid_validity(), Uid{shown.uid()},
                         shown.identity()};
  if (!is_address(message.folder) || message.uid == Uid{})
    return Error{Code::kNotFound, "no such message", 0};
  return message;
}

Result<SendOrder> order_of(const wire::Send& ask) {
  SendOrder order;
  order.from = text_of(ask.from());
  if (ask.recipients()) {
    for (const auto* one : *ask.recipients()) order.recipients.push_back(one->str());
  }
  order.asked = wall_seconds();
  const auto hold = std::min(ask.hold_seconds(), kLongestHold);
  order.held_until = hold == 0 ? 0 : order.asked + hold;
  order.keep_copy = ask.keep_copy();
  order.sent_folder = text_of(ask.sent_folder());
  if (!order.sent_folder.empty() && !is_address(order.sent_folder))
    return Error{Code::kNotFound, "no such folder", 0};
  if (ask.mark() > wire::Mark::MAX) return Error{Code::kInvalid, "no such mark", 0};
  order.mark = ask.mark();
  if (ask.marked()) {
    if (ask.marked()->size() > kMostMarked) return Error{Code::kTooLarge, "too many messages", 0};
    for (const auto* one : *ask.marked()) {
      auto shown = shown_of(*one);
      if (!shown) return shown.error();
      order.marked.push_back(std::move(*shown));
    }
  }
  if (ask.draft()) {
    auto shown = shown_of(*ask.draft());
    if (!shown) return shown.error();
    order.draft = std::move(*shown);
  }
  return order;
}

// What a question about a message in the outbox needs.
struct Ready {
  std::shared_ptr<Account> account;
  std::shared_ptr<Outbox> outbox;
};

std::optional<Ready> ready(Server& server, Asked& asked) {
  auto account = account_of(server, asked);
  if (!account) return std::nullopt;
  auto outbox = outbox_of(server, *account, asked);
  if (!outbox) return std::nullopt;
  return Ready{std::move(account), std::move(outbox)};
}

void post_to_outbox(Server& server, const std::shared_ptr<Outbox>& outbox,
                    const std::shared_ptr<Pending>& pending, Job job) {
  if (server.workers().post(outbox->strand(), Workers::When::kNow, std::move(job), kWaitingQuestions))
    return;
  server.counters().add(Count::questions_refused);
  pending->fail(Error{Code::kBusy, "too many questions at once", 2});
}

Millis wait_of(std::uint32_t wait_ms) {
  return Millis(std::min(wait_ms, kLongestWait));
}

struct DraftAsked {
  Ready who;
  std::shared_ptr<Pending> pending;
  SpoolId id;
  std::optional<Account::Shown> replaces;
};

constexpr Millis kLooksAgain{500};

// As often as it takes until the server has surely ended what it was told before; the question's deadline ends it, too.
void save_draft(Server& server, const DraftAsked& asked) {
  post_question(server, asked.who.account, asked.pending, [&server, asked] {
    const auto saved = asked.who.outbox->save_draft(*asked.who.account, asked.id, asked.replaces);
    if (!saved && saved.error().code == Code::kUnderWay && !asked.pending->deadline().passed()) {
      server.timers().at(Deadline::in(kLooksAgain), [&server, asked] { save_draft(server, asked); });
      return;
    }
    asked.pending->answer([&] { return saved ? reply_draft_saved(*saved) : reply_failure(saved.error()); });
    follow_later(server, asked.who.account);
  });
}

}  // namespace

void answer_save_draft(Server& server, Asked asked, const wire::SaveDraft& ask) {
  const auto who = ready(server, asked);
  if (!who) return;
  std::optional<Account::Shown> replaces;
  if (ask.replaces()) {
    auto shown = shown_of(*ask.replaces());
    if (!shown) return answer_failure(server, std::move(asked), shown.error());
    replaces = std::move(*shown);
  }
  if (!who->account->connected())
    return answer_failure(server, std::move(asked), who->account->without_connection());
  save_draft(server, {*who, server.pend(std::move(asked.question), asked.deadline), spool_id(ask.id()), replaces});
}

void answer_send(Server& server, Asked asked, const wire::Send& ask) {
  const Secret key = asked.question.take_secret();
  const auto who = ready(server, asked);
  if (!who) return;
  auto order = order_of(ask);
  if (!order) return answer_failure(server, std::move(asked), order.error());
  if (!server.config().smtp_server(who->account->server().domain)) {
    return answer_failure(server, std::move(asked),
                          Error{Code::kUnknownDomain, "no submission server is configured", 0});
  }
  auto password = unseal_password(key, who->account->user(), who->account->server().domain, ask.sealed());
  if (!password) return answer_failure(server, std::move(asked), password.error());
  std::optional<SpoolId> more;
  if (const SpoolId id = spool_id(ask.more_recipients())) more = id;
  const auto pending = server.pend(std::move(asked.question), asked.deadline);
  post_to_outbox(server, who->outbox, pending,
                 [who = *who, pending, id = spool_id(ask.id()), order = std::move(*order), more,
                  secret = std::move(*password), wait = wait_of(ask.wait_ms())]() mutable {
                   who.outbox->send(who.account, id, std::move(order), more, std::move(secret),
                                    {pending, wait});
                 });
}

void answer_show_outgoing(Server& server, Asked asked, const wire::ShowOutgoing& ask) {
  const auto who = ready(server, asked);
  if (!who) return;
  const auto pending = server.pend(std::move(asked.question), asked.deadline);
  post_to_outbox(server, who->outbox, pending,
                 [who = *who, pending, id = spool_id(ask.id()), wait = wait_of(ask.wait_ms())] {
                   who.outbox->show(id, {pending, wait});
                 });
}

void answer_list_outbox(Server& server, Asked asked) {
  const auto who = ready(server, asked);
  if (!who) return;
  const auto pending = server.pend(std::move(asked.question), asked.deadline);
  post_to_outbox(server, who->outbox, pending, [who = *who, pending] {
    const auto entries = who.outbox->list();
    pending->answer([&] { return reply_outbox(entries); });
  });
}

void answer_outbox_act(Server& server, Asked asked, const wire::OutboxAct& ask) {
  const Secret key = asked.question.take_secret();
  const auto who = ready(server, asked);
  if (!who) return;
  if (ask.action() > wire::OutboxAction::MAX)
    return answer_failure(server, std::move(asked), Error{Code::kInvalid, "no such action", 0});
  auto password = unseal_password(key, who->account->user(), who->account->server().domain, ask.sealed());
  if (!password) return answer_failure(server, std::move(asked), password.error());
  const auto pending = server.pend(std::move(asked.question), asked.deadline);
  post_to_outbox(server, who->outbox, pending,
                 [who = *who, pending, id = spool_id(ask.id()), action = ask.action(),
                  secret = std::move(*password), wait = wait_of(ask.wait_ms())]() mutable {
                   who.outbox->act(who.account, id, action, std::move(secret), {pending, wait});
                 });
}

void take_up_outbox(Server& server, const std::shared_ptr<Account>& account, const Secret& password) {
  const auto outbox = server.outboxes().of(*account);
  if (!outbox) return;
  // Most have nothing there: no copy of the password for those.
  if ((*outbox)->spool().ids(SpoolPlace::kOutbox).empty()) return account->note_outbox({});
  server.workers().post((*outbox)->strand(), Workers::When::kNow,
                        [outbox = *outbox, account, copy = Secret(password.bytes())] {
                          outbox->take_up(account, copy);
                        });
}

}  // namespace alphamail
