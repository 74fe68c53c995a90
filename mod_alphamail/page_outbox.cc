// SPDX-License-Identifier: GPL-3.0-or-later
// What was given to be sent and is not done: with the server's words, and what can be done about it.
#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/compose_view.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

Result<Response> show(const Request& request, const std::string& notice, bool trouble, int status) {
  const auto outbox = request.webcache().outbox(request.session->caller());
  if (!outbox) return outbox.error().while_doing("looking into the outbox");
  const auto folders = request.webcache().folders(request.session->caller());
  PageContext context(request);
  if (folders) context.input().take(**folders);
  Frame frame(context.reader(), context.input());
  Response response;
  response.status = status;
  response.body = render_outbox(frame, {**outbox, notice, trouble});
  return response;
}

}  // namespace

Result<Response> page_outbox(const Request& request) {
  std::string notice;
  const PageContext context(request);
  if (const auto id = read_spool_word(request.query.get("sent"))) {
    const auto entry = request.webcache().outgoing(request.session->caller(), *id);
    if (entry) notice = outgoing_words(**entry, context.reader().language);
  }
  return show(request, notice, true, 200);
}

Result<Response> act_outbox(const Request& request) {
  const PageContext context(request);
  const Language& l = context.reader().language;
  const auto id = read_spool_word(request.form.get("id"));
  if (!id) return Error{Code::kInvalid, "no such message"};
  const std::string_view what = request.form.get("do");
  const auto action = what == "retry"     ? wire::OutboxAction::Retry
                      : what == "edit"    ? wire::OutboxAction::Edit
                                          : wire::OutboxAction::Discard;
  if (what != "retry" && what != "edit" && what != "discard") return Error{Code::kInvalid, "no such action"};
  const auto entry = request.webcache().outbox_act(request.session->caller(), *id, action);
  if (!entry && (entry.error().code == Code::kChanged || entry.error().code == Code::kNotFound)) {
    return show(request, l.tr("It is too late for that: the message is on its way or has been sent."), true, 409);
  }
  if (!entry) return entry.error().while_doing("acting on the outbox");
  if ((*entry)->state() == wire::OutgoingState::Drafted && (*entry)->draft()) {
    const KnownMessage draft = KnownMessage::of(*(*entry)->draft());
    return Response::see_other(request.url("/compose?draft=" + query_value(draft.folder) + "/" + std::to_string(draft.uid)));
  }
  return Response::see_other(request.url("/outbox/?sent=" + spool_word(*id)));
}

}  // namespace alphamail
