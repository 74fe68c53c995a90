// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/message_view.h"

#include <algorithm>

#include "common/characters.h"
#include "mod_alphamail/action_view.h"
#include "mod_alphamail/file_kind.h"
#include "mod_alphamail/label_view.h"
#include "mod_alphamail/links.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/message_words.h"
#include "mod_alphamail/name_deceit.h"
#include "mod_alphamail/sizes.h"
#include "mod_alphamail/standing_view.h"
#include "mod_alphamail/trust_view.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

/// Recipients named above the fold.
constexpr std::size_t kShortList = 3;
/// Pictures up to this size are shown small by the page itself.
constexpr std::uint64_t kThumbnailBytes = 5 << 20;
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

bool is_mailto(std::string_view address) {
  return address.size() > 7 && equal_ignoring_case(address.substr(0, 7), "mailto:");
}

class MessagePage {
 public:
  MessagePage(Frame& frame, const MessageInput& message)
      : frame_(frame),
        message_(message),
        letter_(message.letters.front()),
        language_(frame.reader().language),
        sizes_(language_),
        base_(url_of_message(frame.input().mount, text_of(message.view.folder()->address()), message.view.uid())),
        page_(&frame, {Name::REPORT, Name::TARGET, Name::TO_SHORT, Name::TRUST, Name::DECEIT, Name::LIST_LINK,
                       Name::OUTER_URL, Name::FIELD, Name::ATTACHMENTS, Name::ATTACHMENT, Name::ZIP_URL, Name::PIECE,
                       Name::DELIVERY, Name::TEXT_PART, Name::INNER, Name::CHARSETS, Name::CHARSET,
                       Name::CHARSET_OPEN, Name::KEPT, Name::STANDING,
                       Name::LABEL, Name::LABEL_CHOICE, Name::ABOUT, Name::FROM_LIST, Name::CONTACT_ADDRESS_TEXT, Name::CONTACT_NAME}) {}

  std::string_view render() {
    add_way_around();
    add_what_can_be_done();
    add_views();
    add_head();
    add_trust(page_, message_.trust, language_);
    add_deceits(page_, letter_.header, message_.own_domains, language_);
    add_list();
    add_recipients();
    add_fields();
    add_versions();
    add_letter(page_, letter_);
    add_inner();
    add_charsets();
    const PageTemplate which = message_.print ? PageTemplate::kPrint : PageTemplate::kMessage;
    return frame_.reader().templates.expand(which, language_, page_);
  }

 private:
  void add_way_around();
  void add_what_can_be_done();
  void add_views();
  void add_head();
  void add_list();
  void add_recipients();
  void add_fields();
  void add_field(Values& where, const char* name, const std::vector<Address>& addresses);
  void add_field(Values& where, std::string_view name, std::string text);
  void add_inner();
  void add_charsets();

  // What each letter has, the page's own and those inside.
  void add_letter(Values& where, const Letter& letter);
  void add_attachments(Values& where, const Letter& letter);
  void add_attachment(Values& where, const Attachment& attachment);
  bool is_cut(const Letter& letter) const;
  void add_notices(Values& where, const Letter& letter);
  void add_texts(Values& where, const Letter& letter);
  void add_frames(Values& part, const ReadText& text, bool inside);
  void add_versions();
  void add_remote();
  std::string shown_otherwise(MessageQuery::Version version, bool remote) const;
  /// @return false where not all of them were shown
  bool add_blocks(Values& part, const std::vector<TextBlock>& blocks);
  std::string fold_label(const std::vector<TextBlock>& blocks, std::size_t first,
                         std::size_t end) const;
  std::string date_words(const MessageHeader& header) const;
  std::string url_of_part(const Attachment& attachment, bool view) const;
  /// The form for a message to a mailto: address.
  std::string form_for(std::string_view mailto) const {
    return std::string(frame_.input().mount) + "/compose?to=" + query_value(mailto);
  }
  /// This page in another view; its place in the list stays.
  std::string url_with(const MessageQuery& query) const { return base_ + query.text(message_.sort); }

