// SPDX-License-Identifier: GPL-3.0-or-later
// A message as the daemon gives it (raw header block, list of parts) to what its page shows: header
// fields in readable words, the parts that are its text, the attachments. Everything comes from
// strangers: every function is total, every result valid UTF-8 without control characters, bounded
// by security.md L2. Nothing here knows of httpd or of markup; whoever shows it escapes it.
#ifndef MOD_ALPHAMAIL_MIME_READER_H
#define MOD_ALPHAMAIL_MIME_READER_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/mime_text.h"
#include "common/protocol_generated.h"
#include "mod_alphamail/file_kind.h"
#include "mod_alphamail/uuencode.h"

namespace alphamail {

// ---- the header block ----

inline constexpr std::size_t kAddressesShown = 5000;

/// What a mailing list offers (RFC 2369): addresses that may be followed, https, http or mailto, in the
/// order written; "" where there is none. Nothing is ever asked of them by us (RFC 8058 included).
struct ListLinks {
  std::string unsubscribe_page;  ///< https or http
  std::string unsubscribe_mail;  ///< mailto
  std::string archive;
  std::string post;
  std::string help;
  bool closed = false;           ///< "List-Post: NO"
};

/// The header fields that people read. A field that is missing is empty; of a field that may occur
/// once the first one that says something counts; those of To and Cc are put together.
struct MessageHeader {
  std::string subject;
  std::vector<Address> from;      ///< at most kAddressesShown each
  std::vector<Address> sender;    ///< only where it differs from From
  std::vector<Address> reply_to;  ///< only where it differs from From
  std::vector<Address> to;
  std::vector<Address> cc;
  std::vector<Address> bcc;
  std::optional<std::int64_t> date;  ///< seconds since 1970 UTC; nullopt: missing or absurd
  std::string date_text;             ///< the Date as written, where it could not be read
  std::string list;                  ///< List-Id in words, "" for mail that came by no list
  ListLinks list_links;
  std::string message_id;            ///< without angle brackets, "" where missing or malformed
  bool cut = false;                  ///< a limit was met; some fields or addresses may be missing
};

/// Reads an RFC 5322 header block up to its empty line, also with bare LF or CR and broken lines.
MessageHeader read_header(std::string_view block);

// ---- the parts ----

inline constexpr std::size_t kPartsRead = 2000;
inline constexpr std::size_t kPartDepth = 50;

/// One part that belongs to the text of the message, to be shown in the order given.
struct TextPart {
  std::string section;   ///< to ask the daemon for
  std::string charset;   ///< as declared, "" where it is not
  std::string encoding;  ///< transfer encoding, lower case
  bool html = false;
  bool flowed = false;        ///< format=flowed (RFC 3676)
  bool delete_space = false;  ///< DelSp=yes
  std::uint64_t size = 0;     ///< encoded bytes, as the server says
};

struct Attachment {
  std::string section;  ///< to ask the daemon for
  std::size_t uu = 0;   ///< from 1: the file is uuencoded in the text of that section
  std::string name;     ///< cleaned by clean_file_name(); never empty
  std::string
      type;  ///< "image/png" as declared, lower case, checked; to be shown, not to be trusted
  std::string icon;  ///< symbol of the sprite: image, sheet, file-text, file-archive, mail ...
  std::uint64_t size = 0;  ///< decoded bytes; exact where it is cheap to know, else within a few bytes
  bool embedded = false;   ///< a picture inside the HTML version; the page may list it last
  bool message = false;    ///< a message, which is opened in place
  FileJudgement judged;    ///< by label and name, and by its first bytes where these are known
};

/// The first bytes of parts, by section; transfer encoding not undone.
using Beginnings = std::map<std::string, std::string, std::less<>>;

struct InnerMessage;

struct MessageContent {
  std::vector<TextPart> texts;
  std::vector<Attachment> attachments;
  std::vector<InnerMessage> messages;  ///< what is inside message/rfc822, each an attachment, too
  std::vector<std::string> reports;    ///< sections of delivery and disposition reports
  std::string piece;   ///< message/partial: "2/3", the number of this piece and of all; "2" where unknown
  bool cut = false;    ///< more parts than kPartsRead, or deeper ones than kPartDepth
};

struct InnerMessage {
  std::string section;  ///< of the message/rfc822
  MessageContent content;
};

/// Chooses what is shown as text: of multipart/alternative the plain version if it says anything,
/// else HTML as text; all texts of multipart/mixed in order; what is inside a message/rfc822 stays
/// inside, and the message is an attachment. Every part is in one list or is another version of
/// one. Attachments are judged by their first bytes where these are known.
MessageContent read_content(const wire::MessageView& message, const Beginnings& beginnings = {});

/// The sections whose first bytes tell something: what is no text to be shown, also inside other
/// messages; at most kBeginnings.
std::vector<std::string> worth_beginning(const wire::MessageView& message);
inline constexpr std::size_t kBeginnings = 12;

/// The message inside `content` that is the part `section`, or null.
const InnerMessage* find_inner(const MessageContent& content, std::string_view section);

/// The part of that section, or null.
const wire::Part* find_part(const wire::MessageView& message, std::string_view section);

/// Symbol of the sprite for a type, or, where that says nothing, for a name.
std::string icon_for(std::string_view type, std::string_view name);

/// The header block at the beginning of the bytes of a message/rfc822, whose transfer encoding is
/// undone; all of it where no empty line was met, with `whole` false.
std::string_view header_block(std::string_view bytes, bool& whole);

// ---- text ----

inline constexpr std::size_t kTextShown = 1 << 20;  ///< bytes of UTF-8 of one part

/// Neighbouring lines of the same quote level, '\n' between them, none at the end.
struct TextBlock {
  std::uint32_t quote = 0;  ///< 0 = the writer's own words, 1 = "> ", ..., at most kQuoteDepth
  std::string text;         ///< flowed lines are joined; '\n' is the only control character
  bool signature = false;   ///< what stands below "-- ", the writer's own
};
inline constexpr std::uint32_t kQuoteDepth = 20;  ///< deeper quotes count as this deep

struct ShownText {
  std::vector<TextBlock> blocks;
  bool cut = false;  ///< the part goes on; offer it as a download
  std::string raw;   ///< instead of blocks: every line and space as it was written; tabs are kept
  std::vector<UuFile> files;  ///< that stood in the text, and are not in it any longer
};

/// How a text is to be read.
struct TextView {
  std::string charset;  ///< chosen by the reader, instead of the declared one; "" = none chosen
  bool raw = false;     ///< ShownText::raw
};

/// Turns the bytes of one text part, as they stream from the daemon, into blocks of words.
class TextReader {
 public:
  explicit TextReader(const TextPart& part, std::size_t limit = kTextShown, TextView view = {});
  /// @return false once nothing more will be taken: the caller may end the stream
  bool add(std::string_view piece);
  /// Call once, after the last piece.
  ShownText finish();

