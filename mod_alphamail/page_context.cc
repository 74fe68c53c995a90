// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/page_context.h"

#include "mod_alphamail/assets.h"
#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/compose_view.h"

namespace alphamail {

namespace {

/// What the user chose; before log-in, what the browser was told to remember.
std::string_view chosen_language(const Request& request) {
  if (request.session) return request.session->settings.language;
  if (const std::string_view asked = request.query.get("lang"); !asked.empty()) return asked;
  return request.language_cookie;
}

Reader reader_of(const Request& request, std::int64_t now) {
  const Site& site = request.site;
  const Language& language = site.words->choose(chosen_language(request), request.accept_language,
                                                site.config.default_language);
  const std::string_view zone = request.session ? std::string_view{request.session->settings.time_zone}
                                                : std::string_view{};
  return {*site.templates, language,
          site.words->zones().choose(zone, request.browser_time_zone, site.config.default_time_zone),
          now};
}

}  // namespace

/// ?sent=ID: of the message that a form gave away before this page.
void PageContext::tell_of_sent(const Request& request) {
  const auto id = read_spool_word(request.query.get("sent"));
  if (!id) return;
  const auto entry = request.webcache().outgoing(request.session->caller(), *id);
  if (!entry) return;  // done so long ago that nobody knows of it
  sent_words_ = outgoing_words(**entry, reader_.language);
  sent_id_ = spool_word(*id);
  input_.sent_words = sent_words_;
  using State = wire::OutgoingState;
  const State state = (*entry)->state();
  if (state == State::Held) input_.sent_undo = sent_id_;
  const bool over = state == State::Sent || state == State::Done || state == State::Held;
  if (!over) input_.sent_look = sent_id_;
}

PageContext::PageContext(const Request& request)
    : now_(std::time(nullptr)), reader_(reader_of(request, now_)), token_(request.token()) {
  const Site& site = request.site;
  input_.mount = site.mount;
  input_.token = token_;
  input_.here = request.path;
  input_.help_url = site.config.help_url;
  if (site.assets) input_.logo_url = site.assets->url("logo");
  if (request.session) {
    address_ = request.session->address();
    input_.address = address_;
    input_.theme = request.session->settings.theme;
    input_.density = request.session->settings.density;
    input_.labels = request.session->labels;
    input_.chosen = &request.session->settings;
    if (request.query.has("sent")) tell_of_sent(request);
  }
}

}  // namespace alphamail
