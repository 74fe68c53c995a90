// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/search_view.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "common/search_form.h"
#include "mod_alphamail/action_view.h"
#include "mod_alphamail/folder_view.h"
#include "mod_alphamail/label_view.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/sizes.h"
#include "mod_alphamail/standing_view.h"
#include "mod_alphamail/urls.h"

namespace alphamail {
namespace {

using wire::SearchProgress;
using wire::SortKey;

bool has(const wire::Row& row, wire::Flag flag) {
  return (row.flags() & static_cast<std::uint16_t>(flag)) != 0;
}

const char* sort_label(SortKey key, const Language& l) {
  switch (key) {
    case SortKey::From: return l.tr("Sender");
    case SortKey::To: return l.tr("Recipient");
    case SortKey::Subject: return l.tr("Subject");
    case SortKey::Size: return l.tr("Size");
    case SortKey::Flags: return l.tr("Starred, unread");
    default: return l.tr("Date");
  }
}

// The path of a folder as people read it: "Work / 2026".
std::string path_of(const FolderVector& folders, std::size_t number, const Language& l) {
  std::vector<std::string_view> path;
  unsigned below = ~0U;
  for (std::size_t i = number + 1; i-- > 0;) {
    const wire::Folder& folder = *folders.Get(static_cast<std::uint32_t>(i));
    if (folder.depth() >= below) continue;
    path.push_back(folder_label(folder, l));
    below = folder.depth();
    if (below == 0) break;
  }
  std::string out;
  for (std::size_t i = path.size(); i-- > 0;) out.append(path[i]).append(i > 0 ? " / " : "");
  return out;
}

class SearchPageView {
 public:
  SearchPageView(Frame& frame, const SearchShown& shown)
      : frame_(frame),
        shown_(shown),
        l_(frame.reader().language),
        page_(&frame, {Name::REPORT, Name::TARGET, Name::STANDING, Name::REFUSED, Name::QUERY_NOTE, Name::PROGRESS,
                       Name::ENDED, Name::ENDED_WARN, Name::LISTED, Name::ROWS_SHOWN, Name::NONE_FOUND,
                       Name::FOUND_WORDS, Name::HELP_OPEN, Name::NEWER_URL, Name::NEWER_NONE, Name::OLDER_URL,
                       Name::OLDER_NONE, Name::KEPT, Name::SCOPE, Name::ROW, Name::PLACE, Name::SORT_CHOICE,
                       Name::FORM_BELOW, Name::FORM_ATTACHMENT, Name::FORM_UNREAD, Name::FORM_STARRED,
                       Name::STAR_SORTED, Name::PEOPLE_SORTED, Name::SUBJECT_SORTED, Name::DATE_SORTED,
                       Name::SIZE_SORTED, Name::CAN_CHANGE, Name::TICKED, Name::ALL_WORDS, Name::ALL_COUNT, Name::CAN_ARCHIVE, Name::JUNK_DO, Name::DELETE_DO, Name::DELETE_WORD,
                       Name::LABEL_CHOICE}),
        labels_(frame.input().labels, l_),
        chips_(labels_, shown.page ? shown.page->labels() : nullptr, frame.input().mount) {}

  std::string_view render() {
    page_.set(Name::PAGE_URL, url(page_number()));
    page_.set(Name::REFUSED, std::string(shown_.refused));
    add_form();
    add_notes();
    std::string title = l_.trc("noun", "Search");
    if (shown_.page) {
      add_found();
      add_progress();
      add_list();
      const std::string here = "/search/" + shown_.sort.query(page_number());
      add_actions(page_, frame_, shown_.page->reports(), std::string(shown_.notice), {}, url(1), here);
      add_standing(page_, frame_, shown_.page->standing(), 0, here);
      title = shown_.sort.search.query + " – " + title;
    } else {
      page_.flag(Name::HELP_OPEN, shown_.refused.empty());
    }
    frame_.set_title(std::move(title));
    return frame_.reader().templates.expand(PageTemplate::kSearch, l_, page_);
  }

 private:
  std::string url(std::uint32_t page) const {
    return std::string(frame_.input().mount) + "/search/" + shown_.sort.query(page);
  }
  std::uint32_t page_number() const { return shown_.page ? shown_.page->page() : 1; }
  std::string number(std::uint32_t n) const { return l_.formats().number(n); }

