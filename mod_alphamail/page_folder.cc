// SPDX-License-Identifier: GPL-3.0-or-later
// A folder's page.
#include "mod_alphamail/action_view.h"
#include "mod_alphamail/folder_view.h"
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

constexpr std::uint32_t kMaxPage = 0xFFFFFFFF;

/// Whether the page may renew itself, where its reader has chosen that: nothing that it says, and no tick, is lost.
bool renews(const Request& request, const wire::FolderPage& page) {
  const bool says = (page.reports() && page.reports()->size() > 0) || request.query.has("notice") ||
                    request.query.has("done") || request.query.has("sent");
  return !says && !request.query.has("tick");
}

/// The header: this page again, in a way that does not count as use of the session, so that whoever has left it
/// open is logged out all the same.
std::string refresh_of(const Request& request, const std::string& here, unsigned minutes) {
  const std::string poll = (here.find('?') == std::string::npos ? "?" : "&") + std::string("poll=page");
  return std::to_string(minutes * 60) + ";url=" + request.url(here) + poll;
}

}  // namespace

Result<Response> page_folder(const Request& request, const std::string& folder) {
  const Session& session = *request.session;
  const std::uint32_t number = request.query.number("page", 1, kMaxPage, 1);
  PageContext context(request);
  const auto sort = ListSort::of(request.query, session.settings, context.reader().language);
  if (!sort) return sort.error();
  const WantedChosen chosen = sort->filter.wanted(session, context.reader().zone, context.now());
  WantedOrder order = sort->wanted();
  order.chosen = &chosen;
  auto page = request.webcache().folder_page(session.caller(), folder, number, session.settings.rows,
                                             false, order,
                                             read_report_word(request.query.get("done")));
  if (!page) return page.error().while_doing("listing a folder");

  context.input().take(**page);
  context.input().current = text_of((*page)->folder()->address());
  const std::string here = std::string(request.path) + sort->query(number);
  context.input().here = here;
  ListShown shown{here, ticked_of(request.query), session.settings.snippets};
  if (renews(request, **page)) shown.refresh_minutes = session.settings.refresh_minutes;
  Frame frame(context.reader(), context.input());
  const FolderView view(frame, **page, *sort, notice_words(request.query, context.reader().language), shown);
  Response response;
  if (shown.refresh_minutes > 0) response.headers.emplace_back("Refresh", refresh_of(request, here, shown.refresh_minutes));
  response.body = view.render();
  return response;
}

}  // namespace alphamail
