// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/commands.h"

#include <algorithm>
#include <utility>

#include "webcache/chosen_rows.h"
#include "webcache/clock.h"

namespace alphamail {
namespace {

// Questions of one account that may wait for its connection (limit L4): a user who opens more pages
// than that at once gets kBusy for the rest, and cannot fill the lane that others use.
constexpr std::size_t kWaitingQuestions = 8;

// The longest a question may wait: a page a minute, a download an hour.
constexpr std::uint32_t kLongestMs = 60 * 1000;
constexpr std::uint32_t kLongestDownloadMs = 60 * 60 * 1000;

const wire::Request* verified(std::span<const std::byte> bytes) {
  // Depth and number of tables are those of the largest honest request, with room for later fields.
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                                 16, 256);
  if (!wire::VerifyRequestBuffer(verifier)) return nullptr;
  return wire::GetRequest(bytes.data());
}

void answer_status(Server& server, Asked asked) {
  server.refresh_gauges();
  server.deliver(std::move(asked.question),
                 reply_status(server.counters(), server.times(), server.started(),
                              server.birth().last_end),
                 asked.deadline);
}

}  // namespace

void answer_failure(Server& server, Asked asked, const Error& error) {
  if (error.code == Code::kNeedCredentials) server.counters().add(Count::credentials_wanted);
  server.deliver(std::move(asked.question), reply_failure(error), asked.deadline);
}

Error not_yet(const Account& account, const std::string& folder) {
  if (const auto away = account.gate().away()) return *away;
  if (auto trouble = account.trouble(folder)) return *trouble;
  return Error{Code::kUnderWay, "the mail server has not answered yet", 1};
}

ListPage list_page(std::uint32_t page, std::size_t rows, wire::SortKey sort, bool descending,
                   const flatbuffers::String* locale) {
  return {std::max<std::uint32_t>(page, 1), std::clamp<std::size_t>(rows, 10, 200),
          list_order(sort, descending, locale ? locale->string_view() : std::string_view{})};
}

bool take_choice(Server& server, Asked& asked, const wire::Chosen* chosen, ListPage& list) {
  if (!chosen) return true;
  auto choice = Choice::of(*chosen, wall_seconds());
  if (!choice) {
    answer_failure(server, std::move(asked), choice.error());
    return false;
  }
  list.choice = std::make_shared<const Choice>(std::move(*choice));
  return true;
}

std::shared_ptr<Account> account_of(Server& server, Asked& asked) {
  auto account = server.accounts().find(asked.handle);
  if (account) {
    account->touch();
  } else {
    answer_failure(server, std::move(asked), Error{Code::kNeedCredentials, "", 0});
  }
  return account;
}

std::shared_ptr<Outbox> outbox_of(Server& server, const Account& account, Asked& asked) {
  auto outbox = server.outboxes().of(account);
  if (outbox) return *outbox;
  answer_failure(server, std::move(asked), outbox.error());
  return nullptr;
}

void post_question(Server& server, const std::shared_ptr<Account>& account,
                   const std::shared_ptr<Pending>& pending, Job job) {
  if (account->claim_second()) {
    pending->fail(second_wanted(server));
    return;
  }
  if (server.workers().post(account->strand(), Workers::When::kNow, std::move(job),
                            kWaitingQuestions)) {
    return;
  }
  server.counters().add(Count::questions_refused);
  pending->fail(Error{Code::kBusy, "too many questions at once", 2});
}

