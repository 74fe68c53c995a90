// SPDX-License-Identifier: GPL-3.0-or-later
// What forms on a result of a search do. Its rows lie in several folders, so each mark says in which:
//
//   f0=FOLDER  v0=UIDVALIDITY  f1=...   m=0.UID-IDENTITY  m=1.UID-IDENTITY  star=0.UID-IDENTITY ...
//
// The rest is as on a list (mail_action.h); each folder gets an action of its own under one report.
//
//   all=1  count=N  rows=N     instead of the m: all that the search has found, where so many rows are ticked
#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "mod_alphamail/action_sender.h"
#include "mod_alphamail/action_view.h"
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

/// The fields of one folder's action.
struct Part {
  std::string number;  ///< its place in the form
  std::string folder;
  Fields form;
};

/// The form, taken apart by folders. @return kInvalid for a mark of no folder
Result<std::vector<Part>> parts_of(const Fields& form) {
  std::vector<Part> parts;
  std::map<std::string, std::size_t, std::less<>> places;
  const bool named = form.has("do");
  for (const auto& [name, value] : form.all) {
    const bool mark = name == "m" || (!named && (name == "star" || name == "unstar"));
    if (!mark || (name == "m" && !named)) continue;
    const std::size_t dot = value.find('.');
    const std::string number = value.substr(0, dot);
    if (dot == std::string::npos || number.size() > 4) return Error{Code::kInvalid, "a mark of no folder"};
    const auto [place, fresh] = places.emplace(number, parts.size());
    if (fresh) {
      const std::string_view folder = form.get("f" + number);
      if (folder.empty()) return Error{Code::kInvalid, "a mark of no folder"};
      Part& part = parts.emplace_back(Part{number, std::string(folder), {}});
      part.form.all.emplace_back("v", form.get("v" + number));
      if (named) part.form.all.emplace_back("do", form.get("do"));
      for (const std::string_view also : {"to", "label"}) {
        if (form.has(also)) part.form.all.emplace_back(also, form.get(also));
      }
    }
    parts[place->second].form.all.emplace_back(name, value.substr(dot + 1));
  }
  return parts;
}

/// Ticked messages as attachments of a new one.
Response forward(const Request& request, const std::vector<Part>& parts, const std::string& back) {
  constexpr std::size_t kMost = 50;
  std::string address;
  std::size_t n = 0;
  for (const Part& part : parts) {
    for (const auto& [name, value] : part.form.all) {
      const auto marked = name == "m" ? read_mark(value) : std::nullopt;
      if (!marked || n++ >= kMost) continue;
      address += (address.empty() ? "?forwardas=" : "&forwardas=") + query_value(part.folder) + "/" +
                 std::to_string(marked->uid());
    }
  }
  if (address.empty()) return back_to(back, "notice=none");
  return Response::see_other(request.url("/compose" + address));
}

/// What lies in the trash goes for good only where somebody is sure.
Response ask_first(const Request& request, const std::vector<Part>& parts, std::size_t messages,
                   const std::string& here, const MailAction* all = nullptr) {
  PageContext context(request);
  Frame frame(context.reader(), context.input());
  Fields form;
  for (const Part& part : parts) {
    form.all.emplace_back("f" + part.number, part.folder);
    form.all.emplace_back("v" + part.number, part.form.get("v"));
    for (const auto& [name, value] : part.form.all) {
      if (name == "m") form.all.emplace_back("m", part.number + "." + value);
    }
  }
  Response response;
  response.body = render_confirm(frame, form, messages, here, here, all);
  return response;
}

bool means_all(const Fields& form, const std::vector<Part>& parts) {
  std::size_t ticked = 0;
  for (const Part& part : parts) {
    ticked += static_cast<std::size_t>(std::count_if(part.form.all.begin(), part.form.all.end(),
                                                     [](const auto& field) { return field.first == "m"; }));
  }
  return form.has("do") && form.get("all") == "1" && ticked == form.number("rows", 0, MailAction::kMost, 0);
}

/// Where a form leads that says too little; "" where it says enough.
std::string lacks(const MailAction& asked) {
  if (asked.wants_target() && asked.target.empty()) return "notice=nowhere";
  return asked.wants_label() && asked.label.empty() ? "notice=nolabel" : "";
}

