// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/compose_view.h"

#include <algorithm>

#include "mod_alphamail/sizes.h"

namespace alphamail {
namespace {

const char* icon_of(std::string_view type) {
  if (type.starts_with("image/")) return "image";
  if (type == "message/rfc822") return "mail";
  return "file-text";
}

std::string heading_of(const ComposeForm& form, const Language& l) {
  if (form.forward) return l.tr("Forward");
  if (!form.about.empty()) return l.tr("Reply");
  return form.draft ? l.tr("Draft") : l.tr("New message");
}

void add_attachments(Values& page, const Frame& frame, const ComposeInput& input) {
  const Language& l = frame.reader().language;
  const Sizes sizes(l);
  page.flag(Name::ATTACHED_ANY, !input.form.attachments.empty());
  for (std::size_t i = 0; i < input.form.attachments.size(); ++i) {
    const ComposeAttachment& a = input.form.attachments[i];
    Values& item = page.add(Name::ATTACHED);
    item.set(Name::ATTACHED_ICON, icon_of(a.type));
    item.set(Name::ATTACHED_NAME, a.name);
    item.set(Name::ATTACHED_SIZE, sizes.of(a.size));
    item.set(Name::ATTACHED_NUMBER, std::to_string(i + 1));
    item.set(Name::ATTACHED_REMOVE, fill(l.tr("Remove {1}"), {a.name}));
  }
  page.set(Name::ATTACHED_ROOM, std::to_string(input.limit - std::min(input.limit, input.form.attached_bytes())));
  const std::uint64_t bytes = input.form.attached_bytes();
  page.set(Name::ATTACHED_OF, bytes == 0 ? fill(l.tr("At most {1}"), {sizes.of(input.limit)})
                                         : fill(l.tr("{1} of at most {2}"), {sizes.of(bytes), sizes.of(input.limit)}));
}

void add_faults(Values& page, const Frame& frame, const ComposeInput& input) {
  const Language& l = frame.reader().language;
  if (!input.faults.empty()) page.set(Name::COMPOSE_FAULTS, l.tr("This was not sent. All that you wrote is still here."));
  for (const ComposeFault& fault : input.faults) {
    Values& item = page.add(Name::FAULT);
    item.set(Name::FAULT_FIELD, fault.field);
    item.set(Name::FAULT_WORDS, fault.words);
    if (fault.field == "to") page.flag(Name::TO_WRONG, true);
    if (fault.field == "cc") page.flag(Name::CC_WRONG, true);
    if (fault.field == "bcc") page.flag(Name::BCC_WRONG, true);
  }
}

std::string recipients_of(const wire::OutboxEntry& entry, const Language& l) {
  std::string out;
  std::uint32_t shown = 0;
  if (entry.recipients()) {
    for (const auto* address : *entry.recipients()) {
      out += (out.empty() ? "" : ", ") + std::string(text_of(address));
      ++shown;
    }
  }
  if (entry.recipient_count() > shown) {
    out += fill(l.trn(" and {1} more", " and {1} more", entry.recipient_count() - shown),
                {l.formats().number(entry.recipient_count() - shown)});
  }
  return out;
}

/// An answer stands in the detail with its code.
std::string server_words(const wire::OutboxEntry& entry, const Language& l) {
  const std::string said(text_of(entry.detail()));
  return said.empty() || entry.reply() == 0 ? said : fill(l.tr("The mail server said: {1}"), {said});
}

void add_entry(Values& page, const Frame& frame, const wire::OutboxEntry& entry) {
  const Language& l = frame.reader().language;
  using State = wire::OutgoingState;
  Values& item = page.add(Name::OUTGOING);
  const std::string_view subject = outgoing_subject(entry);
  item.set(Name::OUTGOING_SUBJECT, subject.empty() ? std::string(l.tr("(no subject)")) : std::string(subject));
  std::string when;
  l.formats().full(frame.reader().zone.local(entry.since()), when);
  item.set(Name::OUTGOING_WHEN, std::move(when));
  item.set(Name::OUTGOING_STATE, outgoing_words(entry, l));
  item.set(Name::OUTGOING_WORDS, server_words(entry, l));
  item.set(Name::OUTGOING_TO, recipients_of(entry, l));
  item.set(Name::OUTGOING_ID, spool_word(*entry.id()));
  if (entry.refused() && entry.refused()->size() > 0) {
    item.flag(Name::OUTGOING_REFUSED, true);
    for (const wire::Refused* refused : *entry.refused()) {
      Values& one = item.add(Name::REFUSED);
      one.set(Name::REFUSED_ADDRESS, text_of(refused->address()));
      one.set(Name::REFUSED_WORDS, text_of(refused->words()));
    }
  }
  const State state = entry.state();
  const bool waits = state == State::Held || state == State::Failed || state == State::Uncertain || state == State::NotFiled;
  item.flag(Name::OUTGOING_BUTTONS, waits);
  item.flag(Name::MAY_RETRY, waits && state != State::Held);
  item.flag(Name::MAY_EDIT, waits && state != State::NotFiled);
  item.set(Name::RETRY_WORD, state == State::Uncertain ? l.tr("Send it again, even if it arrives twice")
                             : state == State::NotFiled ? l.tr("File the copy again") : l.tr("Try again"));
  item.set(Name::EDIT_WORD, state == State::Held ? l.tr("Undo send") : l.tr("Edit"));
}

}  // namespace

std::string_view render_compose(Frame& frame, const ComposeInput& input) {
  const Language& l = frame.reader().language;
  const ComposeForm& form = input.form;
  Values page(&frame, {Name::COMPOSE_FAULTS, Name::COMPOSE_NOTICE, Name::COMPOSE_UNSAVED, Name::TO_WRONG, Name::CC_WRONG, Name::BCC_WRONG,
                       Name::FAULT, Name::ATTACHED, Name::IDENTITY});
  const std::string heading = heading_of(form, l);
  const std::string title = form.subject.empty() ? heading : heading + ": " + form.subject;
  frame.set_title(input.faults.empty() ? title : std::string(l.tr("Not sent")) + " – " + title);
  page.set(Name::COMPOSE_HEADING, heading);
  page.set(Name::COMPOSE_STATUS, input.status);
  page.flag(Name::COMPOSE_UNSAVED, input.unsaved);
  for (auto& [name, value] : form.fields(false)) {
    Values& item = page.add(Name::HIDDEN);
    item.set(Name::HIDDEN_NAME, std::move(name));
    item.set(Name::HIDDEN_VALUE, std::move(value));
  }
  add_faults(page, frame, input);
  for (const ComposeNotice& notice : input.notices) {
    Values& item = page.add(Name::COMPOSE_NOTICE, {Name::NOTICE_LINK});
    item.set(Name::NOTICE_WORDS, notice.words);
    item.set(Name::NOTICE_LINK, notice.link);
    item.set(Name::NOTICE_LINK_WORDS, notice.link_words);
  }
  const Identity& chosen = identity_of(input.identities, form.from);
  for (const Identity& identity : input.identities) {
    Values& item = page.add(Name::IDENTITY);
    item.set(Name::IDENTITY_ID, identity.id);
    item.set(Name::IDENTITY_SHOWN, identity.shown());
    item.flag(Name::IDENTITY_CHOSEN, &identity == &chosen);
  }
  page.set(Name::TO, form.to);
  page.set(Name::CC, form.cc);
  page.set(Name::BCC, form.bcc);
  page.set(Name::SUBJECT, form.subject);
  page.set(Name::BODY, form.body);
  add_attachments(page, frame, input);
  return frame.reader().templates.expand(PageTemplate::kCompose, l, page);
}

std::string upload_words(const RefusedUpload& upload, const Language& l) {
  const std::string bytes = l.formats().number(upload.bytes);
  switch (upload.why) {
    case Code::kTooLarge:
      return fill(l.tr("{1} was not attached: it has {2} bytes, and there is room for {3}."),
                  {upload.name, bytes, l.formats().number(upload.room)});
    case Code::kThrottled:
      return fill(l.tr("{1} ({2} bytes) was not attached: what you have begun to write and what waits to be sent is already as "
                       "much as one user may have here. Throw something away, then try it again."), {upload.name, bytes});
    case Code::kStorage:
      return fill(l.tr("{1} ({2} bytes) was not attached: the disk of the mail service has no room."), {upload.name, bytes});
    case Code::kInvalid:
      return fill(l.tr("{1} was not attached: it did not arrive whole."), {upload.name});
    case Code::kBusy:
      return fill(l.tr("{1} was not attached: a message has at most {2} attachments."),
                  {upload.name, l.formats().number(ComposeForm::kAttachments)});
    default:
      return fill(l.tr("{1} ({2} bytes) was not attached: the mail service could not take it. Try it again."), {upload.name, bytes});
  }
}

std::string_view render_ask(Frame& frame, const AskInput& input) {
  Values page(&frame, {Name::QUESTION, Name::ASK_HINT});
  frame.set_title(input.heading);
  page.set(Name::ASK_HEADING, input.heading);
  page.set(Name::ASK_ICON, input.icon);
  page.set(Name::ASK_BUTTON, input.button);
  page.set(Name::ASK_DO, input.what);
  page.set(Name::KEPT, input.kept);
  page.flag(Name::ASK_HINT, input.of_settings);
  for (const std::string& words : input.questions) page.add(Name::QUESTION).set(Name::QUESTION_WORDS, words);
  return frame.reader().templates.expand(PageTemplate::kAsk, frame.reader().language, page);
}

std::string_view render_outbox(Frame& frame, const OutboxInput& input) {
  const Language& l = frame.reader().language;
  Values page(&frame, {Name::OUTGOING, Name::OUTBOX_NOTICE, Name::OUTBOX_EMPTY});
  frame.set_title(l.tr("Outbox"));
  page.set(Name::OUTBOX_NOTICE, input.notice);
  page.set(Name::OUTBOX_NOTICE_KIND, input.trouble ? "warn" : "done");
  page.flag(Name::OUTBOX_EMPTY, input.outbox.entries()->size() == 0);
  for (const wire::OutboxEntry* entry : *input.outbox.entries()) add_entry(page, frame, *entry);
  return frame.reader().templates.expand(PageTemplate::kOutbox, l, page);
}

std::string outgoing_words(const wire::OutboxEntry& entry, const Language& l) {
  switch (entry.state()) {
    case wire::OutgoingState::Held: return l.tr("Held for a moment, so that it can be taken back.");
    case wire::OutgoingState::Sending: return l.tr("Being sent.");
    case wire::OutgoingState::Uncertain:
      return l.tr("Nobody knows whether this arrived: the connection broke after all of it was sent, before the mail "
                  "server answered. It is not sent again unless you say so.");
    case wire::OutgoingState::Sent:
    case wire::OutgoingState::Done: return l.tr("Sent.");
    case wire::OutgoingState::NotFiled: return l.tr("Sent, but there is no copy in the folder for sent mail yet.");
    case wire::OutgoingState::Failed: return l.tr("Not sent.");
    case wire::OutgoingState::Drafted: return l.tr("Among the drafts again.");
    case wire::OutgoingState::Discarded: return l.tr("Discarded.");
  }
  return "";
}

std::string_view outgoing_subject(const wire::OutboxEntry& entry) {
  const std::string_view note = text_of(entry.note());
  const std::size_t space = note.find(' ');
  return space == std::string_view::npos ? std::string_view() : note.substr(space + 1);
}

}  // namespace alphamail
