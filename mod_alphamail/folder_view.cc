// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/folder_view.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "mod_alphamail/action_view.h"
#include "mod_alphamail/standing_view.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

using wire::SortKey;

constexpr SortKey kChoices[] = {SortKey::Arrived, SortKey::From, SortKey::To,
                                SortKey::Subject, SortKey::Size, SortKey::Flags};

bool has(const wire::Row& row, wire::Flag flag) {
  return (row.flags() & static_cast<std::uint16_t>(flag)) != 0;
}

/// Rows with equal keys stand under one heading.
enum : int { kLater, kToday, kYesterday, kThisWeek, kLastWeek, kMonths };

int day_key(const LocalTime& t, const LocalTime& now, int first_day_of_week) {
  if (t.days > now.days) return kLater;
  if (t.days == now.days) return kToday;
  if (t.days == now.days - 1) return kYesterday;
  const std::int64_t week = now.days - (now.weekday - first_day_of_week + 7) % 7;
  if (t.days >= week) return kThisWeek;
  if (t.days >= week - 7) return kLastWeek;
  return kMonths + t.year * 12 + t.month;
}

std::string day_name(int key, const LocalTime& t, const Language& language) {
  switch (key) {
    case kLater: return language.tr("Later than today");
    case kToday: return language.tr("Today");
    case kYesterday: return language.tr("Yesterday");
    case kThisWeek: return language.tr("Earlier this week");
    case kLastWeek: return language.tr("Last week");
    default: break;
  }
  std::string name;
  language.formats().month_year(t, name);
  return name;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // within ICU's macro
UChar32 next_character(const char* text, int32_t& i, int32_t length) {
  UChar32 c;
  U8_NEXT_OR_FFFD(text, i, length, c);
  return c;
}
#pragma GCC diagnostic pop

}  // namespace

std::string_view direction_against(std::string_view text, bool page_is_rtl) {
  const auto length = static_cast<int32_t>(std::min<std::size_t>(text.size(), 200));
  for (int32_t i = 0; i < length;) {
    const auto byte = static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
    if (byte < 0x80) {
      ++i;
      const int lower = byte | 0x20;
      if (lower < 'a' || lower > 'z') continue;
      return page_is_rtl ? "ltr" : "";
    }
    const UChar32 c = next_character(text.data(), i, length);
    const UCharDirection direction = u_charDirection(c);
    if (direction == U_LEFT_TO_RIGHT) return page_is_rtl ? "ltr" : "";
    if (direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC) {
      return page_is_rtl ? "" : "rtl";
    }
  }
  return {};
}

FolderView::FolderView(Frame& frame, const wire::FolderPage& page, const ListSort& sort,
                       std::string notice, const ListShown& shown)
    : frame_(frame),
      shown_(shown),
      actions_(&frame, {Name::REPORT, Name::TARGET, Name::STANDING, Name::LABEL_CHOICE}),
      page_(page),
      sort_(sort),
      language_(frame.reader().language),
      sizes_(language_),
      chips_(Labels(frame.input().labels, language_), page.labels(), frame.input().mount),
      page_rtl_(language_.right_to_left()),
      no_sender_(language_.tr("(no sender)")),
      no_subject_(language_.tr("(no subject)")),
      has_attachment_(language_.tr("a file")),
      add_star_(language_.tr("Add star")),
      remove_star_(language_.tr("Remove star")),
      tools_(tools_of(page.folder()->role(), language_)),
      notice_(std::move(notice)),
      day_(*this),
      choice_(*this),
      filter_(*this) {
  query_ = sort_.query();
  filter_words_ = sort_.filter.words(language_);
  filter_field_ = sort_.filter.states_word();
  group_days();
  write_texts();
  write_sorting();
  write_filters();
  write_ticking();
  const std::string unread =
      page_.unread() > 0 ? " " + fill(language_.trn("({1} unread)", "({1} unread)", page_.unread()),
                                      {language_.formats().number(page_.unread())})
                         : "";
  const std::string says = title_words();
  const std::string what = filter_words_.empty() ? name_ : name_ + ": " + filter_words_;
  frame.set_title(says.empty() ? what + unread : says + " – " + what + unread);
  add_actions(actions_, frame, page_.reports(), notice_, text_of(page_.folder()->address()), first_url_,
              std::string(shown_.here));
  add_standing(actions_, frame, page_.standing(), page_.checked(), std::string(shown_.here));
  if (!page_.read_only()) add_label_choices(actions_, Labels(frame.input().labels, language_), page_.labels());
}

