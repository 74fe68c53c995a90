// SPDX-License-Identifier: GPL-3.0-or-later
// The log-in page.
#ifndef MOD_ALPHAMAIL_LOGIN_VIEW_H
#define MOD_ALPHAMAIL_LOGIN_VIEW_H

#include <string_view>

#include "common/config.h"
#include "mod_alphamail/frame.h"
#include "mod_alphamail/pages.h"

namespace alphamail {

/// Valid until this thread renders again.
std::string_view render_login_page(Frame& frame, const Words& words, const Config& config,
                                   const LoginState& state);
/// The status that goes with what the page says.
int login_status(LoginState::Say say);

}  // namespace alphamail

#endif
