// SPDX-License-Identifier: GPL-3.0-or-later
// What lists and messages say where the mail server has not answered: that this is what was known,
// when that was, and a link to look again.
#ifndef MOD_ALPHAMAIL_STANDING_VIEW_H
#define MOD_ALPHAMAIL_STANDING_VIEW_H

#include <cstdint>
#include <string>

#include "common/protocol_generated.h"
#include "mod_alphamail/frame.h"

namespace alphamail {

/// Fills in STANDING, with its icon and address; nothing where the server is well.
/// @param checked  when the server was last asked, seconds since 1970 UTC; 0 = not known
/// @param here     the page's own address, below the mount point
void add_standing(Values& page, const Frame& frame, wire::Standing standing, std::int64_t checked,
                  const std::string& here);

}  // namespace alphamail

#endif