  void add_form() {
    const SearchForm form = form_of(shown_.query);
    page_.set(Name::FORM_WORDS, std::string(form.words));
    page_.set(Name::FORM_FROM, std::string(form.from));
    page_.set(Name::FORM_TO, std::string(form.to));
    page_.set(Name::FORM_SUBJECT, std::string(form.subject));
    page_.set(Name::FORM_BODY, std::string(form.body));
    page_.set(Name::FORM_SINCE, std::string(form.since));
    page_.set(Name::FORM_BEFORE, std::string(form.before));
    page_.flag(Name::FORM_ATTACHMENT, form.attachment);
    page_.flag(Name::FORM_UNREAD, form.unread);
    page_.flag(Name::FORM_STARRED, form.starred);
    page_.flag(Name::FORM_BELOW, shown_.sort.search.below);
    const std::string& chosen = shown_.sort.search.folder.empty() ? form.in : shown_.sort.search.folder;
    const FolderVector* const folders = frame_.input().folders;
    constexpr std::uint32_t kMostScopes = 500;
    for (std::uint32_t i = 0; folders && i < std::min(folders->size(), kMostScopes); ++i) {
      const std::string_view address = text_of(folders->Get(i)->address());
      Values& item = page_.add(Name::SCOPE, {Name::SCOPE_CHOSEN});
      item.set(Name::SCOPE_ADDRESS, address);
      item.set(Name::SCOPE_LABEL, path_of(*folders, i, l_));
      item.flag(Name::SCOPE_CHOSEN, address == chosen);
    }
  }

  // What was not taken as it was meant, perhaps.
  void add_notes() {
    using Why = SearchQuery::Note::Why;
    for (const SearchQuery::Note& note : shown_.query.notes()) {
      Values& item = page_.add(Name::QUERY_NOTE);
      switch (note.why) {
        case Why::kUnknownOperator:
          item.set(Name::QUERY_NOTE, fill(l_.tr("“{1}” is no word that narrows a search; it was searched for as it stands."), {note.text}));
          break;
        case Why::kBadValue:
          item.set(Name::QUERY_NOTE, fill(l_.tr("“{1}” says nothing that can be looked up; it was searched for as it stands."), {note.text}));
          break;
        case Why::kTooLong:
          item.set(Name::QUERY_NOTE, l_.tr("The search is too long; its end was left out."));
          break;
        case Why::kTooMany:
          item.set(Name::QUERY_NOTE, l_.tr("The search has too many words; the last ones were left out."));
          break;
      }
    }
  }

  void add_found() {
    const wire::SearchPage& p = *shown_.page;
    const bool running = p.progress() == SearchProgress::Running;
    page_.set(Name::QUERY, std::string(shown_.sort.search.query));
    if (p.found() > 0) {
      const std::string n = number(p.found());
      page_.set(Name::FOUND_WORDS, running ? fill(l_.tr("{1} found so far for"), {n}) : fill(l_.tr("{1} found for"), {n}));
      return;
    }
    page_.set(Name::FOUND_WORDS, running ? l_.tr("Nothing found so far for") : l_.tr("Nothing found for"));
    page_.set(Name::NONE_FOUND, running ? l_.tr("Still searching") : l_.tr("Nothing found"));
    page_.set(Name::NONE_TEXT, running ? l_.tr("The texts of your messages are being searched, the newest first.")
                                       : l_.tr("Try fewer words, or another folder."));
  }

