// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/settings_store.h"
#include "mod_alphamail/settings_view.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

SettingsInput input_for(const Request& request, const PageContext& context, const Settings& settings) {
  const Site& site = request.site;
  const TimeZone& zone =
      site.words->zones().choose({}, request.browser_time_zone, site.config.default_time_zone);
  return {*site.words, site.config.settings, settings, zone.name(), context.now(), {}, {}};
}

std::string notice_of(const Request& request, const Language& language) {
  const std::string_view notice = request.query.get("notice");
  if (notice == "saved") return language.tr("Saved.");
  return notice == "reset" ? language.tr("Reset.") : "";
}

Response show(const Request& request, const Settings& settings, const std::string& error) {
  // Settings can be changed also while the mail is out of reach; the page stands without folders then.
  const auto folders = request.webcache().folders(request.session->caller());
  PageContext context(request);
  if (folders) context.input().take(**folders);
  Frame frame(context.reader(), context.input());
  SettingsInput input = input_for(request, context, settings);
  input.notice = notice_of(request, context.reader().language);
  input.error = error;
  Response response;
  response.body = render_settings(frame, input);
  return response;
}

Result<Settings> wanted_settings(const Request& request) {
  const Settings& now = request.session->settings;
  const SettingRules& rules = request.site.config.settings;
  if (request.form.get("do") != "reset") return read_settings(request.form, now, *request.site.words, rules);
  Settings wanted = now;
  for (const Setting* setting : to_reset(request.form.get("reset"), now, rules)) {
    setting->put(wanted, setting->get(rules.defaults));
  }
  return wanted;
}

}  // namespace

Result<Response> page_settings(const Request& request) {
  const Settings& settings = request.session->settings;
  const std::string_view what = request.query.get("reset");
  const auto asked = to_reset(what, settings, request.site.config.settings);
  if (asked.empty()) return show(request, settings, {});
  PageContext context(request);
  Frame frame(context.reader(), context.input());
  Response response;
  response.body = render_reset(frame, input_for(request, context, settings), what, asked);
  return response;
}

Result<Response> act_settings(const Request& request) {
  const Session& session = *request.session;
  const Result<Settings> wanted = wanted_settings(request);
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
  if (request.form.get("do") == "reset") return Response::see_other(request.url("/settings/?notice=reset"));
  const std::string_view next = safe_return_path(request.form.get("next"));
  return Response::see_other(request.url(next.empty() ? "/settings/?notice=saved" : next));
}

}  // namespace alphamail
