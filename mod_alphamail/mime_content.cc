// SPDX-License-Identifier: GPL-3.0-or-later
// Which parts of a message are its text and which are attachments.
#include <algorithm>
#include <array>
#include <utility>

#include "common/characters.h"
#include "common/charset_name.h"
#include "mod_alphamail/mime_reader.h"

namespace alphamail {
namespace {

using Parts = flatbuffers::Vector<flatbuffers::Offset<wire::Part>>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::uint64_t kSaysNothing =
    4;  // encoded bytes of a plain version that mailers leave empty

std::string_view view(const flatbuffers::String* text) {
  return text != nullptr ? std::string_view(text->data(), text->size()) : std::string_view();
}

bool token(std::string_view text) {
  return !text.empty() && text.size() <= 100 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) ||
           std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
  });
}

std::string type_of(const wire::Part& part) {
  const std::string_view type = view(part.type()), subtype = view(part.subtype());
  if (!token(type) || !token(subtype)) return "application/octet-stream";
  return lower(type) + "/" + lower(subtype);
}

Pairs parameters_of(const flatbuffers::Vector<flatbuffers::Offset<wire::Parameter>>* raw) {
  Pairs pairs;
  if (raw == nullptr) return pairs;
  for (const wire::Parameter* one : *raw)
    if (one != nullptr) pairs.emplace_back(view(one->name()), view(one->value()));
  return decode_parameters(pairs);
}

std::string find(const Pairs& pairs, std::string_view name) {
  for (const auto& [found, value] : pairs)
    if (found == name) return value;
  return {};
}

struct TypeLook {
  std::string_view begins;     ///< of the type
  std::string_view extension;  ///< for parts without a name
  std::string_view icon;
};
// The first that fits counts.
constexpr std::array kLooks = {
    TypeLook{"image/png", ".png", "image"},
    TypeLook{"image/jpeg", ".jpg", "image"},
    TypeLook{"image/gif", ".gif", "image"},
    TypeLook{"image/webp", ".webp", "image"},
    TypeLook{"image/svg", ".svg", "image"},
    TypeLook{"image/", "", "image"},
    TypeLook{"message/rfc822", ".eml", "mail"},
    TypeLook{"message/global", ".eml", "mail"},
    TypeLook{"message/", ".txt", "file-text"},
    TypeLook{"text/calendar", ".ics", "calendar-clock"},
    TypeLook{"text/vcard", ".vcf", "contact"},
    TypeLook{"text/x-vcard", ".vcf", "contact"},
    TypeLook{"text/directory", ".vcf", "contact"},
    TypeLook{"text/csv", ".csv", "sheet"},
    TypeLook{"text/html", ".html", "code"},
    TypeLook{"text/plain", ".txt", "file-text"},
    TypeLook{"text/", ".txt", "file-text"},
    TypeLook{"application/pdf", ".pdf", "file-text"},
    TypeLook{"application/zip", ".zip", "file-archive"},
    TypeLook{"application/gzip", ".gz", "file-archive"},
    TypeLook{"application/x-gzip", ".gz", "file-archive"},
    TypeLook{"application/x-tar", ".tar", "file-archive"},
    TypeLook{"application/x-7z", ".7z", "file-archive"},
    TypeLook{"application/x-bzip", ".bz2", "file-archive"},
    TypeLook{"application/x-zip", ".zip", "file-archive"},
    TypeLook{"application/vnd.rar", ".rar", "file-archive"},
    TypeLook{"application/msword", ".doc", "file-text"},
    TypeLook{"application/rtf", ".rtf", "file-text"},
    TypeLook{"application/vnd.ms-excel", ".xls", "sheet"},
    TypeLook{"application/vnd.openxmlformats-officedocument.spreadsheetml", ".xlsx", "sheet"},
    TypeLook{"application/vnd.openxmlformats-officedocument.wordprocessingml", ".docx",
             "file-text"},
    TypeLook{"application/vnd.oasis.opendocument.spreadsheet", ".ods", "sheet"},
    TypeLook{"application/vnd.oasis.opendocument.text", ".odt", "file-text"},
    TypeLook{"application/pgp-signature", ".asc", "shield-check"},
    TypeLook{"application/pkcs7-signature", ".p7s", "shield-check"},
    TypeLook{"application/x-pkcs7-signature", ".p7s", "shield-check"},
    TypeLook{"application/pgp-encrypted", ".asc", "lock"},
    TypeLook{"application/pkcs7-mime", ".p7m", "lock"},
    TypeLook{"application/ics", ".ics", "calendar-clock"}};