  void add_progress() {
    const wire::SearchPage& p = *shown_.page;
    if (p.progress() == SearchProgress::Running) {
      const std::uint32_t done = p.folders_done() + p.folders_failed();
      page_.set(Name::PROGRESS,
                fill(l_.trn("Searched {1} of {2} folder, {3} found so far.", "Searched {1} of {2} folders, {3} found so far.",
                            p.folders_all()),
                     {number(done), number(p.folders_all()), number(p.found())}));
      page_.set(Name::FOLDERS_ALL, std::to_string(std::max(p.folders_all(), 1U)));
      page_.set(Name::FOLDERS_DONE, std::to_string(done));
      return;
    }
    std::string words;
    const auto say = [&words](std::string sentence) { words.append(words.empty() ? "" : " ").append(sentence); };
    if (p.progress() == SearchProgress::Stopped) {
      say(fill(l_.trn("Stopped after {1} of {2} folder.", "Stopped after {1} of {2} folders.", p.folders_all()),
               {number(p.folders_done()), number(p.folders_all())}));
    }
    if (p.folders_failed() > 0) {
      say(fill(l_.trn("{1} folder could not be searched.", "{1} folders could not be searched.", p.folders_failed()),
               {number(p.folders_failed())}));
      if (const std::string_view why = text_of(p.detail()); !why.empty())
        say(fill(l_.tr("The mail server said: {1}"), {why}));
    }
    if (p.cut()) say(l_.tr("There are more hits than are listed: more words would narrow the search."));
    if (words.empty()) return;
    page_.flag(Name::ENDED_WARN, p.folders_failed() > 0);
    page_.set(Name::ENDED, std::move(words));
    ListSort again = shown_.sort;
    again.search.id = 0;
    page_.set(Name::AGAIN_URL, std::string(frame_.input().mount) + "/search/" + again.query() + "&anew=1");
  }

  void add_list() {
    const wire::SearchPage& p = *shown_.page;
    if (p.rows()->size() == 0) return;
    page_.set(Name::LISTED, "1");
    page_.set(Name::ROWS_SHOWN, "1");
    page_.flag(Name::CAN_CHANGE, true);
    add_tools(page_, role_of_rows(), l_);
    add_label_choices(page_, labels_, p.labels());
    add_ticking();
    add_pages();
    add_sorting();
    std::vector<std::uint32_t> places;  // folders of this page
    for (const wire::FoundRow* row : *p.rows()) {
      if (row->folder() < p.folders()->size()) add_row(*row, places);
    }
  }

  // Of the folder that all rows of the page lie in; none where they lie in several.
  wire::Role role_of_rows() const {
    const wire::SearchPage& p = *shown_.page;
    const std::uint32_t first = p.rows()->Get(0)->folder();
    const bool one = std::all_of(p.rows()->begin(), p.rows()->end(),
                                 [first](const wire::FoundRow* row) { return row->folder() == first; });
    return one && first < p.folders()->size() ? p.folders()->Get(first)->role() : wire::Role::None;
  }

  // Who ticks all rows of the page may mean all that was found: that is offered, and said. Only once the search is
  // over: what it finds later nobody has been told of.
  void add_ticking() {
    const wire::SearchPage& p = *shown_.page;
    const bool ticked = shown_.ticked != Ticked::kNone;
    const std::string here = url(p.page());
    page_.flag(Name::TICKED, ticked);
    page_.set(Name::TICK_WORD, ticked ? l_.tr("Untick all") : l_.tr("Tick all"));
    page_.set(Name::TICK_URL, here + (ticked ? "" : "&tick=page"));
    const std::uint32_t rows = p.rows()->size(), all = p.found();
    if (!ticked || all <= rows || p.progress() == SearchProgress::Running) return;
    if (shown_.ticked == Ticked::kPage) {
      page_.set(Name::ALL_WORDS, fill(l_.trn("The {1} message on this page is ticked.",
                                             "All {1} messages on this page are ticked.", rows), {number(rows)}));
      page_.set(Name::ALL_LINK, fill(l_.trn("Choose the {1} message that was found",
                                            "Choose all {1} messages that were found", all), {number(all)}));
      page_.set(Name::ALL_URL, here + "&tick=all");
      return;
    }
    page_.set(Name::ALL_WORDS, fill(l_.trn("The {1} message that was found is chosen.",
                                           "All {1} messages that were found are chosen.", all), {number(all)}));
    page_.set(Name::ALL_LINK, l_.tr("Choose none"));
    page_.set(Name::ALL_URL, std::string(here));  // its own: the page is written after this has ended
    page_.set(Name::ALL_COUNT, std::to_string(all));
    page_.set(Name::ALL_ROWS, std::to_string(rows));
  }

