// SPDX-License-Identifier: GPL-3.0-or-later
// What forms on lists and messages do: 'Check mail', actions on messages, Undo. Each ends with a
// redirect, so that nothing is done twice by reloading.
#include <algorithm>

#include "mod_alphamail/action_sender.h"
#include "mod_alphamail/action_view.h"
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/moving_rules.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

std::uint32_t highest_uid(const wire::FolderPage& page) {
  std::uint32_t highest = 0;
  for (const wire::Row* row : *page.rows()) highest = std::max(highest, row->uid());
  return highest;
}

std::size_t rows_above(const wire::FolderPage& page, std::uint32_t uid) {
  return static_cast<std::size_t>(std::count_if(
      page.rows()->begin(), page.rows()->end(), [uid](const wire::Row* r) { return r->uid() > uid; }));
}

/// The list around, on the page that the form came from.
std::string list_url(const Request& request, const std::string& folder, std::uint32_t page) {
  const PageContext context(request);
  const auto sort = ListSort::of(request.query, request.session->settings, context.reader().language);
  return sort ? sort->url(request.site.mount, folder, page) : url_of_folder(request.site.mount, folder);
}

/// The list says what there is to say of it, and shows what is known.
bool is_of_server(const Error& error) {
  return error.code == Code::kUnreachable || error.code == Code::kTimeout || error.code == Code::kTls ||
         error.code == Code::kUnderWay || error.code == Code::kInUse;
}

Result<Response> check_mail(const Request& request, const std::string& folder) {
  const Session& session = *request.session;
  WebcacheClient webcache = request.webcache();
  // What is there before and after, as far as one page shows it.
  const auto before = webcache.folder_page(session.caller(), folder, 1, session.settings.rows, false);
  if (!before && is_of_server(before.error())) return back_to(list_url(request, folder, 1), "");
  if (!before) return before.error().while_doing("checking for mail");
  const auto after = webcache.folder_page(session.caller(), folder, 1, session.settings.rows, true);
  if (!after && is_of_server(after.error())) {
    const bool waits = after.error().code == Code::kUnderWay;
    return back_to(list_url(request, folder, 1), waits ? "notice=checking" : "notice=unchecked");
  }
  if (!after) return after.error().while_doing("checking for mail");
  if ((*after)->standing() == wire::Standing::Waiting)
    return back_to(list_url(request, folder, 1), "notice=checking");
  const std::size_t found = rows_above(**after, highest_uid(**before));
  return back_to(list_url(request, folder, 1), "notice=new-" + std::to_string(found));
}

Result<Response> undo(const Request& request, const std::string& back) {
  const std::uint64_t id = read_report_word(request.form.get("report"));
  auto report = request.webcache().undo(request.session->caller(), id);
  // Too late, or done already: its page says what there is to say.
  if (!report && report.error().code == Code::kNotFound) {
    return back_to(back, "notice=late&done=" + report_word(id));
  }
  if (!report) return report.error().while_doing("undoing");
  return back_to(back, "done=" + report_word(id));
}

Response ask_first(const Request& request, const MailAction& asked, const std::string& action_url,
                   const std::string& back) {
  PageContext context(request);
  Frame frame(context.reader(), context.input());
  Response response;
  response.body = render_confirm(frame, request.form, asked.about(), action_url, back, &asked);
  return response;
}

/// Where an action leads to.
struct Ways {
  std::string stay;   ///< the messages are still to be looked at
  std::string list;   ///< they are not
  std::string moved;  ///< they are no longer in this folder
};

Result<Response> act(const Request& request, const std::string& folder, const Ways& ways) {
  const auto& [stay, list, moved] = ways;
  auto asked = MailAction::of(request.form);
  if (!asked) return asked.error();
  if (asked->messages.empty() && !asked->all()) return back_to(stay, "notice=none");
  if (asked->wants_target() && asked->target.empty()) return back_to(stay, "notice=nowhere");
  if (asked->wants_label() && asked->label.empty()) return back_to(stay, "notice=nolabel");
  const std::string here = url_of_folder(request.site.mount, folder);
  const bool sure = request.form.get("sure") == "yes";
  if (asked->action == wire::Action::Purge && !sure) return ask_first(request, *asked, here, stay);
  const PageContext context(request);
  const auto sort = ListSort::of(request.query, request.session->settings, context.reader().language);
  if (!sort) return sort.error();
  const WantedChosen listed = sort->filter.wanted(*request.session, context.reader().zone, context.now());
  const ActionSender sender(request, context);
  if (asked->action == wire::Action::Archive) {
    const auto target = sender.archive();
    if (!target) return target.error().while_doing("archiving");
    asked->target = *target;
  }
  const auto sent = asked->all() ? sender.all(folder, *asked, listed) : sender.messages(folder, *asked);
  if (!sent) return sent.error();
  if (sent->asks) return ask_first(request, *asked, here, stay);
  const std::string says = "done=" + report_word(sent->report);
  if (sent->left > 0) return back_to(list, says + "&left=" + std::to_string(sent->left));
  const bool leave = asked->action != wire::Action::Star && asked->action != wire::Action::Unstar &&
                     asked->action != wire::Action::Copy && !asked->wants_label();
  return back_to(moves_away(asked->action) ? moved : leave ? list : stay, says);
}

/// Ticked messages as attachments of a new one; as many as a message takes.
Response forward_ticked(const Request& request, const std::string& folder, const std::string& list) {
  constexpr std::size_t kMost = 50;
  std::string address;
  std::size_t n = 0;
  for (const auto& [name, value] : request.form.all) {
    const auto marked = name == "m" ? read_mark(value) : std::nullopt;
    if (!marked || n++ >= kMost) continue;
    address += (address.empty() ? "?forwardas=" : "&forwardas=") + query_value(folder) + "/" + std::to_string(marked->uid());
  }
  if (address.empty()) return back_to(list, "notice=none");
  return Response::see_other(request.url("/compose" + address));
}

}  // namespace

Result<Response> act_folder(const Request& request, const std::string& folder) {
  const std::string_view what = request.form.get("do");
  if (what == "check") return check_mail(request, folder);
  const std::uint32_t page = request.query.number("page", 1, 0xFFFFFFFF, 1);
  const std::string list = list_url(request, folder, page);
  if (what == "undo") return undo(request, list);
  if (what == "forward") return forward_ticked(request, folder, list);
  return act(request, folder, {list, list, list});
}

Result<Response> act_message(const Request& request, const std::string& folder, std::uint32_t uid) {
  const PageContext context(request);
  const auto sort = ListSort::of(request.query, request.session->settings, context.reader().language);
  if (!sort) return sort.error();
  const std::uint32_t page = request.form.number("page", 1, 0xFFFFFFFF, 1);
  const std::string stay = url_of_message(request.site.mount, folder, uid) + sort->query();
  const std::string_view what = request.form.get("do");
  if (what == "pictures-always" || what == "pictures-never") {
    return act_pictures(request, folder, uid, what == "pictures-always", stay);
  }
  const std::string list = list_url(request, folder, page);
  const std::uint32_t next = request.form.number("next", 1, 0xFFFFFFFF, 0);
  const bool go_on = next != 0 && request.session->settings.after_move == AfterMove::kNext;
  return act(request, folder, {stay, list, go_on ? url_of_message(request.site.mount, folder, next) + sort->query() : list});
}

}  // namespace alphamail
