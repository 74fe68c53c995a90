// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/message_view.h"

#include <algorithm>

#include "mod_alphamail/action_view.h"
#include "mod_alphamail/links.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/name_deceit.h"
#include "mod_alphamail/sizes.h"
#include "mod_alphamail/standing_view.h"
#include "mod_alphamail/trust_view.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

/// Recipients named above the fold.
constexpr std::size_t kShortList = 3;
/// Quotes of more lines are folded.
constexpr std::ptrdiff_t kQuoteShown = 8;
/// Blocks and links of a page; a text that has more of them was made to be a burden, and is cut.
constexpr std::size_t kMaxBlocks = 3000;
constexpr std::size_t kMaxLinks = 3000;

bool has(const wire::MessageView& view, wire::Flag flag) {
  return (view.flags() & static_cast<std::uint16_t>(flag)) != 0;
}

std::string full_name(const Address& written) {
  const Address address = shown_address(written);
  if (address.name.empty()) return address.mailbox;
  if (address.mailbox.empty()) return address.name;
  return address.name + " <" + address.mailbox + ">";
}

/// A name that passes for an address does not stand alone.
std::string short_name(const Address& address) {
  if (passes_for_an_address(address)) return full_name(address);
  const Address shown = shown_address(address);
  return shown.name.empty() ? shown.mailbox : shown.name;
}

/// What people call a type.
const char* kind_of(std::string_view type, const Language& language) {
  if (type == "application/pdf") return language.tr("PDF");
  if (type == "text/calendar") return language.tr("Appointment");
  if (type == "text/vcard" || type == "text/x-vcard") return language.tr("Contact");
  if (type == "message/rfc822") return language.tr("Message");
  if (type.starts_with("image/")) return language.tr("Picture");
  if (type.starts_with("audio/")) return language.tr("Sound");
  if (type.starts_with("video/")) return language.tr("Film");
  if (type.starts_with("text/")) return language.tr("Text");
  for (const std::string_view part : {"zip", "tar", "compressed", "rar", "7z"}) {
    if (type.find(part) != std::string_view::npos) return language.tr("Archive file");
  }
  if (type.find("sheet") != std::string_view::npos || type.find("excel") != std::string_view::npos) {
    return language.tr("Spreadsheet");
  }
  if (type.find("presentation") != std::string_view::npos || type.find("powerpoint") != std::string_view::npos) {
    return language.tr("Presentation");
  }
  if (type.find("word") != std::string_view::npos || type.find("opendocument.text") != std::string_view::npos) {
    return language.tr("Document");
  }
  return language.tr("File");
}

class MessagePage {
 public:
  MessagePage(Frame& frame, const MessageInput& message)
      : frame_(frame),
        message_(message),
        language_(frame.reader().language),
        sizes_(language_),
        page_(&frame, {Name::TEXT_NONE, Name::TEXT_MISSING, Name::HEADER_CUT, Name::ATTACHMENTS,
                       Name::TO_SHORT, Name::TEXT_PART, Name::REPORT, Name::TARGET, Name::TRUST,
                       Name::DECEIT, Name::STANDING, Name::CONTACT_ADDRESS_TEXT, Name::CONTACT_NAME}) {}

  std::string_view render() {
    add_way_around();
    add_what_can_be_done();
    add_head();
    add_trust(page_, message_.trust, language_);
    add_deceits(page_, message_.header, message_.own_domains, language_);
    add_recipients();
    add_fields();
    add_attachments();
    add_texts();
    return frame_.reader().templates.expand(PageTemplate::kMessage, language_, page_);
  }

 private:
  void add_way_around();
  void add_what_can_be_done();
  void add_head();
  void add_recipients();
  void add_fields();
  void add_field(const char* name, const std::vector<Address>& addresses);
  void add_field(const char* name, std::string text);
  void add_attachments();
  void add_texts();
  /// @return false where not all of them were shown
  bool add_blocks(Values& part, const std::vector<TextBlock>& blocks);
  std::string fold_label(const std::vector<TextBlock>& blocks, std::size_t first,
                         std::size_t end) const;

  Frame& frame_;
  const MessageInput& message_;
  const Language& language_;
  const Sizes sizes_;
  Values page_;
  std::size_t blocks_left_ = kMaxBlocks;
  std::size_t links_left_ = kMaxLinks;
};

