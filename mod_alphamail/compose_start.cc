// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/compose_start.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <random>

#include "common/characters.h"
#include "mod_alphamail/compose_spool.h"
#include "mod_alphamail/flowed_text.h"
#include "mod_alphamail/message_text.h"
#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/percent.h"
#include "mod_alphamail/recipients.h"
#include "mod_alphamail/thread_fields.h"
#include "mod_alphamail/urls.h"

namespace alphamail {
namespace {

constexpr std::size_t kQuoted = 1 << 20;          // bytes of text taken over
constexpr std::uint32_t kTextWithHead = 64 << 10;
constexpr std::size_t kMostTexts = 20;
constexpr std::size_t kMostForwarded = 50;

/// A message that is answered, passed on or gone on with, as far as the form needs it.
struct Opened {
  KnownMessage known;
  MessageHeader header;
  ThreadFields thread;
  MessageContent content;
  std::vector<TextBlock> text;
  std::uint64_t size = 0;
  bool cut = false;         // not all of the text is in `text`
};

struct Place {
  std::string folder;
  std::uint32_t uid = 0;
};

/// "FOLDER/UID" as an address of ours has it.
std::optional<Place> place_of(std::string_view word) {
  const std::size_t slash = word.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  Place place;
  const std::string_view digits = word.substr(slash + 1);
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), place.uid);
  if (failure != std::errc() || end != digits.data() + digits.size() || place.uid == 0) return std::nullopt;
  place.folder = word.substr(0, slash);
  return place;
}

Result<Opened> open_message(const Request& request, std::string_view word, bool with_text) {
  const auto place = place_of(word);
  if (!place) return Error{Code::kNotFound, "no such message"};
  const Session& session = *request.session;
  WebcacheClient webcache = request.webcache();
  auto reply = webcache.message(session.caller(), place->folder, place->uid, session.settings.rows, !with_text, {},
                                with_text ? kTextWithHead : 0);
  if (!reply) return reply.error().while_doing("opening a message to write about");
  const wire::MessageView& view = **reply;
  Opened opened;
  opened.known = {place->folder, view.uid_validity(), view.uid(), view.identity()};
  const std::string_view block(reinterpret_cast<const char*>(view.header()->data()), view.header()->size());
  opened.header = read_header(block);
  opened.thread = read_thread_fields(block);
  opened.content = read_content(view);
  opened.size = view.size();
  std::size_t left = kQuoted;
  for (const TextPart& part : opened.content.texts) {
    if (!with_text) break;
    if (left == 0 || &part - opened.content.texts.data() >= static_cast<std::ptrdiff_t>(kMostTexts)) {
      opened.cut = true;
      break;
    }
    const auto text = read_text_part(webcache, session.caller(), place->folder, view, part, left);
    if (!text) return text.error().while_doing("reading the text");
    for (const TextBlock& block_of : text->blocks) {
      left -= std::min(left, block_of.text.size());
      opened.text.push_back(block_of);
    }
    opened.cut = opened.cut || text->cut;
  }
  return opened;
}

bool has_prefix(std::string_view subject, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) {
    return equal_ignoring_case(subject.substr(0, w.size()), w);
  });
}

std::string names_of(const std::vector<Address>& list) { return typed_form(list); }

std::string when_of(const MessageHeader& header, const Reader& reader) {
  std::string when;
  if (header.date) {
    reader.language.formats().full(reader.zone.local(*header.date), when);
  } else {
    when = header.date_text;
  }
  return when;
}

bool is_own(const std::vector<Identity>& identities, const Address& address) {
  return identity_addressed(identities, {address}) != nullptr;
}

/// Those that are neither own nor there already.
void add_others(std::vector<Address>& list, const std::vector<Address>& more, const std::vector<Identity>& identities,
                const std::vector<Address>& there) {
  const auto among = [](const std::vector<Address>& all, const Address& one) {
    return std::any_of(all.begin(), all.end(), [&](const Address& a) {
      return comparable(a.mailbox) == comparable(one.mailbox);
    });
  };
  for (const Address& address : more) {
    if (address.mailbox.empty() || is_own(identities, address) || among(there, address) || among(list, address)) continue;
    list.push_back(address);
  }
}

void set_thread(ComposeForm& form, const Opened& opened) {
  form.references = opened.thread.references.empty() ? opened.thread.in_reply_to : opened.thread.references;
  if (!opened.thread.message_id.empty()) {
    form.in_reply_to = opened.thread.message_id;
    std::erase(form.references, opened.thread.message_id);
    form.references.push_back(opened.thread.message_id);
  }
  if (form.references.size() > ComposeForm::kIds) {
    form.references.erase(form.references.begin() + 1, form.references.end() - (ComposeForm::kIds - 1));
  }
}

void add_signature(ComposeForm& form, const Identity& identity) {
  const std::string signature = identity.signature(std::random_device{}());
  if (!signature.empty()) form.body += "\n-- \n" + signature + "\n";
}

enum class To { kSender, kAll, kList };

