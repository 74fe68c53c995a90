// SPDX-License-Identifier: GPL-3.0-or-later
// The page of writing. Its form posts back to itself: attaching, saving, sending, throwing away. Whatever is wrong,
// the page comes back with all that was typed.
#include <algorithm>
#include <optional>
#include <span>

#include "common/characters.h"
#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/compose_send.h"
#include "mod_alphamail/compose_spool.h"
#include "mod_alphamail/compose_start.h"
#include "mod_alphamail/compose_view.h"
#include "mod_alphamail/contacts.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/percent.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

/// Messages with attachments take longer than pages.
constexpr Millis kSending{90000};

struct Shown {
  std::vector<ComposeFault> faults;
  std::vector<ComposeNotice> notices;
  std::string status;
  int http_status = 200;
};

Response show(const Request& request, ComposeForm form, const std::vector<Identity>& identities, Shown shown) {
  form.writer = request.session->address();
  // The page stands without folders where the mail server is out of reach: what was typed is what matters.
  const auto folders = request.webcache().folders(request.session->caller());
  PageContext context(request);
  if (folders) context.input().take(**folders);
  context.input().here = "/mail/";
  Frame frame(context.reader(), context.input());
  Response response;
  response.status = shown.http_status;
  const bool unsaved = request.method == Method::kPost && shown.status.empty() && !form.is_empty();
  response.body = render_compose(frame, {form, identities, std::move(shown.faults), std::move(shown.notices), shown.status,
                                         std::uint64_t{request.site.config.upload_limit_mb} * 1000000, unsaved});
  return response;
}

std::string clock_words(const PageContext& context, const char* pattern) {
  std::string time;
  context.reader().language.formats().time(context.reader().now, time);
  return fill(pattern, {time});
}

/// Why something could not be done, for whoever wrote it.
std::string trouble_words(const Error& error, const Language& l) {
  switch (error.code) {
    case Code::kThrottled:
      return l.tr("You have sent as much as this site allows in an hour. What you wrote is kept; send it later.");
    case Code::kTooLarge: return fill(l.tr("It is too large: {1}"), {error.detail});
    case Code::kStorage:
      return l.tr("The disk of the mail service has no room. Copy what you wrote to be safe, and try again later.");
    case Code::kNoWebcache: return l.tr("A part of AlphaMail is being restarted. Try again in a moment.");
    case Code::kUnreachable:
    case Code::kTimeout: return l.tr("The mail server does not answer. Try again in a moment.");
    case Code::kUnknownDomain: return l.tr("This site is not set up to send mail for your domain.");
    case Code::kServerSaid: return fill(l.tr("The mail server said: {1}"), {error.detail});
    case Code::kNotFound:
    case Code::kChanged:
      return fill(l.tr("Something that belongs to the message is no longer there ({1}). Take it off and add it again."),
                  {error.detail});
    default: return error.detail;
  }
}

Response refused(const Request& request, const ComposeForm& form, const std::vector<Identity>& identities,
                 const Error& error, const Language& l) {
  Shown shown;
  shown.faults.push_back({"", trouble_words(error, l)});
  shown.http_status = 422;
  return show(request, form, identities, std::move(shown));
}

Response ask(const Request& request, const AskInput& input) {
  PageContext context(request);
  Frame frame(context.reader(), context.input());
  Response response;
  response.body = render_ask(frame, input);
  return response;
}

std::string with_query(std::string address, const std::string& more) {
  return address + (address.find('?') == std::string::npos ? "?" : "&") + more;
}

Response leave(const Request& request, const ComposeForm& form, const std::string& saying) {
  return Response::see_other(with_query(request.url(form.back.empty() ? "/mail/INBOX/" : form.back), saying));
}

/// What the webcache has said of a message that it was given.
Response sent(const Request& request, const ComposeForm& form, const wire::OutboxEntry& entry) {
  forget_form(request, form);
  using State = wire::OutgoingState;
  const std::string id = spool_word(*entry.id());
  switch (entry.state()) {
    case State::Sent:
    case State::Done:
    case State::Held:
    case State::Sending:
    case State::NotFiled: return leave(request, form, "sent=" + id);
    default: return Response::see_other(request.url("/outbox/?sent=" + id));
  }
}

/// A page between the form and what it leads to has all of it in one field, which goes with the page; so it lies in the
/// spool as well. Where that cannot be, the page is as good as it was without.
void keep_meanwhile(const Request& request, ComposeForm& form) {
  if (form.is_empty()) return;
  const auto kept = keep_form(request, form);
  if (kept || kept.error().code != Code::kChanged) return;
  form.text.reset();  // another window has gone on with it: this one's is a text of its own
  (void)keep_form(request, form);
}