// For application/octet-stream and whatever else says nothing.
constexpr std::array kEndings = {
    TypeLook{"", ".png", "image"},          TypeLook{"", ".jpg", "image"},
    TypeLook{"", ".jpeg", "image"},         TypeLook{"", ".gif", "image"},
    TypeLook{"", ".pdf", "file-text"},      TypeLook{"", ".txt", "file-text"},
    TypeLook{"", ".doc", "file-text"},      TypeLook{"", ".docx", "file-text"},
    TypeLook{"", ".odt", "file-text"},      TypeLook{"", ".xls", "sheet"},
    TypeLook{"", ".xlsx", "sheet"},         TypeLook{"", ".ods", "sheet"},
    TypeLook{"", ".csv", "sheet"},          TypeLook{"", ".zip", "file-archive"},
    TypeLook{"", ".gz", "file-archive"},    TypeLook{"", ".tgz", "file-archive"},
    TypeLook{"", ".tar", "file-archive"},   TypeLook{"", ".7z", "file-archive"},
    TypeLook{"", ".rar", "file-archive"},   TypeLook{"", ".eml", "mail"},
    TypeLook{"", ".ics", "calendar-clock"}, TypeLook{"", ".vcf", "contact"}};

const TypeLook* look_of(std::string_view type) {
  const auto found = std::find_if(kLooks.begin(), kLooks.end(),
                                  [&](const TypeLook& l) { return type.starts_with(l.begins); });
  return found != kLooks.end() ? &*found : nullptr;
}

/// What the sender called it; "" where nothing usable was said.
std::string given_name(const wire::Part& part) {
  for (const std::string& name : {find(parameters_of(part.disposition_parameters()), "filename"),
                                  find(parameters_of(part.parameters()), "name")})
    if (std::string clean = clean_file_name(name); !clean.empty()) return clean;
  return {};
}

std::string name_of(const wire::Part& part) {
  std::string name = given_name(part);
  if (!name.empty()) return name;
  const std::string type = type_of(part);
  const TypeLook* look = look_of(type);
  const std::string stem = view(part.type()) == "message" ? "message-" : "attachment-";
  name = clean_file_name(stem + valid_utf8(view(part.section())).substr(0, 100) +
                         std::string(look != nullptr ? look->extension : ""));
  return name.empty() ? "attachment" : name;
}

/// Letters of the first line of base64, and the bytes of its end.
struct LineShape {
  std::uint64_t letters = 76;  // what nearly everybody writes
  std::uint64_t end = 2;
};
LineShape shape_of(std::string_view beginning) {
  const std::size_t end = beginning.find('\n');
  if (end == std::string_view::npos || end == 0) return {};
  const bool carriage = beginning[end - 1] == '\r';
  const LineShape shape{end - (carriage ? 1 : 0), carriage ? 2U : 1U};
  return shape.letters >= 4 ? shape : LineShape{};
}

/// @param beginning  encoded bytes; where they are all of the part the size is exact
std::uint64_t decoded_size(const wire::Part& part, std::string_view beginning) {
  const std::uint64_t size = part.size();
  const std::string encoding = lower(view(part.encoding()));
  if (encoding != "base64" && encoding != "quoted-printable") return size;
  if (size > 0 && beginning.size() >= size) return decode_transfer(beginning, encoding).size();
  if (encoding == "base64") {
    const LineShape shape = shape_of(beginning);
    const std::uint64_t line = shape.letters + shape.end;
    return size / line * (shape.letters * 3 / 4) + size % line * 3 / 4;
  }
  if (beginning.empty()) return size;
  return size * decode_transfer(beginning, encoding).size() / beginning.size();
}

class ContentReader {
 public:
  /// Of the parts [begin, end) of a message: all of it, or what is inside of one of them.
  ContentReader(const Parts& parts, const Beginnings& beginnings, std::size_t begin, std::size_t end)
      : parts_(parts), beginnings_(beginnings), begin_(begin), count_(end) {}

  MessageContent read() {
    // A message is one part or one multipart; several roots would be the daemon's mistake.
    for (std::size_t i = begin_; i < count_; i = end_of(i)) walk(i, {});
    // The daemon leaves out what is more, and what is deeper.
    content_.cut = content_.cut || (begin_ == 0 && parts_.size() >= kPartsRead);
    return std::move(content_);
  }

 private:
  /// Where a part stands.
  struct Place {
    bool another_version = false;  ///< its text is shown in another form already
    bool beside_html = false;      ///< belongs to the HTML version
  };

  const wire::Part& part(std::size_t i) const {
    return *parts_.Get(static_cast<flatbuffers::uoffset_t>(i));
  }

