// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/compose_send.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "common/characters.h"
#include "common/seal.h"
#include "common/utf8.h"
#include "mod_alphamail/compose_spool.h"
#include "mod_alphamail/header_writer.h"
#include "mod_alphamail/mime_writer.h"
#include "mod_alphamail/percent.h"
#include "mod_alphamail/spool_writer.h"
#include "mod_alphamail/thread_fields.h"

namespace alphamail {
namespace {

const char* fault_words(AddressFault fault, const Language& l) {
  switch (fault) {
    case AddressFault::kNoAt: return l.tr("“{1}” has no @: it is no address.");
    case AddressFault::kLocalPart: return l.tr("“{1}”: what stands before the @ cannot be right.");
    case AddressFault::kHost: return l.tr("“{1}”: what stands behind the @ is no domain.");
    case AddressFault::kLength: return l.tr("“{1}” is longer than an address may be.");
    case AddressFault::kUnclosed: return l.tr("“{1}”: a quote or bracket is open.");
    case AddressFault::kControl: return l.tr("“{1}” holds a control character.");
  }
  return "";
}

void check_addresses(const Language& l, const char* field, const std::string& typed, TypedAddresses& out, bool draft,
                     std::vector<ComposeFault>& faults) {
  out = read_typed_addresses(typed, kMostRecipients);
  if (draft) return;
  constexpr std::size_t kNamed = 20;
  for (std::size_t i = 0; i < out.bad.size() && i < kNamed; ++i) {
    faults.push_back({field, fill(fault_words(out.bad[i].fault, l), {valid_utf8(out.bad[i].typed)})});
  }
  if (out.bad.size() > kNamed) {
    faults.push_back({field, fill(l.tr("And {1} more that are no addresses."),
                                  {l.formats().number(out.bad.size() - kNamed)})});
  }
  if (out.too_many) {
    faults.push_back({field, fill(l.tr("A message goes to at most {1} addresses."),
                                  {l.formats().number(kMostRecipients)})});
  }
}

/// Takes out what may not stand in a header field; says whether there was any.
bool clean_line(std::string& text) {
  if (is_header_text(text)) return false;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    if (!c.valid || is_control(c.value)) {
      out += ' ';
    } else {
      out += text.substr(at, c.length);
    }
    at += c.length;
  }
  text = std::move(out);
  return true;
}

void check_size(const Request& request, const Language& l, const ComposeForm& form, std::vector<ComposeFault>& faults) {
  const std::uint64_t limit = std::uint64_t{request.site.config.upload_limit_mb} * 1000000;
  const std::uint64_t bytes = form.attached_bytes();
  if (bytes <= limit) return;
  faults.push_back({"attachments", fill(l.tr("The attachments have {1} bytes together; a message may have {2}."),
                                        {l.formats().number(bytes), l.formats().number(limit)})});
}

std::vector<Address> typed_addresses(const std::string& typed) { return read_typed_addresses(typed, 100).good; }

std::string host_for_id(const Identity& identity) {
  const std::string host = host_of(identity.address);
  const bool plain = !host.empty() && is_printable_ascii(host) && !host.starts_with('[');
  return plain ? host : "alphamail.invalid";
}

/// Which message a form is: the same one however often it is sent, by a double click, a reload or because no answer
/// came; another one once its words have changed, so that nothing typed behind Back is taken for what was sent. A file
/// that comes along each time is the same by its name and size.
wire::SpoolId key_of(const ComposeForm& form) {
  std::string all = "alphamail message key v1 " + spool_word(form.key);
  for (const std::string* text : {&form.from, &form.to, &form.cc, &form.bcc, &form.subject, &form.body}) {
    all.append(1, '\0').append(*text);
  }
  for (const ComposeAttachment& a : form.attachments) {
    all.append(1, '\0').append(std::to_string(a.size)).append(1, ' ').append(a.name);
  }
  const Digest digest = sha256(as_bytes(all));
  std::uint64_t high = 0, low = 0;
  std::memcpy(&high, digest.data(), sizeof high);
  std::memcpy(&low, digest.data() + sizeof high, sizeof low);
  return {high, low};
}

/// A message id that follows from that key, so that the same form never makes two messages.
std::string message_id_of(const ComposeForm& form, const Identity& identity) {
  const Digest digest = sha256(as_bytes("alphamail message id v1 " + spool_word(key_of(form))));
  return base64url(std::span(digest).first(18)) + "@" + host_for_id(identity);
}

OutgoingMessage message_of(const Request& request, const PageContext& context, const ComposeForm& form,
                           const CheckedForm& checked, bool draft) {
  OutgoingMessage m;
  m.date = context.now();
  m.offset = context.reader().zone.offset_at(m.date);
  m.message_id = message_id_of(form, *checked.identity);
  m.from = {checked.identity->name, checked.identity->address};
  m.reply_to = typed_addresses(checked.identity->reply_to);
  m.to = checked.to.good;
  m.cc = checked.cc.good;
  m.bcc = checked.bcc.good;
  m.keep_bcc = true;  // the webcache takes it off on the way to the mail server
  m.subject = form.subject;
  if (!form.in_reply_to.empty()) m.in_reply_to = {form.in_reply_to};
  m.references = form.references;
  m.text = form.body;
  for (const ComposeAttachment& a : form.attachments) {
    m.parts.push_back({a.name, a.type, a.type == "message/rfc822" && a.from != ComposeAttachment::From::kSpool,
                       source_of(request, a)});
  }
  if (!draft) return m;
  const auto note = [&](const char* name, std::string value) {
    if (value.size() < 900) m.notes.emplace_back(std::string(kNotePrefix) + name, std::move(value));
  };
  for (const KnownMessage& about : form.about) note("About", about.word());
  if (!form.about.empty()) note("How", form.forward ? "forward" : "reply");
  if (!checked.to.bad.empty()) note("To", percent_encode(form.to));
  if (!checked.cc.bad.empty()) note("Cc", percent_encode(form.cc));
  if (!checked.bcc.bad.empty()) note("Bcc", percent_encode(form.bcc));
  return m;
}

/// What is in a message, so that a form that was changed is not taken for the one that lies there.
std::string content_mark(const ComposeForm& form) {
  const Digest digest = sha256(as_bytes(form.spelled()));
  return base64url(std::span(digest).first(18));
}

Result<void> write_into(SpoolWriter& writer, const OutgoingMessage& message) {
  const auto written = write_message(message, [&](std::string_view piece) { return writer.write(as_bytes(piece)); });
  if (!written) return written;
  const auto finished = writer.finish();
  if (!finished) return finished.error();
  return {};
}

std::string note_of(const ComposeForm& form) {
  return content_mark(form) + " " + std::string(cut_utf8(form.subject, 300));
}

/// Writes it unless it is there. @return false where it was sent before: nothing is to be written
Result<bool> spool_message(const Request& request, const PageContext& context, const ComposeForm& form,
                           const CheckedForm& checked) {
  WebcacheClient webcache = request.webcache();
  const Caller caller = request.session->caller();
  const OutgoingMessage message = message_of(request, context, form, checked, false);
  const std::uint64_t size = size_on_the_wire(form.body.size(), {form.attached_bytes()});
  const std::string note = note_of(form);
  const wire::SpoolId key = key_of(form);
  for (int attempt = 0;; ++attempt) {
    auto writer = SpoolWriter::begin(webcache, caller, wire::SpoolKind::Message, key, {.size = size, .note = note});
    if (!writer) return writer.error();
    if (!writer->exists()) {
      if (const auto written = write_into(*writer, message); !written) return written.error();
      return true;
    }
    if (attempt > 0) return true;
    if (webcache.outgoing(caller, key)) return false;
    // It was written and never given to Send: written anew.
    if (const auto gone = webcache.spool_delete(caller, wire::SpoolKind::Message, key); !gone) return gone.error();
  }
}

/// Lines of a text that are the writer's own.
template <typename Look>
void each_own_line(std::string_view text, Look&& look) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    if (line == "-- " || line == "-- \r" || line.starts_with("---------- ")) return;
    if (!line.starts_with('>')) look(line);
  }
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Optimal string alignment: a swap of neighbours counts once.
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::vector<std::string> CheckedForm::recipients() const {
  std::vector<std::string> all;
  std::unordered_set<std::string> seen;
  for (const TypedAddresses* list : {&to, &cc, &bcc}) {
    for (const Address& a : list->good) {
      if (seen.insert(comparable(a.mailbox)).second) all.push_back(a.mailbox);
    }
  }
  return all;
}

