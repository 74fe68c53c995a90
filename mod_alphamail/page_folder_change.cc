// SPDX-License-Identifier: GPL-3.0-or-later
// What the forms of /folders/ do:
//
//   do=create name= into=    do=rename folder= name=    do=move folder= into=    do=trash|delete folder= [sure=yes]
//   do=subscribe|unsubscribe|favourite|unfavourite folder=    do=role folder= role=    do=show what=all|subscribed
//   do=read folder=    do=empty folder= [sure=yes]    do=check
//
// Each ends with a redirect. What the server refuses is said on the page that it was asked on, with what was typed.
#include <algorithm>
#include <utility>

#include "common/mailbox_name.h"
#include "mod_alphamail/folder_names.h"
#include "mod_alphamail/folder_pages.h"
#include "mod_alphamail/folder_settings.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/settings_store.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

using wire::FolderChange;

/// Folders in the trash of one name, before it is given up.
constexpr int kMostOfOneName = 50;

Response back(const Request& request, std::string_view folder, std::string_view notice) {
  std::string path = folder.empty() ? "/folders/?" : folder_page_path(folder) + "&";
  return Response::see_other(request.url(path.append("notice=").append(notice)));
}

/// What went wrong, in words; "" where that is no answer of the mail server but trouble with it.
std::string refusal_words(const Error& error, const Language& l) {
  switch (error.code) {
    case Code::kChanged: return l.tr("A folder of this name is there already.");
    case Code::kInvalid: return l.tr("This cannot be: the mail server allows no folder of this name there.");
    case Code::kNotFound: return l.tr("The folder is not there any more; another program has renamed or deleted it.");
    case Code::kForbidden:
      return fill(l.tr("The mail server refuses it, and nothing has changed. It said: {1}"), {error.detail});
    case Code::kInUse: return l.tr("Your mailbox is in use by another program.");
    default: return {};
  }
}

/// The page that the form was on, with what is to be said.
Result<Response> refused(const Request& request, const Error& error) {
  const PageContext context(request);
  const Language& l = context.reader().language;
  if (error.code == Code::kUnderWay) return back(request, "", "underway");
  FolderPageSays says;
  says.error = refusal_words(error, l);
  if (says.error.empty()) return error;
  says.status = error.code == Code::kInvalid ? 422 : error.code == Code::kForbidden ? 403 : 409;
  says.typed_name = request.form.get("name");
  says.typed_into = request.form.get("into");
  const std::string_view folder = request.form.get("folder");
  if (folder.empty() || error.code == Code::kNotFound) return show_folders(request, says);
  auto page = show_one_folder(request, folder, says);
  if (!page && page.error().code == Code::kNotFound) return show_folders(request, says);
  return page;
}

Result<Response> refused(const Request& request, const char* words, int status = 422) {
  FolderPageSays says;
  says.error = words;
  says.status = status;
  says.typed_name = request.form.get("name");
  says.typed_into = request.form.get("into");
  const std::string_view folder = request.form.get("folder");
  return folder.empty() ? show_folders(request, says) : show_one_folder(request, folder, says);
}

Result<void> save(const Request& request, const Settings& settings) {
  return request.site.settings->save(*request.session, settings, request.deadline);
}

/// Favourites and roles follow a folder to its new name. Where the store takes nothing now they are found missing
/// later, and the folder has its new name all the same.
void follow(const Request& request, std::string_view from, std::string_view to) {
  Settings settings = request.session->settings;
  const bool changed = to.empty() ? forget_folder(settings, from) : follow_folder(settings, from, to);
  if (!changed || !save(request, settings)) return;
  Caller caller = request.session->caller();
  caller.roles = settings.roles;
  (void)request.webcache().choose_roles(caller).has_value();
}

Result<Response> create(const Request& request, const Language& l) {
  const auto level = level_of_name(request.form.get("name"));
  if (!level) return refused(request, l.tr("A folder needs a name of at most 255 letters, without line breaks."));
  const std::string folder = address_below(request.form.get("into"), *level);
  if (!is_address(folder)) return refused(request, l.tr("There is no such folder to put it below."));
  const auto done = request.webcache().change_folder(request.session->caller(), FolderChange::Create, folder);
  if (!done) return refused(request, done.error());
  return back(request, folder, "created");
}

Result<Response> rename(const Request& request, const std::string& folder, const std::string& target,
                        std::string_view notice) {
  const auto done = request.webcache().change_folder(request.session->caller(), FolderChange::Rename, folder, target);
  if (!done) return refused(request, done.error());
  follow(request, folder, target);
  return back(request, target, notice);
}

Result<Response> rename(const Request& request, const std::string& folder, const Language& l) {
  const auto level = level_of_name(request.form.get("name"));
  if (!level) return refused(request, l.tr("A folder needs a name of at most 255 letters, without line breaks."));
  const std::string target = address_below(parent_of(folder), *level);
  if (target == folder) return back(request, folder, "renamed");
  return rename(request, folder, target, "renamed");
}

