// SPDX-License-Identifier: GPL-3.0-or-later
// What an attachment is: by its label, by its name, and by its first bytes (libmagic). Where these
// disagree the reader is told, and nothing else follows from it (security.md A3); what is dangerous to
// open is said to be (A5); only what is harmless is opened in the browser, by what it really is (A1).
#ifndef MOD_ALPHAMAIL_FILE_KIND_H
#define MOD_ALPHAMAIL_FILE_KIND_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace alphamail {

enum class FileKind : std::uint8_t {
  kUnknown, kPicture, kSound, kFilm, kText, kWebPage, kPdf, kArchive, kOffice, kProgram, kMessage, kDisk
};

/// First bytes (decoded) that are looked at; fewer tell less.
inline constexpr std::size_t kSniffed = 4096;

/// "image/png"; "" where the bytes do not say or where there are none.
std::string sniff_type(std::string_view first_bytes);

FileKind kind_of_type(std::string_view type);  ///< of "image/png", lower case
FileKind kind_of_name(std::string_view name);  ///< by its extension

struct FileJudgement {
  FileKind found = FileKind::kUnknown;  ///< by its bytes
  std::string type;                     ///< the same as a type; "" where they do not say
  bool differs = false;    ///< label or name promise another kind than the bytes are
  bool dangerous = false;  ///< can act when it is opened
};
/// @param type  as declared, lower case; @param first_bytes  may be empty: then by label and name alone
FileJudgement judge_file(std::string_view type, std::string_view name, std::string_view first_bytes);

/// The Content-Type to open it in the browser with, "" where it must not be: png, jpeg, gif, webp, sound
/// and film by what the bytes are, plain text where the label says so and the bytes do not deny it.
std::string viewable_type(std::string_view found_type, std::string_view declared_type);

}  // namespace alphamail

#endif
