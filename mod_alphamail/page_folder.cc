// SPDX-License-Identifier: GPL-3.0-or-later
// A folder's page, and 'Check mail'.
#include <algorithm>
#include <charconv>

#include "mod_alphamail/folder_view.h"
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

constexpr std::uint32_t kMaxPage = 0xFFFFFFFF;

/// What ?notice= says, in words; a notice is a number of new messages, so that an address that
/// somebody made up can say nothing else.
std::string notice_words(std::string_view notice, const Language& language) {
  constexpr std::string_view kNew = "new-";
  if (!notice.starts_with(kNew)) return {};
  std::uint32_t n = 0;
  const std::string_view digits = notice.substr(kNew.size());
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (failure != std::errc() || end != digits.data() + digits.size()) return {};
  if (n == 0) return language.tr("No new mail");
  return fill(language.trn("{1} new message", "{1} new messages", n), {language.formats().number(n)});
}

std::uint32_t highest_uid(const wire::FolderPage& page) {
  std::uint32_t highest = 0;
  for (const wire::Row* row : *page.rows()) highest = std::max(highest, row->uid());
  return highest;
}

std::size_t rows_above(const wire::FolderPage& page, std::uint32_t uid) {
  return static_cast<std::size_t>(std::count_if(
      page.rows()->begin(), page.rows()->end(), [uid](const wire::Row* r) { return r->uid() > uid; }));
}

}  // namespace

Result<Response> page_folder(const Request& request, const std::string& folder) {
  const Session& session = *request.session;
  const std::uint32_t number = request.query.number("page", 1, kMaxPage, 1);
  PageContext context(request);
  const auto sort = ListSort::of(request.query, session.settings, context.reader().language);
  if (!sort) return sort.error();
  auto page = request.webcache().folder_page(session.caller(), folder, number, session.settings.rows,
                                             false, sort->wanted());
  if (!page) return page.error().while_doing("listing a folder");

  context.input().folders = (*page)->folders();
  context.input().current = text_of((*page)->folder()->address());
  const std::string here = std::string(request.path) + sort->query(number);
  context.input().here = here;
  Frame frame(context.reader(), context.input());
  const FolderView view(frame, **page, *sort,
                        notice_words(request.query.get("notice"), context.reader().language));
  Response response;
  response.body = view.render();
  return response;
}

Result<Response> act_folder(const Request& request, const std::string& folder) {
  if (request.form.get("do") != "check") return Error{Code::kInvalid, "no such action on a folder"};
  const Session& session = *request.session;
  WebcacheClient webcache = request.webcache();
  // What is there before and after, as far as one page shows it.
  const auto before = webcache.folder_page(session.caller(), folder, 1, session.settings.rows, false);
  if (!before) return before.error().while_doing("checking for mail");
  const auto after = webcache.folder_page(session.caller(), folder, 1, session.settings.rows, true);
  if (!after) return after.error().while_doing("checking for mail");
  const std::size_t found = rows_above(**after, highest_uid(**before));
  const PageContext context(request);
  const auto sort = ListSort::of(request.query, session.settings, context.reader().language);
  const std::string list = sort ? sort->query() : std::string();
  return Response::see_other(url_of_folder(request.site.mount, folder) + list +
                             (list.empty() ? "?" : "&") + "notice=new-" + std::to_string(found));
}

}  // namespace alphamail
