// SPDX-License-Identifier: GPL-3.0-or-later
// What takes the room: the largest folders, and the largest messages of all folders whose messages are known. Its
// messages lie in several folders, so each is named with its folder: m=N-UIDVALIDITY-UID-IDENTITY, fN=ADDRESS.
#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <utility>

#include "common/mailbox_name.h"
#include "mod_alphamail/folder_pages.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/sizes.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

constexpr std::size_t kFolders = 20;
constexpr std::uint16_t kMessages = 50;
constexpr std::size_t kMostTargets = 500;

/// What was done to messages of several folders: the reports, by which Undo finds them, and the numbers.
std::string done_words(const Request& request, const Language& l) {
  const std::uint32_t moved = request.query.number("moved", 1, 1000, 0);
  const std::uint32_t failed = request.query.number("failed", 1, 1000, 0);
  const std::uint32_t trashed = request.query.number("trash", 1, 1000, 0);
  std::string words;
  const auto add = [&](const std::string& sentence) { words.append(words.empty() ? "" : " ").append(sentence); };
  if (moved > 0) add(fill(l.trn("{1} message moved.", "{1} messages moved.", moved), {l.formats().number(moved)}));
  if (trashed > 0) {
    add(fill(l.trn("{1} message lies in the trash already; empty the trash to be rid of it.",
                   "{1} messages lie in the trash already; empty the trash to be rid of them.", trashed),
             {l.formats().number(trashed)}));
  }
  if (failed > 0) {
    add(fill(l.trn("{1} message was not changed.", "{1} messages were not changed.", failed), {l.formats().number(failed)}));
  }
  const std::string_view notice = request.query.get("notice");
  if (notice == "none") add(l.tr("Tick the messages first that you mean."));
  if (notice == "nowhere") add(l.tr("Choose the folder first that they are to go to."));
  if (notice == "undone") add(l.tr("Undone: the messages are where they were."));
  if (notice == "late") add(l.tr("This cannot be undone any more."));
  return words;
}

void add_folders(Values& page, const Request& request, const FolderVector& all, const Language& l, const Sizes& sizes) {
  std::vector<const wire::Folder*> known;
  for (const wire::Folder* folder : all) {
    if (folder->size() > 0) known.push_back(folder);
  }
  std::stable_sort(known.begin(), known.end(),
                   [](const wire::Folder* a, const wire::Folder* b) { return a->size() > b->size(); });
  known.resize(std::min(known.size(), kFolders));
  for (const wire::Folder* folder : known) {
    Values& row = page.add(Name::FOLDER_ROW, {Name::ROW_LINK, Name::ROW_TOTAL, Name::ROW_SIZE});
    row.set(Name::ROW_LABEL, folder_path(all, text_of(folder->address()), l));
    if (folder->selectable()) row.set(Name::ROW_LINK, url_of_folder(request.site.mount, text_of(folder->address())));
    row.set(Name::ROW_TOTAL, l.formats().number(folder->total()));
    row.set(Name::ROW_SIZE, sizes.of(folder->size()));
  }
}

void add_messages(Values& page, const Request& request, const wire::Largest& largest, const FolderVector& all,
                  const PageContext& context) {
  const Language& l = context.reader().language;
  const Sizes sizes(l);
  for (std::uint32_t i = 0; i < largest.folders()->size(); ++i) {
    Values& field = page.add(Name::LARGE_FOLDER);
    field.set(Name::LARGE_FIELD, "f" + std::to_string(i));
    field.set(Name::LARGE_ADDRESS, text_of(largest.folders()->Get(i)->address()));
  }
  for (const wire::FoundRow* found : *largest.rows()) {
    if (found->folder() >= largest.folders()->size()) continue;
    const wire::Row& row = *found->row();
    const std::string_view address = text_of(largest.folders()->Get(found->folder())->address());
    const std::string mark = std::to_string(found->folder()) + "-" + std::to_string(found->uid_validity()) + "-" +
                             mark_of(row.uid(), row.identity());
    Values& item = page.add(Name::LARGE, {Name::SUBJECT});
    item.set(Name::MARK, std::string(mark));
    item.set(Name::LARGE_ID, std::string(mark));
    item.set(Name::ROW_URL, url_of_message(request.site.mount, address, row.uid()));
    const std::string_view subject = text_of(row.subject());
    item.set(Name::SUBJECT, subject.empty() ? std::string_view(l.tr("(no subject)")) : subject);
    const std::string_view from = text_of(row.from());
    item.set(Name::FROM, from.empty() ? std::string_view(l.tr("(no sender)")) : from);
    item.set(Name::SIZE, sizes.of(row.size()));
    std::string when;
    l.formats().brief(context.reader().zone.local(row.arrived()), context.reader().now, when);
    item.set(Name::WHEN, std::move(when));
    item.set(Name::LARGE_FOLDER_PATH, folder_path(all, address, l));
  }
}

struct TickedIn {
  std::string folder;
  std::uint32_t uid_validity = 0;
  bool operator<(const TickedIn& other) const {
    return std::pair(folder, uid_validity) < std::pair(other.folder, other.uid_validity);
  }
};
using ByFolder = std::map<TickedIn, std::vector<wire::Marked>>;

