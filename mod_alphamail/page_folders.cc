// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <utility>

#include "common/text_fold.h"
#include "mod_alphamail/folder_names.h"
#include "mod_alphamail/folder_pages.h"
#include "mod_alphamail/folder_settings.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/sizes.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

constexpr std::uint32_t kRows = 100;
/// A select with more folders than this is of no use to anybody; a field takes the address then.
constexpr std::size_t kMostChoices = 500;
constexpr unsigned kDeepestIndent = 6;
constexpr std::size_t kLongestFilter = 200;

using Listed = Reply<wire::FolderList>;

std::string_view role_words(wire::Role role, const Language& l) {
  switch (role) {
    case wire::Role::Inbox: return l.tr("Incoming mail");
    case wire::Role::Drafts: return l.tr("Drafts");
    case wire::Role::Sent: return l.tr("Sent mail");
    case wire::Role::Archive: return l.tr("Archive");
    case wire::Role::Junk: return l.tr("Junk");
    case wire::Role::Trash: return l.tr("Trash");
    case wire::Role::All: return l.tr("All mail");
    case wire::Role::Flagged: return l.tr("Starred");
    default: return {};
  }
}

/// Labels of folders with those above them, as a list is gone through.
class Paths {
 public:
  explicit Paths(const Language& language) : language_(language) {}
  /// The path above it: "Work / 2026 / ", or "".
  const std::string& above(const wire::Folder& folder) {
    labels_.resize(std::min<std::size_t>(labels_.size(), folder.depth()));
    path_.clear();
    for (const std::string_view label : labels_) path_.append(label).append(" / ");
    labels_.push_back(folder_label(folder, language_));
    return path_;
  }

 private:
  const Language& language_;
  std::vector<std::string_view> labels_;
  std::string path_;
};

/// What a form offers to put a folder below.
void add_choices(Values& page, const Listed& folders, std::string_view chosen, std::string_view but,
                 const Language& l) {
  const bool few = folders->folders()->size() <= kMostChoices;
  page.flag(Name::INTO_CHOICES, few);
  page.flag(Name::INTO_FIELD, !few);
  page.set(Name::INTO_TYPED, std::string(chosen));
  if (!few) return;
  Paths paths(l);
  for (const wire::Folder* folder : *folders->folders()) {
    const std::string path = paths.above(*folder) + std::string(folder_label(*folder, l));
    const std::string_view address = text_of(folder->address());
    if (address == but || is_below(address, but)) continue;
    Values& one = page.add(Name::INTO_CHOICE);
    one.set(Name::INTO_ADDRESS, std::string(address));
    one.set(Name::INTO_LABEL, std::string(path));
    one.flag(Name::INTO_CHOSEN, address == chosen);
  }
}

void add_says(Values& page, Frame& frame, const FolderPageSays& says, const std::string& title) {
  const std::string& first = says.error.empty() ? says.notice : says.error;
  frame.set_title(first.empty() ? title : first + " – " + title);
  page.set(Name::NOTICE, std::string(says.notice));
  page.set(Name::FOLDER_ERROR, std::string(says.error));
}

void add_row(Values& page, const Request& request, const wire::Folder& folder, const std::string& above,
             const Language& l, const Sizes& sizes) {
  Values& row = page.add(Name::FOLDER_ROW, {Name::ROW_LINK, Name::ROW_ABOVE, Name::ROW_ROLE, Name::ROW_UNREAD,
                                            Name::ROW_TOTAL, Name::ROW_SIZE, Name::ROW_FAVOURITE, Name::ROW_DEPTH});
  const std::string_view address = text_of(folder.address());
  row.set(Name::ROW_LABEL, std::string(folder_label(folder, l)));
  row.set(Name::ROW_ABOVE, std::string(above));
  row.set(Name::ROW_DEPTH, std::to_string(std::min<unsigned>(folder.depth(), kDeepestIndent)));
  if (folder.selectable()) row.set(Name::ROW_LINK, url_of_folder(request.site.mount, address));
  row.set(Name::ROW_CHANGE, request.url(folder_page_path(address)));
  row.set(Name::ROW_ROLE, role_words(folder.role(), l));
  if (folder.counted()) {
    row.set(Name::ROW_UNREAD, l.formats().number(folder.unread()));
    row.set(Name::ROW_TOTAL, l.formats().number(folder.total()));
    if (folder.size() > 0 || folder.total() == 0) row.set(Name::ROW_SIZE, sizes.of(folder.size()));
  }
  row.set(Name::ROW_SUBSCRIBED, folder.subscribed() ? l.tr("Yes") : l.tr("No"));
  row.flag(Name::ROW_FAVOURITE, is_favourite(request.session->settings, address));
}