ComposeForm answer(const Opened& opened, To to, const PageContext& context, const std::vector<Identity>& identities) {
  ComposeForm form;
  form.key = new_spool_id();
  const MessageHeader& h = opened.header;
  std::vector<Address> written_to = h.to;
  written_to.insert(written_to.end(), h.cc.begin(), h.cc.end());
  const Identity* chosen = identity_addressed(identities, written_to);
  // Who answers what they have sent themselves goes on writing to the same people.
  const bool mine = !h.from.empty() && is_own(identities, h.from.front());
  if (mine) chosen = identity_addressed(identities, h.from);
  const Identity& identity = chosen ? *chosen : identities.front();
  form.from = identity.id;
  std::vector<Address> target = mine ? h.to : h.reply_to.empty() ? h.from : h.reply_to;
  if (to == To::kList && !opened.thread.list_post.empty()) target = {{"", opened.thread.list_post}};
  std::vector<Address> copies;
  if (to == To::kAll) {
    std::vector<Address> others;
    if (!mine) add_others(others, h.to, identities, target);
    add_others(others, h.cc, identities, target);
    copies = std::move(others);
    form.many = static_cast<std::uint32_t>(target.size() + copies.size());
  }
  form.to = names_of(target);
  form.cc = names_of(copies);
  form.subject = answer_subject(h.subject);
  form.about = {opened.known};
  set_thread(form, opened);
  const Language& l = context.reader().language;
  const std::string who = h.from.empty() ? std::string(l.tr("somebody"))
                          : h.from.front().name.empty() ? h.from.front().mailbox : h.from.front().name;
  form.body = "\n\n" + fill(l.tr("On {1}, {2} wrote:"), {when_of(h, context.reader()), who}) + "\n" +
              quoted_text(opened.text, kQuoted);
  add_signature(form, identity);
  return form;
}

ComposeAttachment attached(const Opened& opened, const Language& language) {
  ComposeAttachment a;
  a.from = ComposeAttachment::From::kMessage;
  a.message = opened.known;
  a.size = opened.size;
  a.type = "message/rfc822";
  a.name = clean_file_name(opened.header.subject.empty() ? std::string(language.tr("Message")) : opened.header.subject);
  if (a.name.size() > 200) a.name = cut_utf8(a.name, 200);
  a.name += ".eml";
  return a;
}

void take_attachments(ComposeForm& form, const Opened& opened) {
  for (const Attachment& part : opened.content.attachments) {
    if (form.attachments.size() == ComposeForm::kAttachments) break;
    ComposeAttachment a;
    a.from = ComposeAttachment::From::kPart;
    a.message = opened.known;
    a.section = part.section;
    a.size = part.size;
    a.type = part.type;
    a.name = part.name;
    form.attachments.push_back(std::move(a));
  }
}

ComposeForm forward_in_text(const Opened& opened, const PageContext& context, const std::vector<Identity>& identities) {
  ComposeForm form;
  form.key = new_spool_id();
  const Identity* chosen = identity_addressed(identities, opened.header.to);
  const Identity& identity = chosen ? *chosen : identities.front();
  form.from = identity.id;
  form.forward = true;
  form.about = {opened.known};
  form.subject = forward_subject(opened.header.subject);
  const Language& l = context.reader().language;
  form.body = "\n\n---------- " + std::string(l.tr("Forwarded message")) + " ----------\n";
  const auto line = [&](const char* name, const std::string& value) {
    if (!value.empty()) form.body += std::string(name) + ": " + value + "\n";
  };
  line(l.tr("From"), names_of(opened.header.from));
  line(l.tr("Date"), when_of(opened.header, context.reader()));
  line(l.tr("Subject"), opened.header.subject);
  line(l.tr("To"), names_of(opened.header.to));
  line(l.tr("Cc"), names_of(opened.header.cc));
  form.body += "\n" + plain_text(opened.text, kQuoted);
  take_attachments(form, opened);
  add_signature(form, identity);
  return form;
}

ComposeForm from_draft(const Opened& opened, const std::vector<Identity>& identities) {
  ComposeForm form;
  form.key = new_spool_id();
  const MessageHeader& h = opened.header;
  form.to = names_of(h.to);
  form.cc = names_of(h.cc);
  form.bcc = names_of(h.bcc);
  form.subject = h.subject;
  form.body = plain_text(opened.text, kQuoted);
  if (form.body.ends_with('\n')) form.body.pop_back();
  if (const Identity* identity = identity_addressed(identities, h.from)) form.from = identity->id;
  form.in_reply_to = opened.thread.in_reply_to.empty() ? "" : opened.thread.in_reply_to.front();
  form.references = opened.thread.references;
  for (const auto& [name, value] : opened.thread.notes) {
    if (name == "about" && form.about.size() < ComposeForm::kAbout) {
      if (auto about = KnownMessage::of(value)) form.about.push_back(std::move(*about));
    }
    if (name == "how") form.forward = value == "forward";
    // What could not be read as addresses when the draft was saved.
    if (name == "to" || name == "cc" || name == "bcc") {
      auto typed = percent_decode(value);
      if (typed && is_utf8_text(*typed)) (name == "to" ? form.to : name == "cc" ? form.cc : form.bcc) = *typed;
    }
  }
  form.draft = opened.known;
  take_attachments(form, opened);
  return form;
}