CheckedForm check_form(const Request& request, const Language& l, ComposeForm& form,
                       const std::vector<Identity>& identities, bool draft, std::vector<ComposeFault>& faults) {
  CheckedForm checked;
  checked.identity = &identity_of(identities, form.from);
  const std::string own = request.session->address();
  if (!form.from.empty() && checked.identity->id != form.from) {
    // Nobody's name is put under a letter in silence.
    faults.push_back({"from", fill(l.tr("The identity that was chosen is not there any more. This would be sent from {1}; "
                                        "choose another one, or send again."), {checked.identity->address})});
    form.from = checked.identity->id;
  }
  if (!may_use(request.site.config, own, checked.identity->address)) {
    faults.push_back({"from", fill(l.tr("You may not write from {1}; choose another address."),
                                   {checked.identity->address})});
  }
  check_addresses(l, "to", form.to, checked.to, draft, faults);
  check_addresses(l, "cc", form.cc, checked.cc, draft, faults);
  check_addresses(l, "bcc", form.bcc, checked.bcc, draft, faults);
  if (clean_line(form.subject) && !draft) {
    faults.push_back({"subject", l.tr("There were line breaks or control characters in the subject. They were taken "
                                      "out; look at it and send again.")});
  }
  if (checked.identity->bcc_self && !draft) {
    const auto self = check_mailbox(checked.identity->address);
    if (!self.mailbox.empty()) checked.bcc.good.push_back({"", self.mailbox});
  }
  const bool anybody = !checked.to.good.empty() || !checked.cc.good.empty() || !read_typed_addresses(form.bcc, 1).good.empty();
  const bool mistyped = !checked.to.bad.empty() || !checked.cc.bad.empty() || !checked.bcc.bad.empty();
  if (!draft && !anybody && !mistyped) {
    faults.push_back({"to", l.tr("There is no address that the message could go to.")});
  }
  check_size(request, l, form, faults);
  return checked;
}