Result<Listed> all_folders(const Request& request) {
  return request.webcache().all_folders(request.session->caller(), false, true);
}

}  // namespace

std::string folder_page_path(std::string_view folder) {
  return "/folders/?folder=" + query_value(folder);
}

const wire::Folder* find_folder(const FolderVector& folders, std::string_view address) {
  for (const wire::Folder* folder : folders) {
    if (text_of(folder->address()) == address) return folder;
  }
  return nullptr;
}

std::string folder_path(const FolderVector& folders, std::string_view address, const Language& language) {
  Paths paths(language);
  for (const wire::Folder* folder : folders) {
    const std::string& above = paths.above(*folder);
    if (text_of(folder->address()) == address) return above + std::string(folder_label(*folder, language));
  }
  return std::string(last_level_of(address));
}

std::string folder_notice(const Request& request, const Language& l) {
  const std::string_view notice = request.query.get("notice");
  if (notice == "created") return l.tr("The folder is made.");
  if (notice == "renamed") return l.tr("The folder has its new name.");
  if (notice == "moved") return l.tr("The folder is moved.");
  if (notice == "trashed") return l.tr("The folder is in the trash.");
  if (notice == "deleted") return l.tr("The folder is deleted.");
  if (notice == "subscribed") return l.tr("The folder is subscribed to.");
  if (notice == "unsubscribed") return l.tr("The folder is no longer subscribed to.");
  if (notice == "role") return l.tr("What the folder is for is kept.");
  if (notice == "favourite") return l.tr("The folder is among the favourites.");
  if (notice == "unfavourite") return l.tr("The folder is no longer among the favourites.");
  if (notice == "shown") return l.tr("Which folders are shown is kept.");
  if (notice == "checked") return l.tr("The folders are as the mail server has them now.");
  if (notice == "underway") return l.tr("The mail server is still at work on this; look again in a moment.");
  return {};
}