  void add_pages() {
    const wire::SearchPage& p = *shown_.page;
    const ListSort& sort = shown_.sort;
    const std::uint64_t first = std::uint64_t{p.page() - 1} * p.rows_a_page() + 1;
    const std::uint64_t last = first + p.rows()->size() - 1;
    const std::string from = l_.formats().number(first), to = l_.formats().number(last), all = number(p.found());
    page_.set(Name::RANGE_OF, fill(l_.tr("{1}–{2} of {3}"), {from, to, all}));
    page_.set(Name::RANGE, fill(l_.tr("Messages {1}–{2} of {3}"), {from, to, all}));
    page_.set(Name::CAPTION, fill(l_.tr("Messages {1} to {2} of {3} found, {4}"), {from, to, all, sort.words(l_)}));
    page_.set(Name::NEWER_WORD, sort.before(l_));
    page_.set(Name::OLDER_WORD, sort.behind(l_));
    const bool newest = sort.by_date() && sort.descending;
    page_.set(Name::FIRST_WORD, !sort.by_date() ? l_.tr("First") : newest ? l_.tr("Newest") : l_.tr("Oldest"));
    page_.set(Name::LAST_WORD, !sort.by_date() ? l_.tr("Last") : newest ? l_.tr("Oldest") : l_.tr("Newest"));
    page_.set(Name::FIRST_URL, url(1));
    page_.set(Name::OLDEST_URL, url(p.pages()));
    if (p.page() > 1) page_.set(Name::NEWER_URL, url(p.page() - 1));
    page_.flag(Name::NEWER_NONE, p.page() <= 1);
    if (p.page() < p.pages()) page_.set(Name::OLDER_URL, url(p.page() + 1));
    page_.flag(Name::OLDER_NONE, p.page() >= p.pages());
  }

  void add_sorting() {
    constexpr std::array kChoices{SortKey::Arrived, SortKey::From, SortKey::To,
                                  SortKey::Subject, SortKey::Size, SortKey::Flags};
    const ListSort& sort = shown_.sort;
    const auto sorted = [&sort](SortKey key) -> std::string_view {
      if (ListSort::word_of(key) != sort.word()) return {};
      return sort.descending ? "descending" : "ascending";
    };
    for (const SortKey key : kChoices) {
      Values& item = page_.add(Name::SORT_CHOICE, {Name::SORT_CHOSEN});
      item.set(Name::SORT_WORD, ListSort::word_of(key));
      item.set(Name::SORT_LABEL, sort_label(key, l_));
      item.flag(Name::SORT_CHOSEN, !sorted(key).empty());
    }
    for (const auto& [name, value] : sort.search.fields()) {
      Values& item = page_.add(Name::KEPT);
      item.set(Name::KEPT_NAME, std::string(name));
      item.set(Name::KEPT_VALUE, std::string(value));
    }
    ListSort other = sort;
    other.descending = !sort.descending;
    const std::string base = std::string(frame_.input().mount) + "/search/";
    page_.set(Name::REVERSED_URL, base + other.query());
    const auto column = [&](SortKey key, Name url_name, Name sorted_name) {
      other.key = key;
      other.descending = sorted(key).empty() ? ListSort::usually_descending(key) : !sort.descending;
      page_.set(url_name, base + other.query());
      page_.set(sorted_name, sorted(key));
    };
    column(SortKey::Flags, Name::STAR_SORT_URL, Name::STAR_SORTED);
    column(SortKey::From, Name::PEOPLE_SORT_URL, Name::PEOPLE_SORTED);
    column(SortKey::Subject, Name::SUBJECT_SORT_URL, Name::SUBJECT_SORTED);
    column(SortKey::Arrived, Name::DATE_SORT_URL, Name::DATE_SORTED);
    column(SortKey::Size, Name::SIZE_SORT_URL, Name::SIZE_SORTED);
    page_.set(Name::PEOPLE, l_.tr("From"));
  }