void MessagePage::add_way_around() {
  const auto& view = message_.view;
  const std::string_view folder = text_of(view.folder()->address());
  const std::string_view mount = frame_.input().mount;
  const ListSort& sort = message_.sort;
  page_.set(Name::BACK_URL, url_of_folder(mount, folder) + sort.query(view.page()));
  page_.set(Name::FOLDER_NAME, folder_label(*view.folder(), language_));
  page_.set(Name::ABOUT, query_value(folder) + "/" + std::to_string(view.uid()));
  page_.flag(Name::FROM_LIST, !message_.header.list.empty());
  if (!message_.header.from.empty()) {
    const Address& from = message_.header.from.front();
    page_.set(Name::CONTACT_ADDRESS_TEXT, query_value(from.mailbox));
    page_.set(Name::CONTACT_NAME, query_value(from.name));
  }
  page_.set(Name::MESSAGE_URL, url_of_message(mount, folder, view.uid()));
  page_.set(Name::VALIDITY, std::to_string(view.uid_validity()));
  const auto neighbour = [&](Name url, Name none, std::uint32_t uid) {
    page_.set(url, uid ? url_of_message(mount, folder, uid) + sort.query() : std::string());
    page_.flag(none, uid == 0);
  };
  page_.set(Name::NEWER_WORD, sort.before(language_));
  page_.set(Name::OLDER_WORD, sort.behind(language_));
  neighbour(Name::NEWER_URL, Name::NEWER_NONE, view.newer());
  neighbour(Name::OLDER_URL, Name::OLDER_NONE, view.older());
  const Formats& formats = language_.formats();
  page_.set(Name::POSITION, fill(language_.tr("{1} of {2}"), {formats.number(view.position()),
                                                              formats.number(view.total())}));
}

void MessagePage::add_what_can_be_done() {
  const auto& view = message_.view;
  const std::string_view folder = text_of(view.folder()->address());
  const bool in_trash = view.folder()->role() == wire::Role::Trash;
  const bool starred = has(view, wire::Flag::Flagged);
  page_.set(Name::ACT_URL, url_of_message(frame_.input().mount, folder, view.uid()) + message_.sort.query());
  page_.set(Name::MARK, mark_of(view.uid(), view.identity()));
  page_.set(Name::PAGE, std::to_string(view.page()));
  page_.flag(Name::CAN_CHANGE, true);  // what a folder does not allow is said when it is tried
  page_.set(Name::DELETE_DO, in_trash ? "purge" : "delete");
  page_.set(Name::DELETE_WORD, in_trash ? language_.tr("Delete for good") : language_.tr("Delete"));
  page_.set(Name::STAR_DO, starred ? "unstar" : "star");
  page_.set(Name::STAR_WORD, starred ? language_.tr("Remove star") : language_.tr("Add star"));
  add_actions(page_, frame_, view.reports(), message_.notice, folder,
              url_of_folder(frame_.input().mount, folder) + message_.sort.query(),
              std::string(message_.here));
  add_standing(page_, frame_, view.standing(), view.checked(), std::string(message_.here));
}

void MessagePage::add_head() {
  const MessageHeader& header = message_.header;
  const std::string_view subject =
      header.subject.empty() ? std::string_view{language_.tr("(no subject)")} : header.subject;
  frame_.set_title(std::string(subject));
  page_.set(Name::SUBJECT, subject);
  page_.flag(Name::STARRED, has(message_.view, wire::Flag::Flagged));
  page_.flag(Name::ANSWERED, has(message_.view, wire::Flag::Answered));
  page_.flag(Name::FORWARDED, has(message_.view, wire::Flag::Forwarded));
  page_.flag(Name::HEADER_CUT, message_.view.header_cut() || header.cut);

  if (header.from.empty()) {
    page_.set(Name::FROM, language_.tr("(no sender)"));
    page_.set(Name::FROM_ADDRESS, "");
  } else {
    const Address from = shown_address(header.from.front());
    page_.set(Name::FROM, from.name.empty() ? std::string(from.mailbox) : std::string(from.name));
    page_.set(Name::FROM_ADDRESS, from.name.empty() ? std::string() : std::string(from.mailbox));
  }

  const LocalTime when =
      frame_.reader().zone.local(header.date ? *header.date : message_.view.arrived());
  std::string iso, full;
  iso_time(when, iso);
  language_.formats().full(when, full);
  page_.set(Name::WHEN_ISO, std::move(iso));
  page_.set(Name::WHEN_FULL, std::move(full));
}

void MessagePage::add_recipients() {
  const MessageHeader& header = message_.header;
  std::vector<const Address*> all;
  for (const auto& a : header.to) all.push_back(&a);
  for (const auto& a : header.cc) all.push_back(&a);
  const std::size_t shown = std::min(all.size(), kShortList);
  for (std::size_t i = 0; i < shown; ++i) {
    Values& item = page_.add(Name::TO_SHORT);
    item.flag(Name::TO_FIRST, i == 0);
    item.set(Name::TO_NAME, short_name(*all[i]));
    item.flag(Name::TO_COMMA, i + 1 < shown);
  }
  const std::size_t more = all.size() - shown;
  page_.set(Name::TO_MORE,
            more == 0 ? std::string(language_.tr("Details"))
                      : fill(language_.trn("and {1} more, details", "and {1} more, details", more),
                             {language_.formats().number(more)}));
}

void MessagePage::add_field(const char* name, const std::vector<Address>& addresses) {
  if (addresses.empty()) return;
  Values& field = page_.add(Name::FIELD, {Name::FIELD_TEXT});
  field.set(Name::FIELD_NAME, name);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    Values& item = field.add(Name::FIELD_ADDRESS);
    item.set(Name::ADDRESS_TEXT, full_name(addresses[i]));
    item.flag(Name::ADDRESS_COMMA, i + 1 < addresses.size());
  }
}