Result<Response> send(const Request& request, ComposeForm& form, const std::vector<Identity>& identities, bool sure) {
  PageContext context(request);
  const Language& l = context.reader().language;
  Shown shown;
  for (const RefusedUpload& upload : request.refused_uploads) shown.faults.push_back({"attachments", upload_words(upload, l)});
  const CheckedForm checked = check_form(request, l, form, identities, false, shown.faults);
  if (!shown.faults.empty()) {
    shown.http_status = 422;
    return show(request, form, identities, std::move(shown));
  }
  if (const auto questions = questions_before(request, l, form, checked); !sure && !questions.empty()) {
    keep_meanwhile(request, form);
    AskInput input{l.tr("Send it as it is?"), "circle-question-mark", l.tr("Send it"), "send", {}, form.spelled(), true};
    for (const ComposeQuestion& question : questions) input.questions.push_back(question.words);
    return ask(request, input);
  }
  const auto entry = send_form(request, context, form, checked);
  if (!entry) return refused(request, form, identities, entry.error(), l);
  if (request.session->settings.collect) collect_contacts(request, checked);
  return sent(request, form, **entry);
}

/// What lay in the spool is in the draft now.
void forget_text(const Request& request, ComposeForm& form) {
  if (!form.text) return;
  (void)request.webcache().spool_delete(request.session->caller(), wire::SpoolKind::Text, *form.text);
  form.text.reset();
}

const char* second_draft_words(const Language& l) {
  return l.tr("This draft was changed or removed in another window or on another device. Nothing was overwritten: what "
              "you wrote here is a second draft now.");
}

Result<Response> save(const Request& request, ComposeForm& form, const std::vector<Identity>& identities, bool leaving) {
  PageContext context(request);
  const Language& l = context.reader().language;
  Shown shown;
  const CheckedForm checked = check_form(request, l, form, identities, true, shown.faults);
  shown.faults.clear();
  for (const RefusedUpload& upload : request.refused_uploads) shown.faults.push_back({"attachments", upload_words(upload, l)});
  const auto saved = save_draft(request, context, form, checked);
  if (!saved) return refused(request, form, identities, saved.error(), l);
  if (*saved) {
    shown.notices.push_back({second_draft_words(l), "", ""});
  }
  forget_text(request, form);
  if (leaving) return leave(request, form, "notice=draft");
  shown.status = clock_words(context, l.tr("Draft saved at {1}"));
  return show(request, form, identities, std::move(shown));
}

Result<Response> discard(const Request& request, const ComposeForm& form, const Language& l, bool sure) {
  if (!sure && !form.is_empty()) {
    return ask(request, {l.tr("Throw this message away?"), "trash-2", l.tr("Throw away"), "discard",
                         {l.tr("Nobody can bring it back afterwards.")}, form.spelled(), false});
  }
  forget_form(request, form);
  if (form.draft) {
    // Its folder is read first: an action is on messages of a folder that the webcache knows as it is.
    const Session& session = *request.session;
    WebcacheClient webcache(*request.site.lane, Deadline::in(request.site.deadline));
    const auto folder = webcache.folder_page(session.caller(), form.draft->folder, 1, session.settings.rows, true);
    if (!folder) return folder.error().while_doing("looking for the draft");
    const wire::Marked marked(form.draft->uid, form.draft->identity);
    const auto gone = webcache.act(session.caller(), form.draft->folder, form.draft->uid_validity,
                                   wire::Action::Purge, "", std::span(&marked, 1), 0);
    if (!gone) return gone.error().while_doing("removing the draft");
  }
  return leave(request, form, "notice=discarded");
}

/// Keeps the text in the spool, and tells the script under which name.
Result<void> keep_and_tell(const Request& request, ComposeForm& form, Response& response) {
  const auto kept = keep_form(request, form);
  if (kept) response.headers.emplace_back("X-AlphaMail-Text", spool_word(*form.text) + " " + std::to_string(form.text_version));
  return kept;
}

/// Text kept while it is typed: an answer for the script, no page.
Response autosave(const Request& request, ComposeForm& form) {
  Response response;
  response.content_type = "text/plain; charset=utf-8";
  const auto kept = keep_and_tell(request, form, response);
  response.status = kept ? 204 : kept.error().code == Code::kChanged ? 409 : 503;
  return response;
}

