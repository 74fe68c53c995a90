// SPDX-License-Identifier: GPL-3.0-or-later
// The HTML version of a message as a document of its own, for the frame on the message's page and for whoever opens it
// alone. It runs under a policy of its own (response.h), and holds nothing that is not the message's.
#include "mod_alphamail/html_body.h"
#include "mod_alphamail/message_query.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"

namespace alphamail {

namespace {

/// Text that comes with the head, if the part is short.
constexpr std::uint32_t kTextWithHead = 64 << 10;

/// The part asked for, else the first HTML version that the message's page would show.
std::optional<TextPart> wanted_part(const wire::MessageView& view, std::string_view section) {
  if (!section.empty()) return html_part(view, section);
  for (const TextPart& text : read_content(view).texts) {
    const std::vector<TextPart> versions = html_versions(view, text);
    if (!versions.empty()) return versions.front();
  }
  return {};
}

}  // namespace

Result<Response> page_body(const Request& request, const std::string& folder, std::uint32_t uid) {
  const Session& session = *request.session;
  // Whether the message was seen is for its page to say.
  auto reply = request.webcache().message(session.caller(), folder, uid, session.settings.rows, true, {}, kTextWithHead);
  if (!reply) return reply.error().while_doing("opening a message");
  const wire::MessageView& view = **reply;
  const auto part = wanted_part(view, request.query.get("section"));
  if (!part) return Error{Code::kNotFound, "no HTML version"};
  const auto query = MessageQuery::of(request.query);
  if (!query) return query.error();
  HtmlBodyWish wish;
  wish.remote = query->remote;
  wish.charset = query->charset;
  const Theme theme = session.settings.theme;
  wish.recolour = theme != Theme::kLight && !session.settings.paper;
  const Result<CleanedHtml> cleaned = read_html_body(request, folder, view, *part, wish);
  if (!cleaned) return cleaned.error().while_doing("reading the HTML version");

  const PageContext context(request);
  const Language& language = context.reader().language;
  const auto& block = *view.header();
  const MessageHeader header = read_header({reinterpret_cast<const char*>(block.data()), block.size()});
  Values page(nullptr);
  page.set(Name::TITLE, header.subject.empty() ? std::string_view(language.tr("(no subject)")) : header.subject);
  page.set(Name::LOOK, !wish.recolour ? "light" : theme == Theme::kDark ? "dark" : "auto");
  page.set_markup(cleaned->html);
  Response response;
  response.policy = wish.remote ? Policy::kMailRemote : Policy::kMail;
  response.body = context.reader().templates.expand(PageTemplate::kBody, language, page);
  return response;
}

}  // namespace alphamail
