// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/action_sender.h"

#include <algorithm>
#include <span>

#include "mod_alphamail/moving_rules.h"
#include "mod_alphamail/ui_log.h"

namespace alphamail {
namespace {

/// Messages of one question to the webcache.
constexpr std::size_t kAtOnce = 1000;

SentAction sent(const Reply<wire::Report>& report) {
  return {report->id(), report->progress() == wire::Progress::Asks, 0};
}

}  // namespace

Response back_to(const std::string& address, const std::string& says) {
  if (says.empty()) return Response::see_other(address);
  return Response::see_other(address + (address.find('?') == std::string::npos ? "?" : "&") + says);
}

Result<std::string> ActionSender::archive() const {
  const Settings& settings = request_.session->settings;
  if (!settings.archive_years) return std::string();
  const auto list = request_.webcache().folders(request_.session->caller());
  if (!list) return list.error();
  std::string_view archive = "Archive";
  for (const wire::Folder* one : *(*list)->folders()) {
    if (one->role() == wire::Role::Archive) archive = text_of(one->address());
  }
  return archive_folder(archive, settings, static_cast<int>(context_.reader().now.year));
}

// The webcache needs the user's password for it.
bool ActionSender::reports_by_mail(wire::Action action) const {
  const Config& config = request_.site.config;
  if (action == wire::Action::Junk) return config.junk_report.starts_with("mail:");
  return action == wire::Action::NotJunk && config.ham_report.starts_with("mail:");
}

// What cannot be marked as read is moved all the same.
void ActionSender::not_marked(const Error& error) const {
  log_problem(request_, Severity::kInfo, 161, "not marked as read: " + words_of(error));
}

void ActionSender::mark_read(const std::string& folder, const MailAction& asked) const {
  for (std::span<const wire::Marked> left(asked.messages); !left.empty();) {
    const auto some = left.first(std::min(left.size(), kAtOnce));
    const auto report = request_.webcache().act(request_.session->caller(), folder, asked.uid_validity,
                                                wire::Action::Read, "", some, 0);
    if (!report) return not_marked(report.error());
    left = left.subspan(some.size());
  }
}

Result<SentAction> ActionSender::messages(const std::string& folder, const MailAction& asked,
                                          std::uint64_t report) const {
  if (marks_read(asked.action, request_.session->settings)) mark_read(folder, asked);
  SentAction sum{report, false, 0};
  for (std::span<const wire::Marked> left(asked.messages); !left.empty();) {
    const auto some = left.first(std::min(left.size(), kAtOnce));
    const auto answer = request_.webcache().act(request_.session->caller(), folder, asked.uid_validity, asked.action,
                                                asked.target, some, sum.report, reports_by_mail(asked.action),
                                                asked.label);
    if (!answer && sum.report == 0) return answer.error().while_doing("acting on messages");
    sum.left = left.size();
    if (!answer) return sum;
    if (sent(*answer).asks) return SentAction{sum.report, true, sum.left};
    sum = sent(*answer);
    left = left.subspan(some.size());
  }
  return sum;
}

Result<SentAction> ActionSender::all(const std::string& folder, const MailAction& asked,
                                     const WantedChosen& listed) const {
  const auto send = [&](wire::Action action, const std::string& target, bool brings_password) {
    return request_.webcache().act_on_all(request_.session->caller(), folder, asked.uid_validity, action, target,
                                          asked.below, listed, brings_password, asked.label);
  };
  if (marks_read(asked.action, request_.session->settings)) {
    if (const auto read = send(wire::Action::Read, "", false); !read) not_marked(read.error());
  }
  const auto report = send(asked.action, asked.target, reports_by_mail(asked.action));
  if (!report) return report.error().while_doing("acting on all messages");
  return sent(*report);
}

Result<SentAction> ActionSender::found(std::uint64_t search, const MailAction& asked) const {
  const auto send = [&](wire::Action action, const std::string& target, bool brings_password) {
    return request_.webcache().act_on_found(request_.session->caller(), search, action, target, brings_password,
                                            asked.label);
  };
  if (marks_read(asked.action, request_.session->settings)) {
    if (const auto read = send(wire::Action::Read, "", false); !read) not_marked(read.error());
  }
  const auto report = send(asked.action, asked.target, reports_by_mail(asked.action));
  if (!report) return report.error().while_doing("acting on what was found");
  return sent(*report);
}

}  // namespace alphamail
