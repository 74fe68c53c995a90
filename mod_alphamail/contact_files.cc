// SPDX-License-Identifier: GPL-3.0-or-later
// Address books as files: vCard and CSV, in and out. Files come from anywhere; everything is bounded.
#include <algorithm>
#include <utility>

#include "common/characters.h"
#include "common/mime_text.h"
#include "mod_alphamail/contacts.h"

namespace alphamail {
namespace {

constexpr std::size_t kLine = 64 << 10;   // an unfolded line; photos go past it and are dropped

/// The next line with folding undone (RFC 6350 section 3.2). What exceeds kLine is dropped.
bool next_line(std::string_view& left, std::string& line) {
  line.clear();
  if (left.empty()) return false;
  for (bool more = true; more && !left.empty();) {
    const std::size_t end = std::min(left.find_first_of("\r\n"), left.size());
    if (line.size() + end <= kLine) line += left.substr(0, end);
    left.remove_prefix(end);
    if (left.starts_with("\r\n")) {
      left.remove_prefix(2);
    } else if (!left.empty()) {
      left.remove_prefix(1);
    }
    more = !left.empty() && is_wsp(left.front());
    if (more) left.remove_prefix(1);
  }
  return true;
}

struct Property {
  std::string name;        // lower case, without a group before it
  std::string parameters;  // lower case
  std::string value;
};

bool parse_property(std::string_view line, Property& out) {
  bool quoted = false;
  std::size_t colon = 0;
  for (; colon < line.size(); ++colon) {
    if (line[colon] == '"') quoted = !quoted;
    if (line[colon] == ':' && !quoted) break;
  }
  if (colon == line.size()) return false;
  const std::string_view before = line.substr(0, colon);
  const std::size_t semicolon = std::min(before.find(';'), before.size());
  std::string_view name = before.substr(0, semicolon);
  if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos) name.remove_prefix(dot + 1);
  out = {lower(trim(name)), lower(before.substr(semicolon)), std::string(line.substr(colon + 1))};
  return true;
}

/// RFC 6350 section 3.4: one component, up to `at`, escapes undone.
std::string component(std::string_view& value, char at) {
  std::string out;
  std::size_t i = 0;
  for (; i < value.size() && value[i] != at; ++i) {
    char c = value[i];
    if (c == '\\' && i + 1 < value.size()) {
      c = value[++i];
      if (c == 'n' || c == 'N') c = '\n';
    }
    out += c;
  }
  value.remove_prefix(std::min(value.size(), i + 1));
  return out;
}

std::string text_value(const Property& p) {
  std::string_view value = p.value;
  return component(value, '\0');
}

/// vCard 2.1: quoted-printable, whose lines go on behind a '=', and charsets.
void decode_old(Property& p, std::string_view& left) {
  if (p.parameters.find("quoted-printable") != std::string::npos) {
    std::string more;
    while (p.value.ends_with('=') && p.value.size() < kLine && next_line(left, more)) {
      p.value.pop_back();
      p.value += more;
    }
    p.value = decode_transfer(p.value, "quoted-printable");
  }
  const std::size_t charset = p.parameters.find("charset=");
  std::string_view name;
  if (charset != std::string::npos) {
    name = std::string_view(p.parameters).substr(charset + 8);
    name = name.substr(0, name.find(';'));
  }
  p.value = to_utf8(p.value, name);
}

std::string name_out_of(std::string_view value) {
  const std::string family = component(value, ';'), given = component(value, ';'), more = component(value, ';');
  std::string name;
  for (const std::string& part : {given, more, family}) {
    if (!trim(part).empty()) name += (name.empty() ? "" : " ") + std::string(trim(part));
  }
  return name;
}

void take(Contact& contact, const Property& p, std::string& structured) {
  if (p.name == "fn" && contact.name.empty()) contact.name = text_value(p);
  if (p.name == "n" && structured.empty()) structured = name_out_of(p.value);
  if (p.name == "email" && contact.addresses.size() < Contact::kAddresses) {
    std::string address = text_value(p);
    if (lower(address).starts_with("mailto:")) address.erase(0, 7);
    contact.addresses.push_back(std::move(address));
  }
  if (p.name == "org" && contact.organisation.empty()) {
    std::string_view value = p.value;
    while (!value.empty()) {
      const std::string part = component(value, ';');
      if (!trim(part).empty()) contact.organisation += (contact.organisation.empty() ? "" : ", ") + part;
    }
  }
  if (p.name == "tel" && contact.phone.empty()) {
    contact.phone = text_value(p);
    if (lower(contact.phone).starts_with("tel:")) contact.phone.erase(0, 4);
  }
  if (p.name == "note" && contact.note.empty()) contact.note = text_value(p);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\r') continue;
    if (c == ',' || c == ';' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// Folded at 75 bytes between characters.
void put_line(std::string& out, const std::string& line) {
  std::string_view left = line;
  for (std::size_t room = 75; !left.empty(); room = 74) {
    std::string_view some = left.substr(0, room);
    if (some.size() < left.size()) some = cut_utf8(left, room);
    if (some.empty()) some = left.substr(0, room);
    if (room == 74) out += ' ';
    out.append(some).append("\r\n");
    left.remove_prefix(some.size());
  }
}

// ---- CSV ----

/// One record; false at the end. Quotes may hold line ends.
bool next_record(std::string_view& left, char separator, std::vector<std::string>& cells) {
  constexpr std::size_t kCells = 200;
  cells.clear();
  if (left.empty()) return false;
  std::string cell;
  bool quoted = false;
  std::size_t i = 0;
  const auto end_cell = [&] {
    if (cells.size() < kCells) cells.push_back(std::move(cell));
    cell.clear();
  };
  for (; i < left.size(); ++i) {
    const char c = left[i];
    if (quoted) {
      if (c == '"' && i + 1 < left.size() && left[i + 1] == '"') {
        cell += '"';
        ++i;
      } else if (c == '"') {
        quoted = false;
      } else if (cell.size() < kLine) {
        cell += c;
      }
    } else if (c == '"' && trim(cell).empty()) {
      cell.clear();
      quoted = true;
    } else if (c == separator) {
      end_cell();
    } else if (c == '\n' || c == '\r') {
      if (left.substr(i).starts_with("\r\n")) ++i;
      ++i;
      break;
    } else if (cell.size() < kLine) {
      cell += c;
    }
  }
  end_cell();
  left.remove_prefix(std::min(i, left.size()));
  return true;
}

enum class Column { kNone, kName, kGiven, kFamily, kAddress, kOrganisation, kPhone, kNote };

Column column_of(std::string_view head) {
  const std::string name = lower(trim(head));
  const auto is = [&](std::initializer_list<std::string_view> all) { return std::find(all.begin(), all.end(), name) != all.end(); };
  if (is({"name", "display name", "full name", "anzeigename", "nom"})) return Column::kName;
  if (is({"first name", "given name", "vorname", "prénom"})) return Column::kGiven;
  if (is({"last name", "family name", "surname", "nachname"})) return Column::kFamily;
  if (is({"organization", "organisation", "company", "organization name", "organization 1 - name", "firma"})) return Column::kOrganisation;
  if (is({"note", "notes", "notizen", "comment"})) return Column::kNote;
  if (name.find("phone") != std::string::npos || is({"telephone", "telefon", "mobile", "mobile number", "tel"})) {
    return name.find("type") != std::string::npos || name.find("label") != std::string::npos ? Column::kNone : Column::kPhone;
  }
  if (name.find("mail") != std::string::npos) {
    const bool about = name.find("type") != std::string::npos || name.find("label") != std::string::npos ||
                       name.find("display") != std::string::npos;
    return about ? Column::kNone : Column::kAddress;
  }
  return Column::kNone;
}

/// The separator of a file: what its first line has most of.
char separator_of(std::string_view file) {
  const std::string_view first = file.substr(0, file.find_first_of("\r\n"));
  char best = ',';
  for (const char c : {';', '\t'}) {
    if (std::count(first.begin(), first.end(), c) > std::count(first.begin(), first.end(), best)) best = c;
  }
  return best;
}

/// A spreadsheet takes a cell that begins so for one; "'" before it keeps it a text.
bool is_formula(char c) { return c == '=' || c == '+' || c == '-' || c == '@'; }

std::string cell_of(std::string_view text) {
  std::string out = "\"";
  if (!text.empty() && is_formula(text.front())) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out += '"';
}

}  // namespace

std::vector<Contact> read_vcards(std::string_view file, std::size_t most) {
  std::vector<Contact> all;
  const std::string text = file.starts_with("\xFF\xFE") || file.starts_with("\xFE\xFF") ? to_utf8(file, "utf-16") : std::string();
  std::string_view left = text.empty() ? file : std::string_view(text);
  Contact contact;
  std::string line, structured;
  int depth = 0;
  while (all.size() < most && next_line(left, line)) {
    Property p;
    if (!parse_property(line, p)) continue;
    const std::string value = lower(trim(p.value));
    if (p.name == "begin" && value == "vcard") {
      if (depth++ == 0) {
        contact = {};
        structured.clear();
      }
      continue;
    }
    if (p.name == "end" && value == "vcard") {
      if (depth > 0) --depth;
      if (depth > 0) continue;
      if (trim(contact.name).empty()) contact.name = structured;
      tidy(contact);
      // A card has to have a name (RFC 6350 section 6.2.1): whoever has none is called by what is shown instead.
      if (std::string name = std::exchange(contact.name, ""); name != contact.label()) contact.name = std::move(name);
      if (!contact.label().empty()) all.push_back(std::move(contact));
      contact = {};
      continue;
    }
    if (depth != 1) continue;
    decode_old(p, left);
    take(contact, p, structured);
  }
  return all;
}

std::string vcard_of(const Contact& contact) {
  std::string out = "BEGIN:VCARD\r\nVERSION:4.0\r\n";
  put_line(out, "FN:" + escaped(contact.label()));
  for (const std::string& address : contact.addresses) put_line(out, "EMAIL:" + escaped(address));
  if (!contact.organisation.empty()) put_line(out, "ORG:" + escaped(contact.organisation));
  if (!contact.phone.empty()) put_line(out, "TEL;VALUE=text:" + escaped(contact.phone));
  if (!contact.note.empty()) put_line(out, "NOTE:" + escaped(contact.note));
  return out + "END:VCARD\r\n";
}

std::vector<Contact> read_csv(std::string_view file, std::size_t most) {
  std::vector<Contact> all;
  const std::string text = to_utf8(file, "");
  std::string_view left = text;
  if (left.starts_with("\xEF\xBB\xBF")) left.remove_prefix(3);
  const char separator = separator_of(left);
  std::vector<std::string> cells;
  if (!next_record(left, separator, cells)) return all;
  std::vector<Column> columns;
  for (const std::string& cell : cells) columns.push_back(column_of(cell));
  while (all.size() < most && next_record(left, separator, cells)) {
    Contact c;
    std::string given, family;
    for (std::size_t i = 0; i < cells.size() && i < columns.size(); ++i) {
      std::string& cell = cells[i];
      if (trim(cell).empty()) continue;
      if (cell.size() > 1 && cell[0] == '\'' && is_formula(cell[1])) cell.erase(0, 1);
      switch (columns[i]) {
        case Column::kName: c.name = cell; break;
        case Column::kGiven: given = cell; break;
        case Column::kFamily: family = cell; break;
        case Column::kAddress:
          // Several in one cell, as Google writes them.
          for (std::string_view rest = cell; !rest.empty();) {
            const std::size_t n = std::min(rest.find_first_of(" ,;:\n"), rest.size());
            if (n > 0) c.addresses.emplace_back(rest.substr(0, n));
            rest.remove_prefix(std::min(rest.size(), n + 1));
          }
          break;
        case Column::kOrganisation: c.organisation = cell; break;
        case Column::kPhone: if (c.phone.empty()) c.phone = cell; break;
        case Column::kNote: c.note = cell; break;
        case Column::kNone: break;
      }
    }
    if (c.name.empty()) c.name = given.empty() || family.empty() ? given + family : given + " " + family;
    tidy(c);
    if (!c.label().empty()) all.push_back(std::move(c));
  }
  return all;
}

std::string csv_head() { return "Name,E-mail,Organisation,Phone,Notes\r\n"; }

std::string csv_of(const Contact& contact) {
  std::string addresses;
  for (const std::string& address : contact.addresses) addresses += (addresses.empty() ? "" : " ") + address;
  return cell_of(contact.name) + "," + cell_of(addresses) + "," + cell_of(contact.organisation) + "," +
         cell_of(contact.phone) + "," + cell_of(contact.note) + "\r\n";
}

}  // namespace alphamail
