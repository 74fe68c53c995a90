// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/error_view.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"

namespace alphamail {

Response render_error(const Request& request, const Error& error) {
  PageContext context(request);
  Frame frame(context.reader(), context.input());
  // A form cannot be asked for again by a link.
  const std::string again =
      request.method == Method::kPost ? std::string() : request.url(request.path);
  Response response;
  response.status = error_status(error.code);
  response.body =
      render_error_page(frame, {error, request.id, again, request.session.has_value(), request.method == Method::kPost});
  if (const std::uint32_t seconds = retry_after(error)) {
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
  return response;
}

}  // namespace alphamail
