// SPDX-License-Identifier: GPL-3.0-or-later
// Each row binds a name to a member of Settings, to the values that it may have, and to the words of the page. What
// stands in tr() is collected for translators (templates/lang/collect.sh) and translated where it is shown.
#include "common/setting_table.h"

#include <algorithm>
#include <charconv>
#include <type_traits>

#include "common/mailbox_name.h"

namespace alphamail {
namespace {

constexpr const char* tr(const char* words) { return words; }

using Kind = SettingKind;
using Unit = SettingUnit;
using S = Settings;

constexpr std::string_view kBrowser = "browser";
constexpr std::size_t kLongestFolder = 1000;

constexpr SettingGroup kGroups[] = {
    {"look", tr("Look"), tr("Follows your browser unless you choose.")},
    {"time", tr("Language and time"), tr("In which words and by which clock pages are written.")},
    {"lists", tr("The list"), tr("For every folder. An order that you click on in a list counts before these.")},
    {"reading", tr("Reading"), tr("How messages are shown.")},
    {"writing", tr("Writing"), tr("What happens to what you send.")},
    {"actions", tr("Archive and junk"), tr("What happens to messages that you move away.")},
    {"folders", tr("Folders"), tr("Which folders stand beside the list.")},
};

// The words of a choice stand in the order of the member's values; of a bool they are those of false and true.
constexpr SettingChoice kThemes[] = {
    {"auto", tr("As the browser")}, {"light", tr("Light")}, {"dark", tr("Dark")}};
constexpr SettingChoice kDensities[] = {{"comfortable", tr("Comfortable")}, {"compact", tr("Compact")}};
constexpr SettingChoice kDates[] = {{"arrived", tr("When it arrived")}, {"sent", tr("When it was written")}};
constexpr SettingChoice kSorts[] = {{"date", tr("Date")},       {"from", tr("Sender")}, {"to", tr("Recipient")},
                                    {"subject", tr("Subject")}, {"size", tr("Size")},   {"flags", tr("Starred, unread")}};
constexpr SettingChoice kOrders[] = {{"usual", tr("As is usual for it")},
                                     {"asc", tr("Oldest, smallest or A first")},
                                     {"desc", tr("Newest, largest or Z first")}};
constexpr SettingChoice kTypes[] = {{"proportional", tr("Proportional")}, {"fixed", tr("All of one width")}};
constexpr SettingChoice kLinks[] = {{"off", tr("Are text")}, {"on", tr("Can be followed")}};
constexpr SettingChoice kReadings[] = {{"html", tr("As it is written")}, {"plain", tr("Its text")}};
constexpr SettingChoice kMailColours[] = {{"recolour", tr("Messages are recoloured")},
                                          {"paper", tr("Messages stay on white")}};
constexpr SettingChoice kAfterMoves[] = {{"list", tr("To the list")}, {"next", tr("To the next message")}};
constexpr SettingChoice kTrees[] = {{"all", tr("All folders")}, {"subscribed", tr("Those I am subscribed to")}};
constexpr SettingChoice kRows[] = {{"25", nullptr}, {"50", nullptr}, {"100", nullptr}, {"200", nullptr}};
constexpr SettingChoice kUndo[] = {{"0", nullptr}, {"3", nullptr}, {"5", nullptr}, {"10", nullptr}};
constexpr SettingChoice kRefresh[] = {{"0", nullptr}, {"1", nullptr},  {"2", nullptr},
                                      {"5", nullptr}, {"10", nullptr}, {"15", nullptr}};

template <auto Member>
std::string get_switch(const S& s) {
  return s.*Member ? "on" : "off";
}
template <auto Member>
bool put_switch(S& s, std::string_view value) {
  if (value != "on" && value != "off") return false;
  s.*Member = value == "on";
  return true;
}

template <auto Member, auto& choices>
std::string get_choice(const S& s) {
  return choices[static_cast<std::size_t>(s.*Member)].value;
}
template <auto Member, auto& choices>
bool put_choice(S& s, std::string_view value) {
  for (std::size_t i = 0; i < std::size(choices); ++i) {
    if (value != choices[i].value) continue;
    s.*Member = static_cast<std::remove_reference_t<decltype(s.*Member)>>(i);
    return true;
  }
  return false;
}

template <auto Member>
std::string get_number(const S& s) {
  return std::to_string(s.*Member);
}
template <auto Member, unsigned low, unsigned high>
bool put_number(S& s, std::string_view value) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < low || number > high) return false;
  s.*Member = static_cast<std::remove_reference_t<decltype(s.*Member)>>(number);
  return true;
}

