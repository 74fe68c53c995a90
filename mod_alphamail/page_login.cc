// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/login_view.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"

namespace alphamail {

Response render_login(const Request& request, const LoginState& state) {
  PageContext context(request);
  context.input().address = {};  // nobody is logged in, whatever cookie came along
  Frame frame(context.reader(), context.input());
  Response response;
  response.status = login_status(state.say);
  response.body = render_login_page(frame, *request.site.words, request.site.config, state);
  if (state.seconds > 0) response.headers.emplace_back("Retry-After", std::to_string(state.seconds));

  const Language* asked = request.site.words->find(request.query.get("lang"));
  if (asked != nullptr) {
    constexpr std::string_view kYear = "; Max-Age=31536000; HttpOnly; SameSite=Lax; Path=";
    response.headers.emplace_back("Set-Cookie", std::string(kLanguageCookie) + "=" + asked->code() +
                                                    std::string(kYear) + request.site.mount + "/");
  }
  return response;
}

}  // namespace alphamail