Result<Response> move(const Request& request, const std::string& folder, const Language& l) {
  const std::string_view into = request.form.get("into");
  const std::string target = address_below(into, last_level_of(folder));
  if (!is_address(target)) return refused(request, l.tr("There is no such folder to put it below."));
  if (target == folder) return back(request, folder, "moved");
  if (into == folder || is_below(into, folder))
    return refused(request, l.tr("A folder cannot be moved into itself."));
  return rename(request, folder, target, "moved");
}

/// The folder for the trash; null.
const wire::Folder* trash_of(const FolderVector& folders) {
  for (const wire::Folder* folder : folders) {
    if (folder->role() == wire::Role::Trash) return folder;
  }
  return nullptr;
}

std::size_t count_below(const FolderVector& folders, std::string_view folder) {
  return static_cast<std::size_t>(std::count_if(folders.begin(), folders.end(), [folder](const wire::Folder* f) {
    return is_below(text_of(f->address()), folder);
  }));
}

/// Asks before a folder goes: into the trash where that can be, for good from there.
Result<Response> ask_to_delete(const Request& request, const FolderVector& folders, const wire::Folder& folder,
                               bool in_trash, const Language& l) {
  const std::string_view address = text_of(folder.address());
  const std::string path = folder_path(folders, address, l);
  const std::size_t below = count_below(folders, address);
  std::uint64_t messages = 0;
  for (const wire::Folder* one : folders) {
    if (one == &folder || is_below(text_of(one->address()), address)) messages += one->total();
  }
  FolderQuestion question;
  question.folder = address;
  question.heading = fill(l.tr("Delete the folder “{1}”?"), {path});
  question.words.push_back(fill(l.trn("It holds {1} message.", "It holds {1} messages.", messages), {l.formats().number(messages)}));
  if (below > 0) {
    question.words.back() = fill(l.trn("It and the {2} folder below it hold {1} messages.",
                                       "It and the {2} folders below it hold {1} messages.", below),
                                 {l.formats().number(messages), l.formats().number(below)});
  }
  if (!in_trash) {
    question.words.emplace_back(l.tr("In the trash, folder and messages are kept until they are deleted there."));
    question.buttons.push_back({"trash", l.tr("Move to trash"), "trash-2"});
  }
  if (below > 0) {
    question.words.emplace_back(l.tr("To delete it for good, delete the folders below it first."));
  } else {
    question.words.emplace_back(l.tr("Deleted for good, the folder and its messages are gone; nobody can bring them back."));
    question.buttons.push_back({"delete", l.tr("Delete for good"), "trash-2"});
  }
  return ask_about_folder(request, question);
}

Result<Response> to_trash(const Request& request, const FolderVector& folders, const std::string& folder,
                          std::string_view trash, const Language& l) {
  const std::string_view level = last_level_of(folder);
  for (int n = 1; n <= kMostOfOneName; ++n) {
    std::string target = address_below(trash, level);
    if (n > 1) target += " " + std::to_string(n);
    if (find_folder(folders, target)) continue;
    const auto done = request.webcache().change_folder(request.session->caller(), FolderChange::Rename, folder, target);
    if (!done && done.error().code == Code::kChanged) continue;
    if (!done && (done.error().code == Code::kForbidden || done.error().code == Code::kInvalid)) {
      return refused(request, fill(l.tr("The mail server does not move this folder into the trash ({1}). It can only be "
                                        "deleted for good."), {done.error().detail}).c_str(), 409);
    }
    if (!done) return refused(request, done.error());
    follow(request, folder, "");
    return back(request, "", "trashed");
  }
  return refused(request, Error{Code::kChanged, "too many of that name"});
}

Result<Response> remove(const Request& request, const std::string& folder, const Language& l) {
  const auto listed = request.webcache().all_folders(request.session->caller(), true, false);
  if (!listed) return refused(request, listed.error());
  const FolderVector& folders = *(*listed)->folders();
  const wire::Folder* known = find_folder(folders, folder);
  if (!known) return refused(request, Error{Code::kNotFound, "no such folder"});
  if (!known->can_change()) return refused(request, l.tr("This folder cannot be deleted."), 409);
  const wire::Folder* trash = trash_of(folders);
  const std::string_view trash_address = trash ? text_of(trash->address()) : std::string_view{};
  // What is the trash, or holds it, cannot go there.
  const bool in_trash = !trash || folder == trash_address || is_below(folder, trash_address) ||
                        is_below(trash_address, folder);
  const bool for_good = request.form.get("do") == "delete";
  if (request.form.get("sure") != "yes") return ask_to_delete(request, folders, *known, in_trash, l);
  if (!for_good) {
    if (in_trash) return refused(request, l.tr("This folder cannot go to the trash."), 409);
    return to_trash(request, folders, folder, trash_address, l);
  }
  if (count_below(folders, folder) > 0)
    return refused(request, l.tr("This folder holds other folders; nothing was deleted."), 409);
  const auto done = request.webcache().change_folder(request.session->caller(), FolderChange::Delete, folder);
  if (!done) return refused(request, done.error());
  follow(request, folder, "");
  return back(request, "", "deleted");
}

