// SPDX-License-Identifier: GPL-3.0-or-later
// The address book: its page, what its forms do, completion for the script, files to take along; and the page on
// which addresses are picked for a message without script.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>

#include "common/characters.h"
#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/contacts.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/recipients.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

constexpr std::size_t kRows = 50;
constexpr std::size_t kOffered = 10;        // completions
constexpr std::size_t kChosen = 100;        // rows of the page to pick from
constexpr std::size_t kBroughtIn = 5000;    // of one file

AddressBook book_of(const Request& request) {
  return {*request.site.store, *request.session, request.deadline};
}

std::string in_lines(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& one : all) out += (out.empty() ? "" : "\n") + one;
  return out;
}

std::string written(const Contact& contact, const std::string& address) {
  return typed_form({{contact.name, address}});
}

struct Shown {
  std::string notice, error;
  std::optional<Contact> form;   // shown for editing
  int status = 200;
};

void add_row(Values& page, const Request& request, const Contact& contact) {
  Values& row = page.add(Name::CONTACT, {Name::CONTACT_ADDRESS});
  row.set(Name::CONTACT_ID, contact.id);
  row.set(Name::CONTACT_LABEL, contact.label());
  row.set(Name::CONTACT_ORGANISATION, contact.organisation);
  row.flag(Name::CONTACT_COLLECTED, contact.collected);
  for (const std::string& address : contact.addresses) {
    Values& one = row.add(Name::CONTACT_ADDRESS);
    one.set(Name::CONTACT_ADDRESS_TEXT, std::string(address));
    one.set(Name::CONTACT_WRITE_URL, request.url("/compose?to=" + query_value(written(contact, address))));
  }
}

void add_form(Values& page, const Contact& contact, const Language& l) {
  page.flag(Name::CONTACT_FORM, true);
  page.set(Name::CONTACT_FORM_HEADING, contact.id.empty() ? l.tr("New contact") : l.tr("Change a contact"));
  page.set(Name::CONTACT_ID, std::string(contact.id));
  page.set(Name::CONTACT_NAME, std::string(contact.name));
  page.set(Name::CONTACT_ADDRESSES, in_lines(contact.addresses));
  page.set(Name::CONTACT_ORGANISATION, std::string(contact.organisation));
  page.set(Name::CONTACT_PHONE, std::string(contact.phone));
  page.set(Name::CONTACT_NOTE, std::string(contact.note));
}

Result<Response> show(const Request& request, const Shown& shown) {
  AddressBook book = book_of(request);
  const std::string_view sought = request.query.get("q");
  const std::uint32_t number = request.query.number("page", 1, 100000, 1);
  const auto rows = book.list(sought, kRows + 1, (number - 1) * kRows);
  if (!rows) return rows.error();
  const auto count = book.count();
  if (!count) return count.error();
  const auto folders = request.webcache().folders(request.session->caller());
  PageContext context(request);
  if (folders) context.input().take(**folders);
  Frame frame(context.reader(), context.input());
  const Language& l = context.reader().language;
  Values page(&frame, {Name::CONTACT, Name::CONTACT_FORM, Name::NOTICE, Name::CONTACT_ERROR, Name::CONTACTS_BEFORE,
                       Name::CONTACTS_NEXT, Name::CONTACT_ADDRESS, Name::CONTACT_FORM_HEADING, Name::CONTACT_ID,
                       Name::CONTACT_NAME, Name::CONTACT_ADDRESSES, Name::CONTACT_ORGANISATION, Name::CONTACT_PHONE,
                       Name::CONTACT_NOTE});
  const std::string title = l.tr("Contacts");
  const std::string& first = shown.error.empty() ? shown.notice : shown.error;
  frame.set_title(first.empty() ? title : first + " – " + title);
  page.set(Name::CONTACTS_COUNT, fill(l.trn("{1} contact", "{1} contacts", *count), {l.formats().number(*count)}));
  page.set(Name::NOTICE, shown.notice);
  page.set(Name::CONTACT_ERROR, shown.error);
  if (shown.form) add_form(page, *shown.form, l);
  page.set(Name::CONTACTS_SOUGHT, sought);
  page.flag(Name::CONTACTS_NONE, rows->empty());
  page.flag(Name::CONTACTS_ANY, !rows->empty());
  for (std::size_t i = 0; i < rows->size() && i < kRows; ++i) add_row(page, request, (*rows)[i]);
  const auto at = [&](std::uint32_t n) {
    return request.url("/contacts/?page=" + std::to_string(n) + (sought.empty() ? "" : "&q=" + query_value(sought)));
  };
  if (number > 1) page.set(Name::CONTACTS_BEFORE, at(number - 1));
  if (rows->size() > kRows) page.set(Name::CONTACTS_NEXT, at(number + 1));
  Response response;
  response.status = shown.status;
  response.body = frame.reader().templates.expand(PageTemplate::kContacts, l, page);
  return response;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t n = std::min(text.find_first_of("\r\n"), text.size());
    if (!trim(text.substr(0, n)).empty()) lines.emplace_back(trim(text.substr(0, n)));
    text.remove_prefix(std::min(text.size(), n + 1));
  }
  return lines;
}

