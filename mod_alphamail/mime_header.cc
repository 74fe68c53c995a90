// SPDX-License-Identifier: GPL-3.0-or-later
// The header block of a message to its fields in words.
#include <algorithm>

#include "common/characters.h"
#include "common/encoded_word.h"
#include "mod_alphamail/header_fields.h"
#include "mod_alphamail/mime_reader.h"

namespace alphamail {
namespace {

constexpr std::size_t kMessageId = 998;  // a line's length, RFC 5322 section 2.1.1

void add_addresses(std::vector<Address>& list, std::string_view value, bool& cut) {
  // One more than is kept, to know whether there are more.
  std::vector<Address> found = parse_addresses(unfolded(value), kAddressesShown - list.size() + 1);
  if (found.size() + list.size() > kAddressesShown) {
    found.resize(kAddressesShown - list.size());
    cut = true;
  }
  std::move(found.begin(), found.end(), std::back_inserter(list));
}

void first_addresses(std::vector<Address>& list, std::string_view value, bool& cut) {
  if (list.empty()) add_addresses(list, value, cut);
}

std::string message_id_of(std::string_view value) {
  value = trim(value);
  const std::size_t begin = value.find('<');
  const std::size_t end = begin == std::string_view::npos ? begin : value.find('>', begin);
  if (end == std::string_view::npos) return {};
  const std::string_view id = value.substr(begin + 1, end - begin - 1);
  const bool clean = id.size() <= kMessageId &&
                     std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
  return clean ? std::string(id) : std::string();
}

/// RFC 2919: a phrase, then the list's name in brackets.
std::string list_name(std::string_view value) {
  const std::size_t bracket = value.find('<');
  std::string words = decode_header(value.substr(0, bracket));
  if (words.size() >= 2 && words.front() == '"' && words.back() == '"')
    words = words.substr(1, words.size() - 2);
  if (!words.empty() || bracket == std::string_view::npos) return words;
  const std::string_view id = value.substr(bracket + 1);
  return decode_header(id.substr(0, id.find('>')));
}

/// The addresses between angle brackets of a list's field (RFC 2369), of those schemes.
std::vector<std::string> list_addresses(std::string_view raw) {
  constexpr std::size_t kMost = 10, kLongest = 2000;
  std::vector<std::string> found;
  const std::string value = unfolded(raw);
  for (std::size_t at = 0; found.size() < kMost;) {
    at = value.find('<', at);
    const std::size_t end = at == std::string::npos ? at : value.find('>', at);
    if (end == std::string::npos) break;
    std::string address(value, at + 1, end - at - 1);
    at = end + 1;
    // White space inside is folding's (RFC 2369 section 2).
    std::erase_if(address, is_space);
    const std::string low = lower(std::string_view(address).substr(0, 8));
    const bool known = low.starts_with("https://") || low.starts_with("http://") || low.starts_with("mailto:");
    if (known && address.size() <= kLongest && is_printable_ascii(address) &&
        address.find_first_of("\"'<>\\`") == std::string::npos)
      found.push_back(std::move(address));
  }
  return found;
}

void first_address(std::string& into, std::string_view value) {
  if (!into.empty()) return;
  const auto found = list_addresses(value);
  if (!found.empty()) into = found.front();
}

void take_unsubscribe(ListLinks& links, std::string_view value) {
  for (std::string& address : list_addresses(value)) {
    std::string& into = lower(std::string_view(address).substr(0, 7)) == "mailto:" ? links.unsubscribe_mail
                                                                                  : links.unsubscribe_page;
    if (into.empty()) into = std::move(address);
  }
}

bool take_list_field(ListLinks& links, const HeaderField& field) {
  if (field.name == "list-unsubscribe")
    take_unsubscribe(links, field.value);
  else if (field.name == "list-archive")
    first_address(links.archive, field.value);
  else if (field.name == "list-help")
    first_address(links.help, field.value);
  else if (field.name == "list-post") {
    first_address(links.post, field.value);
    links.closed = equal_ignoring_case(trim(field.value).substr(0, 2), "no");
  } else
    return false;
  return true;
}

bool same_mailboxes(const std::vector<Address>& a, const std::vector<Address>& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](const Address& x, const Address& y) {
           return equal_ignoring_case(x.mailbox, y.mailbox);
         });
}

void read_date(MessageHeader& header, std::string_view value) {
  if (header.date) return;
  header.date = parse_date(unfolded(value));
  if (header.date)
    header.date_text.clear();
  else if (header.date_text.empty())
    header.date_text = decode_header(value);
}

void take(MessageHeader& header, const HeaderField& field) {
  const std::string& name = field.name;
  if (name.starts_with("list-") && take_list_field(header.list_links, field)) return;
  if (name == "subject") {
    if (header.subject.empty()) header.subject = decode_header(field.value);
  } else if (name == "from")
    first_addresses(header.from, field.value, header.cut);
  else if (name == "sender")
    first_addresses(header.sender, field.value, header.cut);
  else if (name == "reply-to")
    first_addresses(header.reply_to, field.value, header.cut);
  else if (name == "to")
    add_addresses(header.to, field.value, header.cut);
  else if (name == "cc")
    add_addresses(header.cc, field.value, header.cut);
  else if (name == "bcc")
    add_addresses(header.bcc, field.value, header.cut);
  else if (name == "date")
    read_date(header, field.value);
  else if (name == "list-id") {
    if (header.list.empty()) header.list = list_name(field.value);
  } else if (name == "message-id") {
    if (header.message_id.empty()) header.message_id = message_id_of(field.value);
  }
}

}  // namespace

MessageHeader read_header(std::string_view block) {
  MessageHeader header;
  HeaderFields fields(block);
  for (HeaderField field; fields.next(field);) take(header, field);
  header.cut = header.cut || fields.cut();
  if (same_mailboxes(header.sender, header.from)) header.sender.clear();
  if (same_mailboxes(header.reply_to, header.from)) header.reply_to.clear();
  return header;
}

}  // namespace alphamail