  // Where a mark of this page lies: a folder's number in the form, which its address and UIDVALIDITY go with.
  std::size_t place_of(const wire::FoundRow& found, std::string_view address, std::vector<std::uint32_t>& places) {
    const auto known = std::find(places.begin(), places.end(), found.folder());
    if (known != places.end()) return static_cast<std::size_t>(known - places.begin());
    const std::string n = std::to_string(places.size());
    Values& folder = page_.add(Name::PLACE);
    folder.set(Name::PLACE_NAME, "f" + n);
    folder.set(Name::PLACE_VALUE, address);
    Values& validity = page_.add(Name::PLACE);
    validity.set(Name::PLACE_NAME, "v" + n);
    validity.set(Name::PLACE_VALUE, std::to_string(found.uid_validity()));
    places.push_back(found.folder());
    return places.size() - 1;
  }

  void add_row(const wire::FoundRow& found, std::vector<std::uint32_t>& places) {
    const wire::Row& row = *found.row();
    const wire::Folder& folder = *shown_.page->folders()->Get(found.folder());
    const std::string_view address = text_of(folder.address());
    const std::string place = std::to_string(place_of(found, address, places));
    const Formats& formats = l_.formats();
    Values& item = page_.add(Name::ROW, {Name::UNREAD, Name::STARRED, Name::ANSWERED, Name::FORWARDED, Name::ATTACHED,
                                         Name::SUBJECT_DIR, Name::ROW_FOLDER, Name::LABEL});
    chips_.add(item, row.labels());
    item.set(Name::MARK, place + "." + mark_of(row.uid(), row.identity()));
    item.set(Name::UID, place + "-" + std::to_string(row.uid()));
    item.flag(Name::UNREAD, !has(row, wire::Flag::Seen));
    item.flag(Name::STARRED, has(row, wire::Flag::Flagged));
    item.flag(Name::ANSWERED, has(row, wire::Flag::Answered));
    item.flag(Name::FORWARDED, has(row, wire::Flag::Forwarded));
    item.set(Name::STAR_DO, has(row, wire::Flag::Flagged) ? "unstar" : "star");
    item.set(Name::STAR_WORD, has(row, wire::Flag::Flagged) ? l_.tr("Remove star") : l_.tr("Add star"));
    const std::string_view from = text_of(row.from()), subject = text_of(row.subject());
    item.set(Name::FROM, from.empty() ? std::string_view(l_.tr("(no sender)")) : from);
    item.set(Name::SUBJECT, subject.empty() ? std::string_view(l_.tr("(no subject)")) : subject);
    item.set(Name::SUBJECT_DIR, direction_against(subject, l_.right_to_left()));
    item.set(Name::SNIPPET, text_of(row.snippet()));
    item.set(Name::ROW_FOLDER, path_of(*shown_.page->folders(), found.folder(), l_));
    const std::string_view file = text_of(row.attachment());
    item.set(Name::ATTACHED, !file.empty() ? file
                             : has(row, wire::Flag::HasAttachment) ? std::string_view(l_.tr("a file"))
                                                                   : std::string_view());
    const std::string_view mount = frame_.input().mount;
    if (folder.role() == wire::Role::Drafts) {
      item.set(Name::ROW_URL, std::string(mount) + "/compose?draft=" + query_value(address) + "/" +
                                  std::to_string(row.uid()) + "&back=" + query_value("/search/" + shown_.sort.query(page_number())));
    } else {
      item.set(Name::ROW_URL, url_of_message(mount, address, row.uid()) + shown_.sort.query());
    }
    constexpr std::int64_t kNoDate = std::numeric_limits<std::int64_t>::min();
    const bool sent = shown_.sort.key == SortKey::Sent && row.sent() != kNoDate;
    const LocalTime time = frame_.reader().zone.local(sent ? row.sent() : row.arrived());
    std::string when, full, iso, size;
    formats.brief(time, frame_.reader().now, when);
    formats.full(time, full);
    iso_time(time, iso);
    Sizes(l_).append(row.size(), size);
    item.set(Name::WHEN, std::move(when));
    item.set(Name::WHEN_FULL, std::move(full));
    item.set(Name::WHEN_ISO, std::move(iso));
    item.set(Name::SIZE, std::move(size));
  }

  Frame& frame_;
  const SearchShown& shown_;
  const Language& l_;
  Values page_;
  const Labels labels_;
  const LabelChips chips_;
};

}  // namespace

std::string_view render_search(Frame& frame, const SearchShown& shown) {
  return SearchPageView(frame, shown).render();
}

}  // namespace alphamail
