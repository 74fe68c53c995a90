// SPDX-License-Identifier: GPL-3.0-or-later
// The address book: personal contacts in the database, typed in, taken from messages, brought in from files, or
// collected from what was sent.
#ifndef MOD_ALPHAMAIL_CONTACTS_H
#define MOD_ALPHAMAIL_CONTACTS_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/mime_text.h"
#include "common/result.h"
#include "mod_alphamail/request.h"
#include "mod_alphamail/response.h"

namespace alphamail {

struct CheckedForm;
struct ComposeForm;
class Session;
class Store;

struct Contact {
  static constexpr std::size_t kMost = 20000;       ///< of one user
  static constexpr std::size_t kAddresses = 50;     ///< of one contact
  static constexpr std::size_t kText = 1000;        ///< bytes of a field of one line
  static constexpr std::size_t kNote = 8000;

  std::string id;                        ///< "" = not kept yet
  std::string name;
  std::vector<std::string> addresses;    ///< as recipients.h checks them
  std::string organisation, phone, note;
  bool collected = false;                ///< by nobody's hand

  std::string label() const { return !name.empty() ? name : addresses.empty() ? organisation : addresses.front(); }
};

/// Fields cut to their limits and made valid UTF-8 on one line each, the note's lines kept.
void tidy(Contact& contact);

class AddressBook {
 public:
  AddressBook(Store& store, const Session& session, Deadline deadline)
      : store_(store), session_(session), deadline_(deadline) {}

  /// Whose name or addresses hold `text` (any case); "" all. In the order of names.
  Result<std::vector<Contact>> list(std::string_view text, std::size_t most, std::size_t first = 0);
  /// The same, those written to last first: for completion.
  Result<std::vector<Contact>> find(std::string_view text, std::size_t most);
  /// kNotFound
  Result<Contact> get(std::string_view id);
  Result<std::size_t> count();
  /// Keeps it; a new one where it has no id. kTooLarge above kMost.
  Result<void> save(const Contact& contact, std::int64_t used = 0);
  Result<void> remove(std::string_view id);
  /// The id of who has this address, or "".
  Result<std::string> id_of(std::string_view address);
  Result<void> used(std::string_view id, std::int64_t when);

 private:
  Store& store_;
  const Session& session_;
  Deadline deadline_;
};

/// Keeps those that a message was sent to and who are not there yet. Where the database takes nothing, the message
/// is sent all the same.
void collect_contacts(const Request& request, const CheckedForm& checked);

/// The page on which addresses are picked for a form without script, and what comes back from it.
Result<Response> choose_contacts(const Request& request, const ComposeForm& form);
void take_chosen(const Request& request, ComposeForm& form);

// ---- files: contact_files.cc ----

/// vCard 2.1, 3.0 or 4.0 (RFC 6350), any number in one file; bounded, never fails: what cannot be read is left out.
std::vector<Contact> read_vcards(std::string_view file, std::size_t most);
/// vCard 4.0.
std::string vcard_of(const Contact& contact);

/// RFC 4180 with a first line of names, as the known programs write them; ',' ';' or tab between.
std::vector<Contact> read_csv(std::string_view file, std::size_t most);
/// The first line of such a file, and a line of it.
std::string csv_head();
std::string csv_of(const Contact& contact);

}  // namespace alphamail

#endif
