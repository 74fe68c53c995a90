// SPDX-License-Identifier: GPL-3.0-or-later
// Instants as clocks on a wall show them. A zone is a table of its changes, made once from ICU's
// rules, so that a row of a list costs a comparison and some arithmetic.
#ifndef MOD_ALPHAMAIL_TIME_ZONES_H
#define MOD_ALPHAMAIL_TIME_ZONES_H

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace alphamail {

/// What the wall shows: proleptic Gregorian, a weekday of 0 is a Sunday.
struct LocalTime {
  int year = 1970;
  int month = 1;         ///< 1 to 12
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 4;
  std::int64_t days = 0; ///< since 1 January 1970, of the local date
  int offset = 0;        ///< seconds east of UTC
  std::int64_t offset_from = 0, offset_until = 0;  ///< instants for which the zone has this offset
};

/// One zone; unchanged once made.
class TimeZone {
 public:
  const std::string& name() const { return name_; }  ///< "Europe/Berlin"
  int offset_at(std::int64_t seconds) const;         ///< seconds east of UTC
  /// Instants outside the years 1 to 9999 are shown as the nearest inside.
  LocalTime local(std::int64_t seconds) const;
  /// The same, cheaper where it is the day of another time in this zone.
  LocalTime local(std::int64_t seconds, const LocalTime& near) const;

 private:
  friend class TimeZones;
  struct Change {
    std::int64_t at;
    int offset;  // from then on
  };
  void set_offset(LocalTime& t, std::int64_t seconds) const;

  std::string name_;
  std::vector<Change> changes_;  // the first is at the beginning of time
};

/// All zones that anybody asked for; thread-safe.
class TimeZones {
 public:
  /// The zone of an IANA name, or null for a name that ICU's data does not list.
  const TimeZone* find(std::string_view name) const;
  /// The first that exists of the user's, the browser's, the site's and the machine's, else UTC.
  const TimeZone& choose(std::string_view chosen, std::string_view browser,
                         std::string_view site_default) const;

 private:
  mutable std::mutex mutex_;  // guards zones_; entries stay where they are
  mutable std::map<std::string, std::unique_ptr<const TimeZone>, std::less<>> zones_;
};

}  // namespace alphamail

#endif