void answer_question(Server& server, LaneQuestion question) {
  server.counters().add(Count::questions);
  question.note().began = Deadline::Clock::now();
  const wire::Request* request = verified(question.request());
  const bool known =
      request && (request->handle() || request->question_type() == wire::Question::ShowStatus);
  if (!known) {
    server.counters().add(Count::questions_refused);
    server.deliver(std::move(question),
                   reply_failure(Error{Code::kInvalid, "malformed request", 0}),
                   Deadline::in(Millis(1000)));
    return;
  }
  const bool download = request->question_type() == wire::Question::ReadPart ||
                        request->question_type() == wire::Question::SpoolRead;
  const std::uint32_t patience = std::clamp<std::uint32_t>(
      request->deadline_ms(), 100, download ? kLongestDownloadMs : kLongestMs);
  const Handle handle =
      request->handle() ? Handle{request->handle()->high(), request->handle()->low()} : Handle{};
  question.note().kind = static_cast<std::uint8_t>(request->question_type());
  // The request's bytes belong to the question and stay where they are when it is moved.
  Asked asked{std::move(question), handle, Deadline::in(Millis(patience))};
  switch (request->question_type()) {
    case wire::Question::Login:
      return answer_login(server, std::move(asked), *request->question_as_Login());
    case wire::Question::Resume:
      return answer_resume(server, std::move(asked), *request->question_as_Resume());
    case wire::Question::Logout:
      return answer_logout(server, std::move(asked));
    case wire::Question::ShowFolder:
      return answer_show_folder(server, std::move(asked), *request->question_as_ShowFolder());
    case wire::Question::ShowMessage:
      return answer_show_message(server, std::move(asked), *request->question_as_ShowMessage());
    case wire::Question::ReadPart:
      return answer_read_part(server, std::move(asked), *request->question_as_ReadPart());
    case wire::Question::ListFolders:
      return answer_list_folders(server, std::move(asked), *request->question_as_ListFolders());
    case wire::Question::ChangeFolder:
      return answer_change_folder(server, std::move(asked), *request->question_as_ChangeFolder());
    case wire::Question::ChooseRoles:
      return answer_choose_roles(server, std::move(asked), *request->question_as_ChooseRoles());
    case wire::Question::ListUids:
      return answer_list_uids(server, std::move(asked), *request->question_as_ListUids());
    case wire::Question::ListQuotas:
      return answer_list_quotas(server, std::move(asked), *request->question_as_ListQuotas());
    case wire::Question::ListLargest:
      return answer_list_largest(server, std::move(asked), *request->question_as_ListLargest());
    case wire::Question::ShowStatus:
      return answer_status(server, std::move(asked));
    case wire::Question::KeepKey:
      return answer_keep_key(server, std::move(asked));
    case wire::Question::Act:
      return answer_act(server, std::move(asked), *request->question_as_Act());
    case wire::Question::Undo:
      return answer_undo(server, std::move(asked), *request->question_as_Undo());
    case wire::Question::ShowReport:
      return answer_show_report(server, std::move(asked), *request->question_as_ShowReport());
    case wire::Question::SpoolBegin:
      return answer_spool_begin(server, std::move(asked), *request->question_as_SpoolBegin());
    case wire::Question::SpoolAppend:
      return answer_spool_append(server, std::move(asked), *request->question_as_SpoolAppend());
    case wire::Question::SpoolFinish:
      return answer_spool_finish(server, std::move(asked), *request->question_as_SpoolFinish());
    case wire::Question::SpoolRead:
      return answer_spool_read(server, std::move(asked), *request->question_as_SpoolRead());
    case wire::Question::SpoolList:
      return answer_spool_list(server, std::move(asked), *request->question_as_SpoolList());
    case wire::Question::SpoolDelete:
      return answer_spool_delete(server, std::move(asked), *request->question_as_SpoolDelete());
    case wire::Question::SaveDraft:
      return answer_save_draft(server, std::move(asked), *request->question_as_SaveDraft());
    case wire::Question::Send:
      return answer_send(server, std::move(asked), *request->question_as_Send());
    case wire::Question::ShowOutgoing:
      return answer_show_outgoing(server, std::move(asked), *request->question_as_ShowOutgoing());
    case wire::Question::ListOutbox:
      return answer_list_outbox(server, std::move(asked));
    case wire::Question::OutboxAct:
      return answer_outbox_act(server, std::move(asked), *request->question_as_OutboxAct());
    case wire::Question::ShowState:
      return answer_show_state(server, std::move(asked), *request->question_as_ShowState());
    case wire::Question::Search:
      return answer_search(server, std::move(asked), *request->question_as_Search());
    case wire::Question::StopSearch:
      return answer_stop_search(server, std::move(asked), *request->question_as_StopSearch());
    default:
      break;
  }
  // A union member that a newer web child knows and this daemon does not.
  server.counters().add(Count::questions_refused);
  answer_failure(server, std::move(asked), Error{Code::kInvalid, "unknown question", 0});
}

}  // namespace alphamail
