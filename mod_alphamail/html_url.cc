// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_url.h"

#include <unicode/uidna.h>

#include <algorithm>
#include <array>
#include <memory>

#include "common/characters.h"
#include "mod_alphamail/percent.h"

namespace alphamail {
namespace {

using Kind = MailUrl::Kind;

constexpr std::size_t kLongestHost = 253;

/// Without what browsers skip: controls and blanks around, tabs and line ends anywhere.
std::string condensed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c != '\t' && c != '\n' && c != '\r') out += c;
  }
  return out;
}

/// Everything that is no letter, digit or mark of an address as %XX; a '%' that is none of an escape, too.
std::string encoded(std::string_view text) {
  constexpr std::string_view kKept = "-._~:/?#[]@!$&()*+,;=";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + 16);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool escape = c == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0;
    if (is_letter(c) || is_digit(c) || escape || kKept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

struct CloseIdna {
  void operator()(UIDNA* idna) const { uidna_close(idna); }
};

/// "BÜCHER.example" to "xn--bcher-kva.example"; "" for what is no host.
std::string ascii_host(std::string_view host) {
  if (host.empty() || host.size() > 4 * kLongestHost) return {};
  std::string name = lower(host);
  if (!is_ascii(name)) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<UIDNA, CloseIdna> idna(
        uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI, &status));
    if (U_FAILURE(status) != 0) return {};
    std::array<char, 1024> ascii{};
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    const std::int32_t length = uidna_nameToASCII_UTF8(idna.get(), name.data(), static_cast<std::int32_t>(name.size()),
                                                       ascii.data(), static_cast<std::int32_t>(ascii.size()), &info, &status);
    if (U_FAILURE(status) != 0 || info.errors != 0) return {};
    name = lower(std::string_view(ascii.data(), static_cast<std::size_t>(length)));
  }
  const bool clean = std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
  });
  if (!clean || name.size() > kLongestHost || name.starts_with('.')) return {};
  return name;
}

/// "[2001:db8::1]"
bool is_ip6(std::string_view host) {
  return host.size() > 3 && host.size() < 50 && host.starts_with('[') && host.ends_with(']') &&
         std::all_of(host.begin() + 1, host.end() - 1, [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; });
}

/// What follows "https:".
MailUrl web_url(std::string_view scheme, std::string rest) {
  // Up to the query a backslash is a slash; browsers take any number of them.
  const std::size_t query = std::min(rest.find_first_of("?#"), rest.size());
  std::replace(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(query), '\\', '/');
  const std::size_t begin = rest.find_first_not_of('/');
  if (begin == std::string::npos || begin > 20) return {};
  std::string_view left = std::string_view(rest).substr(begin);
  const std::size_t path = std::min(left.find_first_of("/?#"), left.size());
  std::string_view authority = left.substr(0, path);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  std::string_view name = authority, port;
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    name = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  if (port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit)) return {};
  MailUrl url;
  if (is_ip6(name)) {
    url.host = lower(name);
  } else {
    const auto decoded = percent_decode(name);
    url.host = decoded && is_utf8_text(*decoded) ? ascii_host(*decoded) : std::string();
  }
  if (url.host.empty()) return {};
  url.kind = Kind::kWeb;
  url.text.append(scheme).append("://").append(url.host);
  if (!port.empty()) url.text.append(":").append(port);
  const std::string path_text = encoded(left.substr(path));
  if (!path_text.starts_with('/')) url.text += '/';
  url.text += path_text;
  if (url.text.size() > kLongestUrl) return {};
  return url;
}

MailUrl data_url(std::string_view rest) {
  constexpr std::array<std::string_view, 5> kTypes = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/jpg"};
  if (rest.size() > kLargestDataUrl) return {};
  const std::size_t comma = rest.find(',');
  if (comma == std::string_view::npos) return {};
  const std::string head = lower(rest.substr(0, comma));
  const std::string type = head.substr(0, head.find(';'));
  if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end() || !head.ends_with(";base64")) return {};
  const std::string_view body = rest.substr(comma + 1);
  const bool plain = std::all_of(body.begin(), body.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '=';
  });
  if (!plain) return {};
  return {Kind::kPicture, "data:" + type + ";base64," + std::string(body), {}};
}

/// A Content-ID as in a header, percent-encoding undone.
MailUrl part_url(std::string_view rest) {
  const auto decoded = percent_decode(rest);
  std::string id = decoded ? *decoded : std::string(rest);
  if (id.size() > 2 && id.front() == '<' && id.back() == '>') id = id.substr(1, id.size() - 2);
  if (id.empty() || id.size() > 1000) return {};
  return {Kind::kPart, std::move(id), {}};
}

}  // namespace

MailUrl read_mail_url(std::string_view given) {
  if (given.size() > kLargestDataUrl + 10000) return {};
  const std::string text = condensed(given);
  if (text.empty()) return {};
  if (text[0] == '#') return {Kind::kAnchor, text.substr(1, 200), {}};
  if (text.size() > 1 && (text[0] == '/' || text[0] == '\\') && (text[1] == '/' || text[1] == '\\')) {
    return web_url("https", text);
  }
  std::size_t colon = 0;
  while (colon < text.size() && (is_letter(text[colon]) || is_digit(text[colon]) || text[colon] == '+' ||
                                 text[colon] == '-' || text[colon] == '.')) {
    ++colon;
  }
  if (colon == 0 || colon >= text.size() || text[colon] != ':' || !is_letter(text[0])) return {};
  const std::string scheme = lower(text.substr(0, colon));
  std::string rest = text.substr(colon + 1);
  if (scheme == "http" || scheme == "https") return web_url(scheme, std::move(rest));
  if (scheme == "data") return data_url(rest);
  if (scheme == "cid") return part_url(rest);
  if (rest.empty() || rest.size() > kLongestUrl) return {};
  if (scheme == "mailto") return {Kind::kMail, "mailto:" + encoded(rest), {}};
  if (scheme == "tel") return {Kind::kPhone, "tel:" + encoded(rest), {}};
  return {};
}

std::string host_in_words(std::string_view words) {
  words = trim(words);
  if (words.size() > 500) return {};
  const std::string small = lower(words.substr(0, 8));
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (small.starts_with(scheme)) return read_mail_url(words.substr(0, words.find_first_of(" \t\n"))).host;
  }
  // No scheme: a name with dots, the last of its levels in letters, and perhaps a path behind it.
  const std::string_view name = words.substr(0, words.find_first_of("/?#:"));
  if (name.find_first_of(" \t\n@") != std::string_view::npos || words.find_first_of(" \t\n") != std::string_view::npos) return {};
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || name.find("..") != std::string_view::npos) return {};
  const std::string_view last = name.substr(dot + 1);
  const bool letters = last.size() >= 2 && std::all_of(last.begin(), last.end(), [](char c) {
    return is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
  });
  return letters ? ascii_host(name) : std::string();
}

bool same_site(std::string_view a, std::string_view b) {
  if (a.starts_with("www.")) a.remove_prefix(4);
  if (b.starts_with("www.")) b.remove_prefix(4);
  const auto within = [](std::string_view inner, std::string_view outer) {
    return inner == outer ||
           (inner.size() > outer.size() && inner.ends_with(outer) && inner[inner.size() - outer.size() - 1] == '.');
  };
  return !a.empty() && !b.empty() && (within(a, b) || within(b, a));
}

bool is_international(std::string_view host) { return host.starts_with("xn--") || host.find(".xn--") != std::string_view::npos; }

}  // namespace alphamail