bool speaks_of_attachment(std::string_view text) {
  // Beginnings of words. Those of French, Spanish and the others that people at universities write in.
  static constexpr std::string_view kWords[] = {
      "attached", "attachment", "enclosed", "i attach", "anhang", "anlage", "angehängt", "angehaengt", "beigefügt",
      "beigefuegt", "anbei", "pièce jointe", "piece jointe", "pièces jointes", "ci-joint", "adjunto", "adjunta",
      "allegato", "allegata", "in allegato", "bijlage", "bijgevoegd", "em anexo", "bifogad", "vedhæftet",
      "vedlagt", "liitteenä", "załącz", "v příloze", "прикреп", "вложен"};
  bool found = false;
  each_own_line(text, [&](std::string_view line) {
    if (found) return;
    const std::string low = lower(line);
    for (const std::string_view word : kWords) {
      for (std::size_t at = low.find(word); at != std::string::npos && !found; at = low.find(word, at + 1)) {
        const unsigned char before = at == 0 ? ' ' : static_cast<unsigned char>(low[at - 1]);
        found = before < 0x80 && !is_letter(static_cast<char>(before));
      }
    }
  });
  return found;
}

std::string likely_domain(std::string_view domain, const std::vector<std::string>& known) {
  std::string likely;
  for (const std::string& one : known) {
    if (one == domain) return "";
    const std::size_t longer = std::max(one.size(), domain.size()), shorter = std::min(one.size(), domain.size());
    if (longer > 100 || longer - shorter > 1 || shorter < 5) continue;
    if (edit_distance(one, domain) == 1) likely = one;
  }
  return likely;
}