Result<Response> save(const Request& request, const Language& l) {
  const Fields& form = request.form;
  Contact contact{std::string(form.get("id")), std::string(form.get("name")), lines_of(form.get("addresses")),
                  std::string(form.get("organisation")), std::string(form.get("phone")), std::string(form.get("note")), false};
  Shown shown;
  shown.status = 422;
  shown.form = contact;
  for (const std::string& typed : contact.addresses) {
    if (check_mailbox(typed).mailbox.empty()) {
      shown.error += (shown.error.empty() ? "" : " ") + fill(l.tr("“{1}” is no address."), {typed});
    }
  }
  if (!shown.error.empty()) return show(request, shown);
  tidy(contact);
  if (contact.label().empty()) {
    shown.error = l.tr("A contact needs a name or an address.");
    return show(request, shown);
  }
  AddressBook book = book_of(request);
  if (!contact.id.empty()) {
    if (const auto there = book.get(contact.id); !there) return there.error();
  }
  const auto kept = book.save(contact);
  if (!kept && kept.error().code == Code::kTooLarge) {
    shown.error = l.tr("The address book is full.");
    return show(request, shown);
  }
  if (!kept) return kept.error();
  return Response::see_other(request.url("/contacts/?notice=saved"));
}

Result<Response> bring_in(const Request& request, const Language& l) {
  const std::string_view file = request.form.get("file");
  const bool vcard = lower(file.substr(0, 1000)).find("begin:vcard") != std::string::npos;
  const auto found = vcard ? read_vcards(file, kBroughtIn) : read_csv(file, kBroughtIn);
  if (found.empty()) {
    Shown shown;
    shown.error = l.tr("There is no contact in it that could be read.");
    shown.status = 422;
    return show(request, shown);
  }
  AddressBook book = book_of(request);
  std::size_t kept = 0;
  for (const Contact& contact : found) {
    // Who is there already is not there twice.
    bool there = false;
    for (const std::string& address : contact.addresses) {
      const auto id = book.id_of(address);
      if (!id) return id.error();
      there = there || !id->empty();
    }
    if (there) continue;
    const auto saved = book.save(contact);
    if (!saved && saved.error().code == Code::kTooLarge) break;
    if (!saved) return saved.error();
    ++kept;
  }
  return Response::see_other(request.url("/contacts/?notice=in-" + std::to_string(kept)));
}

std::vector<std::string> ticked(const Fields& form) {
  std::vector<std::string> ids;
  for (const auto& [name, value] : form.all) {
    if (name == "c" && value.size() == 32) ids.push_back(value);
  }
  return ids;
}

Result<Response> write_to(const Request& request) {
  AddressBook book = book_of(request);
  std::string to;
  for (const std::string& id : ticked(request.form)) {
    const auto contact = book.get(id);
    if (contact && !contact->addresses.empty()) to += (to.empty() ? "" : ", ") + written(*contact, contact->addresses.front());
  }
  return Response::see_other(request.url("/compose?to=" + query_value(to) + "&back=/contacts/"));
}

std::string notice_of(const Request& request, const Language& l) {
  const std::string_view notice = request.query.get("notice");
  if (notice == "saved") return l.tr("Saved.");
  if (notice == "deleted") return l.tr("Deleted.");
  if (!notice.starts_with("in-") || notice.size() > 8) return "";
  const std::uint64_t n = std::strtoull(std::string(notice.substr(3)).c_str(), nullptr, 10);
  return fill(l.trn("{1} contact brought in.", "{1} contacts brought in.", n), {l.formats().number(n)});
}