// What was done stands first in the title, where a screen reader begins.
std::string FolderView::title_words() const {
  if (!notice_.empty() || !page_.reports() || page_.reports()->size() == 0) return notice_;
  return report_words(*page_.reports()->Get(0), *page_.folders(), Labels(frame_.input().labels, language_), language_);
}

void FolderView::group_days() {
  const auto& rows = *page_.rows();
  const Reader& reader = frame_.reader();
  const int week_begins = language_.formats().first_day_of_week();
  times_.reserve(rows.size());
  int key_before = -1;
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    const wire::Row& row = *rows.Get(i);
    constexpr std::int64_t kNoDate = std::numeric_limits<std::int64_t>::min();
    const bool sent = sort_.key == wire::SortKey::Sent && row.sent() != kNoDate;
    const LocalTime& t = times_.emplace_back(
        reader.zone.local(sent ? row.sent() : row.arrived(), i == 0 ? reader.now : times_.back()));
    // In other orders neighbours have no day in common.
    const int key = sort_.by_date() ? day_key(t, reader.now, week_begins) : 0;
    if (key != key_before) {
      days_.push_back({sort_.by_date() ? day_name(key, t, language_) : std::string(), i, 0});
    }
    ++days_.back().count;
    key_before = key;
  }
}

std::string FolderView::page_url(std::uint32_t page) const {
  return folder_url_ + sort_.query(page);
}

void FolderView::write_sorting() {
  validity_ = std::to_string(page_.uid_validity());
  first_url_ = page_url(1);
  const wire::Role role = page_.folder()->role();
  const bool outgoing = role == wire::Role::Sent || role == wire::Role::Drafts;
  people_ = outgoing ? wire::SortKey::To : wire::SortKey::From;
  ListSort other = sort_;
  other.descending = !sort_.descending;
  reversed_url_ = folder_url_ + other.query();
  for (const wire::SortKey key : wire::EnumValuesSortKey()) {
    // A click on the column that it is sorted by turns the order round.
    other.key = key;
    other.descending = ListSort::word_of(key) == sort_.word()
                           ? !sort_.descending
                           : sort_.descending_at_first(key);
    sort_urls_[static_cast<std::size_t>(key)] = folder_url_ + other.query();
  }
}

void FolderView::write_filters() {
  ListSort other = sort_;
  const auto add = [&](const ListFilter& to, const char* word, const flatbuffers::Vector<std::uint32_t>* counts,
                       std::size_t place, bool on) {
    other.filter = to;
    const bool known = counts && place < counts->size();
    filters_.push_back({folder_url_ + other.query(), word,
                        known ? language_.formats().number(counts->Get(static_cast<std::uint32_t>(place))) : "", on});
  };
  const ListFilter& filter = sort_.filter;
  other.filter = {};
  all_url_ = folder_url_ + other.query();
  if (page_.total() == 0 && !filter.any()) return;
  filters_.push_back({all_url_, language_.trc("filter", "All"), language_.formats().number(page_.total()), !filter.any()});
  std::size_t place = 0;
  for (const wire::Filter state : ListFilter::kStates) {
    add(filter.turned(state), ListFilter::name(state, language_), page_.filter_counts(), place++, filter.has(state));
  }
  place = 0;
  for (const ListFilter::Since span : ListFilter::kSpans) {
    add(filter.turned(span), ListFilter::name(span, language_), page_.since_counts(), place++, filter.since == span);
  }
}

// Who ticks all rows of the page may mean all that are listed: that is offered, and said.
void FolderView::write_ticking() {
  const std::string with = page_url_ + (page_url_.find('?') == std::string::npos ? "?" : "&") + "tick=";
  const bool ticked = shown_.ticked != Ticked::kNone;
  tick_url_ = ticked ? page_url_ : with + "page";
  tick_word_ = ticked ? language_.tr("Untick all") : language_.tr("Tick all");
  const bool filtered = sort_.filter.any();
  const std::uint32_t rows = page_.rows()->size(), all = filtered ? page_.chosen() : page_.total();
  if (!ticked || page_.read_only() || all <= rows || page_.uid_next() == 0) return;
  const std::string number = language_.formats().number(all);
  if (shown_.ticked == Ticked::kPage) {
    all_words_ = fill(language_.trn("The {1} message on this page is ticked.",
                                    "All {1} messages on this page are ticked.", rows),
                      {language_.formats().number(rows)});
    all_offer_ = fill(filtered ? language_.trn("Choose the {1} message that is listed",
                                               "Choose all {1} messages that are listed", all)
                               : language_.trn("Choose the {1} message in this folder",
                                               "Choose all {1} messages in this folder", all),
                      {number});
    offer_url_ = with + "all";
    return;
  }
  all_words_ = fill(filtered ? language_.trn("The {1} message that is listed is chosen.",
                                             "All {1} messages that are listed are chosen.", all)
                             : language_.trn("The {1} message in this folder is chosen.",
                                             "All {1} messages in this folder are chosen.", all),
                    {number});
  all_offer_ = language_.tr("Choose none");
  offer_url_ = page_url_;
  all_below_ = std::to_string(page_.uid_next());
  all_count_ = std::to_string(all);
  all_rows_ = std::to_string(rows);
}

