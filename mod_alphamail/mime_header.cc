// SPDX-License-Identifier: GPL-3.0-or-later
// The header block of a message to its fields in words.
#include <algorithm>

#include "common/characters.h"
#include "common/encoded_word.h"
#include "mod_alphamail/mime_reader.h"

namespace alphamail {
namespace {

constexpr std::size_t kMessageId = 998;  // a line's length, RFC 5322 section 2.1.1

/// One field, unfolded by nobody yet.
struct Field {
  std::string name;        ///< lower case
  std::string_view value;  ///< may hold line ends
};

/// Walks the fields of a block, whatever its line ends are.
class FieldReader {
 public:
  explicit FieldReader(std::string_view block) : left_(block) {
    if (left_.size() > kHeaderBytes) {
      left_ = left_.substr(0, kHeaderBytes);
      cut_ = true;
    }
  }

  /// @return false at the end of the header
  bool next(Field& field) {
    while (!left_.empty() && lines_ < kHeaderLines) {
      const std::string_view whole = take_field();
      if (trim(whole).empty() && !is_wsp(whole.empty() ? '\n' : whole.front()))
        return false;  // the empty line
      const std::size_t colon = whole.find(':');
      if (colon == std::string_view::npos)
        continue;  // not a field: an mbox's "From " or a broken line
      const std::string_view name = trim(whole.substr(0, colon));
      if (name.empty() ||
          std::any_of(name.begin(), name.end(), [](char c) { return c <= ' ' || c > '~'; }))
        continue;
      field = {lower(name), whole.substr(colon + 1)};
      return true;
    }
    cut_ = cut_ || !left_.empty();
    return false;
  }
  bool cut() const { return cut_; }

 private:
  /// A line and those after it that begin with white space; the empty line gives "".
  std::string_view take_field() {
    std::size_t end = end_of_line(0);
    const bool empty = end == 0 || left_.find_first_not_of("\r\n") >= end;
    std::size_t next = after_line_end(end);
    ++lines_;
    while (!empty && next < left_.size() && is_wsp(left_[next]) && lines_ < kHeaderLines) {
      end = end_of_line(next);
      next = after_line_end(end);
      ++lines_;
    }
    const std::string_view field = left_.substr(0, end);
    left_.remove_prefix(next);
    return field;
  }
  std::size_t end_of_line(std::size_t from) const {
    return std::min(left_.find_first_of("\r\n", from), left_.size());
  }
  std::size_t after_line_end(std::size_t end) const {
    if (end >= left_.size()) return left_.size();
    return left_.substr(end, 2) == "\r\n" ? end + 2 : end + 1;
  }

  std::string_view left_;
  std::size_t lines_ = 0;
  bool cut_ = false;
};

/// RFC 5322 folding undone as bytes: the structure of an address list is read before it is decoded.
std::string unfolded(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value)
    if (c != '\r' && c != '\n') out.push_back(c);
  return out;
}

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

void take(MessageHeader& header, const Field& field) {
  const std::string& name = field.name;
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
  FieldReader fields(block);
  for (Field field; fields.next(field);) take(header, field);
  header.cut = header.cut || fields.cut();
  if (same_mailboxes(header.sender, header.from)) header.sender.clear();
  if (same_mailboxes(header.reply_to, header.from)) header.reply_to.clear();
  return header;
}

}  // namespace alphamail
