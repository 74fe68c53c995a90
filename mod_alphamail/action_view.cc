// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/action_view.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "mod_alphamail/mail_action.h"

namespace alphamail {
namespace {

using wire::Action;

// A select with more folders than this is of no use to anybody, and makes a page large.
constexpr std::size_t kMostTargets = 500;

std::string label_of(std::string_view address, const FolderVector& folders, const Language& l) {
  for (const wire::Folder* folder : folders) {
    if (text_of(folder->address()) == address) return std::string(folder_label(*folder, l));
  }
  return std::string(address.substr(address.rfind('/') + 1));
}

std::string done_words(const wire::Report& r, const std::string& target, const Labels& labels, const Language& l) {
  const std::uint32_t n = r.done();
  const std::string number = l.formats().number(n);
  if (r.undo()) {
    return fill(l.trn("Undone: {1} message is as it was.", "Undone: {1} messages are as they were.", n),
                {number});
  }
  switch (r.action()) {
    case Action::Read:
      return fill(l.trn("{1} message marked as read.", "{1} messages marked as read.", n), {number});
    case Action::Unread:
      return fill(l.trn("{1} message marked as unread.", "{1} messages marked as unread.", n), {number});
    case Action::Star:
      return fill(l.trn("{1} message starred.", "{1} messages starred.", n), {number});
    case Action::Unstar:
      return fill(l.trn("Star of {1} message removed.", "Stars of {1} messages removed.", n), {number});
    case Action::Purge:
      return fill(l.trn("{1} message deleted for good.", "{1} messages deleted for good.", n), {number});
    case Action::Label:
      return fill(l.trn("{1} message labelled “{2}”.", "{1} messages labelled “{2}”.", n),
                  {number, labels.name_of(text_of(r.label()))});
    case Action::Unlabel:
      return fill(l.trn("Label “{2}” removed from {1} message.", "Label “{2}” removed from {1} messages.", n),
                  {number, labels.name_of(text_of(r.label()))});
    case Action::Copy:
      return fill(l.trn("{1} message copied to {2}.", "{1} messages copied to {2}.", n),
                  {number, target});
    default:
      return fill(l.trn("{1} message moved to {2}.", "{1} messages moved to {2}.", n),
                  {number, target});
  }
}

// More messages than this are told by how far it is.
constexpr std::uint32_t kProgress = 1000;

const char* progress_pattern(const wire::Report& r, const Language& l) {
  const std::uint32_t n = r.total();
  if (r.undo()) return l.trn("Undoing it for {1} message: {2} so far.", "Undoing it for {1} messages: {2} so far.", n);
  switch (r.action()) {
    case Action::Read:
      return l.trn("Marking {1} message as read: {2} so far.", "Marking {1} messages as read: {2} so far.", n);
    case Action::Unread:
      return l.trn("Marking {1} message as unread: {2} so far.", "Marking {1} messages as unread: {2} so far.", n);
    case Action::Label:
      return l.trn("Labelling {1} message: {2} so far.", "Labelling {1} messages: {2} so far.", n);
    case Action::Unlabel:
      return l.trn("Removing a label from {1} message: {2} so far.", "Removing a label from {1} messages: {2} so far.", n);
    case Action::Star:
      return l.trn("Starring {1} message: {2} so far.", "Starring {1} messages: {2} so far.", n);
    case Action::Unstar:
      return l.trn("Removing the star of {1} message: {2} so far.",
                   "Removing the stars of {1} messages: {2} so far.", n);
    case Action::Purge:
      return l.trn("Deleting {1} message for good: {2} so far.", "Deleting {1} messages for good: {2} so far.", n);
    case Action::Copy:
      return l.trn("Copying {1} message to {3}: {2} so far.", "Copying {1} messages to {3}: {2} so far.", n);
    default:
      return l.trn("Moving {1} message to {3}: {2} so far.", "Moving {1} messages to {3}: {2} so far.", n);
  }
}

// Why some were not changed; the server's own words where it has said any.
std::string reason_words(const wire::Report& r, const Language& l) {
  switch (static_cast<Code>(r.code())) {
    case Code::kServerSaid:
      return fill(l.tr("The mail server said: {1}"), {text_of(r.detail())});
    case Code::kNotFound: return l.tr("The folder does not exist.");
    case Code::kChanged: return l.tr("The folder has changed meanwhile.");
    case Code::kForbidden:
      return r.action() == Action::Label ? l.tr("This folder does not allow such labels.")
                                         : l.tr("This folder does not allow it.");
    case Code::kInvalid: return l.tr("They are in this folder already.");
    case Code::kInUse: return l.tr("Your mailbox is in use by another program.");
    case Code::kBusy: return l.tr("Too much is going on; try again in a moment.");
    default: return l.tr("The mail server did not answer. Look into the folder before you try again.");
  }
}

// Calls `add` with each sentence of a report.
template <typename Add>
void each_sentence(const wire::Report& r, const FolderVector& folders, const Labels& labels, const Language& l,
                   Add&& add) {
  const auto number = [&l](std::uint32_t n) { return l.formats().number(n); };
  const bool far = r.progress() == wire::Progress::Running && r.total() > kProgress;
  if (far) {
    add(fill(progress_pattern(r, l),
             {number(r.total()), number(r.done()), label_of(text_of(r.target()), folders, l)}));
  } else if (r.progress() == wire::Progress::Running) {
    add(std::string(l.tr("The mail server is still at work on this.")));
  }
  if (r.done() > 0 && !far) add(done_words(r, label_of(text_of(r.target()), folders, l), labels, l));
  if (r.gone() > 0) {
    add(fill(l.trn("{1} message was no longer there.", "{1} messages were no longer there.", r.gone()),
             {number(r.gone())}));
  }
  if (r.others() > 0) {
    add(fill(l.trn("{1} message is another one by now and was left alone.",
                   "{1} messages are other ones by now and were left alone.", r.others()),
             {number(r.others())}));
  }
  if (r.failed() > 0) {
    add(fill(l.trn("{1} message was not changed.", "{1} messages were not changed.", r.failed()),
             {number(r.failed())}) + " " + reason_words(r, l));
  }
}

bool is_trouble(const wire::Report& r) { return r.failed() > 0 || r.others() > 0; }

void add_report(Values& page, const Frame& frame, const wire::Report& report,
                const std::string& folder_url, const std::string& here) {
  const Language& l = frame.reader().language;
  std::string words = report_words(report, *frame.input().folders, Labels(frame.input().labels, l), l);
  if (words.empty()) return;
  const bool running = report.progress() == wire::Progress::Running;
  Values& item = page.add(Name::REPORT, {Name::REPORT_UNDO, Name::REPORT_HERE});
  item.set(Name::REPORT_KIND, is_trouble(report) ? "warn" : "done");
  item.set(Name::REPORT_ROLE, is_trouble(report) ? "alert" : "status");
  item.set(Name::REPORT_ICON, is_trouble(report) ? "triangle-alert" : running ? "clock" : "circle-check");
  item.set(Name::REPORT_WORDS, std::move(words));
  item.set(Name::REPORT_URL, std::string(folder_url));
  if (report.can_undo()) item.set(Name::REPORT_UNDO, report_word(report.id()));
  if (running) {
    item.set(Name::REPORT_HERE, std::string(frame.input().mount) + here +
                                    (here.find('?') == std::string::npos ? "?done=" : "&done=") +
                                    report_word(report.id()));
  }
}

}  // namespace

Ticked ticked_of(const Fields& query) {
  const std::string_view word = query.get("tick");
  return word == "all" ? Ticked::kAll : word == "page" ? Ticked::kPage : Ticked::kNone;
}

std::string report_words(const wire::Report& report, const FolderVector& folders, const Labels& labels,
                         const Language& language) {
  std::string words;
  each_sentence(report, folders, labels, language, [&words](const std::string& sentence) {
    words.append(words.empty() ? "" : " ").append(sentence);
  });
  return words;
}

std::string notice_words(const Fields& query, const Language& language) {
  const std::string_view notice = query.get("notice");
  if (notice == "none") return language.tr("Tick the messages first that you mean.");
  if (notice == "checking") return language.tr("The mail server is being asked; look again in a moment.");
  if (notice == "unchecked") return language.tr("The mail server could not be asked for new mail.");
  if (notice == "late") return language.tr("This cannot be undone any more.");
  if (notice == "nowhere") return language.tr("Choose the folder first that they are to go to.");
  if (notice == "nolabel") return language.tr("Choose the label first.");
  if (notice == "searching") return language.tr("The search is still under way: all that it finds can be chosen once it is over.");
  if (notice == "again") return language.tr("It was searched for anew, since the former search is no longer known. Choose again what you mean.");
  if (notice == "draft") return language.tr("The draft is saved.");
  if (notice == "discarded") return language.tr("The message was thrown away.");
  if (const std::uint32_t left = query.number("left", 1, MailAction::kMost, 0)) {
    return fill(language.trn("{1} more message was not tried; do it again for the rest.",
                             "{1} more messages were not tried; do it again for the rest.", left),
                {language.formats().number(left)});
  }
  constexpr std::string_view kNew = "new-";
  if (!notice.starts_with(kNew)) return {};
  std::uint32_t n = 0;
  const std::string_view digits = notice.substr(kNew.size());
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (failure != std::errc() || end != digits.data() + digits.size()) return {};
  if (n == 0) return language.tr("No new mail");
  return fill(language.trn("{1} new message", "{1} new messages", n), {language.formats().number(n)});
}

void add_actions(Values& page, const Frame& frame, const ReportVector* reports, std::string words,
                 std::string_view shown, const std::string& folder_url, const std::string& here) {
  if (!words.empty()) {
    Values& item = page.add(Name::REPORT, {Name::REPORT_UNDO, Name::REPORT_HERE});
    item.set(Name::REPORT_KIND, "done");
    item.set(Name::REPORT_ROLE, "status");
    item.set(Name::REPORT_ICON, "circle-check");
    item.set(Name::REPORT_URL, std::string(folder_url));
    item.set(Name::REPORT_WORDS, std::move(words));
  }
  if (reports) {
    for (const wire::Report* report : *reports) add_report(page, frame, *report, folder_url, here);
  }
  if (!frame.input().folders) return;
  std::size_t targets = 0;
  std::vector<std::string_view> above;  // the labels of the folders around
  for (const wire::Folder* folder : *frame.input().folders) {
    const std::string_view label = folder_label(*folder, frame.reader().language);
    above.resize(std::min<std::size_t>(above.size(), folder->depth()));
    above.push_back(label);
    const std::string_view address = text_of(folder->address());
    if (!folder->selectable() || address == shown || targets == kMostTargets) continue;
    ++targets;
    Values& item = page.add(Name::TARGET);
    item.set(Name::TARGET_ADDRESS, address);
    std::string path;
    for (const std::string_view level : above) path.append(path.empty() ? "" : " / ").append(level);
    item.set(Name::TARGET_LABEL, std::move(path));
  }
}

FolderTools tools_of(wire::Role role, const Language& language) {
  FolderTools tools{"delete", language.tr("Delete"), "1", "junk", language.tr("Junk"), "shield-alert"};
  using wire::Role;
  if (role == Role::Trash) {
    tools.delete_do = "purge";
    tools.delete_word = language.tr("Delete for good");
  }
  if (role == Role::Archive || role == Role::Drafts) tools.archive = nullptr;
  if (role == Role::Junk) {
    tools.junk_do = "notjunk";
    tools.junk_word = language.tr("Not junk");
    tools.junk_icon = "shield-check";
  }
  // What one wrote oneself is none.
  if (role == Role::Sent || role == Role::Drafts) tools.junk_do = nullptr;
  return tools;
}

void add_tools(Values& page, wire::Role role, const Language& language) {
  const FolderTools tools = tools_of(role, language);
  page.set(Name::DELETE_DO, tools.delete_do);
  page.set(Name::DELETE_WORD, tools.delete_word);
  page.set(Name::CAN_ARCHIVE, tools.archive ? tools.archive : "");
  page.set(Name::JUNK_DO, tools.junk_do ? tools.junk_do : "");
  page.set(Name::JUNK_WORD, tools.junk_word);
  page.set(Name::JUNK_ICON, tools.junk_icon);
}

std::string_view render_confirm(Frame& frame, const Fields& form, std::size_t messages, const std::string& action_url,
                                const std::string& back_url, const MailAction* all) {
  const Language& l = frame.reader().language;
  Values page(&frame, {Name::PLACE, Name::ALL_COUNT, Name::ALL_BELOW});
  const std::string number = l.formats().number(static_cast<std::uint32_t>(messages));
  std::string question =
      fill(l.trn("Delete {1} message for good?", "Delete {1} messages for good?",
                 static_cast<std::uint32_t>(messages)), {number});
  if (all != nullptr && all->all()) {
    if (all->below != 0) page.set(Name::ALL_BELOW, std::to_string(all->below));
    page.set(Name::ALL_COUNT, std::to_string(all->count));
  }
  frame.set_title(question);
  page.set(Name::CONFIRM_QUESTION, std::move(question));
  page.set(Name::CONFIRM_URL, action_url);
  page.set(Name::CONFIRM_BACK_URL, back_url);
  page.set(Name::VALIDITY, form.get("v"));
  for (const auto& [name, value] : form.all) {
    if (name == "m" && !(all != nullptr && all->all())) page.add(Name::CONFIRM_MARK).set(Name::CONFIRM_MARK_VALUE, value);
    // Of a search's result: which folders the marks are of.
    const bool place = name.size() > 1 && (name[0] == 'f' || name[0] == 'v') &&
                       name.find_first_not_of("0123456789", 1) == std::string::npos;
    if (!place) continue;
    Values& item = page.add(Name::PLACE);
    item.set(Name::PLACE_NAME, std::string_view(name));
    item.set(Name::PLACE_VALUE, std::string_view(value));
  }
  return frame.reader().templates.expand(PageTemplate::kConfirm, l, page);
}

}  // namespace alphamail