Result<ComposeForm> forward_attached(const Request& request, const PageContext& context,
                                     const std::vector<Identity>& identities) {
  ComposeForm form;
  form.key = new_spool_id();
  form.forward = true;
  form.from = identities.front().id;
  for (const auto& [name, value] : request.query.all) {
    if (name != "forwardas") continue;
    if (form.about.size() == kMostForwarded) return Error{Code::kTooLarge, "too many messages to attach"};
    const auto opened = open_message(request, value, false);
    if (!opened) return opened.error();
    form.attachments.push_back(attached(*opened, context.reader().language));
    form.about.push_back(opened->known);
    if (form.about.size() == 1) form.subject = forward_subject(opened->header.subject);
  }
  add_signature(form, identities.front());
  return form;
}

/// One line for one that is typed on one.
std::string single_line(std::string_view text) {
  std::string out(text);
  std::replace_if(out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return out;
}

ComposeForm from_query(const Fields& query, const std::vector<Identity>& identities) {
  ComposeForm form;
  form.key = new_spool_id();
  form.from = identities.front().id;
  const std::string_view to = query.get("to");
  if (equal_ignoring_case(to.substr(0, 7), "mailto:")) {
    take_mailto(form, to);
  } else {
    form.to = single_line(to);
  }
  // Not Bcc: an address that somebody else made must add no recipient that is easily overlooked.
  if (query.has("cc")) form.cc = single_line(query.get("cc"));
  if (query.has("subject")) form.subject = single_line(query.get("subject"));
  if (query.has("body")) form.body = query.get("body");
  std::erase(form.body, '\r');
  add_signature(form, identities.front());
  return form;
}

}  // namespace

std::string answer_subject(std::string_view subject) {
  if (has_prefix(subject, {"re:", "aw:", "antw:", "sv:"})) return "Re:" + std::string(subject.substr(subject.find(':') + 1));
  return subject.empty() ? "Re:" : "Re: " + std::string(subject);
}

std::string forward_subject(std::string_view subject) {
  if (has_prefix(subject, {"fwd:", "fw:", "wg:"})) return std::string(subject);
  return subject.empty() ? "Fwd:" : "Fwd: " + std::string(subject);
}

void take_mailto(ComposeForm& form, std::string_view address) {
  address.remove_prefix(std::min<std::size_t>(address.size(), 7));
  const std::size_t question = std::min(address.find('?'), address.size());
  const auto add = [](std::string& field, std::string_view encoded) {
    auto text = percent_decode(encoded);
    if (!text || !is_utf8_text(*text)) return;
    if (!field.empty() && !text->empty()) field += ", ";
    field += single_line(*text);
  };
  add(form.to, address.substr(0, question));
  address.remove_prefix(std::min(address.size(), question + 1));
  while (!address.empty()) {
    const std::string_view pair = address.substr(0, address.find('&'));
    address.remove_prefix(std::min(address.size(), pair.size() + 1));
    const std::string name = lower(pair.substr(0, pair.find('=')));
    const std::string_view value = pair.substr(std::min(pair.size(), name.size() + 1));
    if (name == "to") add(form.to, value);
    if (name == "cc") add(form.cc, value);
    if (name == "subject" && form.subject.empty()) add(form.subject, value);
    if (name == "body" && form.body.empty()) {
      if (auto text = percent_decode(value); text && is_utf8_text(*text)) form.body = *text;
      std::erase(form.body, '\r');
    }
  }
}

Result<ComposeForm> start_compose(const Request& request, const PageContext& context,
                                  const std::vector<Identity>& identities, std::vector<std::string>& notices) {
  const Fields& query = request.query;
  const Language& l = context.reader().language;
  if (const std::string_view word = query.get("resume"); !word.empty()) {
    const auto id = read_spool_word(word);
    if (!id) return Error{Code::kNotFound, "no such text"};
    auto form = read_kept_form(request, *id);
    if (form) notices.emplace_back(l.tr("Here is what you had written."));
    return form;
  }
  if (query.has("forwardas")) return forward_attached(request, context, identities);
  constexpr std::pair<const char*, int> kAbout[] = {
      {"reply", 0}, {"replyall", 1}, {"replylist", 2}, {"forward", 3}, {"draft", 4}};
  for (const auto& [name, kind] : kAbout) {
    if (!query.has(name)) continue;
    const auto opened = open_message(request, query.get(name), true);
    if (!opened) return opened.error();
    if (opened->cut) notices.emplace_back(l.tr("The text of the message is long; its end is not taken over."));
    ComposeForm form = kind == 3   ? forward_in_text(*opened, context, identities)
                       : kind == 4 ? from_draft(*opened, identities)
                                   : answer(*opened, static_cast<To>(kind), context, identities);
    if (kind < 4) form.back = url_of_message("", opened->known.folder, opened->known.uid);
    return form;
  }
  return from_query(query, identities);
}

}  // namespace alphamail