/// The draft is replaced while somebody writes on, and when they leave. The script gets the hidden fields as they are now,
/// and words to show. Where the mail server does not take it, the text is kept in the spool: its page may be gone by now.
Response autodraft(const Request& request, ComposeForm& form, const std::vector<Identity>& identities) {
  PageContext context(request);
  const Language& l = context.reader().language;
  std::vector<ComposeFault> none;
  const CheckedForm checked = check_form(request, l, form, identities, true, none);
  const auto saved = save_draft(request, context, form, checked);
  Response response;
  thread_local std::string told;  // as pages have it: valid until the next answer
  response.content_type = "text/plain; charset=utf-8";
  if (saved) {
    forget_text(request, form);
    told.clear();
    for (const auto& [name, value] : form.fields(false)) told += name + "=" + percent_encode(value) + "&";
    told += "status=" + percent_encode(*saved ? second_draft_words(l) : clock_words(context, l.tr("Draft saved at {1}")));
  } else {
    told = trouble_words(saved.error(), l);
    response.status = 503;
    (void)keep_and_tell(request, form, response);  // without it the answer names no text, and the script goes on asking
  }
  response.body = told;
  return response;
}

/// Texts that lie in the spool without having been sent or saved, to be gone on with.
void add_kept_texts(const Request& request, const Reader& reader, std::vector<ComposeNotice>& notices) {
  constexpr std::size_t kShown = 5;
  const auto listing = request.webcache().spool_list(request.session->caller(), wire::SpoolKind::Text);
  if (!listing) return;  // the page is as good without them
  for (const wire::Spooled* text : *(*listing)->files()) {
    if (!text->finished() || notices.size() == kShown) continue;
    std::string when;
    reader.language.formats().full(reader.zone.local(text->saved()), when);
    notices.push_back({fill(reader.language.tr("There is an unsent text from {1}."), {when}),
                       request.url("/compose?resume=" + spool_word(*text->id())),
                       text_of(text->note()).empty() ? std::string(reader.language.tr("Go on with it"))
                                                     : std::string(text_of(text->note()))});
  }
}

std::vector<Identity> identities_or_own(const Request& request) {
  auto loaded = load_identities(*request.site.store, *request.session, request.deadline);
  if (loaded) return std::move(*loaded);
  // Without the database the form still stands: with the user's own address.
  return {{"", "", request.session->address(), "", false, ""}};
}

}  // namespace

Response render_kept_form(const Request& request, const ComposeForm& form, KeptOver over) {
  const PageContext context(request);
  const Language& l = context.reader().language;
  Shown shown;
  if (over == KeptOver::kLogin) {
    shown.notices.push_back({l.tr("Here is what you had written."), "", ""});
  } else {
    shown.faults.push_back({"", l.tr("You have logged in anew since this page was opened, so nothing was done yet. Files that you "
                                     "had just chosen have to be chosen again.")});
  }
  return show(request, form, identities_or_own(request), std::move(shown));
}

Result<Response> page_compose(const Request& request) {
  const std::vector<Identity> identities = identities_or_own(request);
  PageContext context(request);
  std::vector<std::string> notices;
  auto form = start_compose(request, context, identities, notices);
  if (!form) return form.error();
  if (form->back.empty()) form->back = safe_return_path(request.query.get("back"));
  Shown shown;
  for (std::string& words : notices) shown.notices.push_back({std::move(words), "", ""});
  // What a browser or a session that ended has left behind is offered where a new message is begun.
  if (request.query.all.empty()) add_kept_texts(request, context.reader(), shown.notices);
  return show(request, *form, identities, std::move(shown));
}

Result<Response> act_compose(Request& request) {
  request.deadline = Deadline::in(std::max(request.site.deadline, kSending));
  const std::vector<Identity> identities = identities_or_own(request);
  auto read = ComposeForm::sent(request.form);
  if (!read) return Error{Code::kInvalid, "what was kept of the form is malformed"};
  ComposeForm form = std::move(*read);
  PageContext context(request);
  const Language& l = context.reader().language;
  const bool sure = request.form.get("sure") == "yes";
  const std::string_view what = request.form.get("do");
  const std::uint32_t drop = request.form.number("drop", 1, ComposeForm::kAttachments, 0);
  if (drop > 0 && drop <= form.attachments.size()) form.attachments.erase(form.attachments.begin() + (drop - 1));
  if (!request.upload_trouble.empty() && what != "autosave" && what != "autodraft") {
    return refused(request, form, identities, {Code::kInvalid, l.tr("The form did not arrive whole; not all of the files are here. Look at what there is, and try again.")}, l);
  }
  if (what == "send") return send(request, form, identities, sure);
  if (what == "draft" || what == "leave") return save(request, form, identities, what == "leave");
  if (what == "discard") return discard(request, form, l, sure);
  if (what == "autosave") return autosave(request, form);
  if (what == "autodraft") return autodraft(request, form, identities);
  if (what == "choose") {
    keep_meanwhile(request, form);
    return choose_contacts(request, form);
  }
  if (what == "chosen") take_chosen(request, form);
  Shown shown;
  for (const RefusedUpload& upload : request.refused_uploads) shown.faults.push_back({"attachments", upload_words(upload, l)});
  if (!shown.faults.empty()) shown.http_status = 422;
  return show(request, form, identities, std::move(shown));
}

}  // namespace alphamail