std::string_view FolderView::sorted_by(wire::SortKey key) const {
  if (ListSort::word_of(key) != sort_.word()) return {};
  return sort_.descending ? "descending" : "ascending";
}

const std::string& FolderView::sort_url(wire::SortKey key) const {
  return sort_urls_[static_cast<std::size_t>(key)];
}

void FolderView::write_texts() {
  const Formats& formats = language_.formats();
  const std::uint32_t count = page_.rows()->size();
  const std::uint64_t first = std::uint64_t{std::max(page_.page(), 1U) - 1} * page_.rows_a_page() + 1;
  const std::string all = formats.number(page_.total());
  const std::string total = filter_words_.empty() ? all : formats.number(page_.chosen());
  const std::string from = formats.number(first);
  const std::string to = formats.number(first + count - (count > 0 ? 1 : 0));

  name_ = folder_label(*page_.folder(), language_);
  const std::string_view address = text_of(page_.folder()->address());
  folder_url_ = url_of_folder(frame_.input().mount, address);
  // A draft is gone on with.
  const bool drafts = page_.folder()->role() == wire::Role::Drafts;
  row_url_ = drafts ? std::string(frame_.input().mount) + "/compose?draft=" + query_value(address) + "/" : folder_url_;
  row_query_ = drafts ? "&back=" + query_value("/mail/" + query_value(address) + "/") : query_;
  page_url_ = page_url(page_.page());
  if (page_.page() > 1) newer_url_ = page_url(page_.page() - 1);
  if (page_.page() < page_.pages()) {
    older_url_ = page_url(page_.page() + 1);
    oldest_url_ = page_url(page_.pages());
  }
  if (page_.pages() > 1) {
    pages_ = std::to_string(page_.pages());
    number_ = std::to_string(page_.page());
    of_pages_ = fill(language_.tr("of {1}"), {formats.number(page_.pages())});
  }

  if (!filter_words_.empty()) {
    counts_ = fill(language_.tr("{1} of {2} messages: {3}"), {total, all, filter_words_});
  } else if (page_.total() == 0) {
    counts_ = language_.tr("No messages");
  } else if (page_.unread() > 0) {
    counts_ = fill(language_.tr("{1} unread of {2}"), {formats.number(page_.unread()), total});
  } else {
    counts_ = fill(language_.trn("{1} message", "{1} messages", page_.total()), {total});
  }
  caption_ = fill(language_.tr("Messages {1} to {2} of {3} in {4}, {5}"),
                  {from, to, total, name_, sort_.words(language_)});
  if (!filter_words_.empty()) caption_ += ". " + counts_;
  range_ = fill(language_.tr("Messages {1}–{2} of {3}"), {from, to, total});
  range_of_ = fill(language_.tr("{1}–{2} of {3}"), {from, to, total});
  if (page_.checked() > 0) {
    std::string when;
    formats.brief(frame_.reader().zone.local(page_.checked()), frame_.reader().now, when);
    checked_ = fill(language_.tr("Checked {1}"), {when});
  }
  if (page_.indexed() < page_.total()) {
    still_reading_ = fill(language_.tr("Still reading this folder: {1} of {2} messages so far."),
                          {formats.number(page_.indexed()), all});
  }
  if (page_.preparing() || (page_.sort() != sort_.key && page_.total() > 0)) {
    still_reading_ = fill(language_.tr("This order is being prepared: {1} of {2} messages so far."),
                          {formats.number(page_.indexed()), all});
  }
  if (const unsigned minutes = shown_.refresh_minutes; minutes > 0) {
    refreshes_ = fill(language_.trn("Renewed every {1} minute.", "Renewed every {1} minutes.", minutes),
                      {formats.number(minutes)});
  }
  const bool inbox = page_.folder()->role() == wire::Role::Inbox;
  empty_text_ = inbox ? language_.tr("New messages appear in this place.")
                      : language_.tr("Messages that you or a rule put into this folder appear in "
                                     "this place.");
  if (!filter_words_.empty()) {
    empty_text_ = fill(language_.tr("None of the {1} messages in this folder is what was chosen: {2}."), {all, filter_words_});
  }
}