Result<Response> show_folders(const Request& request, const FolderPageSays& says) {
  auto folders = all_folders(request);
  if (!folders) return folders.error().while_doing("listing the folders");
  PageContext context(request);
  context.input().take(**folders);
  Frame frame(context.reader(), context.input());
  const Language& l = context.reader().language;
  const Sizes sizes(l);
  Values page(&frame, {Name::FOLDER_ROW, Name::FOLDER_ERROR, Name::NOTICE, Name::FOLDERS_BEFORE, Name::FOLDERS_NEXT,
                       Name::FOLDERS_SOUGHT, Name::FOLDERS_NONE, Name::INTO_CHOICE, Name::INTO_CHOICES,
                       Name::INTO_FIELD, Name::INTO_CHOSEN, Name::INTO_TYPED, Name::NAME_TYPED, Name::SHOWN_ALL,
                       Name::SHOWN_SUBSCRIBED, Name::FOLDERS_RANGE});
  add_says(page, frame, says, l.tr("Folders"));
  const FolderVector& all = *(*folders)->folders();
  const std::string sought(request.query.get("q").substr(0, kLongestFilter));
  const std::string wanted = folded(sought);
  const std::uint32_t number = request.query.number("page", 1, 1000, 1);
  const std::uint32_t first = (number - 1) * kRows;
  std::uint32_t found = 0;
  Paths paths(l);
  for (const wire::Folder* folder : all) {
    const std::string& above = paths.above(*folder);
    if (!wanted.empty() && folded(folder_label(*folder, l)).find(wanted) == std::string::npos &&
        folded(text_of(folder->name())).find(wanted) == std::string::npos) {
      continue;
    }
    if (found >= first && found < first + kRows) add_row(page, request, *folder, above, l, sizes);
    ++found;
  }
  page.set(Name::FOLDERS_SOUGHT, std::string_view(sought));
  page.flag(Name::FOLDERS_NONE, found <= first);
  page.flag(Name::FOLDERS_SOME, found > first);
  page.set(Name::FOLDERS_COUNT, fill(l.trn("{1} folder", "{1} folders", all.size()), {l.formats().number(all.size())}));
  if (found > kRows && found > first) {
    page.set(Name::FOLDERS_RANGE,
             fill(l.tr("{1}–{2} of {3}"), {l.formats().number(first + 1),
                                           l.formats().number(std::min(first + kRows, found)),
                                           l.formats().number(found)}));
  }
  const auto at = [&](std::uint32_t n) {
    return request.url("/folders/?page=" + std::to_string(n) + (sought.empty() ? "" : "&q=" + query_value(sought)));
  };
  if (number > 1) page.set(Name::FOLDERS_BEFORE, at(number - 1));
  if (found > first + kRows) page.set(Name::FOLDERS_NEXT, at(number + 1));
  page.set(Name::NAME_TYPED, std::string(says.typed_name));
  add_choices(page, *folders, says.typed_into, "", l);
  const bool only = request.session->settings.subscribed_only;
  page.flag(Name::SHOWN_ALL, !only);
  page.flag(Name::SHOWN_SUBSCRIBED, only);
  Response response;
  response.status = says.status;
  response.body = frame.reader().templates.expand(PageTemplate::kFolders, l, page);
  return response;
}

