// SPDX-License-Identifier: GPL-3.0-or-later
// Dates and sizes as people type them in a search (search_query.h).
#ifndef COMMON_QUERY_VALUES_H
#define COMMON_QUERY_VALUES_H

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/search_query.h"

namespace alphamail {

/// When the day, month or year begins that is meant: 2026, 2026-07, 2026/07/15, 15.7.2026, today, yesterday, 7d, 2w,
/// 3m, 1y (so long before today). Seconds since 1970 UTC.
std::optional<std::int64_t> read_query_date(std::string_view text, const QueryClock& clock);

/// "5M", "100 k" without the space, "1.5MB", "2000": bytes, in steps of 1000.
std::optional<std::int64_t> read_query_size(std::string_view text);

}  // namespace alphamail

#endif
