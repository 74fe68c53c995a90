// SPDX-License-Identifier: GPL-3.0-or-later
// A message's page, to be read or to be printed: the daemon gives head and parts, and of its text what is
// short; letter.h asks for what is still missing.
#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "common/characters.h"
#include "mod_alphamail/action_view.h"
#include "mod_alphamail/html_body.h"
#include "mod_alphamail/letter.h"
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/message_text.h"
#include "mod_alphamail/message_view.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/picture_senders.h"
#include "mod_alphamail/ui_log.h"

namespace alphamail {

namespace {

/// Bytes of text that may come with the head: the answer stays small beside a page's.
constexpr std::uint32_t kTextWithHead = 64 << 10;

/// The mail domains of the site and of the user, for addresses that look like theirs.
std::vector<std::string> own_domains(const Request& request) {
  std::vector<std::string> domains{lower(request.session->domain)};
  for (const MailServer& server : request.site.config.imap_servers) domains.push_back(server.domain);
  return domains;
}

bool wants_html(const Request& request, const MessageQuery& query) {
  using Version = MessageQuery::Version;
  if (query.raw) return false;
  return query.version == Version::kHtml ||
         (query.version == Version::kUsual && !request.session->settings.plain_first);
}

/// Looks at the HTML versions of a text, and notes what is to be said of them.
/// @return whether they go on behind what is shown
Result<bool> look_at_html(const Request& request, const std::string& folder, const wire::MessageView& view,
                          const std::string& charset, const std::vector<TextPart>& versions, bool inside,
                          HtmlShown& html) {
  bool cut = false;
  for (const TextPart& version : versions) {
    const auto body = look_at_html_body(request, folder, view, version, charset);
    if (!body) return body.error();
    html.shown = true;
    cut = cut || body->cut;
    html.words_only = html.words_only || body->words_only;
    html.odd = html.odd || body->odd;
    (inside ? html.remote_inside : html.remote) += body->remote_pictures;
    html.tracking += body->tracking_pictures;
    for (const std::string& name : body->trackers) {
      if (std::find(html.trackers.begin(), html.trackers.end(), name) == html.trackers.end()) html.trackers.push_back(name);
    }
  }
  return cut;
}

/// Whether this sender's pictures are always shown.
void look_at_sender(const Request& request, const MessageHeader& header, const SenderTrust& trust, HtmlShown& html) {
  const std::string address = PictureSenders::address_of(header);
  html.vouched = trust.vouched() && !address.empty();
  if (!html.vouched) return;
  const auto always = PictureSenders(*request.site.store).has(*request.session, address, request.deadline);
  if (!always) {
    // Without an answer they stay out, as for any other sender.
    log_problem(request, Severity::kWarning, 160, words_of(always.error()));
    return;
  }
  html.always = *always;
}

Result<Response> show_message(const Request& request, const std::string& folder, std::uint32_t uid,
                              bool print) {
  const Session& session = *request.session;
  WebcacheClient webcache = request.webcache();
  PageContext context(request);
  const auto sort = ListSort::of(request.query, session.settings, context.reader().language);
  if (!sort) return sort.error();
  const auto query = MessageQuery::of(request.query);
  if (!query) return query.error();
  const Caller caller = session.caller();
  const WantedChosen chosen = sort->filter.wanted(session, context.reader().zone, context.now());
  WantedOrder order = sort->wanted();
  if (sort->filter.any()) order.chosen = &chosen;
  auto reply = webcache.message(caller, folder, uid, session.settings.rows, false, order, kTextWithHead,
                                read_report_word(request.query.get("done")));
  if (!reply) return reply.error().while_doing("opening a message");
  const wire::MessageView& view = **reply;
  HtmlShown html;
  html.once = query->remote;
  LetterReader::HtmlLook look;
  // Frames have no place on paper: their words are printed there, and the document alone by itself.
  if (!print && wants_html(request, *query)) {
    look = [&](const std::vector<TextPart>& versions, bool inside) {
      return look_at_html(request, folder, view, query->charset, versions, inside, html);
    };
  }
  const auto letters =
      LetterReader({webcache, caller, folder, view},
                   {{query->charset, query->raw}, query->all_headers, !print, std::move(look)})
          .read(query->inner);
  if (!letters) return letters.error();

  const auto& block = *view.header();
  context.input().take(view);
  context.input().current = text_of(view.folder()->address());
  Frame frame(context.reader(), context.input());
  Response response;
  if (plays_media(*letters)) response.policy = Policy::kMediaPage;
  const std::string here = std::string(request.path) + query->text(*sort);
  const std::vector<std::string> domains = own_domains(request);
  SenderTrust trust;  // nobody vouches for what is inside a message
  if (query->inner.empty())
    trust = read_sender_trust({reinterpret_cast<const char*>(block.data()), block.size()},
                              request.site.config.authserv_ids);
  if (html.remote > 0) look_at_sender(request, letters->front().header, trust, html);
  response.body = render_message(frame, {view, *letters, *query, print, *sort,
                                         notice_words(request.query, context.reader().language), here,
                                         std::move(trust), domains, session.settings.links,
                                         session.settings.fixed_type, std::move(html)});
  return response;
}

}  // namespace

Result<Response> page_message(const Request& request, const std::string& folder, std::uint32_t uid) {
  return show_message(request, folder, uid, false);
}

Result<Response> page_print(const Request& request, const std::string& folder, std::uint32_t uid) {
  return show_message(request, folder, uid, true);
}

}  // namespace alphamail