std::string_view FolderView::render() const {
  return frame_.reader().templates.expand(PageTemplate::kFolder, language_, *this);
}

std::string_view FolderView::value(Name name) const {
  switch (name) {
    case Name::FOLDER_URL: return folder_url_;
    case Name::VALIDITY: return validity_;
    case Name::TICK_URL: return tick_url_;
    case Name::TICK_WORD: return tick_word_;
    case Name::TICKED: return shown_.ticked != Ticked::kNone ? "1" : "";
    case Name::ALL_WORDS: return all_words_;
    case Name::ALL_LINK: return all_offer_;
    case Name::ALL_URL: return offer_url_;
    case Name::ALL_BELOW: return all_below_;
    case Name::ALL_COUNT: return all_count_;
    case Name::ALL_ROWS: return all_rows_;
    case Name::CAN_CHANGE: return page_.read_only() ? "" : "1";
    case Name::READ_ONLY: return page_.read_only() ? "1" : "";
    case Name::DELETE_DO: return tools_.delete_do;
    case Name::DELETE_WORD: return tools_.delete_word;
    case Name::CAN_ARCHIVE: return tools_.archive ? tools_.archive : "";
    case Name::JUNK_DO: return tools_.junk_do ? tools_.junk_do : "";
    case Name::JUNK_WORD: return tools_.junk_word;
    case Name::JUNK_ICON: return tools_.junk_icon;
    case Name::STILL_READING: return still_reading_;
    case Name::REFRESHES: return refreshes_;
    case Name::PAGE_URL: return page_url_;
    case Name::FOLDER_NAME: return name_;
    case Name::FIRST_URL: return first_url_;
    case Name::NEWER_WORD: return sort_.before(language_);
    case Name::OLDER_WORD: return sort_.behind(language_);
    case Name::FIRST_WORD: return first_word();
    case Name::LAST_WORD: return last_word();
    case Name::PEOPLE: return people_ == SortKey::To ? language_.tr("To") : language_.tr("From");
    case Name::STAR_SORT_URL: return sort_url(SortKey::Flags);
    case Name::PEOPLE_SORT_URL: return sort_url(people_);
    case Name::SUBJECT_SORT_URL: return sort_url(SortKey::Subject);
    case Name::DATE_SORT_URL: return sort_url(SortKey::Arrived);
    case Name::SIZE_SORT_URL: return sort_url(SortKey::Size);
    case Name::STAR_SORTED: return sorted_by(SortKey::Flags);
    case Name::PEOPLE_SORTED: return sorted_by(people_);
    case Name::SUBJECT_SORTED: return sorted_by(SortKey::Subject);
    case Name::DATE_SORTED: return sorted_by(SortKey::Arrived);
    case Name::SIZE_SORTED: return sorted_by(SortKey::Size);
    case Name::REVERSED_URL: return reversed_url_;
    case Name::SORT_FIELD: return sort_.sort_field();
    case Name::ORDER_FIELD: return sort_.order_field();
    case Name::COUNTS: return counts_;
    case Name::CHECKED: return checked_;
    case Name::CAPTION: return caption_;
    case Name::RANGE: return range_;
    case Name::RANGE_OF: return range_of_;
    case Name::NEWER_URL: return newer_url_;
    case Name::NEWER_NONE: return newer_url_.empty() ? "1" : "";
    case Name::OLDER_URL: return older_url_;
    case Name::OLDER_NONE: return older_url_.empty() ? "1" : "";
    case Name::OLDEST_URL: return oldest_url_;
    case Name::PAGE_FORM: return pages_;
    case Name::PAGES: return pages_;
    case Name::PAGE: return number_;
    case Name::OF_PAGES: return of_pages_;
    case Name::ROWS_SHOWN: return page_.rows()->size() > 0 ? "1" : "";
    case Name::EMPTY: return page_.rows()->size() > 0 ? "" : "1";
    case Name::EMPTY_TEXT: return empty_text_;
    case Name::EMPTY_HEADING:
      return filter_words_.empty() ? language_.tr("Nothing waits here") : language_.tr("No such messages");
    case Name::SHOW_ALL_URL: return filter_words_.empty() ? std::string_view{} : all_url_;
    case Name::BACK_TO_INBOX:
      return page_.folder()->role() == wire::Role::Inbox || !filter_words_.empty() ? "" : "1";
    case Name::FILTER_FIELD: return filter_field_;
    case Name::SINCE_FIELD: return sort_.filter.since_word();
    case Name::FILTERS: return filters_.empty() ? "" : "1";
    default: return actions_.value(name);
  }
}