 private:
  void take(std::string_view decoded);

  TextPart part_;
  TextView view_;
  std::size_t limit_;        ///< of what is shown
  std::size_t input_limit_;  ///< of decoded bytes kept; HTML has more bytes than words
  TransferDecoder decoder_;
  UuFilter files_;
  std::string decoded_;
  bool cut_ = false;
};

/// The charset that an HTML document gives itself near its beginning, "" where it gives none.
std::string charset_in_html(std::string_view html);

// ---- HTML versions ----

/// The HTML versions of a text that is shown: itself where it is HTML, else what stands beside it in its
/// multipart/alternative; more than one where that is a multipart/mixed itself, none for a text without.
std::vector<TextPart> html_versions(const wire::MessageView& message, const TextPart& shown);
/// That part, where it is HTML that a message may show; nullopt for any other.
std::optional<TextPart> html_part(const wire::MessageView& message, std::string_view section);
/// The picture within the same message (not within one attached to it) that an HTML part names by Content-ID
/// without brackets; "" where there is none, or it is labelled as another type than png, jpeg, gif or webp.
std::string picture_section(const wire::MessageView& message, std::string_view html_section,
                            std::string_view content_id);

// ---- downloads ----

/// How one part is handed out: always as an attachment, never under a type that a browser runs.
struct Download {
  std::string disposition;   ///< whole value of Content-Disposition (RFC 6266), safe to send
  std::string content_type;  ///< from the allow-list, else application/octet-stream
  std::string encoding;      ///< for TransferDecoder
  std::string name;
  std::string type;          ///< as declared, checked: not to be served
  std::string charset;       ///< as declared, "" where it is none that we know
};
Download download_of(const wire::Part& part);
/// The whole message: "SUBJECT.eml" as message/rfc822 would be run by nobody, yet is given as
/// octets.
Download download_of_source(const MessageHeader& header);

/// A file name that is safe to show and to save: one level, valid UTF-8, no control or bidi
/// characters, quotes, separators, leading dots or reserved device names (security.md A2); at most
/// 255 bytes, the extension kept. Empty where nothing is left.
std::string clean_file_name(std::string_view name);
/// attachment; filename="ascii"; filename*=UTF-8''percent (RFC 6266, RFC 8187), or the same with inline
/// instead. Cleans the name first.
std::string content_disposition(std::string_view name, std::string_view how = "attachment");
/// The Content-Type to serve a declared type with.
std::string served_type(std::string_view type, std::string_view subtype);

}  // namespace alphamail

#endif
