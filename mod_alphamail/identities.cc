// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/identities.h"

#include <algorithm>
#include <fstream>

#include "common/characters.h"
#include "common/config_keys.h"
#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/recipients.h"
#include "mod_alphamail/session.h"
#include "mod_alphamail/store.h"

namespace alphamail {
namespace {

constexpr std::size_t kFileBytes = 8 << 20;

/// A line "user@domain: address, address" of identity_file.
bool is_listed(const std::string& path, std::string_view own, std::string_view address) {
  std::ifstream file(path);
  std::size_t read = 0;
  for (std::string line; std::getline(file, line) && read < kFileBytes;) {
    read += line.size();
    const std::size_t colon = line.find(':');
    if (line.starts_with('#') || colon == std::string::npos) continue;
    if (comparable(trim(std::string_view(line).substr(0, colon))) != comparable(own)) continue;
    for (const Address& one : read_typed_addresses(std::string_view(line).substr(colon + 1), 1000).good) {
      if (comparable(one.mailbox) == comparable(address)) return true;
    }
  }
  return false;
}

std::vector<std::string_view> signatures_in(std::string_view text) {
  std::vector<std::string_view> all;
  while (true) {
    std::size_t at = 0, end = 0, next = std::string_view::npos;
    // A line that holds nothing but '%'.
    for (; at <= text.size(); at = end + 1) {
      end = std::min(text.find('\n', at), text.size());
      if (trim(text.substr(at, end - at)) == "%") {
        next = std::min(end + 1, text.size());
        break;
      }
    }
    const std::string_view one = next == std::string_view::npos ? text : text.substr(0, at);
    if (!trim(one).empty()) all.push_back(one);
    if (next == std::string_view::npos) return all;
    text.remove_prefix(next);
  }
}

}  // namespace

std::string Identity::signature(std::uint32_t draw) const {
  const auto all = signatures_in(signatures);
  if (all.empty()) return "";
  std::string_view chosen = all[draw % all.size()];
  while (chosen.ends_with('\n') || chosen.ends_with('\r')) chosen.remove_suffix(1);
  return std::string(chosen);
}

bool may_use(const Config& config, std::string_view own_address, std::string_view address) {
  if (comparable(own_address) == comparable(address)) return true;
  if (config.identities == IdentityRule::kAny) return true;
  return config.identities == IdentityRule::kList && is_listed(config.identity_file, own_address, address);
}

const Identity& identity_of(const std::vector<Identity>& all, std::string_view id) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Identity& i) { return i.id == id; });
  return found == all.end() ? all.front() : *found;
}

const Identity* identity_addressed(const std::vector<Identity>& all, const std::vector<Address>& addresses) {
  for (const Identity& identity : all) {
    for (const Address& address : addresses) {
      if (comparable(identity.address) == comparable(address.mailbox)) return &identity;
    }
  }
  return nullptr;
}

Result<std::vector<Identity>> load_identities(Store& store, const Session& session, Deadline deadline) {
  const auto rows = store.select({Sql::kIdentitiesSelect, {session.user, session.domain}}, deadline);
  if (!rows) return rows.error().while_doing("reading the identities");
  std::vector<Identity> all;
  for (const Store::Row& row : *rows) {
    all.push_back({row[0], row[1], row[2], row[3], row[4] == "1", row[5]});
  }
  if (all.empty()) all.push_back({"", "", session.address(), "", false, ""});
  return all;
}

Result<void> save_identity(Store& store, const Session& session, const Identity& identity, std::size_t position,
                           Deadline deadline) {
  const std::string id = identity.id.empty() ? spool_word(new_spool_id()) : identity.id;
  const auto written = store.write({Sql::kIdentityPut,
                                    {session.user, session.domain, id, std::to_string(position), identity.name,
                                     identity.address, identity.reply_to, identity.bcc_self ? "1" : "0",
                                     identity.signatures}},
                                   deadline);
  if (!written) return written.error().while_doing("keeping an identity");
  return {};
}

Result<void> delete_identity(Store& store, const Session& session, std::string_view id, Deadline deadline) {
  const auto gone = store.write({Sql::kIdentityDelete, {session.user, session.domain, std::string(id)}}, deadline);
  if (!gone) return gone.error().while_doing("removing an identity");
  return {};
}

}  // namespace alphamail
