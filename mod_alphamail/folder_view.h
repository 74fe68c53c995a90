// SPDX-License-Identifier: GPL-3.0-or-later
// A page of a folder: the list of messages under headings of days.
#ifndef MOD_ALPHAMAIL_FOLDER_VIEW_H
#define MOD_ALPHAMAIL_FOLDER_VIEW_H

#include <array>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "mod_alphamail/action_view.h"
#include "mod_alphamail/frame.h"
#include "mod_alphamail/label_view.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/sizes.h"

namespace alphamail {

/// How a list is shown beside its order.
struct ListShown {
  std::string_view here;  ///< its address, for what is to be looked at again
  Ticked ticked = Ticked::kNone;
  bool snippets = true;   ///< with the beginnings of their texts
  unsigned refresh_minutes = 0;  ///< how often the page renews itself; 0 = not
};

/// The dictionary of folder.tpl, laid over the reply; a row's texts are never copied.
class FolderView final : public Dict {
 public:
  /// @param notice  what is to be said beside the page's reports, in words; or ""
  FolderView(Frame& frame, const wire::FolderPage& page, const ListSort& sort, std::string notice,
             const ListShown& shown = {});

  /// Valid until this thread renders again.
  std::string_view render() const;

  std::string_view value(Name name) const override;
  std::size_t times(Name name) const override;
  const Dict* item(Name name, std::size_t index) const override;

 private:
  /// Neighbouring rows that stand under one heading.
  struct Day {
    std::string name;
    std::uint32_t first;
    std::uint32_t count;
  };
  class RowDict final : public Dict {
   public:
    explicit RowDict(const FolderView& view) : view_(view) {}
    RowDict(const RowDict&) = delete;
    RowDict& operator=(const RowDict&) = delete;
    void show(const wire::Row& row, const LocalTime& time);
    std::string_view value(Name name) const override;
    std::size_t times(Name name) const override;
    const Dict* item(Name name, std::size_t index) const override;
    void write(Name name, Escape how, PageBuffer& out) const override;

   private:
    /// One of its labels.
    class LabelDict final : public Dict {
     public:
      explicit LabelDict(const RowDict& row) : row_(row) {}
      void show(std::size_t index) { index_ = index; }
      std::string_view value(Name name) const override;
      std::size_t times(Name name) const override { return row_.times(name); }

     private:
      const RowDict& row_;
      std::size_t index_ = 0;
    };
    std::string_view attachment() const;
    const FolderView& view_;
    const wire::Row* row_ = nullptr;
    const LocalTime* time_ = nullptr;
    std::vector<std::uint8_t> labels_;  // those that are shown, by their places in the page's list
    mutable LabelDict label_{*this};
    mutable std::string text_;
    mutable Digits digits_;
  };
  class DayDict final : public Dict {
   public:
    explicit DayDict(const FolderView& view) : view_(view), row_(view) {}
    void show(const Day& day) { day_ = &day; }
    std::string_view value(Name name) const override;
    std::size_t times(Name name) const override;
    const Dict* item(Name name, std::size_t index) const override;

   private:
    const FolderView& view_;
    const Day* day_ = nullptr;
    mutable RowDict row_;
  };

  /// One of the orders that the form offers.
  class ChoiceDict final : public Dict {
   public:
    explicit ChoiceDict(const FolderView& view) : view_(view) {}
    void show(std::size_t index) { index_ = index; }
    std::string_view value(Name name) const override;
    std::size_t times(Name name) const override;

   private:
    const FolderView& view_;
    std::size_t index_ = 0;
  };

  /// One of the filters.
  class FilterDict final : public Dict {
   public:
    explicit FilterDict(const FolderView& view) : view_(view) {}
    void show(std::size_t index) { index_ = index; }
    std::string_view value(Name name) const override;
    std::size_t times(Name name) const override;

   private:
    const FolderView& view_;
    std::size_t index_ = 0;
  };
  struct Filter {
    std::string url, word, count;  // "" where how many there are is not known
    bool on;
  };

  void group_days();
  void write_filters();
  void write_sorting();
  std::string_view sorted_by(wire::SortKey key) const;
  const char* first_word() const;
  const char* last_word() const;
  const std::string& sort_url(wire::SortKey key) const;
  void write_texts();
  std::string page_url(std::uint32_t page) const;
  void write_ticking();

  std::string title_words() const;

  const Frame& frame_;
  const ListShown shown_;
  Values actions_;  // REPORT, TARGET and LABEL_CHOICE
  const wire::FolderPage& page_;
  const ListSort sort_;
  const Language& language_;
  const Sizes sizes_;
  const LabelChips chips_;
  bool page_rtl_;
  std::string_view no_sender_, no_subject_, has_attachment_, add_star_, remove_star_;
  FolderTools tools_;
  std::string refreshes_, notice_, validity_, tick_url_, tick_word_, name_, counts_, checked_, still_reading_, caption_, range_, range_of_;
  std::string all_words_, all_offer_, offer_url_, all_below_, all_count_, all_rows_;
  std::array<std::string, 7> sort_urls_;  // by wire::SortKey
  wire::SortKey people_;                  // what the column of people shows
  std::string query_, first_url_, reversed_url_, row_url_, row_query_;
  std::string folder_url_, newer_url_, older_url_, oldest_url_, page_url_, of_pages_, pages_, number_;
  std::string empty_text_, filter_words_, filter_field_, all_url_;
  std::vector<Filter> filters_;
  boost::container::small_vector<LocalTime, 64> times_;  // of each row
  std::vector<Day> days_;
  mutable DayDict day_;
  mutable ChoiceDict choice_;
  mutable FilterDict filter_;
};

/// "rtl" or "ltr" where the first letter of `text` runs against a page of the given direction, else "".
std::string_view direction_against(std::string_view text, bool page_is_rtl);

}  // namespace alphamail

#endif
