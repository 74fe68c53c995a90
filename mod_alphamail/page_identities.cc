// SPDX-License-Identifier: GPL-3.0-or-later
// Identities and signatures, one form each, and an empty one for another.
#include <algorithm>

#include "common/characters.h"
#include "mod_alphamail/header_writer.h"
#include "mod_alphamail/identities.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/recipients.h"
#include "mod_alphamail/session_store.h"

namespace alphamail {

namespace {

void add_form(Values& page, const Identity& identity, std::size_t number, const Language& l) {
  Values& item = page.add(Name::IDENTITY);
  const bool fresh = identity.id.empty() && identity.address.empty();
  item.set(Name::IDENTITY_SHOWN, fresh ? std::string(l.tr("One more")) : identity.shown());
  item.set(Name::IDENTITY_NUMBER, std::to_string(number));
  item.set(Name::IDENTITY_ID, identity.id);
  item.set(Name::IDENTITY_NAME, identity.name);
  item.set(Name::IDENTITY_ADDRESS, identity.address);
  item.set(Name::IDENTITY_REPLY_TO, identity.reply_to);
  item.flag(Name::IDENTITY_BCC, identity.bcc_self);
  item.set(Name::IDENTITY_SIGNATURES, identity.signatures);
  item.flag(Name::IDENTITY_KEPT, !identity.id.empty());
}

/// @param wrong  one that could not be kept: its form shows what was typed
Result<Response> show(const Request& request, const std::string& error, const Identity* wrong) {
  auto all = load_identities(*request.site.store, *request.session, request.deadline);
  if (!all) return all.error();
  if (wrong) {
    const auto same = std::find_if(all->begin(), all->end(), [&](const Identity& i) { return i.id == wrong->id; });
    if (same != all->end()) {
      *same = *wrong;
    } else {
      all->push_back(*wrong);
    }
  }
  const bool room = all->size() < Identity::kMost && !all->back().id.empty();
  if (room) all->emplace_back();
  const auto folders = request.webcache().folders(request.session->caller());
  PageContext context(request);
  if (folders) context.input().take(**folders);
  Frame frame(context.reader(), context.input());
  const Language& l = context.reader().language;
  Values page(&frame, {Name::IDENTITY});
  const std::string title = l.tr("Identities and signatures");
  frame.set_title(error.empty() ? title : error + " – " + title);
  page.set(Name::NOTICE, request.query.get("notice") == "saved" ? l.tr("Saved.") : "");
  page.set(Name::IDENTITY_ERROR, error);
  for (std::size_t i = 0; i < all->size(); ++i) add_form(page, (*all)[i], i, l);
  Response response;
  response.status = error.empty() ? 200 : 422;
  response.body = frame.reader().templates.expand(PageTemplate::kIdentities, l, page);
  return response;
}

std::string fault_of(const Request& request, Identity& identity, const Language& l) {
  const CheckedMailbox checked = check_mailbox(trim(identity.address));
  if (checked.mailbox.empty()) return fill(l.tr("“{1}” is no address."), {identity.address});
  identity.address = checked.mailbox;
  if (!may_use(request.site.config, request.session->address(), identity.address)) {
    return fill(l.tr("You may not write from {1}. Ask the help desk if you should."), {identity.address});
  }
  if (!is_header_text(identity.name)) return l.tr("There is a control character in the name.");
  if (!read_typed_addresses(identity.reply_to, 100).bad.empty()) {
    return fill(l.tr("“{1}” is no address."), {identity.reply_to});
  }
  if (identity.signatures.size() > Identity::kSignatures) return l.tr("The signatures are too long.");
  return "";
}

/// The user's sessions carry these addresses.
void refresh(const Request& request) {
  request.site.sessions->refresh_user(request.session->user, request.session->domain, request.deadline);
}

}  // namespace

Result<Response> page_identities(const Request& request) { return show(request, "", nullptr); }

Result<Response> act_identities(const Request& request) {
  const PageContext context(request);
  const Fields& form = request.form;
  const std::string id(form.get("id"));
  const auto all = load_identities(*request.site.store, *request.session, request.deadline);
  if (!all) return all.error();
  const bool known = std::any_of(all->begin(), all->end(), [&](const Identity& i) { return i.id == id; });
  if (!id.empty() && !known) return Error{Code::kNotFound, "no such identity"};
  if (form.get("do") == "delete") {
    const auto gone = delete_identity(*request.site.store, *request.session, id, request.deadline);
    if (!gone) return gone.error();
    refresh(request);
    return Response::see_other(request.url("/settings/identities/?notice=saved"));
  }
  Identity identity{id, std::string(form.get("name").substr(0, 500)), std::string(form.get("address")),
                    std::string(form.get("reply_to").substr(0, 1000)), form.get("bcc_self") == "1",
                    std::string(form.get("signatures"))};
  std::erase(identity.signatures, '\r');
  std::string fault = fault_of(request, identity, context.reader().language);
  if (id.empty() && all->size() >= Identity::kMost) fault = context.reader().language.tr("There are as many identities as there may be.");
  if (!fault.empty()) return show(request, fault, &identity);
  const auto kept = save_identity(*request.site.store, *request.session, identity,
                                  form.number("position", 0, Identity::kMost, 0), request.deadline);
  if (!kept) return kept.error();
  refresh(request);
  return Response::see_other(request.url("/settings/identities/?notice=saved"));
}

}  // namespace alphamail
