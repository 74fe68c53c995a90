// SPDX-License-Identifier: GPL-3.0-or-later
// What of a folder a list shows, as addresses say it: ?filter=unread,starred,attachment,to-me&since=today|week|month.
// All that is named has to hold.
#ifndef MOD_ALPHAMAIL_LIST_FILTER_H
#define MOD_ALPHAMAIL_LIST_FILTER_H

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/protocol_generated.h"
#include "common/result.h"
#include "mod_alphamail/request.h"
#include "mod_alphamail/time_zones.h"
#include "mod_alphamail/webcache_client.h"
#include "mod_alphamail/words.h"

namespace alphamail {

struct ListFilter {
  enum class Since : std::uint8_t { kAny, kToday, kWeek, kMonth };
  /// Whether a filter of the index is asked for, in the order of wire::Filter without Since.
  static constexpr std::array kStates{wire::Filter::Unread, wire::Filter::Starred, wire::Filter::Attachment,
                                      wire::Filter::ToMe};
  static constexpr std::array kSpans{Since::kToday, Since::kWeek, Since::kMonth};

  std::uint8_t states = 0;  ///< bits of wire::Filter, without Since
  Since since = Since::kAny;

  bool operator==(const ListFilter&) const = default;

  /// @return kInvalid for words that are none
  static Result<ListFilter> of(const Fields& query);

  bool any() const { return states != 0 || since != Since::kAny; }
  bool has(wire::Filter state) const { return (states & static_cast<std::uint8_t>(state)) != 0; }
  /// The same with this one the other way round.
  ListFilter turned(wire::Filter state) const;
  ListFilter turned(Since span) const;

  /// The words of an address; "" where there is none.
  std::string states_word() const;      ///< "unread,starred"
  std::string_view since_word() const;  ///< "week"
  /// What it lets pass, for people: "unread, starred, past 7 days".
  std::string words(const Language& language) const;
  static const char* name(wire::Filter state, const Language& language);
  static const char* name(Since span, const Language& language);

  /// For the webcache. @param now  of the reader's clock; week and month are the last 7 and 30 days, today among them
  WantedChosen wanted(const Session& session, const TimeZone& zone, std::int64_t now) const;
};

}  // namespace alphamail

#endif