Result<Response> show_one_folder(const Request& request, std::string_view address, const FolderPageSays& says) {
  auto folders = all_folders(request);
  if (!folders) return folders.error().while_doing("listing the folders");
  const wire::Folder* folder = find_folder(*(*folders)->folders(), address);
  if (!folder) return Error{Code::kNotFound, "no such folder"};
  PageContext context(request);
  context.input().take(**folders);
  Frame frame(context.reader(), context.input());
  const Language& l = context.reader().language;
  const Sizes sizes(l);
  Values page(&frame, {Name::FOLDER_ERROR, Name::NOTICE, Name::INTO_CHOICE, Name::INTO_CHOICES, Name::INTO_FIELD,
                       Name::INTO_CHOSEN, Name::INTO_TYPED, Name::NAME_TYPED, Name::ROW_LINK, Name::ROW_ROLE,
                       Name::ROW_SIZE, Name::ROW_TOTAL, Name::CHANGEABLE, Name::FIXED, Name::SUBSCRIBED, Name::UNSUBSCRIBED,
                       Name::FAVOURITE, Name::NO_FAVOURITE, Name::ROLE_FORM, Name::ROLE_CHOICE, Name::ROLE_CHOSEN,
                       Name::EXPORTABLE, Name::MAY_READ, Name::MAY_EMPTY, Name::MAY_ACT});
  const std::string path = folder_path(*(*folders)->folders(), address, l);
  add_says(page, frame, says, path);
  page.set(Name::FOLDER_ADDRESS, std::string(address));
  page.set(Name::FOLDER_PATH, std::string_view(path));
  page.set(Name::NAME_TYPED, says.typed_name.empty() ? std::string(text_of(folder->name())) : std::string(says.typed_name));
  if (folder->selectable()) page.set(Name::ROW_LINK, url_of_folder(request.site.mount, address));
  page.set(Name::ROW_ROLE, role_words(folder->role(), l));
  if (folder->counted()) {
    page.set(Name::ROW_TOTAL, fill(l.trn("{1} message", "{1} messages", folder->total()), {l.formats().number(folder->total())}));
    if (folder->size() > 0) page.set(Name::ROW_SIZE, sizes.of(folder->size()));
  }
  page.flag(Name::CHANGEABLE, folder->can_change());
  page.flag(Name::FIXED, !folder->can_change());
  const bool inbox = folder->role() == wire::Role::Inbox;
  page.flag(Name::SUBSCRIBED, folder->subscribed() && !inbox);
  page.flag(Name::UNSUBSCRIBED, !folder->subscribed() && !inbox);
  const bool favourite = is_favourite(request.session->settings, address);
  page.flag(Name::FAVOURITE, favourite && folder->selectable());
  page.flag(Name::NO_FAVOURITE, !favourite && folder->selectable());
  page.flag(Name::EXPORTABLE, folder->selectable());
  const bool may_read = folder->selectable() && folder->unread() > 0;
  const bool may_empty = folder->selectable() && folder->total() > 0 &&
                         (folder->role() == wire::Role::Trash || folder->role() == wire::Role::Junk);
  page.flag(Name::MAY_READ, may_read);
  page.flag(Name::MAY_EMPTY, may_empty);
  page.flag(Name::MAY_ACT, may_read || may_empty);
  const bool can_have_role = folder->selectable() && !inbox && folder->space() == wire::Space::Own;
  page.flag(Name::ROLE_FORM, can_have_role);
  if (can_have_role) {
    Values& none = page.add(Name::ROLE_CHOICE, {Name::ROLE_CHOSEN});
    none.set(Name::ROLE_WORD, "none");
    none.set(Name::ROLE_LABEL, l.tr("Nothing special"));
    for (const wire::Role role : kChosenRoles) {
      Values& one = page.add(Name::ROLE_CHOICE, {Name::ROLE_CHOSEN});
      one.set(Name::ROLE_WORD, word_of(role));
      one.set(Name::ROLE_LABEL, role_words(role, l));
      one.flag(Name::ROLE_CHOSEN, folder->role() == role);
    }
  }
  const std::string query = "?folder=" + query_value(address) + "&as=";
  page.set(Name::EXPORT_MBOX, request.url("/folders/export" + query + "mbox"));
  page.set(Name::EXPORT_ZIP, request.url("/folders/export" + query + "zip"));
  add_choices(page, *folders, says.typed_into.empty() ? parent_of(address) : std::string_view(says.typed_into), address, l);
  Response response;
  response.status = says.status;
  response.body = frame.reader().templates.expand(PageTemplate::kOneFolder, l, page);
  return response;
}

Response ask_about_folder(const Request& request, const FolderQuestion& question) {
  PageContext context(request);
  Frame frame(context.reader(), context.input());
  Values page(&frame, {Name::SURE_WORDS, Name::SURE_BUTTON});
  frame.set_title(question.heading);
  page.set(Name::SURE_HEADING, std::string(question.heading));
  page.set(Name::FOLDER_ADDRESS, std::string(question.folder));
  page.set(Name::SURE_BACK, request.url(folder_page_path(question.folder)));
  for (const std::string& words : question.words) page.add(Name::SURE_WORDS).set(Name::SURE_SENTENCE, std::string(words));
  for (const FolderQuestion::Button& button : question.buttons) {
    Values& one = page.add(Name::SURE_BUTTON, {Name::SURE_FIRST});
    one.set(Name::SURE_DO, button.action);
    one.set(Name::SURE_WORD, button.word);
    one.set(Name::SURE_ICON, button.icon);
    one.flag(Name::SURE_FIRST, &button == question.buttons.data());
  }
  Response response;
  response.body = frame.reader().templates.expand(PageTemplate::kSure, context.reader().language, page);
  return response;
}

Result<Response> page_folders(const Request& request) {
  const PageContext context(request);
  FolderPageSays says;
  says.notice = folder_notice(request, context.reader().language);
  const std::string_view folder = request.query.get("folder");
  return folder.empty() ? show_folders(request, says) : show_one_folder(request, folder, says);
}

}  // namespace alphamail