void json_text(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || c == '<' || c == '>' || c == '&') {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

Result<Response> page_contacts(const Request& request) {
  const PageContext context(request);
  Shown shown;
  shown.notice = notice_of(request, context.reader().language);
  if (const std::string_view id = request.query.get("edit"); !id.empty()) {
    auto contact = book_of(request).get(id);
    if (!contact) return contact.error();
    shown.form = std::move(*contact);
  } else if (request.query.has("new")) {
    // From a message: ?new=1&name=&address=
    Contact contact;
    contact.name = request.query.get("name");
    contact.addresses = {std::string(request.query.get("address"))};
    tidy(contact);
    shown.form = std::move(contact);
  }
  return show(request, shown);
}

Result<Response> act_contacts(const Request& request) {
  const PageContext context(request);
  const Language& l = context.reader().language;
  const std::string_view what = request.form.get("do");
  if (what == "save") return save(request, l);
  if (what == "import") return bring_in(request, l);
  if (what == "write") return write_to(request);
  if (what != "delete") return Error{Code::kInvalid, "no such action on contacts"};
  AddressBook book = book_of(request);
  for (const std::string& id : ticked(request.form)) {
    if (const auto gone = book.remove(id); !gone) return gone.error();
  }
  return Response::see_other(request.url("/contacts/?notice=deleted"));
}

Result<Response> page_complete(const Request& request) {
  const std::string_view sought = request.query.get("q");
  std::vector<Contact> found;
  if (!trim(sought).empty()) {
    auto rows = book_of(request).find(sought, kOffered);
    if (!rows) return rows.error();
    found = std::move(*rows);
  }
  // The thread's own, as pages have it: valid until the next answer.
  thread_local std::string json;
  json = "[";
  for (const Contact& contact : found) {
    for (const std::string& address : contact.addresses) {
      if (json.size() > 1) json += ',';
      json_text(json, written(contact, address));
    }
  }
  json += "]";
  Response response;
  response.content_type = "application/json";
  response.body = json;
  return response;
}

Result<Response> page_export(const Request& request) {
  const bool csv = request.query.get("as") == "csv";
  const auto all = book_of(request).list("", Contact::kMost);
  if (!all) return all.error();
  auto text = std::make_shared<std::string>(csv ? csv_head() : "");
  for (const Contact& contact : *all) *text += csv ? csv_of(contact) : vcard_of(contact);
  Response response;
  response.policy = Policy::kDownload;
  response.content_type = csv ? "text/csv; charset=utf-8" : "text/vcard; charset=utf-8";
  response.headers.emplace_back("Content-Disposition", csv ? "attachment; filename=\"contacts.csv\"" : "attachment; filename=\"contacts.vcf\"");
  response.length = text->size();
  response.stream = [text](const Sink& sink) -> Result<void> {
    if (!sink(std::as_bytes(std::span(*text)))) return Error{Code::kUnreachable, "the browser is gone"};
    return {};
  };
  return response;
}

Result<Response> choose_contacts(const Request& request, const ComposeForm& form) {
  const std::string_view sought = request.form.get("q");
  const auto found = book_of(request).list(sought, kChosen);
  if (!found) return found.error();
  PageContext context(request);
  Frame frame(context.reader(), context.input());
  const Language& l = context.reader().language;
  Values page(&frame, {Name::CONTACT});
  frame.set_title(l.tr("Choose addresses"));
  page.set(Name::KEPT, form.spelled());
  page.set(Name::CONTACTS_SOUGHT, sought);
  std::size_t rows = 0;
  for (const Contact& contact : *found) {
    for (const std::string& address : contact.addresses) {
      page.add(Name::CONTACT).set(Name::CONTACT_LABEL, written(contact, address));
      ++rows;
    }
  }
  page.flag(Name::CONTACTS_NONE, rows == 0);
  page.flag(Name::CONTACTS_ANY, rows > 0);
  Response response;
  response.body = frame.reader().templates.expand(PageTemplate::kChoose, l, page);
  return response;
}

void take_chosen(const Request& request, ComposeForm& form) {
  for (const auto& [name, value] : request.form.all) {
    std::string* const field = name == "addto" ? &form.to : name == "addcc" ? &form.cc : name == "addbcc" ? &form.bcc : nullptr;
    if (!field) continue;
    const std::string_view there = trim(*field);
    *field = std::string(there) + (there.empty() || there.ends_with(',') ? "" : ",") + (there.empty() ? "" : " ") + value;
  }
}

}  // namespace alphamail
