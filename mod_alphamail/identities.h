// SPDX-License-Identifier: GPL-3.0-or-later
// Under which names and addresses a user writes, and with which signatures. The first is what new messages
// come from; an answer comes from the one that was written to. A user without any has one: their own address.
#ifndef MOD_ALPHAMAIL_IDENTITIES_H
#define MOD_ALPHAMAIL_IDENTITIES_H

#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"
#include "common/deadline.h"
#include "common/mime_text.h"
#include "common/result.h"

namespace alphamail {

class Store;
class Session;

struct Identity {
  static constexpr std::size_t kMost = 20;        ///< of one user
  static constexpr std::size_t kSignatures = 8000; ///< bytes of all signatures together

  std::string id;         ///< "" = not kept yet
  std::string name;
  std::string address;    ///< as recipients.h checks it
  std::string reply_to;   ///< as typed; ""
  bool bcc_self = false;
  std::string signatures; ///< one, or several with a line "%" between them, one of which is drawn each time

  /// One of the signatures, without "-- ". @param draw  any number
  std::string signature(std::uint32_t draw) const;
  std::string shown() const { return name.empty() ? address : name + " <" + address + ">"; }
};

/// May this user write from that address? By the site's rule (identities in alphamail_config): their own,
/// those that identity_file lists for them, or any.
bool may_use(const Config& config, std::string_view own_address, std::string_view address);

/// The identity of this id, else the first. @param all  not empty
const Identity& identity_of(const std::vector<Identity>& all, std::string_view id);
/// The identity that one of these addresses is of, else null.
const Identity* identity_addressed(const std::vector<Identity>& all, const std::vector<Address>& addresses);

/// Those kept for the user, in order; where there are none, the one of their own address.
Result<std::vector<Identity>> load_identities(Store& store, const Session& session, Deadline deadline);
/// Keeps one; a new one where it has no id. @param position  among the others, from 0
Result<void> save_identity(Store& store, const Session& session, const Identity& identity, std::size_t position,
                           Deadline deadline);
Result<void> delete_identity(Store& store, const Session& session, std::string_view id, Deadline deadline);

}  // namespace alphamail

#endif