  /// Past the part and all that is inside it.
  std::size_t end_of(std::size_t i) const {
    std::size_t end = i + 1;
    while (end < count_ && part(end).depth() > part(i).depth()) ++end;
    return end;
  }

  void walk(std::size_t i, Place place) {
    const std::string_view type = view(part(i).type()), subtype = view(part(i).subtype());
    const std::size_t end = end_of(i);
    if (type == "multipart" && part(i).depth() >= kPartDepth) {
      content_.cut = true;  // what is inside is deeper than anybody reads
      return;
    }
    if (type == "multipart") {
      if (subtype == "alternative") return alternative(i, end, place);
      if (subtype == "related") return related(i, end, place);
      for (std::size_t child = i + 1; child < end; child = end_of(child)) walk(child, place);
      return;
    }
    if (shown_as_text(i, place)) {
      if (!place.another_version) content_.texts.push_back(text_part(part(i)));
      return;
    }
    content_.attachments.push_back(attachment(part(i), place));
    if (type != "message") return;
    if (subtype == "delivery-status" || subtype == "disposition-notification")
      content_.reports.emplace_back(view(part(i).section()));
    if (subtype == "partial") content_.piece = piece_of(part(i));
    // What is inside a message/rfc822 stays inside.
    if (end > i + 1) {
      content_.attachments.back().message = true;
      content_.messages.push_back(
          {std::string(view(part(i).section())), ContentReader(parts_, beginnings_, i + 1, end).read()});
      content_.cut = content_.cut || content_.messages.back().content.cut;
    }
  }

  static std::string piece_of(const wire::Part& p) {
    const Pairs parameters = parameters_of(p.parameters());
    const auto number = [&](std::string_view name) {
      std::string digits = find(parameters, name);
      const bool good = !digits.empty() && digits.size() <= 6 &&
                        std::all_of(digits.begin(), digits.end(), is_digit);
      return good ? digits : std::string();
    };
    const std::string total = number("total");
    return number("number") + (total.empty() ? "" : "/" + total);
  }

  void alternative(std::size_t i, std::size_t end, Place place) {
    std::size_t chosen = end;
    for (std::size_t child = i + 1; child < end; child = end_of(child)) {
      if (says_something_plain(child)) {
        chosen = child;
        break;
      }
      if (holds_text(child)) chosen = child;  // else the last: RFC 2046 puts the best version there
    }
    for (std::size_t child = i + 1; child < end; child = end_of(child)) {
      Place inside = place;
      inside.another_version = inside.another_version || (child != chosen && chosen != end);
      walk(child, inside);
    }
  }

  void related(std::size_t i, std::size_t end, Place place) {
    const std::string start = find(parameters_of(part(i).parameters()), "start");
    std::size_t root = i + 1;
    for (std::size_t child = i + 1; child < end && !start.empty(); child = end_of(child))
      if (view(part(child).content_id()) == start) root = child;
    for (std::size_t child = i + 1; child < end; child = end_of(child)) {
      Place inside = place;
      inside.beside_html = inside.beside_html || child != root;
      walk(child, inside);
    }
  }

  static bool is_attachment(const wire::Part& p) { return view(p.disposition()) == "attachment"; }

  /// Text that people read as part of a message; calendars, tables, sources are things of their
  /// own.
  bool readable(const wire::Part& p) const {
    if (view(p.type()) != "text" || is_attachment(p)) return false;
    const std::string_view subtype = view(p.subtype());
    if (subtype == "plain" || subtype == "html" || subtype == "markdown" || subtype == "enriched")
      return true;
    if (count_ - begin_ != 1 || subtype == "rtf") return false;
    const TypeLook* look = look_of(type_of(p));
    return look == nullptr || look->icon == "file-text";  // none: the subtype is no word at all
  }

  bool says_something_plain(std::size_t i) const {
    return any_inside(i, [](const wire::Part& p) {
      return view(p.subtype()) != "html" && p.size() > kSaysNothing;
    });
  }
  bool holds_text(std::size_t i) const {
    return any_inside(i, [](const wire::Part&) { return true; });
  }

  /// True where a readable part at or inside `i`, but not inside a message, satisfies the
  /// condition.
  template <typename Condition>
  bool any_inside(std::size_t i, Condition condition) const {
    const std::size_t end = end_of(i);
    for (std::size_t k = i; k < end;) {
      if (readable(part(k)) && condition(part(k))) return true;
      k = view(part(k).type()) == "multipart" ? k + 1 : end_of(k);
    }
    return false;
  }

  bool shown_as_text(std::size_t i, Place place) const {
    const wire::Part& p = part(i);
    if (!readable(p) || place.beside_html) return false;
    if (place.another_version) return true;
    // A text with a name is a file that somebody attached, unless it is all there is.
    return content_.texts.empty() || given_name(p).empty();
  }

