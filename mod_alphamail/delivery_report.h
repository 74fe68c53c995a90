// SPDX-License-Identifier: GPL-3.0-or-later
// What a mail server reports of a message that was sent: delivery status (RFC 3464) and disposition
// notifications (RFC 8098), to be told in words.
#ifndef MOD_ALPHAMAIL_DELIVERY_REPORT_H
#define MOD_ALPHAMAIL_DELIVERY_REPORT_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace alphamail {

struct DeliveryReport {
  enum class Fate : std::uint8_t {
    kUnknown, kFailed, kDelayed, kDelivered, kRelayed, kExpanded,  ///< Action of RFC 3464
    kDisplayed, kDeleted                                            ///< of RFC 8098
  };
  static constexpr std::size_t kMost = 100;      ///< recipients; later ones are left out
  static constexpr std::size_t kReadBytes = 64 << 10;

  struct Recipient {
    std::string address;    ///< clean text, "" where it is not said
    Fate fate = Fate::kUnknown;
    std::string status;     ///< "5.1.1" (RFC 3463), "" where there is none
    std::string reason;     ///< the other server's own words, "" where there are none
  };
  std::vector<Recipient> recipients;
  bool more = false;        ///< there were more than kMost
};

/// Reads a message/delivery-status or message/disposition-notification, its transfer encoding undone.
/// Total; what it does not understand it leaves out.
DeliveryReport read_delivery_report(std::string_view text);

}  // namespace alphamail

#endif
