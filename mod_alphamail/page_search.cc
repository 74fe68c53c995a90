// SPDX-License-Identifier: GPL-3.0-or-later
// What a search has found. Its address is the words: whoever follows it later searches anew.
#include "common/search_form.h"
#include "common/search_query.h"
#include "mod_alphamail/action_view.h"
#include "mod_alphamail/labels.h"
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/search_view.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

constexpr std::uint32_t kMaxPage = 0xFFFFFFFF;

/// The plain form's fields, as the search that they are.
Response as_query(const Request& request) {
  const Fields& f = request.query;
  SearchForm form{std::string(f.get("words")), std::string(f.get("from")), std::string(f.get("to")),
                  std::string(f.get("subject")), std::string(f.get("body")), std::string(f.get("since")),
                  std::string(f.get("before")), "", f.has("attachment"), f.has("unread"), f.has("starred")};
  std::string address = "/search/?q=" + query_value(query_of(form));
  if (const std::string_view in = f.get("in"); !in.empty()) {
    address += "&in=" + query_value(in);
    if (f.get("below") == "1") address += "&below=1";
  }
  return Response::see_other(request.url(address));
}

/// The page without a result: nothing is asked for yet, or it is not taken, and why.
Result<Response> without_result(const Request& request, PageContext& context, const ListSort& sort,
                                const SearchQuery& query, std::string refused) {
  const auto folders = request.webcache().folders(request.session->caller());
  if (!folders) return folders.error().while_doing("listing folders");
  context.input().take(**folders);
  Frame frame(context.reader(), context.input());
  Response response;
  if (!refused.empty()) response.status = 400;
  response.body = render_search(frame, {nullptr, sort, query, {}, std::move(refused)});
  return response;
}

}  // namespace

Result<Response> page_search(const Request& request) {
  if (request.query.has("form")) return as_query(request);
  const Session& session = *request.session;
  PageContext context(request);
  auto sort = ListSort::of(request.query, session.settings, context.reader().language);
  if (!sort) return sort.error();
  const Language& language = context.reader().language;
  const std::string words(request.query.get("q"));
  if (words.size() > SearchQuery::kMostBytes) {
    sort->search = {};
    const std::string most = language.formats().number(SearchQuery::kMostBytes);
    return without_result(request, context, *sort, {}, fill(language.tr("A search has at most {1} characters."), {most}));
  }
  const std::int32_t offset = context.reader().zone.offset_at(context.now());
  const SearchQuery query = SearchQuery::parse(words, {context.now(), offset});
  context.input().search_query = words;
  context.input().search_folder = sort->search.folder;
  if (words.empty()) return without_result(request, context, *sort, query, {});
  const Labels labels(session.labels, language);
  WantedSearch wanted{labels.with_keywords(words, query), sort->search.folder, sort->search.below, offset, session.addresses(), sort->search.id,
                      request.query.get("anew") == "1"};
  const std::uint32_t number = request.query.number("page", 1, kMaxPage, 1);
  WebcacheClient webcache = request.webcache();
  const auto ask = [&] {
    return webcache.search(session.caller(), wanted, number, session.settings.rows, sort->wanted(),
                           read_report_word(request.query.get("done")));
  };
  auto page = ask();
  if (!page && page.error().code == Code::kNotFound && wanted.id != 0) {
    wanted.id = 0;  // nobody knows that one any more
    page = ask();
  }
  if (!page) return page.error().while_doing("searching");
  sort->search.id = (*page)->search();
  context.input().take(**page);
  context.input().current = sort->search.folder;
  const std::string here = "/search/" + sort->query((*page)->page());
  context.input().here = here;
  Frame frame(context.reader(), context.input());
  Response response;
  response.body = render_search(frame, {&**page, *sort, query, notice_words(request.query, language), {},
                                        ticked_of(request.query)});
  return response;
}

}  // namespace alphamail