  static TextPart text_part(const wire::Part& p) {
    const Pairs parameters = parameters_of(p.parameters());
    TextPart text;
    text.section = view(p.section());
    text.charset = find(parameters, "charset");
    text.encoding = lower(view(p.encoding()));
    text.html =
        view(p.subtype()) == "html" || view(p.subtype()) == "enriched";  // its tags are alike
    text.flowed = !text.html && equal_ignoring_case(find(parameters, "format"), "flowed");
    text.delete_space = text.flowed && equal_ignoring_case(find(parameters, "delsp"), "yes");
    text.size = p.size();
    return text;
  }

  Attachment attachment(const wire::Part& p, Place place) const {
    Attachment made;
    made.section = view(p.section());
    made.name = name_of(p);
    made.type = type_of(p);
    made.icon = icon_for(made.type, made.name);
    const auto begun = beginnings_.find(made.section);
    const std::string_view beginning = begun != beginnings_.end() ? std::string_view(begun->second) : std::string_view();
    made.size = decoded_size(p, beginning);
    // What the finder of a Mac keeps beside a file is of no use elsewhere.
    made.embedded = (place.beside_html && made.type.starts_with("image/") && !is_attachment(p)) ||
                    made.type == "application/applefile";
    const std::string first = view(p.type()) == "message"
                                  ? std::string()
                                  : decode_transfer(beginning, lower(view(p.encoding())));
    made.judged = judge_file(made.type, made.name, first);
    return made;
  }

  const Parts& parts_;
  const Beginnings& beginnings_;
  std::size_t begin_, count_;
  MessageContent content_;
};

}  // namespace

MessageContent read_content(const wire::MessageView& message, const Beginnings& beginnings) {
  if (message.parts() == nullptr) return {};
  const std::size_t count = std::min<std::size_t>(message.parts()->size(), kPartsRead);
  return ContentReader(*message.parts(), beginnings, 0, count).read();
}

const InnerMessage* find_inner(const MessageContent& content, std::string_view section) {
  for (const InnerMessage& inner : content.messages) {
    if (inner.section == section) return &inner;
    if (const InnerMessage* deeper = find_inner(inner.content, section)) return deeper;
  }
  return nullptr;
}

const wire::Part* find_part(const wire::MessageView& message, std::string_view section) {
  if (message.parts() == nullptr) return nullptr;
  for (const wire::Part* part : *message.parts())
    if (part != nullptr && view(part->section()) == section) return part;
  return nullptr;
}

std::string icon_for(std::string_view type, std::string_view name) {
  if (const TypeLook* look = look_of(type)) return std::string(look->icon);
  const std::string low = lower(name);
  for (const TypeLook& ending : kEndings)
    if (low.ends_with(ending.extension)) return std::string(ending.icon);
  return "paperclip";
}

std::vector<std::string> worth_beginning(const wire::MessageView& message) {
  std::vector<std::string> sections;
  if (message.parts() == nullptr) return sections;
  for (const wire::Part* part : *message.parts()) {
    if (part == nullptr || sections.size() >= kBeginnings) break;
    const std::string_view type = view(part->type()), subtype = view(part->subtype());
    const bool text = type == "text" && view(part->disposition()) != "attachment" &&
                      (subtype == "plain" || subtype == "html");
    if (type != "multipart" && !text && part->size() > 0) sections.emplace_back(view(part->section()));
  }
  return sections;
}

std::string_view header_block(std::string_view bytes, bool& whole) {
  std::size_t end = bytes.size();
  for (const std::string_view gap : {"\r\n\r\n", "\n\n", "\r\r"}) {
    const std::size_t at = bytes.find(gap);
    if (at != std::string_view::npos) end = std::min(end, at + gap.size());
  }
  whole = end < bytes.size() || bytes.ends_with("\n\n") || bytes.ends_with("\n\r\n");
  return bytes.substr(0, end);
}

Download download_of(const wire::Part& part) {
  const std::string name = name_of(part);
  const std::string charset = find(parameters_of(part.parameters()), "charset");
  return {content_disposition(name), served_type(view(part.type()), view(part.subtype())),
          lower(view(part.encoding())), name, type_of(part),
          token(charset) && !charset_named(charset).empty() ? lower(charset) : std::string()};
}

Download download_of_source(const MessageHeader& header) {
  std::string name = clean_file_name(std::string(cut_utf8(header.subject, 200)) + ".eml");
  if (name.empty() || name == "eml") name = "message.eml";
  return {content_disposition(name), "application/octet-stream", "8bit", name, "message/rfc822", {}};
}

}  // namespace alphamail
