// SPDX-License-Identifier: GPL-3.0-or-later
// The user's labels, one form each, and an empty one for another.
#include <algorithm>

#include "common/characters.h"
#include "common/label_name.h"
#include "common/text_fold.h"
#include "mod_alphamail/header_writer.h"
#include "mod_alphamail/labels.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/session_store.h"

namespace alphamail {

namespace {

void add_form(Values& page, const Label& label, std::size_t number, const Language& l) {
  Values& item = page.add(Name::LABEL);
  const bool fresh = label.keyword.empty();
  item.set(Name::LABEL_SHOWN, fresh ? std::string_view(l.tr("One more")) : std::string_view(label.name));
  item.set(Name::LABEL_NUMBER, std::to_string(number));
  item.set(Name::LABEL_KEYWORD, label.keyword);
  item.set(Name::LABEL_NAME, label.name);
  item.set(Name::LABEL_COLOUR, label.colour);
  item.flag(Name::LABEL_KEPT, !fresh);
  item.flag(Name::LABEL_NEW, fresh);
  for (const std::string_view colour : label_colours()) {
    Values& choice = item.add(Name::LABEL_COLOUR_CHOICE);
    choice.set(Name::LABEL_COLOUR_WORD, colour);
    choice.set(Name::LABEL_COLOUR_NAME, colour_name(colour, l));
    choice.flag(Name::LABEL_COLOUR_CHOSEN, colour == label.colour);
  }
}

/// @param wrong  one that could not be kept: its form shows what was typed
Response show(const Request& request, const std::string& error, const Label* wrong) {
  const auto folders = request.webcache().folders(request.session->caller());
  PageContext context(request);
  if (folders) context.input().take(**folders);
  Frame frame(context.reader(), context.input());
  const Language& l = context.reader().language;
  std::vector<Label> all = Labels(request.session->labels, l).all();
  if (all.size() < Label::kMost) all.push_back({"", std::string(label_colours()[all.size() % label_colours().size()]), ""});
  if (wrong) {
    const auto same = std::find_if(all.begin(), all.end(), [&](const Label& one) { return one.keyword == wrong->keyword; });
    if (same != all.end()) *same = *wrong;
  }
  Values page(&frame, {Name::LABEL});
  const std::string title = l.tr("Labels");
  frame.set_title(error.empty() ? title : error + " – " + title);
  page.set(Name::NOTICE, request.query.get("notice") == "saved" ? l.tr("Saved.") : "");
  page.set(Name::LABEL_ERROR, error);
  for (std::size_t i = 0; i < all.size(); ++i) add_form(page, all[i], i, l);
  Response response;
  response.status = error.empty() ? 200 : 422;
  response.body = frame.reader().templates.expand(PageTemplate::kLabels, l, page);
  return response;
}

/// What is wrong with it, in words; a new one gets its keyword here.
std::string fault_of(Label& label, const Labels& labels, const Language& l) {
  if (label.name.empty()) return l.tr("A label needs a name.");
  if (count_utf8(label.name).bad > 0 || !is_header_text(label.name)) return l.tr("There is a control character in the name.");
  if (label.name.size() > Label::kNameBytes) return l.tr("The name is too long.");
  const std::string name = folded(label.name);
  for (const Label& other : labels.all()) {
    if (other.keyword != label.keyword && folded(other.name) == name) {
      return fill(l.tr("There is a label “{1}” already."), {other.name});
    }
  }
  if (!label.keyword.empty()) return "";
  if (labels.all().size() >= Label::kMost) return l.tr("There are as many labels as there may be.");
  const std::string keyword = keyword_of_label(label.name);
  // One that was renamed keeps the keyword of its first name.
  if (const Label* other = labels.find(keyword))
    return fill(l.tr("Mail programs cannot tell this name from that of the label “{1}”."), {other->name});
  label.keyword = keyword;
  return "";
}

Response not_kept(const Request& request, const Label& label, const Language& l) {
  Response response = show(request,
                           l.tr("This could not be saved: the database takes nothing new. What you "
                                "chose still stands here; try again later."),
                           &label);
  response.status = 503;
  return response;
}

}  // namespace

Result<Response> page_labels(const Request& request) { return show(request, "", nullptr); }

Result<Response> act_labels(const Request& request) {
  const PageContext context(request);
  const Language& l = context.reader().language;
  const Session& session = *request.session;
  const Fields& form = request.form;
  // As the database has them: another window may have changed them meanwhile.
  const auto had = load_labels(*request.site.store, session.user, session.domain, request.deadline);
  if (!had) return had.error();
  const Labels labels(*had, l);
  Label label{std::string(form.get("keyword")), std::string(label_colour(form.get("colour"))),
              std::string(trim(form.get("name").substr(0, 1000)))};
  const Label* known = labels.find(label.keyword);
  if (!label.keyword.empty() && !known) return Error{Code::kNotFound, "no such label"};
  if (known) label.keyword = known->keyword;
  Result<void> done;
  if (form.get("do") == "delete") {
    if (!known) return Error{Code::kNotFound, "no such label"};
    done = delete_label(*request.site.store, session, *had, l, label.keyword, request.deadline);
  } else {
    Label asked = label;
    if (const std::string fault = fault_of(label, labels, l); !fault.empty()) return show(request, fault, &asked);
    done = save_label(*request.site.store, session, *had, l, label, request.deadline);
    if (!done) return not_kept(request, asked, l);
  }
  if (!done) return done.error();
  request.site.sessions->refresh_user(session.user, session.domain, request.deadline);
  return Response::see_other(request.url("/settings/labels/?notice=saved"));
}

}  // namespace alphamail
