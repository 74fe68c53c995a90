// SPDX-License-Identifier: GPL-3.0-or-later
// A message's page: the daemon gives head and parts, and of its text what is short; this asks for the
// parts of the text that are still missing.
#include <vector>

#include "common/characters.h"
#include "mod_alphamail/action_view.h"
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/message_text.h"
#include "mod_alphamail/message_view.h"
#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"

namespace alphamail {

namespace {

/// Text parts of a page, and bytes of text; what is beyond is offered as a download.
constexpr std::size_t kMaxTexts = 20;
constexpr std::size_t kMaxTextBytes = 1 << 20;
/// Bytes of text that may come with the head: the answer stays small beside a page's.
constexpr std::uint32_t kTextWithHead = 64 << 10;

std::string missing_words(const Error& error, const Language& language) {
  switch (error.code) {
    case Code::kTimeout:
      return language.tr("The mail server did not send the text in time.");
    case Code::kChanged:
    case Code::kNotFound:
      return language.tr("The text is no longer at the mail server.");
    default: return language.tr("The text could not be fetched from the mail server.");
  }
}

/// The mail domains of the site and of the user, for addresses that look like theirs.
std::vector<std::string> own_domains(const Request& request) {
  std::vector<std::string> domains{lower(request.session->domain)};
  for (const MailServer& server : request.site.config.imap_servers) domains.push_back(server.domain);
  return domains;
}

}  // namespace

Result<Response> page_message(const Request& request, const std::string& folder, std::uint32_t uid) {
  const Session& session = *request.session;
  WebcacheClient webcache = request.webcache();
  PageContext context(request);
  const auto sort = ListSort::of(request.query, session.settings, context.reader().language);
  if (!sort) return sort.error();
  auto reply =
      webcache.message(session.caller(), folder, uid, session.settings.rows, false, sort->wanted(), kTextWithHead,
                       read_report_word(request.query.get("done")));
  if (!reply) return reply.error().while_doing("opening a message");
  const wire::MessageView& view = **reply;

  const auto& block = *view.header();
  const std::string_view raw_header(reinterpret_cast<const char*>(block.data()), block.size());
  const MessageHeader header = read_header(raw_header);
  const MessageContent content = read_content(view);

  std::vector<ReadText> texts;
  std::string missing;
  std::size_t left = kMaxTextBytes;
  for (const TextPart& part : content.texts) {
    if (texts.size() == kMaxTexts || left == 0) {
      texts.push_back({part, {{}, true}});
      break;
    }
    Result<ShownText> text = read_text_part(webcache, session.caller(), folder, view, part, left);
    if (!text) {
      // The head is worth showing without its text.
      missing = missing_words(text.error(), context.reader().language);
      break;
    }
    for (const TextBlock& shown : text->blocks) left -= std::min(left, shown.text.size());
    texts.push_back({part, std::move(*text)});
  }

  context.input().folders = view.folders();
  context.input().current = text_of(view.folder()->address());
  Frame frame(context.reader(), context.input());
  Response response;
  const std::string here = std::string(request.path) + sort->query();
  const std::vector<std::string> domains = own_domains(request);
  response.body = render_message(frame, {view, header, content, texts, missing, *sort,
                                         notice_words(request.query, context.reader().language), here,
                                         read_sender_trust(raw_header, request.site.config.authserv_ids),
                                         domains});
  return response;
}

}  // namespace alphamail
