// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/settings_store.h"
#include "mod_alphamail/settings_view.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

Response show(const Request& request, const Settings& settings, const std::string& error) {
  // Settings can be changed also while the mail is out of reach; the page stands without folders then.
  const auto folders = request.webcache().folders(request.session->caller());
  PageContext context(request);
  if (folders) context.input().folders = (*folders)->folders();
  const Language& language = context.reader().language;
  const TimeZone& default_zone = request.site.words->zones().choose(
      {}, request.browser_time_zone, request.site.config.default_time_zone);
  Frame frame(context.reader(), context.input());
  const bool saved = request.query.get("notice") == "saved";
  Response response;
  response.body = render_settings(frame, {*request.site.words, settings, default_zone.name(),
                                          context.now(), saved ? language.tr("Saved.") : "", error});
  return response;
}

}  // namespace

Result<Response> page_settings(const Request& request) {
  return show(request, request.session->settings, {});
}

Result<Response> act_settings(const Request& request) {
  const Session& session = *request.session;
  const Result<Settings> wanted =
      read_settings(request.form, session.settings, *request.site.words);
  if (!wanted) return wanted.error();
  if (auto saved = request.site.settings->save(session, *wanted, request.deadline); !saved) {
    const PageContext context(request);
    Response response = show(request, *wanted,
                             context.reader().language.tr(
                                 "This could not be saved: the database takes nothing new. What you "
                                 "chose still stands here; try again later."));
    response.status = 503;
    return response;
  }
  const std::string_view next = safe_return_path(request.form.get("next"));
  return Response::see_other(request.url(next.empty() ? "/settings/?notice=saved" : next));
}

}  // namespace alphamail
