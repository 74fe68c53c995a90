// SPDX-License-Identifier: GPL-3.0-or-later
// The time zones that people choose from.
#ifndef MOD_ALPHAMAIL_ZONE_LIST_H
#define MOD_ALPHAMAIL_ZONE_LIST_H

#include <memory>
#include <string>
#include <vector>

#include "mod_alphamail/words.h"

namespace alphamail {

struct ZoneGroup {
  std::string name;  ///< "Europe", in the language
  struct Zone {
    std::string id;    ///< "Europe/Berlin"
    std::string city;  ///< "Berlin", in the language
  };
  std::vector<Zone> zones;  ///< in the language's order
};

/// One zone a place, by ICU's data, under its part of the world. Costs milliseconds: only the page of
/// settings asks.
std::vector<ZoneGroup> zone_list(const Language& language);
/// "+01:00", of now.
std::string offset_text(int seconds);

}  // namespace alphamail

#endif
