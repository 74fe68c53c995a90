// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/login.h"

#include <algorithm>
#include <cctype>

#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/compose_spool.h"
#include "mod_alphamail/identities.h"
#include "mod_alphamail/known_browser.h"
#include "mod_alphamail/labels.h"
#include "mod_alphamail/login_form.h"
#include "mod_alphamail/session_store.h"
#include "mod_alphamail/settings_store.h"
#include "mod_alphamail/ui_log.h"

namespace alphamail {
namespace {

using Say = LoginState::Say;

constexpr std::size_t kMostPassword = 1024;
constexpr std::size_t kMostUser = 512;

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// Overwritten on every way out.
struct WipedKey {
  Key bytes;
  ~WipedKey() { wipe(bytes); }
};

/// Moves the password out of the form and overwrites it there.
Secret take_password(Fields& form) {
  Secret password;
  for (auto& [name, value] : form.all) {
    if (name != "password") continue;
    if (password.empty() && value.size() <= kMostPassword) password = Secret(value);
    wipe(value.data(), value.size());
    value.clear();
  }
  return password;
}

/// Who wants in, as typed. "user@domain" in the user's field names the domain, too.
LoginState read_attempt(const Request& request) {
  LoginState state;
  const Config& config = request.site.config;
  std::string_view user = trimmed(request.form.get("user"));
  std::string_view domain = trimmed(request.form.get("domain"));
  if (domain.starts_with('@')) domain.remove_prefix(1);
  if (const std::size_t at = user.rfind('@'); at != std::string_view::npos && at > 0) {
    domain = user.substr(at + 1);
    user = user.substr(0, at);
  }
  if (domain.empty() && !config.imap_servers.empty()) domain = config.imap_servers.front().domain;
  state.user = user.substr(0, kMostUser);
  state.domain = lower(domain.substr(0, 255));
  state.shared_computer = !request.form.get("public").empty();
  state.next = checked_next(request.form.get("next"));
  state.kept = request.form.get("kept");
  return state;
}

Say say_of(const Error& error) {
  switch (error.code) {
    case Code::kBadCredentials: return Say::kWrong;
    case Code::kThrottled: return Say::kThrottled;
    case Code::kUnknownDomain: return Say::kUnknownDomain;
    case Code::kTls: return Say::kServerTls;
    case Code::kNoWebcache: return Say::kNoWebcache;
    default: return Say::kServerDown;
  }
}

std::string password_context(const Session& session) {
  std::string context = "alphamail password v1";
  context += '\0';
  context += session.user;
  context += '\0';
  context += session.domain;
  return context;
}

/// A session for somebody whom the mail server has let in, under a secret that nobody had before.
Session new_session(const Exchange& x, const LoginState& state, const Secret& password,
                    const Session::Keys& keys, std::uint32_t idle_seconds) {
  Session session;
  session.user = state.user;
  session.domain = state.domain;
  session.keys = keys;
  session.started = session.last_used = x.now;
  session.idle_limit = idle_seconds;
  session.browser_class = x.browser;
  session.sealed_password = seal(keys.password, password.bytes(), password_context(session));
  return session;
}

/// The webcache hears which folders the user chose for sent mail, drafts and so on.
void tell_roles(const Request& request, const Session& session) {
  if (const auto told = request.webcache().choose_roles(session.caller()); !told) {
    log_problem(request, Severity::kInfo, 106, "the webcache was not told of chosen folders: " + words_of(told.error()));
  }
}

/// A session that was open in this browser ends when another begins.
void end_old_session(Exchange& x) {
  const Result<Bytes> secret = from_base64url(x.session_cookie);
  if (!secret || secret->size() != 32) return;
  const auto keys = Session::keys_of(std::span<const std::byte, 32>(secret->data(), 32));
  const auto ended = x.request.site.sessions->end(keys.row, x.request.deadline, x.r->pool);
  if (!ended) {
    log_problem(x.request, Severity::kWarning, 112,
                "the session before this log-in could not be ended: " + words_of(ended.error()));
  }
}

Response failed(Exchange& x, LoginState state, const Error& error) {
  state.say = say_of(error);
  state.seconds = error.retry_after;
  if (error.code == Code::kBadCredentials) {
    log_problem(x.request, Severity::kWarning, 101,
                "log-in refused for " + state.user + "@" + state.domain + " from " + x.request.network);
  } else if (error.code == Code::kThrottled) {
    log_problem(x.request, Severity::kWarning, 102,
                "log-in throttled for " + state.user + "@" + state.domain + " from " +
                    x.request.network + ": " + std::to_string(state.seconds) + " s to wait");
  } else {
    log_problem(x.request, Severity::kError, 103,
                "log-in of " + state.user + "@" + state.domain + " failed: " + words_of(error));
  }
  return show_login(x, std::move(state));
}

Response refused(Exchange& x, LoginState state, Say say) {
  state.say = say;
  return show_login(x, std::move(state));
}

/// The browser is known for this user from now on, but where others sit at it, too.
void remember_browser(Exchange& x, const LoginState& state, Response& response) {
  const KnownBrowser& known = *x.request.site.known_browser;
  if (state.shared_computer || !known.name_of(x.known_cookie, state.user, state.domain).empty()) return;
  response.headers.emplace_back(
      "Set-Cookie", set_cookie(x.cookies, x.cookies.known_name(),
                               known.new_cookie(state.user, state.domain), KnownBrowser::kRemembered));
}

/// What was being written when the session before ended, for whoever wrote it: put into the spool, so that its
/// page has an address; where that cannot be, the page itself.
Response with_kept_form(const Request& request, const LoginState& state) {
  const auto fields = Fields::parse(state.kept, Fields::kMostOfTicked);
  if (!fields) return Response::see_other(request.url("/compose"));
  ComposeForm form = ComposeForm::of(*fields);
  if (form.writer != request.session->address()) return Response::see_other(request.url("/mail/"));
  form.text.reset();
  if (const auto kept = keep_form(request, form); kept) {
    return Response::see_other(request.url("/compose?resume=" + spool_word(*form.text)));
  }
  return render_kept_form(request, form, KeptOver::kLogin);
}

/// The mail server has said yes: keep the session and send the browser to the mail.
Response begin(Exchange& x, const LoginState& state, const Secret& password,
               const Session::Keys& keys, std::string_view cookie, std::uint32_t idle_seconds) {
  Request& request = x.request;
  end_old_session(x);
  Session session = new_session(x, state, password, keys, idle_seconds);
  if (auto key = request.webcache().keep_key(session.caller())) {
    session.sealed_account_key = std::move(*key);
  }  // else a session that has to be resumed takes the slow way to its cache
  // What is kept of the session has with it what the user has chosen before.
  Result<void> kept = {};
  auto chosen = request.site.settings->load(session.user, session.domain, request.deadline);
  const auto identities = load_identities(*request.site.store, session, request.deadline);
  auto labels = load_labels(*request.site.store, session.user, session.domain, request.deadline);
  if (!chosen || !identities || !labels) {
    kept = !chosen ? chosen.error() : !identities ? identities.error() : labels.error();
  } else {
    session.settings = std::move(*chosen);
    tell_roles(request, session);
    for (const Identity& identity : *identities) session.identities.push_back(identity.address);
    session.labels = std::move(*labels);
    kept = request.site.sessions->add(session, x.now, request.deadline, x.r->pool);
  }
  if (!kept) {
    log_problem(request, Severity::kError, 104,
                "log-in not completed, its session could not be kept: " + words_of(kept.error()));
    if (const auto out = request.webcache().log_out(session.caller()); !out) {
      log_problem(request, Severity::kWarning, 105, "the daemon keeps its handle: " + words_of(out.error()));
    }
    return render_error(request, kept.error());
  }
  log_problem(request, Severity::kInfo, 100,
              "log-in of " + state.user + "@" + state.domain + " from " + request.network);
  Response response = Response::see_other(request.url(state.next.empty() ? "/mail/" : state.next));
  request.session = std::move(session);
  if (!state.kept.empty()) response = with_kept_form(request, state);
  response.headers.emplace_back("Set-Cookie", set_cookie(x.cookies, x.cookies.session_name(), cookie));
  remember_browser(x, state, response);
  return response;
}

}  // namespace

std::string checked_next(std::string_view next) {
  const auto route = parse_route(next.substr(0, next.find('?')));
  if (!route || next.size() > 4000) return "";
  const bool printable = std::all_of(next.begin(), next.end(),
                                     [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '#'; });
  switch (route->to) {
    case Route::To::kFolder:
    case Route::To::kMessage:
    case Route::To::kSource:
    case Route::To::kPart:
    case Route::To::kSettings:
    case Route::To::kIdentities:
    case Route::To::kLabels:
    case Route::To::kCompose:
    case Route::To::kContacts:
    case Route::To::kOutbox:
    case Route::To::kFolders:
    case Route::To::kLargest:
      return printable ? std::string(next) : "";
    default:
      return "";
  }
}

Response show_login(Exchange& x, LoginState state) {
  std::string cookie(x.login_cookie);
  const bool fresh = cookie.empty();
  if (fresh) cookie = LoginForm::new_cookie();
  x.request.session.reset();  // the page's token is the log-in form's
  x.request.login_token = x.request.site.login_form->token(cookie, x.now);
  Response response = render_login(x.request, state);
  if (state.say == Say::kStale || state.say == Say::kNoCookie) response.status = 403;
  if (fresh) {
    response.headers.emplace_back("Set-Cookie", set_cookie(x.cookies, x.cookies.login_name(), cookie));
  }
  return response;
}

Response log_in(Exchange& x) {
  Request& request = x.request;
  const Secret password = take_password(request.form);
  LoginState state = read_attempt(request);
  if (x.login_cookie.empty()) return refused(x, std::move(state), Say::kNoCookie);
  const auto verdict = request.site.login_form->check(x.login_cookie, request.form.get("token"), x.now);
  if (verdict != LoginForm::Verdict::kGood) {
    log_problem(request, Severity::kWarning, 110, "log-in form with a stale or foreign token");
    return refused(x, std::move(state), Say::kStale);
  }
  if (state.user.empty() || password.empty() || has_line_break(state.user) ||
      has_line_break(state.domain) || has_line_break(password.text())) {
    return refused(x, std::move(state), Say::kWrong);
  }
  const Config& config = request.site.config;
  if (!config.imap_server(state.domain)) return refused(x, std::move(state), Say::kUnknownDomain);

  WipedKey secret;
  random_bytes(secret.bytes);
  const Session::Keys keys = Session::keys_of(secret.bytes);
  const std::uint32_t minutes =
      state.shared_computer ? config.shared_computer_minutes : config.session_idle_minutes;
  const std::uint32_t idle_seconds = minutes * 60;
  const std::string_view known =
      request.site.known_browser->name_of(x.known_cookie, state.user, state.domain);
  const auto in = request.webcache().log_in(keys.handle, state.user, state.domain, request.network,
                                            known, idle_seconds, password.bytes());
  if (!in) return failed(x, std::move(state), in.error());
  std::string cookie = base64url(secret.bytes);
  Response response = begin(x, state, password, keys, cookie, idle_seconds);
  wipe(cookie.data(), cookie.size());
  return response;
}

Response log_out(Exchange& x) {
  Request& request = x.request;
  const Session& session = *request.session;
  const auto ended = request.site.sessions->end(session.keys.row, request.deadline, x.r->pool);
  if (const auto out = request.webcache().log_out(session.caller()); !out) {
    // Its handle goes by itself when nobody has used it for long enough.
    log_problem(request, Severity::kInfo, 105, "the daemon keeps its handle: " + words_of(out.error()));
  }
  Response response = ended ? Response::see_other(request.url("/login?why=out"))
                            : render_error(request, ended.error());
  if (!ended) {
    log_problem(request, Severity::kError, 111,
                "log-out could not end the session's row: " + words_of(ended.error()));
  }
  response.headers.emplace_back("Set-Cookie", set_cookie(x.cookies, x.cookies.session_name(), ""));
  return response;
}

}  // namespace alphamail
