// SPDX-License-Identifier: GPL-3.0-or-later
// A message's page, to be read or to be printed: the daemon gives head and parts, and of its text what is
// short; letter.h asks for what is still missing.
#include <string_view>
#include <utility>
#include <vector>

#include "common/characters.h"
#include "mod_alphamail/action_view.h"
#include "mod_alphamail/letter.h"
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/message_text.h"
#include "mod_alphamail/message_view.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"

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
  auto reply = webcache.message(caller, folder, uid, session.settings.rows, false, sort->wanted(), kTextWithHead,
                                read_report_word(request.query.get("done")));
  if (!reply) return reply.error().while_doing("opening a message");
  const wire::MessageView& view = **reply;
  const auto letters =
      LetterReader({webcache, caller, folder, view},
                   {{query->charset, query->raw}, query->all_headers, !print})
          .read(query->inner);
  if (!letters) return letters.error();

  const auto& block = *view.header();
  context.input().folders = view.folders();
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
  response.body = render_message(frame, {view, *letters, *query, print, *sort,
                                         notice_words(request.query, context.reader().language), here,
                                         std::move(trust), domains, session.settings.links,
                                         session.settings.fixed_type});
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