/// Whether there is such a language or zone only the pages know; here it is one that could be.
bool is_name(std::string_view value, std::size_t longest) {
  return !value.empty() && value.size() <= longest && std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '+' || c == '/';
  });
}
template <auto Member>
std::string get_name(const S& s) {
  return (s.*Member).empty() ? std::string(kBrowser) : s.*Member;
}
template <auto Member>
bool put_name(S& s, std::string_view value) {
  if (value == kBrowser) value = {};
  if (!value.empty() && !is_name(value, 64)) return false;
  s.*Member = value;
  return true;
}

template <ChosenRole role>
std::string get_role(const S& s) {
  return s.roles[static_cast<std::size_t>(role)];
}
template <ChosenRole role>
bool put_role(S& s, std::string_view value) {
  if (!value.empty() && (value.size() > kLongestFolder || !is_address(value))) return false;
  s.roles[static_cast<std::size_t>(role)] = value;
  return true;
}

std::string get_favourites(const S& s) { return s.favourites; }
bool put_favourites(S& s, std::string_view value) {
  if (value.size() > S::kLongestFavourites) return false;
  for (std::string_view rest = value; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (!is_address(rest.substr(0, end))) return false;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  s.favourites = value;
  return true;
}

template <auto Member>
constexpr Setting switch_of(const char* name, const char* group, const char* label, const char* help) {
  return {name, group, Kind::kSwitch, label, help, {}, Unit::kNone, get_switch<Member>, put_switch<Member>};
}
template <auto Member, auto& choices>
constexpr Setting choice_of(const char* name, const char* group, const char* label, const char* help) {
  return {name, group, Kind::kChoice, label, help, choices, Unit::kNone, get_choice<Member, choices>,
          put_choice<Member, choices>};
}
template <auto Member, auto& choices, unsigned low, unsigned high>
constexpr Setting number_of(const char* name, const char* group, Unit unit, const char* label, const char* help) {
  return {name, group, Kind::kNumber, label, help, choices, unit, get_number<Member>, put_number<Member, low, high>};
}
template <auto Member>
constexpr Setting name_of(const char* name, const char* group, Kind kind, const char* label, const char* help) {
  return {name, group, kind, label, help, {}, Unit::kNone, get_name<Member>, put_name<Member>};
}
template <ChosenRole role>
constexpr Setting role_of(const char* name, const char* label) {
  return {name, "folders", Kind::kFolder, label, "", {}, Unit::kNone, get_role<role>, put_role<role>};
}

constexpr Setting kTable[] = {
    choice_of<&S::theme, kThemes>("theme", "look", tr("Colours"), tr("Light, dark, or what your browser prefers.")),
    choice_of<&S::density, kDensities>("density", "look", tr("Rows of the list"),
                                       tr("Compact rows show more messages at once.")),

    name_of<&S::language>("language", "time", Kind::kLanguage, tr("Language"),
                          tr("Of all pages; messages stay as they are written.")),
    name_of<&S::time_zone>("time_zone", "time", Kind::kTimeZone, tr("Time zone"),
                           tr("All dates and times are shown by it.")),

    number_of<&S::rows, kRows, 10, 200>("rows", "lists", Unit::kNone, tr("Messages on a page"),
                                        tr("More of them take longer to come over a slow line.")),
    choice_of<&S::dates, kDates>("dates", "lists", tr("A message's date"),
                                 tr("Senders may write any date into a message; the mail server knows when it came.")),
    choice_of<&S::sort, kSorts>("sort", "lists", tr("Sort by"), tr("What a list is sorted by at first.")),
    choice_of<&S::order, kOrders>("order", "lists", tr("Order"),
                                  tr("Usual are the newest, largest and starred first, and names from A to Z.")),
    switch_of<&S::snippets>("snippets", "lists", tr("Beginnings of texts"),
                            tr("Each subject is followed by the first words of the message.")),
    number_of<&S::refresh_minutes, kRefresh, 0, 15>(
        "refresh", "lists", Unit::kMinutes, tr("Lists renew themselves"),
        tr("The page of a folder is loaded again. Ticks that are not used by then are lost.")),

    choice_of<&S::fixed_type, kTypes>("type", "reading", tr("Letters of plain text"),
                                      tr("Tables and drawings made of characters need letters of one width.")),
    choice_of<&S::links, kLinks>("links", "reading", tr("Addresses in plain text"),
                                 tr("Whether addresses of web pages can be clicked.")),
    choice_of<&S::plain_first, kReadings>("reading", "reading", tr("Shown first"),
                                          tr("Of messages that are written as web pages and as text.")),
    choice_of<&S::paper, kMailColours>("mail_colours", "reading", tr("When pages are dark"),
                                       tr("Recoloured messages keep their contrast, but not all their colours.")),

    number_of<&S::undo_seconds, kUndo, 0, 10>("undo_seconds", "writing", Unit::kSeconds,
                                              tr("Sending can be taken back for"),
                                              tr("The message waits as long in the outbox.")),
    switch_of<&S::collect>("collect", "writing", tr("Whom I write to becomes a contact"),
                           tr("The address is offered when you write the next time.")),
    switch_of<&S::ask_attachment>("ask_attachment", "writing", tr("Ask about a missing attachment"),
                                  tr("Where the text speaks of an attachment that is not there.")),
    switch_of<&S::ask_subject>("ask_subject", "writing", tr("Ask about a missing subject"),
                               tr("Before a message without a subject is sent.")),
    switch_of<&S::ask_many>("ask_many", "writing", tr("Ask about answers to many"),
                            tr("Before an answer goes to more people than is usual.")),
    switch_of<&S::ask_domain>("ask_domain", "writing", tr("Ask about odd addresses"),
                              tr("Where a domain looks misspelt or is outside of here.")),

    choice_of<&S::after_move, kAfterMoves>("after_move", "actions", tr("After a message is moved away"),
                                           tr("Where you get to from its page when you delete, archive or move it.")),
    switch_of<&S::archive_years>("archive_years", "actions", tr("Archive by year"),
                                 tr("Messages go into a folder of the year, below the archive.")),
    switch_of<&S::archive_read>("archive_read", "actions", tr("What I archive is read"),
                                tr("Messages are marked as read when you archive them.")),
    switch_of<&S::junk_read>("junk_read", "actions", tr("What I report as junk is read"),
                             tr("Messages are marked as read when you report them as junk.")),

    choice_of<&S::subscribed_only, kTrees>("tree", "folders", tr("Folders beside the list"),
                                           tr("All that the mail server has, or those that you have subscribed to.")),
    // Chosen on the page of folders.
    role_of<ChosenRole::kDrafts>("role.drafts", tr("Folder for drafts")),
    role_of<ChosenRole::kSent>("role.sent", tr("Folder for sent mail")),
    role_of<ChosenRole::kArchive>("role.archive", tr("Folder for the archive")),
    role_of<ChosenRole::kJunk>("role.junk", tr("Folder for junk")),
    role_of<ChosenRole::kTrash>("role.trash", tr("Folder for the trash")),
    {"favourites", "folders", Kind::kFolder, tr("Favourites"), "", {}, Unit::kNone, get_favourites, put_favourites},
};

}  // namespace

bool Setting::offers(std::string_view value) const {
  if (kind == Kind::kSwitch) return value == "on" || value == "off";
  if (kind == Kind::kChoice || kind == Kind::kNumber) {
    return std::any_of(choices.begin(), choices.end(), [value](const SettingChoice& c) { return value == c.value; });
  }
  Settings scratch;
  return put(scratch, value);
}

std::span<const Setting> setting_table() { return kTable; }
std::span<const SettingGroup> setting_groups() { return kGroups; }

const Setting* find_setting(std::string_view name) {
  const auto* found = std::find_if(std::begin(kTable), std::end(kTable), [name](const Setting& s) { return name == s.name; });
  return found == std::end(kTable) ? nullptr : found;
}

const SettingGroup* find_setting_group(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kGroups), std::end(kGroups), [name](const SettingGroup& g) { return name == g.name; });
  return found == std::end(kGroups) ? nullptr : found;
}

bool SettingRules::locked(std::string_view name) const {
  return std::find(locks.begin(), locks.end(), name) != locks.end();
}

void SettingRules::apply(Settings& settings, std::string_view name, std::string_view value) const {
  const Setting* setting = find_setting(name);
  if (setting && !locked(name)) setting->put(settings, value);
}

}  // namespace alphamail