Result<Response> act_on_found(const Request& request, const ActionSender& sender, const ListSort& sort,
                              const std::string& here, const std::string& archive) {
  Fields form;
  for (const std::string_view name : {"do", "to", "label"}) {
    if (request.form.has(name)) form.all.emplace_back(name, request.form.get(name));
  }
  auto asked = MailAction::of(form);
  if (!asked) return asked.error();
  asked->found = true;
  asked->count = request.form.number("count", 1, 0xFFFFFFFF, 1);
  if (asked->action == wire::Action::Archive) asked->target = archive;
  if (const std::string missing = lacks(*asked); !missing.empty()) return back_to(here, missing);
  const bool sure = request.form.get("sure") == "yes";
  if (asked->action == wire::Action::Purge && !sure) return ask_first(request, {}, asked->count, here, &*asked);
  const auto sent = sort.search.id != 0 ? sender.found(sort.search.id, *asked)
                                        : Result<SentAction>(Error{Code::kNotFound, "a form of no search"});
  if (!sent && sent.error().code == Code::kChanged) return back_to(here, "notice=searching");
  if (!sent && sent.error().code == Code::kNotFound) {
    // What nobody remembers is searched for anew, and chosen once more.
    ListSort again = sort;
    again.search.id = 0;
    return back_to(request.url("/search/") + again.query(), "notice=again");
  }
  if (!sent) return sent.error();
  if (sent->asks) return ask_first(request, {}, asked->count, here, &*asked);
  return back_to(here, "done=" + report_word(sent->report));
}

Result<Response> act_on_parts(const Request& request, const ActionSender& sender, std::vector<Part> parts,
                              const std::string& here, const std::string& archive) {
  const bool sure = request.form.get("sure") == "yes";
  std::uint64_t report = 0;
  std::vector<Part> asks;
  std::size_t asked_about = 0;
  for (Part& part : parts) {
    auto asked = MailAction::of(part.form);
    if (!asked) return asked.error();
    if (asked->action == wire::Action::Archive) asked->target = archive;
    if (const std::string missing = lacks(*asked); !missing.empty()) return back_to(here, missing);
    const bool asks_first = asked->action == wire::Action::Purge && !sure;
    const auto sent = asks_first ? Result<SentAction>(SentAction{report, true, 0})
                                 : sender.messages(part.folder, *asked, report);
    if (!sent) return sent.error();
    report = sent->report;
    if (sent->asks) {
      asked_about += asked->messages.size();
      asks.push_back(std::move(part));
    } else if (sent->left > 0) {
      return back_to(here, "done=" + report_word(report) + "&left=" + std::to_string(sent->left));
    }
  }
  if (!asks.empty()) return ask_first(request, asks, asked_about, here);
  return back_to(here, "done=" + report_word(report));
}

}  // namespace

Result<Response> act_search(const Request& request) {
  const PageContext context(request);
  const auto sort = ListSort::of(request.query, request.session->settings, context.reader().language);
  if (!sort) return sort.error();
  if (!sort->search.any()) return Error{Code::kInvalid, "a form of no search"};
  const Caller caller = request.session->caller();
  WebcacheClient webcache = request.webcache();
  const std::string here = request.url("/search/") + sort->query(request.query.number("page", 1, 0xFFFFFFFF, 1));
  const std::string_view what = request.form.get("do");
  if (what == "stop") {
    // One that nobody knows any more has stopped as well.
    const auto stopped = webcache.stop_search(caller, sort->search.id);
    if (!stopped && stopped.error().code != Code::kNotFound) return stopped.error().while_doing("stopping a search");
    return Response::see_other(here);
  }
  if (what == "undo") {
    const std::uint64_t id = read_report_word(request.form.get("report"));
    const auto report = webcache.undo(caller, id);
    if (!report && report.error().code != Code::kNotFound) return report.error().while_doing("undoing");
    // What was moved is somewhere else: only searching again finds it there.
    ListSort again = *sort;
    again.search.id = 0;
    return back_to(request.url("/search/") + again.query(),
                   std::string(report ? "" : "notice=late&") + "anew=1&done=" + report_word(id));
  }
  auto parts = parts_of(request.form);
  if (!parts) return parts.error();
  if (parts->empty() && !means_all(request.form, *parts)) return back_to(here, "notice=none");
  if (what == "forward") return forward(request, *parts, here);
  const ActionSender sender(request, context);
  std::string archive;
  if (what == "archive") {
    const auto target = sender.archive();
    if (!target) return target.error().while_doing("archiving");
    archive = *target;
  }
  return means_all(request.form, *parts) ? act_on_found(request, sender, *sort, here, archive)
                                         : act_on_parts(request, sender, std::move(*parts), here, archive);
}

}  // namespace alphamail