  Frame& frame_;
  const MessageInput& message_;
  const Letter& letter_;
  const Language& language_;
  const Sizes sizes_;
  const std::string base_;
  Values page_;
  std::size_t blocks_left_ = kMaxBlocks;
  std::size_t links_left_ = kMaxLinks;
};

void MessagePage::add_way_around() {
  const auto& view = message_.view;
  const std::string_view folder = text_of(view.folder()->address());
  const std::string_view mount = frame_.input().mount;
  const ListSort& sort = message_.sort;
  page_.set(Name::BACK_URL, sort.url(mount, folder, view.page()));
  page_.set(Name::FOLDER_NAME, sort.search.any() ? std::string_view(language_.tr("Found messages"))
                                                 : folder_label(*view.folder(), language_));
  if (letter_.section.empty()) {  // only a message of a folder can be answered
    page_.set(Name::ABOUT, query_value(folder) + "/" + std::to_string(view.uid()));
    page_.flag(Name::FROM_LIST, !letter_.header.list.empty());
  }
  if (!letter_.header.from.empty()) {
    const Address& from = letter_.header.from.front();
    page_.set(Name::CONTACT_ADDRESS_TEXT, query_value(from.mailbox));
    page_.set(Name::CONTACT_NAME, query_value(from.name));
  }
  page_.set(Name::MESSAGE_URL, base_);
  page_.set(Name::VALIDITY, std::to_string(view.uid_validity()));
  const auto neighbour = [&](Name url, Name none, std::uint32_t uid, const flatbuffers::String* elsewhere) {
    const std::string_view lies = elsewhere ? text_of(elsewhere) : folder;
    page_.set(url, uid ? url_of_message(mount, lies, uid) + sort.query() : std::string());
    page_.flag(none, uid == 0);
  };
  page_.set(Name::NEWER_WORD, sort.before(language_));
  page_.set(Name::OLDER_WORD, sort.behind(language_));
  neighbour(Name::NEWER_URL, Name::NEWER_NONE, view.newer(), view.newer_folder());
  neighbour(Name::OLDER_URL, Name::OLDER_NONE, view.older(), view.older_folder());
  // The form that goes on to it is this folder's.
  const auto* elsewhere = view.older() ? view.older_folder() : view.newer_folder();
  const bool here = elsewhere == nullptr || text_of(elsewhere) == folder;
  const std::uint32_t next = !here ? 0 : view.older() ? view.older() : view.newer();
  page_.set(Name::NEXT_UID, next ? std::to_string(next) : std::string());
  const Formats& formats = language_.formats();
  page_.set(Name::POSITION, fill(language_.tr("{1} of {2}"), {formats.number(view.position()),
                                                              formats.number(view.total())}));
}

void MessagePage::add_what_can_be_done() {
  const auto& view = message_.view;
  const std::string_view folder = text_of(view.folder()->address());
  const bool starred = has(view, wire::Flag::Flagged);
  page_.set(Name::ACT_URL, url_of_message(frame_.input().mount, folder, view.uid()) + message_.sort.query());
  page_.set(Name::MARK, mark_of(view.uid(), view.identity()));
  page_.set(Name::PAGE, std::to_string(view.page()));
  page_.flag(Name::CAN_CHANGE, true);  // what a folder does not allow is said when it is tried
  add_tools(page_, view.folder()->role(), language_);
  page_.set(Name::STAR_DO, starred ? "unstar" : "star");
  page_.set(Name::STAR_WORD, starred ? language_.tr("Remove star") : language_.tr("Add star"));
  add_actions(page_, frame_, view.reports(), message_.notice, folder,
              message_.sort.url(frame_.input().mount, folder), std::string(message_.here));
  add_standing(page_, frame_, view.standing(), view.checked(), std::string(message_.here));
  const Labels labels(frame_.input().labels, language_);
  add_label_choices(page_, labels, view.labels());
  // They are of the message, not of one inside it.
  if (letter_.section.empty()) LabelChips(labels, view.labels(), frame_.input().mount).add_all(page_);
}

