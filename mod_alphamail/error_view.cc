// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/error_view.h"

namespace alphamail {

namespace {

struct Story {
  const char* icon;
  std::string heading, what, kept, next;
  bool again;  ///< asking the same once more may succeed
};

std::string wait_text(const Language& l, std::uint32_t seconds) {
  if (seconds == 0) return l.tr("Try again in a moment.");
  return fill(l.trn("Try again in {1} second.", "Try again in {1} seconds.", seconds),
              {l.formats().number(seconds)});
}

/// Each code has its own heading, so that two people on the telephone mean the same.
Story story_of(const Error& error, const ErrorInput& input, const Language& l) {
  // What has to ask the mail server first is not begun where that cannot be asked.
  const bool undone = error.code == Code::kUnreachable || error.code == Code::kUnderWay ||
                      error.code == Code::kInUse || error.code == Code::kBusy;
  const std::string safe = input.form && input.logged_in && undone ? l.tr("Nothing was changed.")
                           : input.logged_in ? l.tr("Your mail is safe, and you stay logged in.")
                                     : l.tr("Your mail is safe.");
  const std::string wait = wait_text(l, retry_after(error));
  switch (error.code) {
    case Code::kInvalid:
      return {"ban", l.tr("This address or form is not complete"),
              l.tr("AlphaMail could not read what your browser sent."),
              l.tr("Nothing was changed."), l.tr("Go back and try again from the page before."), false};
    case Code::kNotFound:
      return {"search", l.tr("There is nothing at this address"),
              l.tr("The folder, message or file does not exist, or another program has moved or "
                   "deleted it."), "", l.tr("Look for it in your folders."), false};
    case Code::kForbidden:
      return {"lock", l.tr("This was not allowed"),
              l.tr("The form was not sent from a page of yours, or the page was open for too long."),
              l.tr("Nothing was changed."), l.tr("Go back, reload the page and try once more."), false};
    case Code::kNeedCredentials:
    case Code::kBadCredentials:
      return {"key-round", l.tr("The mail server does not take your password any more"),
              l.tr("It may have been changed since you logged in."),
              l.tr("Your mail is safe."), l.tr("Log out, and log in with the new password."), false};
    case Code::kThrottled:
      return {"clock", l.tr("Too many attempts"), l.tr("There were too many failed log-ins."),
              l.tr("Nothing was changed."), wait, true};
    case Code::kUnknownDomain:
      return {"globe", l.tr("No mail for this domain"),
              l.tr("This site is not set up for the domain of your address any more."), "",
              l.tr("Ask the help desk."), false};
    case Code::kNoWebcache:
      return {"cloud-off", l.tr("The mail service is being restarted"),
              l.tr("A part of AlphaMail is not running at this moment."), safe, wait, true};
    case Code::kUnreachable:
      return {"cloud-off", l.tr("The mail server does not answer"),
              l.tr("AlphaMail could not connect to it."), safe, wait, true};
    case Code::kUnderWay:
      return {"clock", l.tr("The mail server is taking its time"),
              l.tr("AlphaMail has asked it and goes on waiting for the answer, also while you do "
                   "something else."), safe, l.tr("Look again in a moment."), true};
    case Code::kInUse:
      return {"lock", l.tr("Your mailbox is in use by another program"),
              l.tr("The mail server opens it for one program at a time, and another one, perhaps on "
                   "another computer of yours, has it open."), safe,
              l.tr("Close the other program, or try again later."), true};
    case Code::kTimeout:
      return {"clock", l.tr("This took too long"),
              l.tr("The mail server did not answer in time."), safe, wait, true};
    case Code::kTls:
      return {"shield-alert", l.tr("The mail server could not prove who it is"),
              l.tr("Its certificate was refused, so nothing was sent to it."),
              l.tr("Your password is safe."), l.tr("The administrators have to look at this."), true};
    case Code::kProtocol:
      return {"triangle-alert", l.tr("The mail server answered in a way nobody understands"),
              l.tr("The connection was closed, and a new one will be opened."), safe, wait, true};
    case Code::kServerSaid:
      return {"info", l.tr("The mail server refused"),
              l.tr("It did not do what was asked."), l.tr("Nothing was changed."),
              l.tr("If its words do not help, ask the help desk."), true};
    case Code::kBusy:
      return {"activity", l.tr("Too much is going on"),
              l.tr("AlphaMail or the mail server has reached a limit."), safe, wait, true};
    case Code::kTooLarge:
      return {"ban", l.tr("This is too large"), l.tr("It is more than this site allows."),
              l.tr("Nothing was changed."), "", false};
    case Code::kChanged:
      return {"refresh-cw", l.tr("The folder has changed meanwhile"),
              l.tr("The mail server has numbered its messages anew, so this message may be another "
                   "one now."), l.tr("Nothing was changed."),
              l.tr("Open the folder again and choose the message there."), false};
    case Code::kStorage:
      return {"hard-drive-upload", l.tr("This could not be stored"),
              l.tr("The disk or the database of this site takes nothing new."),
              l.tr("Your mail is safe; what you changed was not kept."),
              l.tr("Try again later. The administrators can see the reason in the log."), true};
    case Code::kInternal: break;
  }
  return {"triangle-alert", l.tr("Something went wrong here"),
          l.tr("This is a mistake in AlphaMail, not of yours."), safe,
          l.tr("Try again. If it happens again, tell the help desk the number below."), true};
}

}  // namespace

int error_status(Code code) {
  switch (code) {
    case Code::kInvalid: return 400;
    case Code::kNotFound: return 404;
    case Code::kChanged: return 409;
    case Code::kForbidden:
    case Code::kNeedCredentials:
    case Code::kBadCredentials:
    case Code::kUnknownDomain: return 403;
    case Code::kTooLarge: return 413;
    case Code::kThrottled: return 429;
    case Code::kTls:
    case Code::kProtocol:
    case Code::kServerSaid: return 502;
    case Code::kNoWebcache:
    case Code::kUnreachable:
    case Code::kUnderWay:
    case Code::kInUse:
    case Code::kStorage:
    case Code::kBusy: return 503;
    case Code::kTimeout: return 504;
    case Code::kInternal: break;
  }
  return 500;
}

std::uint32_t retry_after(const Error& error) {
  constexpr std::uint32_t kSoon = 5;
  const int status = error_status(error.code);
  if (error.retry_after > 0) return error.retry_after;
  return status == 503 || status == 429 ? kSoon : 0;
}

std::string_view render_error_page(Frame& frame, const ErrorInput& input) {
  const Language& language = frame.reader().language;
  const Story story = story_of(input.error, input, language);
  Values page(&frame);
  frame.set_title(story.heading);
  page.set(Name::ERROR_ICON, story.icon);
  page.set(Name::ERROR_ROLE, input.error.code == Code::kUnderWay ? "status" : "alert");
  page.set(Name::ERROR_HEADING, story.heading);
  page.set(Name::ERROR_WHAT, story.what);
  page.set(Name::ERROR_KEPT, story.kept);
  // Only a server's own words help a user; details of ours are for the log.
  page.set(Name::ERROR_QUOTE, input.error.code == Code::kServerSaid
                                  ? std::string_view{input.error.detail}
                                  : std::string_view{});
  page.set(Name::ERROR_NEXT, story.next);
  page.set(Name::TRY_AGAIN_URL, story.again ? input.again_url : std::string_view{});
  page.flag(Name::TO_INBOX, input.logged_in);
  page.flag(Name::TO_LOGIN, !input.logged_in);
  page.set(Name::REQUEST_ID, input.request_id);
  return frame.reader().templates.expand(PageTemplate::kError, language, page);
}

}  // namespace alphamail
