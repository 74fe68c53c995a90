// SPDX-License-Identifier: GPL-3.0-or-later
// The page for any error: what happened, what was kept, what to do next.
#ifndef MOD_ALPHAMAIL_ERROR_VIEW_H
#define MOD_ALPHAMAIL_ERROR_VIEW_H

#include <cstdint>
#include <string_view>

#include "common/result.h"
#include "mod_alphamail/frame.h"

namespace alphamail {

struct ErrorInput {
  const Error& error;
  std::string_view request_id;
  std::string_view again_url;  ///< to ask the same once more; "" where that makes no sense
  bool logged_in = false;
  bool form = false;           ///< something was to be changed
};

/// Valid until this thread renders again.
std::string_view render_error_page(Frame& frame, const ErrorInput& input);
int error_status(Code code);
/// Seconds for Retry-After; 0 where none is due.
std::uint32_t retry_after(const Error& error);

}  // namespace alphamail

#endif
