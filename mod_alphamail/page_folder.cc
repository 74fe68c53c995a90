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

}  // namespace

Result<Response> page_folder(const Request& request, const std::string& folder) {
  const Session& session = *request.session;
  const std::uint32_t number = request.query.number("page", 1, kMaxPage, 1);
  PageContext context(request);
  const auto sort = ListSort::of(request.query, session.settings, context.reader().language);
  if (!sort) return sort.error();
  auto page = request.webcache().folder_page(session.caller(), folder, number, session.settings.rows,
                                             false, sort->wanted(),
                                             read_report_word(request.query.get("done")));
  if (!page) return page.error().while_doing("listing a folder");

  context.input().folders = (*page)->folders();
  context.input().current = text_of((*page)->folder()->address());
  const std::string here = std::string(request.path) + sort->query(number);
  context.input().here = here;
  Frame frame(context.reader(), context.input());
  const FolderView view(frame, **page, *sort, notice_words(request.query, context.reader().language),
                        {here, request.query.get("tick") == "page"});
  Response response;
  response.body = view.render();
  return response;
}

}  // namespace alphamail
