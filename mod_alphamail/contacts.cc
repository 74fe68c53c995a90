// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/contacts.h"

#include <algorithm>
#include <ctime>

#include "common/characters.h"
#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/compose_send.h"
#include "mod_alphamail/recipients.h"
#include "mod_alphamail/session.h"
#include "mod_alphamail/store.h"

namespace alphamail {
namespace {

std::string in_lines(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& one : all) out += (out.empty() ? "" : "\n") + one;
  return out;
}

/// Lower case beyond ASCII is not worth a database's own functions: searching finds what is typed alike.
std::string search_text(const Contact& contact) {
  return lower(contact.name + "\n" + in_lines(contact.addresses) + "\n" + contact.organisation);
}

/// LIKE with what a user typed: its own signs are taken out.
std::string pattern_of(std::string_view text) {
  std::string pattern = "%";
  for (const char c : lower(trim(text.substr(0, 200)))) {
    if (c == '%' || c == '_' || c == '\\') {
      pattern += '_';  // any one character: theirs, too
    } else {
      pattern += c;
    }
  }
  return pattern == "%" ? pattern : pattern + "%";
}

std::vector<Contact> contacts_of(const std::vector<Store::Row>& rows) {
  std::vector<Contact> all;
  for (const Store::Row& row : rows) {
    Contact c;
    c.id = row[0];
    c.name = row[1];
    for (std::string_view left = row[2]; !left.empty();) {
      const std::size_t n = std::min(left.find('\n'), left.size());
      if (n > 0) c.addresses.emplace_back(left.substr(0, n));
      left.remove_prefix(std::min(left.size(), n + 1));
    }
    c.organisation = row[3];
    c.phone = row[4];
    c.note = row[5];
    c.collected = row[6] == "1";
    all.push_back(std::move(c));
  }
  return all;
}

/// What the pattern found without having it: '_' stands for any character.
void keep_matching(std::vector<Contact>& all, std::string_view text) {
  const std::string wanted = lower(trim(text.substr(0, 200)));
  std::erase_if(all, [&](const Contact& c) { return search_text(c).find(wanted) == std::string::npos; });
}

void one_line(std::string& text) {
  text = valid_utf8(text);
  std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  text = std::string(trim(cut_utf8(text, Contact::kText)));
}

}  // namespace

void tidy(Contact& contact) {
  one_line(contact.name);
  one_line(contact.organisation);
  one_line(contact.phone);
  contact.note = std::string(cut_utf8(valid_utf8(contact.note), Contact::kNote));
  std::replace(contact.note.begin(), contact.note.end(), '\0', ' ');
  std::vector<std::string> good;
  for (const std::string& typed : contact.addresses) {
    std::string mailbox = check_mailbox(trim(typed)).mailbox;
    if (mailbox.empty() || good.size() == Contact::kAddresses) continue;
    if (std::find(good.begin(), good.end(), mailbox) == good.end()) good.push_back(std::move(mailbox));
  }
  contact.addresses = std::move(good);
}

Result<std::vector<Contact>> AddressBook::list(std::string_view text, std::size_t most, std::size_t first) {
  const auto rows = store_.select({Sql::kContactsSelect,
                                   {session_.user, session_.domain, pattern_of(text), std::to_string(most),
                                    std::to_string(first)}}, deadline_);
  if (!rows) return rows.error().while_doing("reading the address book");
  std::vector<Contact> all = contacts_of(*rows);
  keep_matching(all, text);
  return all;
}

Result<std::vector<Contact>> AddressBook::find(std::string_view text, std::size_t most) {
  const auto rows = store_.select({Sql::kContactsFind,
                                   {session_.user, session_.domain, pattern_of(text), std::to_string(most)}}, deadline_);
  if (!rows) return rows.error().while_doing("reading the address book");
  std::vector<Contact> all = contacts_of(*rows);
  keep_matching(all, text);
  return all;
}

Result<Contact> AddressBook::get(std::string_view id) {
  const auto rows = store_.select({Sql::kContactSelect, {session_.user, session_.domain, std::string(id)}}, deadline_);
  if (!rows) return rows.error().while_doing("reading the address book");
  auto found = contacts_of(*rows);
  if (found.empty()) return Error{Code::kNotFound, "no such contact"};
  return std::move(found.front());
}

Result<std::size_t> AddressBook::count() {
  const auto rows = store_.select({Sql::kContactsCount, {session_.user, session_.domain}}, deadline_);
  if (!rows) return rows.error().while_doing("counting the contacts");
  return rows->empty() ? std::size_t{0} : static_cast<std::size_t>(std::strtoull(rows->front().front().c_str(), nullptr, 10));
}

Result<void> AddressBook::save(const Contact& contact, std::int64_t used) {
  if (contact.id.empty()) {
    const auto there = count();
    if (!there) return there.error();
    if (*there >= Contact::kMost) return Error{Code::kTooLarge, "the address book is full"};
  }
  const std::string id = contact.id.empty() ? spool_word(new_spool_id()) : contact.id;
  const auto written = store_.write({Sql::kContactPut,
                                     {session_.user, session_.domain, id, contact.name, in_lines(contact.addresses),
                                      contact.organisation, contact.phone, contact.note, search_text(contact),
                                      contact.collected ? "1" : "0", std::to_string(used)}}, deadline_);
  if (!written) return written.error().while_doing("keeping a contact");
  return {};
}

Result<void> AddressBook::remove(std::string_view id) {
  const auto gone = store_.write({Sql::kContactDelete, {session_.user, session_.domain, std::string(id)}}, deadline_);
  if (!gone) return gone.error().while_doing("removing a contact");
  return {};
}

Result<std::string> AddressBook::id_of(std::string_view address) {
  // The pattern may match more ('_'), so what it finds is looked at.
  const auto found = find(address, 50);
  if (!found) return found.error();
  for (const Contact& contact : *found) {
    for (const std::string& one : contact.addresses) {
      if (comparable(one) == comparable(address)) return contact.id;
    }
  }
  return std::string();
}

Result<void> AddressBook::used(std::string_view id, std::int64_t when) {
  const auto done = store_.write({Sql::kContactUsed,
                                  {std::to_string(when), session_.user, session_.domain, std::string(id)}}, deadline_);
  if (!done) return done.error().while_doing("noting a contact");
  return {};
}

void collect_contacts(const Request& request, const CheckedForm& checked) {
  constexpr std::size_t kCollected = 20;  // of one message: who writes to a hundred knows them from a list
  AddressBook book(*request.site.store, *request.session, request.deadline);
  std::size_t n = 0;
  const std::int64_t now = std::time(nullptr);
  for (const TypedAddresses* list : {&checked.to, &checked.cc}) {
    for (const Address& address : list->good) {
      if (n++ == kCollected) return;
      const auto id = book.id_of(address.mailbox);
      if (!id) return;  // the message is sent; the next one is collected
      Contact contact{"", address.name, {address.mailbox}, "", "", "", true};
      tidy(contact);
      const auto kept = id->empty() ? book.save(contact, now) : book.used(*id, now);
      if (!kept) return;
    }
  }
}

}  // namespace alphamail
