// SPDX-License-Identifier: GPL-3.0-or-later
// The questions of protocol.fbs, one function each. Each runs on the lane's thread for at most a
// millisecond: it answers from memory, or hands the question to a worker.
#ifndef WEBCACHE_COMMANDS_H
#define WEBCACHE_COMMANDS_H

#include <memory>
#include <optional>
#include <string>

#include "common/lane_server.h"
#include "common/protocol_generated.h"
#include "webcache/server.h"
#include "webcache/sort_key.h"

namespace alphamail {

/// Checks the request as hostile input and calls the function of its question.
void answer_question(Server& server, LaneQuestion question);

/// A question once it is checked: who asks, and how long they wait.
struct Asked {
  LaneQuestion question;
  Handle handle;
  Deadline deadline;
};

// command_login.cc
void answer_login(Server& server, Asked asked, const wire::Login& login);
void answer_resume(Server& server, Asked asked, const wire::Resume& resume);
void answer_keep_key(Server& server, Asked asked);
void answer_logout(Server& server, Asked asked);

// command_folder.cc
void answer_show_folder(Server& server, Asked asked, const wire::ShowFolder& ask);
/// After a log-in: reads the folder list and the first page of INBOX before anybody asks. A large
/// INBOX takes the password for a second connection; else it goes with this job.
void prime(Server& server, const std::shared_ptr<Account>& account, Secret password);
/// Compares a folder with the server when nobody waits for anything else.
void check_later(Server& server, const std::shared_ptr<Account>& account,
                 const std::string& folder);
/// Has the folder that the user looks at follow the server live, once the account is quiet; behind work
/// on the strand (or `after` a time, where Account::look_at() has claimed it).
void follow_later(Server& server, const std::shared_ptr<Account>& account);
void follow_after(Server& server, const std::shared_ptr<Account>& account, Millis after);
/// Posts what a list of folders lacks of counts. Strand.
void keep_counting(Server& server, const std::shared_ptr<Account>& account);

// command_folders.cc
void answer_list_folders(Server& server, Asked asked, const wire::ListFolders& ask);
void answer_change_folder(Server& server, Asked asked, const wire::ChangeFolder& ask);
void answer_choose_roles(Server& server, Asked asked, const wire::ChooseRoles& ask);
void answer_list_uids(Server& server, Asked asked, const wire::ListUids& ask);
void answer_list_quotas(Server& server, Asked asked, const wire::ListQuotas& ask);
void answer_list_largest(Server& server, Asked asked, const wire::ListLargest& ask);
/// What a session says of roles, at log-in, at a resume, or when the user has chosen. Nothing where it says
/// nothing.
using WireRoles = flatbuffers::Vector<flatbuffers::Offset<wire::RoleChoice>>;
std::optional<RoleChoices> role_choices(const WireRoles* roles);
void take_roles(Server& server, const std::shared_ptr<Account>& account,
                const std::optional<RoleChoices>& roles);

// command_build.cc
/// Posts the rest of an index that is incomplete, one window at a time. Strand.
void keep_building(Server& server, const std::shared_ptr<Account>& account,
                   const std::string& folder);
/// The same in a moment, when a second connection may be there for it. Any thread.
void build_soon(Server& server, const std::shared_ptr<Account>& account, const std::string& folder);
/// What to answer so that the password is brought for a second connection, where
/// Account::claim_second() says so. Nobody else needs it; the same question asked again is answered.
Error second_wanted(Server& server);
/// Logs in a second time, behind the answers, and has it go on with what is being built; does
/// nothing where nobody claimed it.
void open_second(Server& server, const std::shared_ptr<Account>& account, Secret password);

// command_state.cc
void answer_show_state(Server& server, Asked asked, const wire::ShowState& ask);

// command_message.cc
void answer_show_message(Server& server, Asked asked, const wire::ShowMessage& ask);

// command_act.cc
void answer_act(Server& server, Asked asked, const wire::Act& ask);
void answer_undo(Server& server, Asked asked, const wire::Undo& ask);
void answer_show_report(Server& server, Asked asked, const wire::ShowReport& ask);

// command_search.cc
void answer_search(Server& server, Asked asked, const wire::Search& ask);
void answer_stop_search(Server& server, Asked asked, const wire::StopSearch& ask);

// command_spool.cc
void answer_spool_begin(Server& server, Asked asked, const wire::SpoolBegin& ask);
void answer_spool_append(Server& server, Asked asked, const wire::SpoolAppend& ask);
void answer_spool_finish(Server& server, Asked asked, const wire::SpoolFinish& ask);
void answer_spool_read(Server& server, Asked asked, const wire::SpoolRead& ask);
void answer_spool_list(Server& server, Asked asked, const wire::SpoolList& ask);
void answer_spool_delete(Server& server, Asked asked, const wire::SpoolDelete& ask);

// command_outbox.cc
void answer_save_draft(Server& server, Asked asked, const wire::SaveDraft& ask);
void answer_send(Server& server, Asked asked, const wire::Send& ask);
void answer_show_outgoing(Server& server, Asked asked, const wire::ShowOutgoing& ask);
void answer_list_outbox(Server& server, Asked asked);
void answer_outbox_act(Server& server, Asked asked, const wire::OutboxAct& ask);
/// After a log-in or a resumed session: goes on with what is under way in the outbox.
void take_up_outbox(Server& server, const std::shared_ptr<Account>& account, const Secret& password);

// part_reader.cc
void answer_read_part(Server& server, Asked asked, const wire::ReadPart& ask);

// for all of them
/// Of what a client wrote; rows within 10 to 200.
ListPage list_page(std::uint32_t page, std::size_t rows, wire::SortKey sort, bool descending,
                   const flatbuffers::String* locale);
/// Takes over what the list shows. @return false where the question was answered: it cannot be
bool take_choice(Server& server, Asked& asked, const wire::Chosen* chosen, ListPage& list);
void answer_failure(Server& server, Asked asked, const Error& error);
/// Nobody looks at a blank page for longer: then a question is answered with what is known, or that
/// it is under way, and the work goes on.
inline constexpr Millis kWaitsInSilence{1000};
/// Why there is nothing to be shown yet of a folder: it is under way, or its own trouble of late.
Error not_yet(const Account& account, const std::string& folder);
/// The account of the handle; where there is none the question is answered with kNeedCredentials.
std::shared_ptr<Account> account_of(Server& server, Asked& asked);
/// The outbox of that account; where there is none the question is answered, too.
std::shared_ptr<Outbox> outbox_of(Server& server, const Account& account, Asked& asked);
/// Posts what a user waits for to the account's strand, or answers kBusy.
void post_question(Server& server, const std::shared_ptr<Account>& account,
                   const std::shared_ptr<Pending>& pending, Job job);

}  // namespace alphamail

#endif