/// The same message in other ways, each an address of its own.
void MessagePage::add_views() {
  const MessageQuery& query = message_.query;
  MessageQuery other = query;
  other.raw = !query.raw;
  page_.set(Name::RAW_URL, url_with(other));
  page_.set(Name::RAW_WORD, query.raw ? language_.tr("Show formatted") : language_.tr("Show unformatted"));
  other = query;
  other.all_headers = !query.all_headers;
  page_.set(Name::HEADERS_URL, url_with(other));
  page_.set(Name::HEADERS_WORD,
            query.all_headers ? language_.tr("Show short header") : language_.tr("Show all of the header"));
  page_.flag(Name::ALL_HEADERS, query.all_headers);
  page_.set(Name::PRINT_URL, base_ + "/print" + query.text(message_.sort));
  page_.set(Name::UNPRINT_URL, url_with(query));
  page_.flag(Name::FIXED_TYPE, message_.fixed_type);
  page_.flag(Name::SCREEN, !message_.print);
  page_.flag(Name::DETAILS_OPEN, message_.print || query.all_headers);
  if (letter_.section.empty()) {
    page_.set(Name::SOURCE_URL, base_ + "/source");
    page_.set(Name::SAVE_URL, base_ + "/source?save=1");
    return;
  }
  Attachment itself;
  itself.section = letter_.section;
  page_.set(Name::SOURCE_URL, std::string());
  page_.set(Name::SAVE_URL, url_of_part(itself, false));
  other = query;
  other.inner.clear();
  page_.set(Name::OUTER_URL, url_with(other));
}

