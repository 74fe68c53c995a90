// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/login_view.h"

#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

using Say = LoginState::Say;

std::string wait_words(const Language& language, std::uint32_t seconds) {
  if (seconds < 90) {
    return fill(language.trn("Wait {1} second, then try again.", "Wait {1} seconds, then try again.",
                             seconds),
                {language.formats().number(seconds)});
  }
  const std::uint32_t minutes = (seconds + 59) / 60;
  return fill(language.trn("Wait {1} minute, then try again.", "Wait {1} minutes, then try again.",
                           minutes),
              {language.formats().number(minutes)});
}

/// What went wrong, what was kept, what to do next; "" where nothing did.
std::string error_words(const Language& language, const LoginState& state) {
  switch (state.say) {
    case Say::kWrong:
      return language.tr("User name and password do not fit together. Your user name was kept; type "
                         "the password again.");
    case Say::kThrottled:
      return std::string(language.tr("There were too many failed attempts to log in.")) + " " +
             wait_words(language, state.seconds);
    case Say::kNoCookie:
      return language.tr("Your browser did not send back the cookie that keeps you logged in. Allow "
                         "cookies for this site and log in again.");
    case Say::kServerDown:
      return language.tr("The mail server does not answer. Your password was not checked. Try again "
                         "in a few minutes.");
    case Say::kServerTls:
      return language.tr("The mail server could not prove who it is, so your password was not sent. "
                         "The administrators have to look at this.");
    case Say::kUnknownDomain:
      return language.tr("This site has no mail for that domain. Check what stands behind the @.");
    case Say::kNoWebcache:
      return language.tr("The mail service is being restarted. Try again in a few seconds.");
    case Say::kExpired:
      if (!state.kept.empty()) {
        return language.tr("You were logged out because nothing happened for a while. Log in again: what you wrote "
                           "comes back.");
      }
      if (state.kept_lost) {
        return language.tr("You were logged out because nothing happened for a while, and what you wrote is too long "
                           "to go through this page. It is still in your browser: log in in another window, then go "
                           "back here and send it again.");
      }
      return language.tr("You were logged out because nothing happened for a while. Log in again to "
                         "go on where you were.");
    case Say::kStale:
      return language.tr("This page had been open for too long. What you typed was kept; type the "
                         "password again.");
    case Say::kLoggedOut:
    case Say::kNothing: break;
  }
  return {};
}

void add_domains(Values& page, const Config& config, const LoginState& state) {
  // One domain needs no choice.
  if (config.imap_servers.size() < 2) return;
  page.flag(Name::DOMAINS, true);
  for (const MailServer& server : config.imap_servers) {
    Values& item = page.add(Name::DOMAIN);
    item.set(Name::DOMAIN_NAME, server.domain);
    item.flag(Name::DOMAIN_CHOSEN, server.domain == state.domain);
  }
}

void add_languages(Values& page, const Frame& frame, const Words& words, const LoginState& state) {
  page.flag(Name::LANGUAGES, true);
  for (const auto& language : words.languages()) {
    Values& item = page.add(Name::LANGUAGE);
    std::string url = std::string(frame.input().mount) + "/login?lang=" + language->code();
    if (!state.next.empty()) url += "&next=" + query_value(state.next);
    item.set(Name::LANGUAGE_URL, std::move(url));
    item.set(Name::LANGUAGE_CODE, language->code());
    item.set(Name::LANGUAGE_NAME, language->name());
    item.flag(Name::LANGUAGE_CURRENT, language.get() == &frame.reader().language);
  }
}

}  // namespace

int login_status(LoginState::Say say) {
  switch (say) {
    case Say::kWrong:
    case Say::kUnknownDomain: return 401;
    case Say::kThrottled: return 429;
    case Say::kServerDown:
    case Say::kServerTls:
    case Say::kNoWebcache: return 503;
    case Say::kNoCookie:
    case Say::kStale: return 403;
    default: return 200;
  }
}

std::string_view render_login_page(Frame& frame, const Words& words, const Config& config,
                                   const LoginState& state) {
  const Language& language = frame.reader().language;
  Values page(&frame, {Name::DOMAINS, Name::LANGUAGES, Name::LOGIN_GOOD});
  const std::string error = error_words(language, state);
  const std::string title = language.tr("Log in");
  frame.set_title(error.empty() ? title : error.substr(0, error.find(". ")) + " – " + title);

  page.set(Name::LOGIN_ERROR, error);
  if (state.say == Say::kLoggedOut) page.set(Name::LOGIN_GOOD, language.tr("You are logged out."));
  page.set(Name::SITE_NOTICE, config.site_notice);
  page.set(Name::NEXT_PATH, state.next);
  page.set(Name::KEPT, state.kept);
  page.set(Name::USER, state.user);
  page.flag(Name::FOCUS_USER, state.user.empty());
  page.flag(Name::FOCUS_PASSWORD, !state.user.empty());
  page.flag(Name::PASSWORD_WRONG, state.say == Say::kWrong);
  page.flag(Name::SHARED, state.shared_computer);
  const std::uint32_t minutes = config.shared_computer_minutes;
  page.set(Name::SHARED_HINT, fill(language.trn("Log out after {1} minute without use",
                                                "Log out after {1} minutes without use", minutes),
                                   {language.formats().number(minutes)}));
  add_domains(page, config, state);
  add_languages(page, frame, words, state);
  return frame.reader().templates.expand(PageTemplate::kLogin, language, page);
}

}  // namespace alphamail