void MessagePage::add_field(const char* name, std::string text) {
  if (text.empty()) return;
  Values& field = page_.add(Name::FIELD, {Name::FIELD_ADDRESS});
  field.set(Name::FIELD_NAME, name);
  field.set(Name::FIELD_TEXT, std::move(text));
}

void MessagePage::add_fields() {
  const MessageHeader& header = message_.header;
  add_field(language_.tr("From"), header.from);
  add_field(language_.tr("Sender"), header.sender);
  add_field(language_.tr("To"), header.to);
  add_field(language_.tr("Copy"), header.cc);
  add_field(language_.tr("Blind copy"), header.bcc);
  add_field(language_.tr("Reply to"), header.reply_to);
  add_field(language_.tr("List"), header.list);
  if (!header.date) add_field(language_.tr("Date as written"), header.date_text);
  std::string arrived;
  language_.formats().full(frame_.reader().zone.local(message_.view.arrived()), arrived);
  add_field(language_.tr("Arrived"), std::move(arrived));
  add_field(language_.tr("Folder"), std::string(folder_label(*message_.view.folder(), language_)));
  add_field(language_.tr("Size"), sizes_.of(message_.view.size()));
  add_field(language_.tr("Message ID"), header.message_id);
}

void MessagePage::add_attachments() {
  std::vector<const Attachment*> shown;
  for (const auto& a : message_.content.attachments) shown.push_back(&a);
  // Pictures that the HTML version shows in its middle come last.
  std::stable_partition(shown.begin(), shown.end(), [](const Attachment* a) { return !a->embedded; });
  if (shown.empty()) return;
  std::uint64_t bytes = 0;
  for (const Attachment* a : shown) {
    bytes += a->size;
    Values& item = page_.add(Name::ATTACHMENT);
    item.set(Name::ATTACHMENT_ICON, a->icon);
    item.set(Name::ATTACHMENT_NAME, a->name);
    item.set(Name::ATTACHMENT_KIND, std::string(kind_of(a->type, language_)) + ", " + sizes_.of(a->size));
    item.set(Name::ATTACHMENT_SECTION, a->section);
  }
  page_.set(Name::ATTACHMENTS,
            fill(language_.trn("{1} attachment", "{1} attachments", shown.size()),
                 {language_.formats().number(shown.size())}));
  page_.set(Name::ATTACHMENTS_SIZE, sizes_.of(bytes));
}

std::string MessagePage::fold_label(const std::vector<TextBlock>& blocks, std::size_t first,
                                    std::size_t end) const {
  std::ptrdiff_t lines = 0;
  for (std::size_t i = first; i < end; ++i) {
    lines += 1 + std::count(blocks[i].text.begin(), blocks[i].text.end(), '\n');
  }
  if (lines <= kQuoteShown) return {};
  const auto n = static_cast<std::uint64_t>(lines);
  return fill(language_.trn("Quoted text, {1} line", "Quoted text, {1} lines", n),
              {language_.formats().number(n)});
}

bool MessagePage::add_blocks(Values& part, const std::vector<TextBlock>& blocks) {
  std::size_t quote_end = 0;
  bool folded = false;  // the run of quotes that i stands in
  const std::size_t count = std::min(blocks.size(), blocks_left_);
  blocks_left_ -= count;
  for (std::size_t i = 0; i < count; ++i) {
    const TextBlock& block = blocks[i];
    Values& item = part.add(Name::TEXT_BLOCK, {Name::FOLD, Name::QUOTE, Name::FOLD_END});
    if (block.quote > 0 && i >= quote_end) {  // a run of quotes begins here
      quote_end = i;
      while (quote_end < count && blocks[quote_end].quote > 0) ++quote_end;
      std::string label = fold_label(blocks, i, quote_end);
      folded = !label.empty();
      item.set(Name::FOLD, std::move(label));
    }
    item.flag(Name::FOLD_END, folded && i + 1 == quote_end);
    for (std::uint32_t q = 0; q < block.quote; ++q) item.add(Name::QUOTE);
    for (const Run& run : find_links(block.text, links_left_)) {
      links_left_ -= run.link ? 1 : 0;
      Values& piece = item.add(Name::RUN);
      piece.set(Name::RUN_TEXT, run.text);
      piece.set(Name::RUN_LINK, run.link ? run.text : std::string_view{});
    }
  }
  return count == blocks.size();
}

void MessagePage::add_texts() {
  page_.set(Name::TEXT_MISSING, message_.missing);
  bool any = false;
  for (const ReadText& text : message_.texts) {
    if (text.shown.blocks.empty() && !text.shown.cut) continue;
    any = true;
    Values& part = page_.add(Name::TEXT_PART, {Name::TEXT_BLOCK});
    part.flag(Name::FROM_HTML, text.part.html);
    part.set(Name::TEXT_SECTION, text.part.section);
    const bool whole = add_blocks(part, text.shown.blocks);
    part.flag(Name::TEXT_CUT, text.shown.cut || !whole);
  }
  page_.flag(Name::TEXT_NONE, !any && message_.missing.empty());
}

}  // namespace

std::string_view render_message(Frame& frame, const MessageInput& message) {
  return MessagePage(frame, message).render();
}

}  // namespace alphamail
