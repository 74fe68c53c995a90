// SPDX-License-Identifier: GPL-3.0-or-later
// Names and addresses that pass for others: what a reader must be told about them (security.md U1).
// By Unicode's own measures of what looks alike (UTS 39, in ICU).
#ifndef MOD_ALPHAMAIL_NAME_DECEIT_H
#define MOD_ALPHAMAIL_NAME_DECEIT_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/mime_text.h"

namespace alphamail {

struct Deceit {
  enum class Kind : std::uint8_t {
    kOtherAddress,  ///< the name reads like an address that is not this one; `what` is the name
    kMixedName,     ///< letters of several scripts in one word of the name, or invisible ones
    kMixedDomain,   ///< the same in the domain, or foreign letters that look like Latin ones; `what`
                    ///< is the domain as the network knows it ("xn--...")
    kTurned,        ///< characters that turn the direction of writing; shown without them
    kOwnLookAlike   ///< the domain looks like one of the site's own; `what` is that one
  };
  Kind kind;
  std::string what;
};

/// Each kind at most once. Cheap for plain names; `own_domains` in lower case.
std::vector<Deceit> deceits_of(const Address& address, std::span<const std::string> own_domains);

/// True where the name alone would mislead, so that the address has to stand beside it.
bool passes_for_an_address(const Address& address);

/// The address as it is safe to show: a name without characters that turn the direction of writing,
/// a domain whose letters pass for others in the form that the network knows.
Address shown_address(const Address& address);

}  // namespace alphamail

#endif