std::size_t FolderView::times(Name name) const {
  switch (name) {
    case Name::DAY: return days_.size();
    case Name::SORT_CHOICE: return std::size(kChoices);
    case Name::FILTER: return filters_.size();
    case Name::FOLDER_GROUP: return frame_.times(name);
    case Name::REPORT:
    case Name::LABEL_CHOICE:
    case Name::TARGET: return actions_.times(name);
    default: return value(name).empty() ? 0 : 1;
  }
}

const Dict* FolderView::item(Name name, std::size_t index) const {
  if (name == Name::SORT_CHOICE) {
    choice_.show(index);
    return &choice_;
  }
  if (name == Name::FILTER) {
    filter_.show(index);
    return &filter_;
  }
  if (name != Name::DAY) return actions_.item(name, index);
  day_.show(days_[index]);
  return &day_;
}

const char* FolderView::first_word() const {
  if (!sort_.by_date()) return language_.tr("First");
  return sort_.descending ? language_.tr("Newest") : language_.tr("Oldest");
}

const char* FolderView::last_word() const {
  if (!sort_.by_date()) return language_.tr("Last");
  return sort_.descending ? language_.tr("Oldest") : language_.tr("Newest");
}

// ---- an order that the form offers ----

std::string_view FolderView::ChoiceDict::value(Name name) const {
  const Language& language = view_.language_;
  const SortKey key = kChoices[index_];
  if (name == Name::SORT_WORD) return ListSort::word_of(key);
  if (name != Name::SORT_LABEL) return view_.value(name);
  switch (key) {
    case SortKey::From: return language.tr("Sender");
    case SortKey::To: return language.tr("Recipient");
    case SortKey::Subject: return language.tr("Subject");
    case SortKey::Size: return language.tr("Size");
    case SortKey::Flags: return language.tr("Starred, unread");
    default: return language.tr("Date");
  }
}

std::size_t FolderView::ChoiceDict::times(Name name) const {
  if (name != Name::SORT_CHOSEN) return view_.times(name);
  return view_.sorted_by(kChoices[index_]).empty() ? 0 : 1;
}

// ---- a filter ----

std::string_view FolderView::FilterDict::value(Name name) const {
  const Filter& filter = view_.filters_[index_];
  switch (name) {
    case Name::FILTER_URL: return filter.url;
    case Name::FILTER_WORD: return filter.word;
    case Name::FILTER_COUNT: return filter.count;
    case Name::FILTER_ON: return filter.on ? "1" : "";
    default: return view_.value(name);
  }
}

std::size_t FolderView::FilterDict::times(Name name) const {
  if (name == Name::FILTER_ON || name == Name::FILTER_COUNT) return value(name).empty() ? 0 : 1;
  return view_.times(name);
}

// ---- a heading and the rows under it ----

std::string_view FolderView::DayDict::value(Name name) const {
  return name == Name::DAY_NAME ? std::string_view{day_->name} : view_.value(name);
}

std::size_t FolderView::DayDict::times(Name name) const {
  if (name == Name::DAY_NAME) return day_->name.empty() ? 0 : 1;
  return name == Name::ROW ? day_->count : view_.times(name);
}

const Dict* FolderView::DayDict::item(Name name, std::size_t index) const {
  if (name != Name::ROW) return nullptr;
  const auto position = day_->first + static_cast<std::uint32_t>(index);
  row_.show(*view_.page_.rows()->Get(position), view_.times_[position]);
  return &row_;
}

// ---- a row ----

void FolderView::RowDict::show(const wire::Row& row, const LocalTime& time) {
  row_ = &row;
  time_ = &time;
  view_.chips_.choose(row.labels(), labels_);
}