/// "0-1790000000-17-0a1b2c3d"
Result<ByFolder> ticked_in(const Fields& form) {
  ByFolder all;
  const Error bad{Code::kInvalid, "what was ticked is no message"};
  for (const auto& [name, value] : form.all) {
    if (name != "m") continue;
    std::uint32_t place = 0, validity = 0;
    const char* const end = value.data() + value.size();
    const auto first = std::from_chars(value.data(), end, place);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return bad;
    const auto second = std::from_chars(first.ptr + 1, end, validity);
    if (second.ec != std::errc() || second.ptr == end || *second.ptr != '-') return bad;
    const auto mark = read_mark({second.ptr + 1, static_cast<std::size_t>(end - second.ptr - 1)});
    std::string folder(form.get("f" + std::to_string(place)));
    if (!mark || !is_address(folder)) return bad;
    all[{std::move(folder), validity}].push_back(*mark);
  }
  return all;
}

Response to_page(const Request& request, const std::string& says) {
  return Response::see_other(request.url("/folders/largest/?" + says));
}

Result<Response> undo_all(const Request& request) {
  bool late = true;
  for (const auto& [name, value] : request.form.all) {
    const std::uint64_t id = name == "report" ? read_report_word(value) : 0;
    if (id == 0) continue;
    if (request.webcache().undo(request.session->caller(), id)) late = false;
  }
  return to_page(request, late ? "notice=late" : "notice=undone");
}

}  // namespace

Result<Response> page_largest(const Request& request) {
  const Caller caller = request.session->caller();
  auto folders = request.webcache().all_folders(caller, false, true);
  if (!folders) return folders.error().while_doing("listing the folders");
  auto largest = request.webcache().largest(caller, kMessages);
  if (!largest) return largest.error().while_doing("looking for what is large");
  PageContext context(request);
  context.input().take(**folders);
  Frame frame(context.reader(), context.input());
  const Language& l = context.reader().language;
  const Sizes sizes(l);
  Values page(&frame, {Name::FOLDER_ROW, Name::LARGE, Name::LARGE_FOLDER, Name::NOTICE, Name::TARGET, Name::LARGE_UNDO,
                       Name::LARGE_REPORT, Name::LARGE_UNKNOWN, Name::LARGE_ANY, Name::LARGE_NONE, Name::FOLDERS_SOME});
  const std::string title = l.tr("Largest folders and messages");
  const std::string notice = done_words(request, l);
  frame.set_title(notice.empty() ? title : notice + " – " + title);
  page.set(Name::NOTICE, std::string(notice));
  for (const auto& [name, value] : request.query.all) {
    if (name != "done" || read_report_word(value) == 0) continue;
    page.flag(Name::LARGE_UNDO, true);
    page.add(Name::LARGE_REPORT).set(Name::LARGE_REPORT_ID, report_word(read_report_word(value)));
  }
  const FolderVector& all = *(*folders)->folders();
  add_folders(page, request, all, l, sizes);
  page.flag(Name::FOLDERS_SOME, std::any_of(all.begin(), all.end(), [](const wire::Folder* f) { return f->size() > 0; }));
  add_messages(page, request, **largest, all, context);
  page.flag(Name::LARGE_ANY, (*largest)->rows()->size() > 0);
  page.flag(Name::LARGE_NONE, (*largest)->rows()->size() == 0);
  if (const std::uint32_t unknown = (*largest)->unknown(); unknown > 0) {
    page.set(Name::LARGE_UNKNOWN,
             fill(l.trn("{1} folder was not read yet, and its messages are not among these; open it once.",
                        "{1} folders were not read yet, and their messages are not among these; open them once.", unknown),
                  {l.formats().number(unknown)}));
  }
  std::size_t targets = 0;
  for (const wire::Folder* folder : all) {
    if (!folder->selectable() || ++targets > kMostTargets) continue;
    Values& target = page.add(Name::TARGET);
    target.set(Name::TARGET_ADDRESS, text_of(folder->address()));
    target.set(Name::TARGET_LABEL, folder_path(all, text_of(folder->address()), l));
  }
  Response response;
  response.body = frame.reader().templates.expand(PageTemplate::kLargest, l, page);
  return response;
}

Result<Response> act_largest(const Request& request) {
  const std::string_view what = request.form.get("do");
  if (what == "undo") return undo_all(request);
  if (what != "delete" && what != "move") return Error{Code::kInvalid, "no such action on messages"};
  const auto ticked = ticked_in(request.form);
  if (!ticked) return ticked.error();
  if (ticked->empty()) return to_page(request, "notice=none");
  const std::string_view target = request.form.get("to");
  const bool moves = what == "move";
  if (moves && target.empty()) return to_page(request, "notice=nowhere");
  WebcacheClient webcache = request.webcache();
  std::uint32_t moved = 0, failed = 0, in_trash = 0;
  std::string says;
  for (const auto& [from, messages] : *ticked) {
    const auto n = static_cast<std::uint32_t>(messages.size());
    const auto report = webcache.act(request.session->caller(), from.folder, from.uid_validity,
                                     moves ? wire::Action::Move : wire::Action::Delete, moves ? target : "", messages, 0);
    if (!report) {
      failed += n;
      continue;
    }
    if ((*report)->progress() == wire::Progress::Asks) {
      in_trash += n;
      continue;
    }
    const bool running = (*report)->progress() == wire::Progress::Running;
    moved += running ? n : (*report)->done();
    if (!running) failed += (*report)->failed() + (*report)->others() + (*report)->gone();
    if ((*report)->can_undo()) says += "&done=" + report_word((*report)->id());
  }
  const auto number = [&](const char* name, std::uint32_t n) {
    if (n > 0) says.append("&").append(name).append("=").append(std::to_string(n));
  };
  number("moved", moved);
  number("failed", failed);
  number("trash", in_trash);
  return to_page(request, says.empty() ? says : says.substr(1));
}

}  // namespace alphamail