void MessagePage::add_head() {
  const MessageHeader& header = letter_.header;
  const std::string_view subject =
      header.subject.empty() ? std::string_view{language_.tr("(no subject)")} : header.subject;
  std::string title(subject);
  const wire::Folder& folder = *message_.view.folder();
  if (folder.unread() > 0) {
    title += " – " + std::string(folder_label(folder, language_)) + " " +
             fill(language_.trn("({1} unread)", "({1} unread)", folder.unread()),
                  {language_.formats().number(folder.unread())});
  }
  frame_.set_title(std::move(title));
  page_.set(Name::SUBJECT, subject);
  const bool whole = letter_.section.empty();  // flags are those of the message
  page_.flag(Name::STARRED, whole && has(message_.view, wire::Flag::Flagged));
  page_.flag(Name::ANSWERED, whole && has(message_.view, wire::Flag::Answered));
  page_.flag(Name::FORWARDED, whole && has(message_.view, wire::Flag::Forwarded));
  page_.flag(Name::HEADER_CUT, (whole && message_.view.header_cut()) || header.cut);

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

/// What the mailing list offers. Its addresses are the sender's words: they are only followed by a click.
void MessagePage::add_list() {
  const MessageHeader& header = letter_.header;
  const ListLinks& links = header.list_links;
  page_.set(Name::LIST_NAME, header.list);
  bool any = !header.list.empty();
  const auto add = [&](const std::string& address, const char* words) {
    if (address.empty()) return;
    any = true;
    Values& item = page_.add(Name::LIST_LINK, {Name::LIST_OUTSIDE});
    item.set(Name::LIST_URL, is_mailto(address) ? form_for(address) : std::string(address));
    item.flag(Name::LIST_OUTSIDE, !is_mailto(address));
    item.set(Name::LIST_WORDS, words);
  };
  add(links.unsubscribe_page, language_.tr("Leave this list"));
  add(links.unsubscribe_mail, links.unsubscribe_page.empty() ? language_.tr("Leave this list")
                                                             : language_.tr("Leave it by mail"));
  if (!links.closed) add(links.post, language_.tr("Write to the list"));
  add(links.archive, language_.tr("Archive of the list"));
  add(links.help, language_.tr("Help on the list"));
  page_.flag(Name::LIST, any);
}

void MessagePage::add_recipients() {
  const MessageHeader& header = letter_.header;
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

void MessagePage::add_field(Values& where, const char* name, const std::vector<Address>& addresses) {
  if (addresses.empty()) return;
  Values& field = where.add(Name::FIELD, {Name::FIELD_TEXT});
  field.set(Name::FIELD_NAME, name);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    Values& item = field.add(Name::FIELD_ADDRESS);
    item.set(Name::ADDRESS_TEXT, full_name(addresses[i]));
    item.flag(Name::ADDRESS_COMMA, i + 1 < addresses.size());
  }
}

void MessagePage::add_field(Values& where, std::string_view name, std::string text) {
  if (text.empty()) return;
  Values& field = where.add(Name::FIELD, {Name::FIELD_ADDRESS});
  field.set(Name::FIELD_NAME, name);
  field.set(Name::FIELD_TEXT, std::move(text));
}

void MessagePage::add_fields() {
  if (message_.query.all_headers) {
    for (const ReadableField& field : letter_.fields) add_field(page_, field.name, field.value.empty() ? " " : field.value);
    return;
  }
  const MessageHeader& header = letter_.header;
  add_field(page_, language_.tr("From"), header.from);
  add_field(page_, language_.tr("Sender"), header.sender);
  add_field(page_, language_.tr("To"), header.to);
  add_field(page_, language_.tr("Copy"), header.cc);
  add_field(page_, language_.tr("Blind copy"), header.bcc);
  add_field(page_, language_.tr("Reply to"), header.reply_to);
  if (!header.date) add_field(page_, language_.tr("Date as written"), header.date_text);
  std::string arrived;
  language_.formats().full(frame_.reader().zone.local(message_.view.arrived()), arrived);
  if (letter_.section.empty()) {
    add_field(page_, language_.tr("Arrived"), std::move(arrived));
    add_field(page_, language_.tr("Folder"), std::string(folder_label(*message_.view.folder(), language_)));
    add_field(page_, language_.tr("Size"), sizes_.of(message_.view.size()));
  }
  add_field(page_, language_.tr("Message ID"), header.message_id);
}

std::string MessagePage::date_words(const MessageHeader& header) const {
  if (!header.date) return header.date_text;
  std::string words;
  language_.formats().full(frame_.reader().zone.local(*header.date), words);
  return words;
}

std::string MessagePage::url_of_part(const Attachment& attachment, bool view) const {
  std::string url = base_ + "/part/" + attachment.section + (view ? "/view" : "") +
                    "?v=" + std::to_string(message_.view.uid_validity());
  if (attachment.uu > 0) url += "&uu=" + std::to_string(attachment.uu);
  return url;
}

void MessagePage::add_attachment(Values& where, const Attachment& attachment) {
  Values& item = where.add(Name::ATTACHMENT, {Name::ATTACHMENT_SOUND, Name::ATTACHMENT_FILM,
                                              Name::ATTACHMENT_VIEW, Name::ATTACHMENT_OPEN, Name::ATTACHMENT_WARNING});
  item.set(Name::ATTACHMENT_ICON, attachment.icon);
  item.set(Name::ATTACHMENT_NAME, attachment.name);
  item.set(Name::ATTACHMENT_KIND,
           std::string(kind_of(attachment.type, language_)) + ", " + sizes_.of(attachment.size));
  item.set(Name::ATTACHMENT_URL, url_of_part(attachment, false));
  const FileJudgement& judged = attachment.judged;
  const std::string viewed = viewable_type(judged.type, attachment.type);
  bool picture = false;
  if (!viewed.empty() && !judged.dangerous) {
    item.set(Name::ATTACHMENT_VIEW, url_of_part(attachment, true));
    const bool small = attachment.size <= kThumbnailBytes;
    picture = viewed.starts_with("image/") && small;
    item.flag(Name::ATTACHMENT_SOUND, viewed.starts_with("audio/") && !message_.print);
    item.flag(Name::ATTACHMENT_FILM, viewed.starts_with("video/") && !message_.print);
  }
  item.flag(Name::ATTACHMENT_PICTURE, picture);
  item.flag(Name::ATTACHMENT_SYMBOL, !picture);
  if (attachment.message) {
    MessageQuery inside;
    inside.inner = attachment.section;
    item.set(Name::ATTACHMENT_OPEN, url_with(inside));
  }
  item.set(Name::ATTACHMENT_WARNING, warning_for(attachment, language_));
}

void MessagePage::add_attachments(Values& where, const Letter& letter) {
  std::vector<const Attachment*> shown;
  for (const auto& a : letter.content.attachments) shown.push_back(&a);
  // Pictures that the HTML version shows in its middle come last.
  std::stable_partition(shown.begin(), shown.end(), [](const Attachment* a) { return !a->embedded; });
  if (shown.empty()) return;
  std::uint64_t bytes = 0;
  for (const Attachment* a : shown) {
    bytes += a->size;
    add_attachment(where, *a);
  }
  where.set(Name::ATTACHMENTS,
            fill(language_.trn("{1} attachment", "{1} attachments", shown.size()),
                 {language_.formats().number(shown.size())}));
  where.set(Name::ATTACHMENTS_SIZE, sizes_.of(bytes));
  MessageQuery packed;
  packed.inner = letter.section;
  where.set(Name::ZIP_URL, shown.size() > 1 ? base_ + "/all.zip" + packed.text({}) : std::string());
}

/// Where a structure is too large for the mail server's answer, nothing of it is known.
bool MessagePage::is_cut(const Letter& letter) const {
  const auto* parts = message_.view.parts();
  return letter.content.cut || (letter.section.empty() && (parts == nullptr || parts->size() == 0));
}

/// What could not be shown, or has to be said before.
void MessagePage::add_notices(Values& where, const Letter& letter) {
  where.flag(Name::PARTS_CUT, is_cut(letter));
  if (!letter.content.piece.empty()) {
    where.set(Name::PIECE, fill(language_.tr("This is piece {1} of a message that its sender cut up; the others "
                                             "are messages of their own."), {letter.content.piece}));
  }
  for (const DeliveryReport& report : letter.reports) {
    for (const DeliveryReport::Recipient& one : report.recipients) {
      Values& item = where.add(Name::DELIVERY, {Name::DELIVERY_REASON});
      item.set(Name::DELIVERY_WORDS, delivery_words(one, language_));
      item.set(Name::DELIVERY_LOOK, one.fate == DeliveryReport::Fate::kFailed ? "bad" : "");
      item.set(Name::DELIVERY_REASON, one.reason);
    }
  }
}

void MessagePage::add_letter(Values& where, const Letter& letter) {
  add_notices(where, letter);
  add_attachments(where, letter);
  add_texts(where, letter);
}

void MessagePage::add_inner() {
  for (std::size_t i = 1; i < message_.letters.size(); ++i) {
    const Letter& letter = message_.letters[i];
    Values& inner = page_.add(Name::INNER, {Name::INNER_END, Name::FIELD, Name::ATTACHMENTS, Name::ATTACHMENT,
                                            Name::ZIP_URL, Name::PARTS_CUT, Name::PIECE, Name::DELIVERY, Name::TEXT_PART,
                                            Name::TEXT_MISSING, Name::TEXT_NONE});
    const MessageHeader& header = letter.header;
    inner.set(Name::INNER_ID, "m" + letter.section);
    inner.set(Name::INNER_SUBJECT,
              header.subject.empty() ? std::string_view{language_.tr("(no subject)")} : header.subject);
    MessageQuery inside;
    inside.inner = letter.section;
    inner.set(Name::INNER_URL, url_with(inside));
    add_field(inner, language_.tr("From"), header.from);
    add_field(inner, language_.tr("To"), header.to);
    add_field(inner, language_.tr("Copy"), header.cc);
    add_field(inner, language_.tr("Date"), date_words(header));
    add_letter(inner, letter);
    // Sections are closed behind the last one inside them.
    const std::size_t next = i + 1 < message_.letters.size() ? message_.letters[i + 1].depth : 1;
    for (std::size_t depth = next; depth <= letter.depth; ++depth) inner.add(Name::INNER_END);
  }
}

/// The choice is only offered where it can change something.
void MessagePage::add_charsets() {
  const auto odd = [](std::string_view text) { return !is_ascii(text); };
  const bool useful = !message_.query.charset.empty() || message_.html.odd ||
                      std::any_of(message_.letters.begin(), message_.letters.end(), [&](const Letter& letter) {
                        return odd(letter.header.subject) ||
                               std::any_of(letter.texts.begin(), letter.texts.end(), [&](const ReadText& text) {
                                 return odd(text.shown.raw) ||
                                        std::any_of(text.shown.blocks.begin(), text.shown.blocks.end(),
                                                    [&](const TextBlock& block) { return odd(block.text); });
                               });
                      });
  if (!useful || message_.print) return;
  for (const CharsetChoice& choice : charset_choices()) {
    Values& item = page_.add(Name::CHARSET);
    item.set(Name::CHARSET_NAME, choice.name);
    item.set(Name::CHARSET_LABEL, choice.label);
    item.flag(Name::CHARSET_CHOSEN, choice.name == message_.query.charset);
  }
  page_.flag(Name::CHARSETS, true);
  page_.flag(Name::CHARSET_OPEN, !message_.query.charset.empty());
  const auto keep = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    Values& item = page_.add(Name::KEPT);
    item.set(Name::KEPT_NAME, std::string(name));
    item.set(Name::KEPT_VALUE, std::string(value));
  };
  keep("inner", message_.query.inner);
  keep("show", message_.query.show_word());
  keep("remote", message_.query.remote ? "1" : "");
  keep("headers", message_.query.all_headers ? "all" : "");
  for (const auto& [name, value] : message_.sort.fields()) keep(name, value);
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
    item.flag(Name::SIGNATURE, block.signature);
    if (block.quote > 0 && i >= quote_end) {  // a run of quotes begins here
      quote_end = i;
      while (quote_end < count && blocks[quote_end].quote > 0) ++quote_end;
      std::string label = message_.print ? std::string() : fold_label(blocks, i, quote_end);
      folded = !label.empty();
      item.set(Name::FOLD, std::move(label));
    }
    item.flag(Name::FOLD_END, folded && i + 1 == quote_end);
    for (std::uint32_t q = 0; q < block.quote; ++q) item.add(Name::QUOTE);
    for (const Run& run : find_links(block.text, message_.links ? links_left_ : 0)) {
      links_left_ -= run.link ? 1 : 0;
      Values& piece = item.add(Name::RUN, {Name::RUN_LINK});
      piece.set(Name::RUN_TEXT, run.text);
      if (!run.link) continue;
      if (is_mailto(run.text))
        piece.set(Name::RUN_LINK, form_for(run.text));
      else if (run.scheme.empty())
        piece.set(Name::RUN_LINK, run.text);
      else
        piece.set(Name::RUN_LINK, std::string(run.scheme) + std::string(run.text));
    }
  }
  return count == blocks.size();
}