std::vector<ComposeQuestion> questions_before(const Request& request, const Language& l, const ComposeForm& form,
                                              const CheckedForm& checked) {
  std::vector<ComposeQuestion> questions;
  const Settings& chosen = request.session->settings;
  const Config& config = request.site.config;
  if (chosen.ask_subject && trim(form.subject).empty()) {
    questions.push_back({"subject", l.tr("There is no subject.")});
  }
  if (chosen.ask_attachment && form.attachments.empty() && speaks_of_attachment(form.body)) {
    questions.push_back({"attachment", l.tr("The text speaks of an attachment, and there is none.")});
  }
  const auto recipients = checked.recipients();
  if (chosen.ask_many && form.many > 0 && recipients.size() > config.ask_recipients) {
    questions.push_back({"many", fill(l.tr("This answer goes to {1} addresses."), {l.formats().number(recipients.size())})});
  }
  if (!chosen.ask_domain) return questions;
  std::vector<std::string> known = config.campus_domains;
  for (const MailServer& server : config.imap_servers) known.push_back(server.domain);
  for (const char* common : {"gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "web.de"}) known.emplace_back(common);
  std::vector<std::string> outside;
  for (const std::string& mailbox : recipients) {
    const std::string host = host_of(mailbox);
    if (const std::string likely = likely_domain(host, known); !likely.empty() && questions.size() < 20) {
      questions.push_back({"domain", fill(l.tr("{1}: is {2} meant?"), {mailbox, likely})});
    }
    const auto ends_in = [&](const std::string& campus) { return host == campus || host.ends_with("." + campus); };
    if (!config.campus_domains.empty() && std::none_of(config.campus_domains.begin(), config.campus_domains.end(), ends_in)) {
      outside.push_back(mailbox);
    }
  }
  if (!outside.empty()) {
    std::string names;
    for (std::size_t i = 0; i < outside.size() && i < 5; ++i) names += (i ? ", " : "") + outside[i];
    if (outside.size() > 5) names += " …";
    questions.push_back({"domain", fill(l.trn("{1} recipient is outside of here: {2}", "{1} recipients are outside of here: {2}",
                                              outside.size()), {l.formats().number(outside.size()), names})});
  }
  return questions;
}

Result<Reply<wire::OutboxEntry>> send_form(const Request& request, const PageContext& context, const ComposeForm& form,
                                           const CheckedForm& checked) {
  WebcacheClient webcache = request.webcache();
  const Caller caller = request.session->caller();
  const auto fresh = spool_message(request, context, form, checked);
  if (!fresh) return fresh.error().while_doing("writing the message");
  const wire::SpoolId key = key_of(form);
  if (!*fresh) return webcache.outgoing(caller, key, Millis{3000});
  const std::vector<std::string> recipients = checked.recipients();
  std::vector<ShownMessage> about;
  for (const KnownMessage& message : form.about) about.push_back(message.shown());
  Outgoing outgoing;
  outgoing.id = key;
  outgoing.from = checked.identity->address;
  outgoing.recipients = recipients;
  outgoing.hold_seconds = request.session->settings.undo_seconds;
  outgoing.mark = form.forward ? wire::Mark::Forwarded : wire::Mark::Answered;
  outgoing.marked = about;
  if (form.draft) outgoing.draft = form.draft->shown();
  auto entry = webcache.send(caller, outgoing);
  const bool nothing_done = !entry && entry.error().code != Code::kNoWebcache && entry.error().code != Code::kTimeout;
  // A form that is corrected is another message.
  if (nothing_done) (void)webcache.spool_delete(caller, wire::SpoolKind::Message, key);
  return entry;
}

Result<bool> save_draft(const Request& request, const PageContext& context, ComposeForm& form,
                        const CheckedForm& checked) {
  WebcacheClient webcache = request.webcache();
  const Caller caller = request.session->caller();
  OutgoingMessage message = message_of(request, context, form, checked, true);
  message.message_id = new_message_id(host_for_id(*checked.identity));  // each draft is a message of its own
  auto writer = SpoolWriter::begin(webcache, caller, wire::SpoolKind::Message, {},
                                   {.size = size_on_the_wire(form.body.size(), {form.attached_bytes()}), .note = note_of(form)});
  if (!writer) return writer.error();
  if (const auto written = write_into(*writer, message); !written) {
    (void)webcache.spool_delete(caller, wire::SpoolKind::Message, writer->id());
    return written.error();
  }
  auto saved = form.draft ? webcache.save_draft(caller, writer->id(), form.draft->shown())
                          : webcache.save_draft(caller, writer->id());
  const bool changed = !saved && saved.error().code == Code::kChanged && form.draft;
  if (changed) saved = webcache.save_draft(caller, writer->id());
  if (!saved) {
    (void)webcache.spool_delete(caller, wire::SpoolKind::Message, writer->id());
    return saved.error();
  }
  const std::optional<KnownMessage> before = form.draft;
  form.draft = KnownMessage::of(*(*saved)->draft());
  // Parts that were read from the draft before are now where this one has them: behind the text.
  for (std::size_t i = 0; i < form.attachments.size(); ++i) {
    ComposeAttachment& a = form.attachments[i];
    if (a.from != ComposeAttachment::From::kPart || !before || a.message.uid != before->uid ||
        a.message.folder != before->folder || a.message.uid_validity != before->uid_validity) {
      continue;
    }
    a.message = *form.draft;
    a.section = std::to_string(i + 2);
  }
  return changed;
}

}  // namespace alphamail
