// SPDX-License-Identifier: GPL-3.0-or-later
// 'Always for this sender' on a message's page, and taking it back.
#include "mod_alphamail/pages.h"
#include "mod_alphamail/picture_senders.h"
#include "mod_alphamail/sender_trust.h"

namespace alphamail {

Result<Response> act_pictures(const Request& request, const std::string& folder, std::uint32_t uid, bool always,
                              const std::string& back) {
  const Session& session = *request.session;
  const auto reply = request.webcache().message(session.caller(), folder, uid, session.settings.rows, true);
  if (!reply) return reply.error().while_doing("looking who sent a message");
  const auto& block = *(*reply)->header();
  const std::string_view raw(reinterpret_cast<const char*>(block.data()), block.size());
  const std::string address = PictureSenders::address_of(read_header(raw));
  // The page offers it only so; what it said is not believed here.
  const bool vouched = read_sender_trust(raw, request.site.config.authserv_ids).vouched();
  if (address.empty() || (always && !vouched)) return Error{Code::kForbidden, "nobody vouched for the sender"};
  PictureSenders senders(*request.site.store);
  const auto kept = always ? senders.add(session, address, request.deadline) : senders.remove(session, address, request.deadline);
  if (!kept) return kept.error();
  return Response::see_other(back);
}

}  // namespace alphamail
