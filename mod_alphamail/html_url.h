// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses in messages, read as browsers read them (URL Living Standard) and written so that all read the same.
#ifndef MOD_ALPHAMAIL_HTML_URL_H
#define MOD_ALPHAMAIL_HTML_URL_H

#include <cstdint>
#include <string>
#include <string_view>

namespace alphamail {

struct MailUrl {
  enum class Kind : std::uint8_t {
    kNone,     ///< relative, malformed, or of a scheme that a message may not have
    kWeb,      ///< http, https
    kMail,     ///< mailto
    kPhone,    ///< tel
    kAnchor,   ///< within the message
    kPart,     ///< cid: `text` is the Content-ID, decoded, without brackets
    kPicture,  ///< data: of an allowed type, of bounded size
  } kind = Kind::kNone;
  std::string text;  ///< ASCII, with everything encoded that could be misread; for kAnchor without '#'
  std::string host;  ///< of kWeb: lower case, as DNS has it ("xn--..."), without port
};

/// Tabs and line ends anywhere, and blanks around, mean nothing; a backslash is a slash; names of users are
/// left out; "//host" is https.
MailUrl read_mail_url(std::string_view text);

inline constexpr std::size_t kLongestUrl = 4000;
inline constexpr std::size_t kLargestDataUrl = 280'000;  ///< 200 KB in base64

/// The host that the words of a link name ("www.bank.example/login", "https://bank.example"), as in MailUrl::host;
/// "" where they name none.
std::string host_in_words(std::string_view words);
/// True where one of both hosts is the other or within it, "www." apart.
bool same_site(std::string_view a, std::string_view b);
/// True for a host with letters beyond ASCII, which can look like another one.
bool is_international(std::string_view host);

}  // namespace alphamail

#endif