const Dict* FolderView::RowDict::item(Name name, std::size_t index) const {
  if (name != Name::LABEL) return view_.item(name, index);
  label_.show(index);
  return &label_;
}

std::string_view FolderView::RowDict::LabelDict::value(Name name) const {
  const std::string_view own = row_.view_.chips_.value(name, row_.labels_[index_]);
  return own.empty() ? row_.value(name) : own;
}

std::string_view FolderView::RowDict::attachment() const {
  const std::string_view name = text_of(row_->attachment());
  if (!name.empty()) return name;
  return has(*row_, wire::Flag::HasAttachment) ? view_.has_attachment_ : std::string_view{};
}

std::string_view FolderView::RowDict::value(Name name) const {
  const Formats& formats = view_.language_.formats();
  switch (name) {
    case Name::ROW_URL:
      text_.assign(view_.row_url_).append(digits_.of(row_->uid())).append(view_.row_query_);
      return text_;
    case Name::FROM: {
      const std::string_view from = text_of(row_->from());
      return from.empty() ? view_.no_sender_ : from;
    }
    case Name::SUBJECT: {
      const std::string_view subject = text_of(row_->subject());
      return subject.empty() ? view_.no_subject_ : subject;
    }
    case Name::SUBJECT_DIR: return direction_against(text_of(row_->subject()), view_.page_rtl_);
    case Name::UID: return digits_.of(row_->uid());
    case Name::MARK: return text_ = mark_of(row_->uid(), row_->identity());
    case Name::STAR_DO: return has(*row_, wire::Flag::Flagged) ? "unstar" : "star";
    case Name::STAR_WORD:
      return has(*row_, wire::Flag::Flagged) ? view_.remove_star_ : view_.add_star_;
    case Name::SNIPPET: return view_.shown_.snippets ? text_of(row_->snippet()) : std::string_view{};
    case Name::ATTACHED: return attachment();
    case Name::ROW_FOLDER: return {};  // the page's own
    default: break;
  }
  text_.clear();
  switch (name) {
    case Name::WHEN: formats.brief(*time_, view_.frame_.reader().now, text_); return text_;
    case Name::WHEN_FULL: formats.full(*time_, text_); return text_;
    case Name::WHEN_ISO: iso_time(*time_, text_); return text_;
    case Name::SIZE: view_.sizes_.append(row_->size(), text_); return text_;
    default: return view_.value(name);
  }
}

// What consists of digits and of words of the language goes straight into the page.
void FolderView::RowDict::write(Name name, Escape how, PageBuffer& out) const {
  const Formats& formats = view_.language_.formats();
  switch (name) {
    case Name::ROW_URL:
      out.append(view_.row_url_, how);
      out.taken(write_digits(row_->uid(), out.room(20)));
      if (!view_.row_query_.empty()) out.append(view_.row_query_, Escape::kHtml);
      return;
    case Name::WHEN_ISO: return out.taken(iso_time(*time_, out.room(kIsoBytes)));
    case Name::UID: return out.taken(write_digits(row_->uid(), out.room(20)));
    case Name::MARK: return out.taken(write_mark(row_->uid(), row_->identity(), out.room(kMarkBytes)));
    case Name::SIZE: return view_.sizes_.write(row_->size(), out);
    case Name::FOLDER_URL: return out.append(view_.folder_url_, how);
    case Name::WHEN:
      if (!formats.plain()) break;
      return out.taken(formats.brief(*time_, view_.frame_.reader().now, out.room(Formats::kLongest)));
    case Name::WHEN_FULL:
      if (!formats.plain()) break;
      return out.taken(formats.full(*time_, out.room(Formats::kLongest)));
    default: break;
  }
  out.append(value(name), how);
}

std::size_t FolderView::RowDict::times(Name name) const {
  switch (name) {
    case Name::UNREAD: return has(*row_, wire::Flag::Seen) ? 0 : 1;
    case Name::STARRED: return has(*row_, wire::Flag::Flagged) ? 1 : 0;
    case Name::ANSWERED: return has(*row_, wire::Flag::Answered) ? 1 : 0;
    case Name::FORWARDED: return has(*row_, wire::Flag::Forwarded) ? 1 : 0;
    case Name::ATTACHED: return attachment().empty() ? 0 : 1;
    case Name::ROW_FOLDER: return 0;
    case Name::LABEL: return labels_.size();
    case Name::SUBJECT_DIR: return value(name).empty() ? 0 : 1;
    default: return view_.times(name);
  }
}

}  // namespace alphamail
