// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/router.h"

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include <http_core.h>
#include <http_protocol.h>

#include "mod_alphamail/admission.h"
#include "mod_alphamail/assets.h"
#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/compose_upload.h"
#include "mod_alphamail/login.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/percent.h"
#include "mod_alphamail/response_writer.h"
#include "mod_alphamail/session_store.h"
#include "mod_alphamail/ui_log.h"

namespace alphamail {
namespace {

using To = Route::To;

/// Which methods an address has. A GET changes nothing (W4), so log-out has none.
struct Methods {
  bool get, post;
};
Methods methods_of(To to) {
  switch (to) {
    case To::kLogout: return {false, true};
    case To::kLogin:
    case To::kFolder:
    case To::kMessage:
    case To::kCompose:
    case To::kContacts:
    case To::kIdentities:
    case To::kLabels:
    case To::kOutbox:
    case To::kSearch:
    case To::kFolders:
    case To::kLargest:
    case To::kSettings: return {true, true};
    default: return {true, false};
  }
}

Response error_page(const Exchange& x, const Error& error) { return render_error(x.request, error); }

/// The same with a status that no Code stands for; 0 leaves the Code's own.
Response error_page(const Exchange& x, const Error& error, int status) {
  Response response = render_error(x.request, error);
  if (status != 0) response.status = status;
  return response;
}

Response wrong_method(const Exchange& x, Methods methods) {
  Response response = error_page(x, {Code::kInvalid, "this address does not take that method"}, 405);
  response.headers.emplace_back("Allow", methods.get && methods.post ? "GET, HEAD, POST"
                                         : methods.post              ? "POST"
                                                                     : "GET, HEAD");
  return response;
}

/// An address that a browser fetches ahead of the user's wish would mark a message seen.
bool is_prefetch(const Exchange& x) {
  return header_of(x.r, "Sec-Purpose").find("prefetch") != std::string_view::npos ||
         header_of(x.r, "Purpose").find("prefetch") != std::string_view::npos;
}

// ---- sessions ----

enum class Who { kNobody, kExpired, kUser };

/// Looks the cookie up. Only a row that is gone or over is a log-out; trouble with the store is not.
Result<Who> find_session(Exchange& x) {
  if (x.session_cookie.empty()) return Who::kNobody;
  if (x.session_cookie.size() != 43) return Who::kExpired;
  Result<Bytes> secret = from_base64url(x.session_cookie);
  if (!secret || secret->size() != 32) return Who::kExpired;
  const Session::Keys keys = Session::keys_of(std::span<const std::byte, 32>(secret->data(), 32));
  wipe(*secret);
  const bool counts = !x.request.query.has("poll");
  auto found = x.request.site.sessions->find(keys, x.browser, counts, x.now, x.request.deadline,
                                             x.r->pool);
  if (!found) return found.error().while_doing("looking up the session");
  if (found->state != SessionStore::State::kLive) return Who::kExpired;
  x.request.session = std::move(found->session);
  return Who::kUser;
}

/// A script asks how a folder stands (page_poll.cc), and is led to no page.
bool is_poll(const Exchange& x) {
  return x.note.route && x.note.route->to == To::kFolder && x.request.query.get("poll") == "1";
}

/// A script saves what is being written (page_compose.cc).
bool is_autosave(const Exchange& x) {
  const std::string_view what = x.request.form.get("do");
  return what == "autosave" || what == "autodraft";
}

/// The answer to a script whose session has ended.
Response no_session() {
  Response response;
  response.status = 401;
  return response;
}

/// Off to the log-in page; what was asked for is kept, where a GET can ask for it again.
Response to_login(const Exchange& x, Who who) {
  if (is_poll(x)) return no_session();
  std::string next(x.note.path);
  if (x.request.method != Method::kPost && x.r->args) next += '?' + std::string(x.r->args);
  next = checked_next(next);
  if (next == "/mail/" || next == "/mail/INBOX/") next.clear();
  std::string address = "/login";
  if (!next.empty()) address += "?next=" + percent_encode(next, "/");
  if (who == Who::kExpired) address += next.empty() ? "?why=expired" : "&why=expired";
  Response response = Response::see_other(x.request.url(address));
  if (who == Who::kExpired) {
    response.headers.emplace_back("Set-Cookie", set_cookie(x.cookies, x.cookies.session_name(), ""));
  }
  return response;
}

// ---- pages ----

Response login_page(Exchange& x) {
  LoginState state;
  const std::string_view why = x.request.query.get("why");
  if (why == "expired") state.say = LoginState::Say::kExpired;
  if (why == "out") state.say = LoginState::Say::kLoggedOut;
  state.next = checked_next(x.request.query.get("next"));
  return show_login(x, std::move(state));
}

Result<Response> page(Exchange& x, const Route& route) {
  Request& request = x.request;
  const bool post = request.method == Method::kPost;
  switch (route.to) {
    case To::kFolder:
      if (!post && is_poll(x)) return page_poll(request, route.folder);
      return post ? act_folder(request, route.folder) : page_folder(request, route.folder);
    case To::kMessage:
      return post ? act_message(request, route.folder, route.uid)
                  : page_message(request, route.folder, route.uid);
    case To::kSource: return page_source(request, route.folder, route.uid);
    case To::kPart: return page_part(request, route.folder, route.uid, route.section, PartWanted::kSaved);
    case To::kPartView: return page_part(request, route.folder, route.uid, route.section, PartWanted::kViewed);
    case To::kZip: return page_zip(request, route.folder, route.uid);
    case To::kPrint: return page_print(request, route.folder, route.uid);
    case To::kCompose: return post ? act_compose(request) : page_compose(request);
    case To::kSearch: return post ? act_search(request) : page_search(request);
    case To::kOutbox: return post ? act_outbox(request) : page_outbox(request);
    case To::kContacts: return post ? act_contacts(request) : page_contacts(request);
    case To::kComplete: return page_complete(request);
    case To::kExport: return page_export(request);
    case To::kIdentities: return post ? act_identities(request) : page_identities(request);
    case To::kLabels: return post ? act_labels(request) : page_labels(request);
    case To::kFolders: return post ? act_folders(request) : page_folders(request);
    case To::kFolderExport: return page_folder_export(request);
    case To::kLargest: return post ? act_largest(request) : page_largest(request);
    case To::kBody: return page_body(request, route.folder, route.uid);
    case To::kSettings: return post ? act_settings(request) : page_settings(request);
    case To::kLogout: return log_out(x);
    default: return Error{Code::kNotFound, "no such address"};
  }
}

Response page_or_error(Exchange& x, const Route& route) {
  Result<Response> response = page(x, route);
  if (response) return std::move(*response);
  const Error& error = response.error();
  // The handle is gone and the password no longer opens the mailbox: log in anew.
  if (error.code == Code::kBadCredentials || error.code == Code::kNeedCredentials) {
    return to_login(x, Who::kExpired);
  }
  if (error.code != Code::kNotFound && error.code != Code::kInvalid) {
    log_problem(x.request, Severity::kWarning, 120,
                std::string(x.r->method) + " failed: " + words_of(error));
  }
  return error_page(x, error);
}

/// The two checks that every POST passes before anything happens; the log-in form has its own token.
std::optional<Response> refused_post(Exchange& x, const Route& route) {
  if (!is_same_origin(x.from)) {
    log_problem(x.request, Severity::kWarning, 113, "a form from another site");
    return error_page(x, {Code::kForbidden, "the form came from another site"});
  }
  if (route.to == To::kLogin) return {};
  if (is_form_token(x.request.session->keys.token, x.request.form.get("token"))) return {};
  log_problem(x.request, Severity::kWarning, 114, "a form without the token of its session");
  return error_page(x, {Code::kForbidden, "the form's token is missing or of another session"});
}

/// A form that was open while its session ended and another one began, in another window: nothing of it is done, and
/// whoever wrote it sees it again, with the token of now. It may name blind copies and messages to be attached, so a
/// browser that does not say that a page of ours sent it is shown nothing.
std::optional<Response> shown_again(Exchange& x, const Route& route) {
  if (route.to != To::kCompose || is_autosave(x) || !says_same_origin(x.from)) return std::nullopt;
  if (is_form_token(x.request.session->keys.token, x.request.form.get("token"))) return std::nullopt;
  const auto form = ComposeForm::sent(x.request.form);
  if (!form || form->writer != x.request.session->address()) return std::nullopt;
  log_problem(x.request, Severity::kWarning, 114, "a form of the session before; it is shown again");
  Response response = render_kept_form(x.request, *form, KeptOver::kAnotherSession);
  response.status = 403;
  return response;
}

/// The session ended under somebody's hands: what they had written goes through the log-in and comes back.
Response kept_over_login(Exchange& x) {
  LoginState state;
  state.say = LoginState::Say::kExpired;
  state.next = "/compose";
  state.kept = ComposeForm::sent(x.request.form).value_or(ComposeForm()).spelled();
  // It comes back as one field of a form, with every '%' written as three letters.
  if (state.kept.size() > x.request.site.max_body / 3) {
    state.kept.clear();
    state.kept_lost = true;
  }
  Response response = show_login(x, std::move(state));
  response.headers.emplace_back("Set-Cookie", set_cookie(x.cookies, x.cookies.session_name(), ""));
  return response;
}

// ---- too many at once ----

/// What goes at the pace of the browser's line or of the mail server computes next to nothing.
bool is_stream(const Exchange& x, To to) {
  return to == To::kPart || to == To::kPartView || to == To::kSource || to == To::kZip ||
         (to == To::kCompose && x.request.method == Method::kPost);
}

Response too_many(const Exchange& x, const Error& error) {
  if (x.request.site.admission->tell()) {
    log_problem(x.request, Severity::kWarning, 122,
                "refused: " + error.detail + "; " +
                    std::to_string(x.request.site.admission->refused()) + " so far");
  }
  return error_page(x, error);
}

/// A message's pictures are asked for all at once: they take turns rather than be refused.
Result<void> count_for_user(Exchange& x, bool stream) {
  constexpr std::uint32_t kStreams = 4;
  constexpr auto kLook = std::chrono::milliseconds(20);
  if (!x.request.session) return {};
  const Session& session = *x.request.session;
  const Deadline until = x.request.deadline.sooner(Deadline::in(Millis(3000)));
  for (;;) {
    auto counted = x.request.place.belongs_to(session.user, session.domain, stream ? kStreams : 1);
    if (counted || !stream || until.passed()) return counted;
    std::this_thread::sleep_for(kLook);
  }
}

Response session_page(Exchange& x, const Route& route) {
  auto place = x.request.site.admission->enter();
  if (!place) return too_many(x, place.error());
  x.request.place = std::move(*place);
  const auto who = find_session(x);
  if (!who) {
    log_problem(x.request, Severity::kError, 121, words_of(who.error()));
    return error_page(x, who.error());
  }
  if (is_stream(x, route.to)) x.request.place.wait();
  if (const auto counted = count_for_user(x, is_stream(x, route.to)); !counted) return too_many(x, counted.error());
  if (route.to == To::kCompose && x.request.method == Method::kPost) {
    // Read only now: files go into the spool of whoever sends them.
    if (!is_same_origin(x.from)) return *refused_post(x, route);
    if (const auto form = read_compose_form(x); !form) {
      return error_page(x, form.error(), form.error().code == Code::kTimeout ? 408 : 0);
    }
    if (*who != Who::kUser) return is_autosave(x) ? no_session() : kept_over_login(x);
  }
  if (route.to == To::kStart || (route.to == To::kLogin && x.request.method != Method::kPost)) {
    if (*who == Who::kUser) return Response::see_other(x.request.url("/mail/"));
    return login_page(x);
  }
  if (*who != Who::kUser) return to_login(x, *who);
  if (x.request.method == Method::kPost) {
    if (auto again = shown_again(x, route)) return std::move(*again);
    if (auto refused = refused_post(x, route)) return std::move(*refused);
  } else if (is_prefetch(x)) {
    return error_page(x, {Code::kBusy, "fetched ahead", 1}, 503);
  }
  return page_or_error(x, route);
}

Response routed(Exchange& x, const Route& route) {
  const Methods methods = methods_of(route.to);
  const bool post = x.request.method == Method::kPost;
  const bool known = x.r->method_number == M_GET || x.r->method_number == M_POST;
  if (!known || !(post ? methods.post : methods.get)) return wrong_method(x, methods);
  if (route.to == To::kAsset) return error_page(x, {Code::kNotFound, "no such asset"});
  if (route.to == To::kSlash) return Response::see_other(x.request.url(x.note.path + "/"));
  if (post && route.to != To::kCompose) {
    if (const auto form = read_form(x); !form) {
      return error_page(x, form.error(), form.error().code == Code::kTimeout ? 408 : 0);
    }
    if (route.to == To::kLogin) {
      if (auto refused = refused_post(x, route)) return std::move(*refused);
      auto place = x.request.site.admission->enter();
      if (!place) return too_many(x, place.error());
      x.request.place = std::move(*place);
      return log_in(x);
    }
  }
  return session_page(x, route);
}

Response answer(Exchange& x) {
  if (const auto elsewhere = better_address(x)) {
    Response response = Response::see_other(*elsewhere);
    if (x.request.method != Method::kPost) response.status = 302;
    return response;
  }
  if (const auto head = read_head(x); !head) {
    return error_page(x, head.error(), head.error().code == Code::kTooLarge ? 414 : 400);
  }
  if (x.note.route) return routed(x, *x.note.route);
  const Error& error = x.note.route.error();
  return error_page(x, error, error.code == Code::kTooLarge ? 414 : 0);
}

}  // namespace

void serve(request_rec* r, const Note& note) {
  Exchange x = make_exchange(r, note);
  if (note.route && note.route->to == To::kAsset && x.request.method != Method::kPost) {
    if (const Assets::File* file = note.site->assets->find(note.route->asset)) {
      return send_asset(x.request, *file);
    }
  }
  const Response response = answer(x);
  if (x.request.method == Method::kPost) ap_discard_request_body(r);  // what nobody has read
  send(x.request, response);
}

}  // namespace alphamail
