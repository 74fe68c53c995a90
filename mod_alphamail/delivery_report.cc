// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/delivery_report.h"

#include <algorithm>

#include "common/characters.h"
#include "common/mime_text.h"
#include "mod_alphamail/header_fields.h"

namespace alphamail {
namespace {

using Fate = DeliveryReport::Fate;

constexpr std::size_t kReason = 1000;

/// "rfc822; user@host" and "smtp; 550 ..." without their type.
std::string value_behind_type(std::string_view value) {
  const std::size_t mark = value.find(';');
  if (mark != std::string_view::npos && mark < 40) value.remove_prefix(mark + 1);
  const std::string text = decode_header(trim(unfolded(value)));
  return std::string(cut_utf8(trim(text), kReason));
}

Fate fate_of(std::string_view action) {
  const std::string word = lower(trim(action));
  if (word.starts_with("failed")) return Fate::kFailed;
  if (word.starts_with("delayed")) return Fate::kDelayed;
  if (word.starts_with("delivered")) return Fate::kDelivered;
  if (word.starts_with("relayed")) return Fate::kRelayed;
  if (word.starts_with("expanded")) return Fate::kExpanded;
  return Fate::kUnknown;
}

/// "manual-action/MDN-sent-manually; displayed"
Fate disposition_of(std::string_view value) {
  const std::string word = lower(value_behind_type(value));
  if (word.starts_with("displayed")) return Fate::kDisplayed;
  if (word.starts_with("deleted")) return Fate::kDeleted;
  if (word.starts_with("failed") || word.starts_with("error")) return Fate::kFailed;
  return Fate::kUnknown;
}

/// The next block of fields; groups are parted by empty lines.
std::string_view take_group(std::string_view& text) {
  while (!text.empty() && (text.front() == '\n' || text.front() == '\r')) text.remove_prefix(1);
  std::size_t end = text.size();
  for (const std::string_view gap : {"\r\n\r\n", "\n\n", "\r\r"}) end = std::min(end, text.find(gap));
  const std::string_view group = text.substr(0, end);
  text.remove_prefix(group.size());
  return group;
}

}  // namespace

DeliveryReport read_delivery_report(std::string_view text) {
  DeliveryReport report;
  text = text.substr(0, DeliveryReport::kReadBytes);
  while (true) {
    const std::string_view group = take_group(text);
    if (group.empty()) break;
    DeliveryReport::Recipient one;
    bool about_somebody = false;
    HeaderFields fields(group);
    for (HeaderField field; fields.next(field);) {
      if (field.name == "final-recipient" ||
          (field.name == "original-recipient" && one.address.empty())) {
        one.address = value_behind_type(field.value);
        about_somebody = true;
      } else if (field.name == "action") {
        one.fate = fate_of(field.value);
        about_somebody = true;
      } else if (field.name == "disposition") {
        one.fate = disposition_of(field.value);
        about_somebody = true;
      } else if (field.name == "status") {
        const std::string_view status = trim(field.value);
        one.status = decode_header(status.substr(0, std::min<std::size_t>(status.find_first_of(" ("), 20)));
      } else if (field.name == "diagnostic-code") {
        one.reason = value_behind_type(field.value);
      }
    }
    if (!about_somebody) continue;
    if (report.recipients.size() >= DeliveryReport::kMost) {
      report.more = true;
      break;
    }
    report.recipients.push_back(std::move(one));
  }
  return report;
}

}  // namespace alphamail