/// This page with the other version of its texts.
std::string MessagePage::shown_otherwise(MessageQuery::Version version, bool remote) const {
  MessageQuery other = message_.query;
  other.raw = false;
  other.version = version;
  other.remote = remote;
  return url_with(other);
}

void MessagePage::add_frames(Values& part, const ReadText& text, bool inside) {
  MessageQuery charset;
  charset.charset = message_.query.charset;
  const std::string more = charset.text({});
  for (const std::string& section : text.frames) {
    Values& frame = part.add(Name::HTML_FRAME);
    std::string url = base_ + "/body?section=" + section + (message_.html.remote_shown(inside) ? "&remote=1" : "");
    if (!more.empty()) (url += '&').append(more, 1);
    frame.set(Name::FRAME_URL, std::move(url));
    frame.set(Name::FRAME_SECTION, section);
  }
}

/// What was not loaded, and how it can be.
void MessagePage::add_remote() {
  const HtmlShown& html = message_.html;
  const auto number = [&](std::size_t n) { return language_.formats().number(n); };
  const std::size_t held = html.held();
  const bool any = html.remote + html.remote_inside > 0;
  page_.set(Name::SHOW_ONCE_URL, held > 0 ? shown_otherwise(MessageQuery::Version::kHtml, true) : std::string());
  std::string note;
  if (held > 0) {
    note = fill(language_.trn("{1} picture from elsewhere was not loaded.", "{1} pictures from elsewhere were not loaded.", held),
                {number(held)});
  } else if (any && html.always) {
    note = language_.tr("Pictures from elsewhere are loaded for this sender.");
  }
  const bool can_say_always = html.remote > 0 && html.vouched && !message_.print;
  page_.set(Name::PICTURES_DO, !can_say_always ? "" : html.always ? "pictures-never" : "pictures-always");
  page_.set(Name::PICTURES_WORD, html.always ? language_.tr("No longer for this sender") : language_.tr("Always for this sender"));
  if (note.empty() && any) note = language_.tr("Pictures from elsewhere are loaded this once.");
  page_.set(Name::REMOTE_NOTE, std::move(note));
  std::string tracking;
  if (html.tracking > 0) {
    std::string names;
    for (const std::string& name : html.trackers) (names += names.empty() ? "" : ", ") += name;
    tracking = fill(language_.trn("{1} picture that tells the sender of your reading stays out: {2}.",
                                  "{1} pictures that tell the sender of your reading stay out: {2}.", html.tracking),
                    {number(html.tracking), names});
  }
  page_.set(Name::TRACKING_NOTE, std::move(tracking));
}

