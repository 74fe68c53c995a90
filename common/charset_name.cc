// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/charset_name.h"

#include <unicode/ucnv.h>

#include <algorithm>
#include <array>

#include "common/characters.h"
#include "common/iso2022jp.h"

namespace alphamail {
namespace {

/// What labels are decoded as, where that is not what ICU would do: browsers agreed on these, since
/// mailers write the smaller set's name over text in the larger one.
struct Alias {
  const char* decoded_as;
  std::string_view labels;  ///< lower case, each between spaces
};
constexpr std::array kAliases = {
    Alias{"UTF-8", " utf-8 utf8 unicode-1-1-utf-8 x-utf8 utf-8-mac utf8mb4 "},
    Alias{"US-ASCII", " us-ascii ascii ansi_x3.4-1968 iso646-us "},
    Alias{"windows-1252",
          " ansi_x3.110-1983 iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 iso-latin-1 cp1252 "
          "windows1252 "},
    Alias{"windows-1254", " iso-8859-9 iso8859-9 "},
    Alias{"windows-874", " iso-8859-11 tis-620 "},
    Alias{"iso-8859-8", " iso-8859-8-i iso-8859-8-e "},
    Alias{"iso-8859-6", " iso-8859-6-i iso-8859-6-e "},
    Alias{"gb18030",
          " gb2312 gb_2312-80 gb_2312 gbk x-gbk cp936 ms936 windows-936 euc-cn chinese "
          "gb2312_charset x-euc-cn gb-2312 gb-18030 "},
    Alias{"HZ", " hz-gb-2312 "},
    Alias{
        "windows-31j",
        " shift_jis shift-jis sjis x-sjis shiftjis ms_kanji cp932 ms932 windows-932 windows-31j "},
    Alias{"windows-949",
          " ks_c_5601-1987 ks_c_5601-1989 ks_c_5601 ksc5601 ksc_5601 euc-kr euckr korean cp949 "
          "ms949 uhc x-windows-949 "},
    Alias{"Big5", " big5 big-5 cn-big5 x-x-big5 cp950 windows-950 "},
    Alias{kIso2022Jp,
          " iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-2004 iso-2022-jp-ms "
          "cp50220 cp50221 jis csiso2022jp iso2022jp x-windows-iso2022jp "},
    Alias{"KOI8-R", " koi8r koi8 "},
    Alias{"KOI8-U", " koi8u koi8-ru "},
    Alias{"windows-1251", " cp1251 win-1251 x-cp1251 "},
    Alias{"windows-1256", " cp1256 "},
    Alias{"ISO-8859-15", " latin-9 latin9 iso8859-15 "},
    Alias{"macintosh", " macintosh x-mac-roman x-macroman "},
};

/// True for a name that ICU may be asked for: no options (a comma), no path, nothing long.
bool plausible(std::string_view label) {
  return !label.empty() && label.size() <= 40 &&
         std::all_of(label.begin(), label.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == ':' || c == '.';
         });
}

}  // namespace

std::string charset_named(std::string_view charset) {
  charset = trim(charset);
  charset = charset.substr(0, charset.find('*'));  // RFC 2231 section 5: a language may follow
  while (!charset.empty() && (charset.front() == '"' || charset.front() == '\''))
    charset.remove_prefix(1);
  while (!charset.empty() &&
         (charset.back() == '"' || charset.back() == '\'' || charset.back() == ';'))
    charset.remove_suffix(1);
  if (!plausible(charset)) return {};
  const std::string label = lower(charset);
  const std::string word = " " + label + " ";
  for (const Alias& alias : kAliases)
    if (alias.labels.find(word) != std::string_view::npos) return alias.decoded_as;
  // Asked before opening, since ICU looks on disk for converters that it does not know.
  UErrorCode status = U_ZERO_ERROR;
  const bool known = ucnv_countAliases(label.c_str(), &status) > 0 && U_SUCCESS(status);
  return known ? label : std::string();
}

}  // namespace alphamail
