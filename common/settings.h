// SPDX-License-Identifier: GPL-3.0-or-later
// What a user has chosen, as the pages use it. Names, words and defaults of the settings are in one place,
// setting_table.cc; a new one is a member here and a row there. In the store it is a row a setting, and absent
// means the site's default.
#ifndef COMMON_SETTINGS_H
#define COMMON_SETTINGS_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace alphamail {

enum class Theme : std::uint8_t { kAuto, kLight, kDark };
enum class Density : std::uint8_t { kComfortable, kCompact };
/// What "by date" means: when a message arrived, or when its sender says it was written.
enum class Dates : std::uint8_t { kArrived, kSent };
/// What a list is sorted by where its address says nothing, and which way round.
enum class SortBy : std::uint8_t { kDate, kFrom, kTo, kSubject, kSize, kFlags };
enum class SortOrder : std::uint8_t { kUsual, kAscending, kDescending };
/// Where a message's page leads once the message is moved away.
enum class AfterMove : std::uint8_t { kList, kNext };
/// Roles that users choose folders for, in the order of Settings::roles.
enum class ChosenRole : std::uint8_t { kDrafts, kSent, kArchive, kJunk, kTrash };

struct Settings {
  // language and time
  std::string language = {};      ///< "" = the browser's, else the site's
  std::string time_zone = {};     ///< IANA name; "" = the browser's (its cookie), else the site's
  // look
  Theme theme = Theme::kAuto;
  Density density = Density::kComfortable;
  // lists
  std::uint16_t rows = 50;        ///< a page: 10 to 200
  Dates dates = Dates::kArrived;
  SortBy sort = SortBy::kDate;
  SortOrder order = SortOrder::kUsual;
  bool snippets = true;           ///< a line of each text beside its subject
  std::uint8_t refresh_minutes = 0;  ///< how often a list renews itself; 0 = never
  // reading
  bool links = true;              ///< addresses in plain texts can be followed
  bool fixed_type = false;        ///< plain texts in letters of equal width
  bool plain_first = false;       ///< of a message with both, its text instead of its HTML version
  bool paper = false;             ///< HTML versions on white also where pages are dark, instead of recoloured
  // writing
  std::uint8_t undo_seconds = 0;  ///< how long what is sent can be taken back: 0 to 10
  bool collect = true;            ///< addresses written to become contacts
  bool ask_attachment = true;     ///< asked before sending: a file is spoken of, and none is there
  bool ask_subject = true;        ///< no subject
  bool ask_many = true;           ///< an answer to many
  bool ask_domain = true;         ///< a domain that looks misspelt, or is not of the campus
  // actions
  AfterMove after_move = AfterMove::kList;
  bool archive_years = false;     ///< what is archived goes into a folder of its year (archive_folder.h)
  bool archive_read = false;      ///< and counts as read
  bool junk_read = false;         ///< so does what is junk
  // folders
  bool subscribed_only = false;   ///< the tree holds what is subscribed to; else all, so that no mail is out of sight
  std::array<std::string, 5> roles = {};  ///< addresses of folders, by ChosenRole; "" = found by SPECIAL-USE or name
  static constexpr std::size_t kLongestFavourites = 1000;
  std::string favourites = {};    ///< addresses of folders, a line each

  bool operator==(const Settings&) const = default;
};

/// What the site says of settings: what counts for whoever has chosen nothing, and what nobody chooses.
struct SettingRules {
  Settings defaults;
  std::vector<std::string> locks;  ///< names of settings that always are as the site has them

  bool locked(std::string_view name) const;
  /// Puts a row of the store into `settings`. Unknown and locked names, and values that are none, change nothing.
  void apply(Settings& settings, std::string_view name, std::string_view value) const;
};

}  // namespace alphamail

#endif
