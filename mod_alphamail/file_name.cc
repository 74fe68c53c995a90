// SPDX-License-Identifier: GPL-3.0-or-later
// Names of files from strangers, made safe to show and to save (security.md A1, A2); how and as
// what downloads are served.
#include <algorithm>
#include <array>

#include "common/characters.h"
#include "mod_alphamail/mime_reader.h"

namespace alphamail {
namespace {

constexpr std::size_t kNameBytes = 255;
constexpr std::size_t kExtension = 20;

bool bidi_or_invisible(char32_t c) {
  return c == 0x61C || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || c == 0xAD ||
         (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F) || (c & 0xFFFE) == 0xFFFE;
}

bool white(char32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000;
}

/// What Windows or a shell would take for more than a letter.
bool special(char32_t c) {
  return c < 0x80 &&
         std::string_view("/\\:*?<>|").find(static_cast<char>(c)) != std::string_view::npos;
}
bool quote(char32_t c) {
  return c == '"' || c == '\'' || c == '`';
}

/// Old browsers sent a file's whole path on its owner's disk.
std::string_view without_windows_path(std::string_view name) {
  const bool drive = name.size() > 2 && is_letter(name[0]) && name[1] == ':' &&
                     (name[2] == '\\' || name[2] == '/');
  if (!drive && !name.starts_with("\\\\")) return name;
  return name.substr(name.find_last_of("\\/") + 1);
}

/// CON, NUL, COM1 and their kind name devices on Windows, with any extension.
bool device(std::string_view name) {
  std::string stem = lower(trim(name.substr(0, name.find('.'))));
  for (const std::string_view one : {"con", "prn", "aux", "nul", "clock$", "conin$", "conout$"})
    if (stem == one) return true;
  if (!stem.starts_with("com") && !stem.starts_with("lpt")) return false;
  stem.erase(0, 3);
  return (stem.size() == 1 && is_digit(stem[0])) || stem == "¹" || stem == "²" || stem == "³";
}

/// Keeps the extension, since programs and people go by it.
std::string shortened(const std::string& name) {
  if (name.size() <= kNameBytes) return name;
  const std::size_t dot = name.rfind('.');
  const bool keep = dot != std::string::npos && name.size() - dot <= kExtension;
  const std::string extension = keep ? name.substr(dot) : std::string();
  return std::string(trim(cut_utf8(name, kNameBytes - extension.size()))) + extension;
}

void strip_ends(std::string& name) {
  // Leading dots hide a file, trailing ones and spaces are dropped by Windows.
  const std::size_t begin = name.find_first_not_of(". ");
  if (begin == std::string::npos) return name.clear();
  name.erase(0, begin);
  name.erase(name.find_last_not_of(". ") + 1);
}

void append_percent(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out.push_back('%');
  out.push_back(digits[byte >> 4]);
  out.push_back(digits[byte & 15]);
}

/// attr-char of RFC 8187.
bool attribute_char(char c) {
  return is_letter(c) || is_digit(c) ||
         std::string_view("!#$&+-.^_`|~").find(c) != std::string_view::npos;
}

// Types that help the reader's machine to open what was saved, and that no browser runs. HTML, SVG,
// XML, scripts and message/rfc822 (Chromium renders it as MHTML) are not among them, by intention.
constexpr std::array<std::string_view, 37> kServed = {
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/tiff",
    "image/bmp",
    "image/heic",
    "audio/mpeg",
    "audio/ogg",
    "audio/mp4",
    "audio/wav",
    "audio/x-wav",
    "audio/aac",
    "audio/flac",
    "video/mp4",
    "video/webm",
    "video/ogg",
    "video/quicktime",
    "video/mpeg",
    "text/plain",
    "text/csv",
    "text/calendar",
    "text/vcard",
    "application/pdf",
    "application/zip",
    "application/gzip",
    "application/x-tar",
    "application/x-7z-compressed",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation"};

}  // namespace

std::string clean_file_name(std::string_view name) {
  name = without_windows_path(trim(name));
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const CodePoint c = code_point_at(name, at);
    at += c.length;
    // Runs of white space push an extension out of sight.
    if (white(c.value)) {
      if (!out.ends_with(' ')) out.push_back(' ');
    } else if (special(c.value)) {
      out.push_back('_');
    } else if (!is_control(c.value) && !bidi_or_invisible(c.value) && !quote(c.value)) {
      append_character(out, c.value);
    }
  }
  strip_ends(out);
  if (device(out)) out.insert(0, "_");
  out = shortened(out);
  strip_ends(out);
  return out;
}

std::string content_disposition(std::string_view raw, std::string_view how) {
  std::string name = clean_file_name(raw);
  if (name.empty()) name = "attachment";
  std::string plain, encoded;
  bool same = true;
  for (std::size_t at = 0; at < name.size();) {
    const CodePoint c = code_point_at(name, at);
    // Some browsers decode %XX in the plain form.
    const bool ascii = c.value < 0x7F && c.value != '%';
    plain.push_back(ascii ? static_cast<char>(c.value) : '_');
    same = same && ascii;
    for (const char byte : std::string_view(name).substr(at, c.length)) {
      if (attribute_char(byte))
        encoded.push_back(byte);
      else
        append_percent(encoded, byte);
    }
    at += c.length;
  }
  const std::string value = std::string(how) + "; filename=\"" + plain + "\"";
  return same ? value : value + "; filename*=UTF-8''" + encoded;
}

std::string served_type(std::string_view type, std::string_view subtype) {
  const std::string whole = lower(type) + "/" + lower(subtype);
  const bool known = std::find(kServed.begin(), kServed.end(), whole) != kServed.end();
  return known ? whole : "application/octet-stream";
}

}  // namespace alphamail