/// Everything that is in the folder now, also what other programs have put there; mail that comes meanwhile is left alone.
/// Its list says how far it is.
Result<Response> act_on_all(const Request& request, const std::string& folder, wire::Action action) {
  const Caller caller = request.session->caller();
  const auto page = request.webcache().folder_page(caller, folder, 1, 10, true);
  if (!page) return refused(request, page.error());
  const auto report = request.webcache().act_on_all(caller, folder, (*page)->uid_validity(), action, "", (*page)->uid_next(), {});
  if (!report) return refused(request, report.error());
  return Response::see_other(url_of_folder(request.site.mount, folder) + "?done=" + report_word((*report)->id()));
}

Result<Response> empty(const Request& request, const std::string& folder, const Language& l) {
  const auto listed = request.webcache().all_folders(request.session->caller(), false, false);
  if (!listed) return refused(request, listed.error());
  const FolderVector& folders = *(*listed)->folders();
  const wire::Folder* known = find_folder(folders, folder);
  if (!known) return refused(request, Error{Code::kNotFound, "no such folder"});
  if (known->role() != wire::Role::Trash && known->role() != wire::Role::Junk)
    return refused(request, l.tr("Only the trash and the folder for junk can be emptied."), 409);
  if (request.form.get("sure") == "yes") return act_on_all(request, folder, wire::Action::Purge);
  FolderQuestion question;
  question.folder = folder;
  question.heading = fill(l.tr("Empty the folder “{1}”?"), {folder_path(folders, folder, l)});
  question.words.push_back(fill(l.trn("It holds {1} message.", "It holds {1} messages.", known->total()),
                                {l.formats().number(known->total())}));
  question.words.emplace_back(l.tr("Nobody can bring them back afterwards."));
  question.buttons.push_back({"empty", l.tr("Empty it"), "trash-2"});
  return ask_about_folder(request, question);
}

Result<Response> subscribe(const Request& request, const std::string& folder, bool subscribed) {
  const auto done = request.webcache().change_folder(
      request.session->caller(), subscribed ? FolderChange::Subscribe : FolderChange::Unsubscribe, folder);
  if (!done) return refused(request, done.error());
  return back(request, folder, subscribed ? "subscribed" : "unsubscribed");
}

Result<Response> choose(const Request& request, const std::string& folder, bool favourite, const Language& l) {
  Settings settings = request.session->settings;
  if (!choose_favourite(settings, folder, favourite))
    return refused(request, l.tr("There is no room for more favourites; take another one away first."), 409);
  if (const auto saved = save(request, settings); !saved) return saved.error();
  return back(request, folder, favourite ? "favourite" : "unfavourite");
}

Result<Response> give_role(const Request& request, const std::string& folder) {
  const std::string_view word = request.form.get("role");
  const auto* role = std::find_if(std::begin(kChosenRoles), std::end(kChosenRoles),
                                  [word](wire::Role r) { return word_of(r) == word; });
  if (role == std::end(kChosenRoles) && word != "none") return Error{Code::kInvalid, "no such role"};
  Settings settings = request.session->settings;
  choose_role(settings, folder, role == std::end(kChosenRoles) ? wire::Role::None : *role);
  if (const auto saved = save(request, settings); !saved) return saved.error();
  Caller caller = request.session->caller();
  caller.roles = settings.roles;
  if (const auto told = request.webcache().choose_roles(caller); !told) return told.error();
  return back(request, folder, "role");
}

Result<Response> show(const Request& request) {
  Settings settings = request.session->settings;
  settings.subscribed_only = request.form.get("what") == "subscribed";
  if (const auto saved = save(request, settings); !saved) return saved.error();
  return back(request, "", "shown");
}

Result<Response> check(const Request& request) {
  const auto listed = request.webcache().all_folders(request.session->caller(), true, true);
  if (!listed) return refused(request, listed.error());
  return back(request, "", "checked");
}

}  // namespace

Result<Response> act_folders(const Request& request) {
  const PageContext context(request);
  const Language& l = context.reader().language;
  const std::string_view what = request.form.get("do");
  if (what == "create") return create(request, l);
  if (what == "show") return show(request);
  if (what == "check") return check(request);
  const std::string folder(request.form.get("folder"));
  if (!is_address(folder)) return Error{Code::kNotFound, "no such folder"};
  if (what == "rename") return rename(request, folder, l);
  if (what == "move") return move(request, folder, l);
  if (what == "delete" || what == "trash") return remove(request, folder, l);
  if (what == "read") return act_on_all(request, folder, wire::Action::Read);
  if (what == "empty") return empty(request, folder, l);
  if (what == "subscribe" || what == "unsubscribe") return subscribe(request, folder, what == "subscribe");
  if (what == "favourite" || what == "unfavourite") return choose(request, folder, what == "favourite", l);
  if (what == "role") return give_role(request, folder);
  return Error{Code::kInvalid, "no such action on folders"};
}

}  // namespace alphamail
