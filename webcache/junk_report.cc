// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/junk_report.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <span>
#include <utility>

#include "common/log.h"
#include "webcache/clock.h"
#include "webcache/commands.h"
#include "webcache/junk_command.h"
#include "webcache/server.h"

namespace alphamail {
namespace {

constexpr std::uint32_t kPiece = 256 * 1024;
constexpr Millis kCommandMayTake{30000};
constexpr std::size_t kCommandsWait = 500;
constexpr std::string_view kMail = "mail:", kCommand = "command:";

// What is reported of one Act, message by message.
struct JunkReports {
  Server& server;
  std::shared_ptr<Account> account;
  Action action;
  std::string target;  // of the configuration
  std::vector<Act> where;
  std::uint32_t from;
  Secret password;
  struct Message {
    std::string folder;
    std::uint32_t uid_validity;
    Uid uid;
  };
  std::vector<Message> messages;
  std::size_t next = 0;
};
using ReportsPtr = std::shared_ptr<JunkReports>;

void not_reported(JunkReports& reports, std::size_t messages, std::string_view why) {
  reports.server.counters().add(Count::junk_not_reported, messages);
  log(Severity::kWarning, 262,
      "not reported as " + std::string(reports.action == Action::Junk ? "junk" : "not junk") + ": user " +
          reports.account->address() + " messages " + std::to_string(messages) + ": " + std::string(why));
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    if (!word.empty()) words.emplace_back(word);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return words;
}

// ---- the message ----

// Nothing where it is not there any more: its user has changed their mind.
Result<std::optional<std::string>> read_message(Account& account, const JunkReports::Message& message) {
  std::string text;
  for (;;) {
    auto piece = account.read_piece(message.folder, message.uid, message.uid_validity, "", text.size(), kPiece);
    if (!piece && piece.error().code == Code::kNotFound) return std::optional<std::string>{};
    if (!piece) return piece.error();
    text += *piece;
    if (piece->size() < kPiece) return std::optional<std::string>{std::move(text)};
    if (text.size() > kMostReportedBytes) return Error{Code::kTooLarge, "the message is too large", 0};
  }
}

// ---- by command: one at a time ----

void report_by_command(const ReportsPtr& reports, std::string message) {
  const auto command = words_of(std::string_view(reports->target).substr(kCommand.size()));
  Server& server = reports->server;
  const bool posted = server.workers().post(
      server.command_strand(), Workers::When::kLater,
      [reports, command, text = std::move(message)] {
        const auto ran = run_junk_command(command, text, reports->account->address(), Deadline::in(kCommandMayTake));
        if (!ran) return not_reported(*reports, 1, command.front() + ": " + ran.error().detail);
        reports->server.counters().add(Count::junk_reported);
      },
      kCommandsWait);
  if (!posted) not_reported(*reports, 1, "too many commands wait");
}

// ---- by mail ----

Result<void> send_report(JunkReports& reports, std::string_view message) {
  Account& account = *reports.account;
  if (reports.password.empty()) return Error{Code::kNeedCredentials, "nobody has brought the password", 0};
  const auto outbox = reports.server.outboxes().of(account);
  if (!outbox) return outbox.error();
  Spool& spool = (*outbox)->spool();
  const SpoolId id = new_spool_id();
  char unique[33];
  std::snprintf(unique, sizeof unique, "%016llx%016llx", static_cast<unsigned long long>(id.high),
                static_cast<unsigned long long>(id.low));
  const std::string to = reports.target.substr(kMail.size());
  const std::string mail = junk_mail(reports.action, account.address(), to, unique, wall_seconds(), message);
  const auto kind = wire::SpoolKind::Message;
  auto file = spool.begin(kind, id, 0, mail.size(), std::string(kJunkReportNote));
  for (std::size_t at = 0; file && at < mail.size(); at += kPiece) {
    const auto piece = std::string_view(mail).substr(at, kPiece);
    file = spool.append(kind, id, file->head.version, at, std::as_bytes(std::span(piece)));
  }
  if (file) file = spool.finish(kind, id, file->head.version, mail.size());
  if (!file) return file.error();
  SendOrder order;
  order.from = account.address();
  order.recipients = {to};
  order.asked = wall_seconds();
  order.keep_copy = false;
  const bool posted = reports.server.workers().post(
      (*outbox)->strand(), Workers::When::kLater,
      [outbox = *outbox, &server = reports.server, account = reports.account, id, order = std::move(order),
       secret = Secret(reports.password.bytes())]() mutable {
        const auto sent = outbox->send_report(account, id, std::move(order), std::move(secret));
        if (sent) return;
        server.counters().add(Count::junk_not_reported);
        log(Severity::kWarning, 262, "a report of junk was not sent: user " + account->address() + ": " +
                                         sent.error().detail);
      });
  return posted ? Result<void>() : Error{Code::kBusy, "too much waits to be sent", 0};
}

// ---- one after the other, on the account's strand ----

void next_report(const ReportsPtr& reports);

void report_one(const ReportsPtr& reports) {
  const JunkReports::Message& message = reports->messages[reports->next++];
  auto text = read_message(*reports->account, message);
  if (!text) {
    not_reported(*reports, 1, text.error().detail);
  } else if (text->has_value() && reports->target.starts_with(kCommand)) {
    report_by_command(reports, std::move(**text));
  } else if (text->has_value()) {
    if (const auto sent = send_report(*reports, **text); !sent) not_reported(*reports, 1, sent.error().detail);
  }
  next_report(reports);
}

void next_report(const ReportsPtr& reports) {
  const std::size_t left = reports->messages.size() - reports->next;
  if (left == 0) return follow_later(reports->server, reports->account);
  const bool posted = reports->server.workers().post(reports->account->strand(), Workers::When::kLater,
                                                     [reports] { report_one(reports); });
  if (!posted) not_reported(*reports, left, "too much waits");
}

// Which messages, by the UIDs that they have now.
void find_reported(const ReportsPtr& reports) {
  for (const Act& moved : reports->where) {
    const auto now = reports->account->where_now(moved, reports->from);
    if (!now) {
      not_reported(*reports, moved.messages_named(), now.error().detail);
      continue;
    }
    const auto add = [&](std::uint32_t uid) {
      if (reports->messages.size() < kMostReported)
        reports->messages.push_back({now->folder, now->uid_validity, Uid{uid}});
    };
    for (const Marked& marked : now->messages) add(marked.uid());
    for (const UidRange& range : now->ranges) {
      for (std::uint64_t uid = range.first; uid <= range.last && reports->messages.size() < kMostReported; ++uid)
        add(static_cast<std::uint32_t>(uid));
    }
  }
  next_report(reports);
}

}  // namespace

std::string junk_mail(Action action, std::string_view from, std::string_view to, std::string_view unique,
                      std::int64_t now, std::string_view message) {
  const bool junk = action == Action::Junk;
  const std::string boundary = "=_" + std::string(unique);
  const auto seconds = static_cast<std::time_t>(now);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char date[64];
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &utc);
  const std::string domain(from.substr(from.rfind('@') + 1));
  std::string mail = "From: " + std::string(from) + "\nTo: " + std::string(to) + "\nSubject: " +
                     (junk ? "Reported as junk" : "Reported as not junk") + "\nDate: " + date + "\nMessage-ID: <" +
                     std::string(unique) + "@" + domain + ">\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n" +
                     "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\n\n--" + boundary +
                     "\nContent-Type: text/plain; charset=us-ascii\n\n" +
                     (junk ? "The attached message was reported as junk.\n"
                           : "The attached message was reported as not being junk.\n") +
                     "--" + boundary + "\nContent-Type: message/rfc822\nContent-Disposition: attachment\n" +
                     "Content-Transfer-Encoding: 8bit\n\n";
  for (const char c : message) {
    if (c != '\r') mail += c;
  }
  if (!mail.ends_with('\n')) mail += '\n';
  return mail + "--" + boundary + "--\n";
}

void report_junk(Server& server, const std::shared_ptr<Account>& account, Action action, std::vector<Act> where,
                 std::uint32_t from, std::size_t done, Secret password) {
  const std::string& target = action == Action::Junk ? server.config().junk_report : server.config().ham_report;
  if (target.empty() || done == 0) return;
  const auto reports = std::make_shared<JunkReports>(
      JunkReports{server, account, action, target, std::move(where), from, std::move(password), {}, 0});
  std::size_t known = 0;
  for (const Act& moved : reports->where) known += moved.messages_named();
  const std::size_t told = std::min(known, kMostReported);
  if (told < done) not_reported(*reports, done - told, "more than one action reports, or it is not known where they are");
  if (told == 0) return;
  const bool posted = server.workers().post(account->strand(), Workers::When::kLater,
                                            [reports] { find_reported(reports); });
  if (!posted) not_reported(*reports, told, "too much waits");
}

}  // namespace alphamail
