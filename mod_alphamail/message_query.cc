// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/message_query.h"

#include <algorithm>

#include "mod_alphamail/route.h"
#include "mod_alphamail/urls.h"

namespace alphamail {
namespace {

// Those that mail is still found in; the names are the labels that mailers write.
constexpr CharsetChoice kChoices[] = {
    {"utf-8", "UTF-8"},
    {"windows-1252", "Windows-1252 (Western Europe)"},
    {"iso-8859-1", "ISO 8859-1 (Western Europe)"},
    {"iso-8859-15", "ISO 8859-15 (Western Europe, €)"},
    {"macintosh", "Macintosh (Western Europe)"},
    {"windows-1250", "Windows-1250 (Central Europe)"},
    {"iso-8859-2", "ISO 8859-2 (Central Europe)"},
    {"windows-1251", "Windows-1251 (Cyrillic)"},
    {"koi8-r", "KOI8-R (Cyrillic)"},
    {"koi8-u", "KOI8-U (Cyrillic)"},
    {"iso-8859-5", "ISO 8859-5 (Cyrillic)"},
    {"windows-1253", "Windows-1253 (Greek)"},
    {"iso-8859-7", "ISO 8859-7 (Greek)"},
    {"windows-1254", "Windows-1254 (Turkish)"},
    {"windows-1255", "Windows-1255 (Hebrew)"},
    {"windows-1256", "Windows-1256 (Arabic)"},
    {"windows-1257", "Windows-1257 (Baltic)"},
    {"windows-1258", "Windows-1258 (Vietnamese)"},
    {"windows-874", "Windows-874 (Thai)"},
    {"iso-2022-jp", "ISO-2022-JP (Japanese)"},
    {"shift_jis", "Shift_JIS (Japanese)"},
    {"euc-jp", "EUC-JP (Japanese)"},
    {"gb18030", "GB18030 (Chinese)"},
    {"big5", "Big5 (Chinese)"},
    {"euc-kr", "EUC-KR (Korean)"},
    {"utf-16", "UTF-16"}};

}  // namespace

std::span<const CharsetChoice> charset_choices() { return kChoices; }

Result<MessageQuery> MessageQuery::of(const Fields& query) {
  MessageQuery wanted;
  wanted.inner = query.get("inner");
  if (query.has("inner") && !is_section(wanted.inner)) return Error{Code::kInvalid, "inner is no part"};
  const std::string_view charset = query.get("charset");
  if (std::any_of(std::begin(kChoices), std::end(kChoices),
                  [&](const CharsetChoice& choice) { return choice.name == charset; }))
    wanted.charset = charset;
  const std::string_view show = query.get("show");
  wanted.raw = show == "raw";
  wanted.version = show == "html" ? Version::kHtml : show == "text" ? Version::kText : Version::kUsual;
  wanted.remote = query.get("remote") == "1";
  wanted.all_headers = query.get("headers") == "all";
  return wanted;
}

std::string_view MessageQuery::show_word() const {
  if (raw) return "raw";
  return version == Version::kHtml ? "html" : version == Version::kText ? "text" : "";
}

std::string MessageQuery::text(const ListSort& sort) const {
  std::string out = sort.query();
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out.append(out.empty() ? "?" : "&").append(name).append("=").append(query_value(value));
  };
  add("inner", inner);
  add("show", show_word());
  add("remote", remote ? "1" : "");
  add("headers", all_headers ? "all" : "");
  add("charset", charset);
  return out;
}

}  // namespace alphamail