/// Which version of the texts is shown, and what there is to say of it.
void MessagePage::add_versions() {
  const HtmlShown& html = message_.html;
  const bool there = std::any_of(message_.letters.begin(), message_.letters.end(),
                                 [](const Letter& letter) { return letter.html; });
  const bool other = there && !html.shown && !message_.print;
  page_.set(Name::SHOW_HTML_URL, other ? shown_otherwise(MessageQuery::Version::kHtml, false) : std::string());
  page_.set(Name::SHOW_TEXT_URL, html.shown ? shown_otherwise(MessageQuery::Version::kText, false) : std::string());
  page_.flag(Name::HTML_WORDS_ONLY, html.words_only);
  add_remote();
}

void MessagePage::add_texts(Values& where, const Letter& letter) {
  where.set(Name::TEXT_MISSING, missing_words(letter.missing, language_));
  bool any = false;
  for (const ReadText& text : letter.texts) {
    if (text.shown.blocks.empty() && text.shown.raw.empty() && !text.shown.cut && text.frames.empty())
      continue;
    any = true;
    Values& part = where.add(Name::TEXT_PART, {Name::TEXT_BLOCK, Name::TEXT_RAW, Name::HTML_FRAME});
    if (!text.frames.empty()) {
      part.flag(Name::FROM_HTML, false);
      part.flag(Name::TEXT_CUT, false);
      part.flag(Name::HTML_CUT, text.shown.cut);
      part.set(Name::TEXT_SECTION, text.frames.front());
      add_frames(part, text, !letter.section.empty());
      continue;
    }
    part.flag(Name::FROM_HTML, text.part.html);
    part.set(Name::TEXT_SECTION, text.part.section);
    part.set(Name::TEXT_RAW, text.shown.raw);
    const bool whole = add_blocks(part, text.shown.blocks);
    part.flag(Name::TEXT_CUT, text.shown.cut || !whole);
  }
  // A message that is only an envelope for others, or for reports, says enough.
  const bool silent = !any && letter.missing == Missing::kNothing && letter.reports.empty() &&
                      letter.content.piece.empty() && !is_cut(letter);
  where.flag(Name::TEXT_NONE, silent);
}

}  // namespace

bool plays_media(const std::vector<Letter>& letters) {
  return std::any_of(letters.begin(), letters.end(), [](const Letter& letter) {
    const auto& files = letter.content.attachments;
    return std::any_of(files.begin(), files.end(), [](const Attachment& file) {
      const std::string type = viewable_type(file.judged.type, file.type);
      return type.starts_with("audio/") || type.starts_with("video/");
    });
  });
}

std::string_view render_message(Frame& frame, const MessageInput& message) {
  return MessagePage(frame, message).render();
}

}  // namespace alphamail
