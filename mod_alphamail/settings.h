// SPDX-License-Identifier: GPL-3.0-or-later
// What a user has chosen. A row a setting in the store; absent means the site's default.
#ifndef MOD_ALPHAMAIL_SETTINGS_H
#define MOD_ALPHAMAIL_SETTINGS_H

#include <cstdint>
#include <string>

namespace alphamail {

enum class Theme : std::uint8_t { kAuto, kLight, kDark };
/// What "by date" means: when a message arrived, or when its sender says it was written.
enum class Dates : std::uint8_t { kArrived, kSent };
enum class Density : std::uint8_t { kComfortable, kCompact };

struct Settings {
  std::string language;        ///< "" = the browser's, else the site's
  std::string time_zone;       ///< IANA name; "" = the browser's (its cookie), else the site's
  std::uint16_t rows = 50;     ///< a page: 25, 50, 100 or 200
  Theme theme = Theme::kAuto;
  Density density = Density::kComfortable;
  Dates dates = Dates::kArrived;
  // writing
  std::uint8_t undo_seconds = 0;  ///< how long what is sent can be taken back: 0 to 10
  bool collect = true;            ///< addresses written to become contacts
  bool ask_attachment = true;     ///< asked before sending: a file is spoken of, and none is there
  bool ask_subject = true;        ///< no subject
  bool ask_many = true;           ///< an answer to many
  bool ask_domain = true;         ///< a domain that looks misspelt, or is not of the campus
  bool links = true;           ///< addresses in plain texts can be followed
  bool fixed_type = false;     ///< plain texts in letters of equal width
  bool plain_first = false;    ///< of a message with both, its text instead of its HTML version
  bool paper = false;          ///< HTML versions on white also where pages are dark, instead of recoloured
};

}  // namespace alphamail

#endif
