// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/file_kind.h"

#include <magic.h>

#include <algorithm>
#include <array>
#include <memory>

#include "common/characters.h"

namespace alphamail {
namespace {

using Kind = FileKind;

template <auto Free>
struct FreeWith {
  void operator()(auto* p) const noexcept { Free(p); }
};
using Magic = std::unique_ptr<magic_set, FreeWith<magic_close>>;

/// This thread's. What unpacks (compression) or walks structures (CDF, ELF) is left off: a kind is all
/// that is wanted of a stranger's bytes.
magic_t magic() {
  thread_local Magic opened = [] {
    constexpr int kFlags = MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_CDF |
                           MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_JSON;
    Magic made(magic_open(kFlags));
    if (made && magic_load(made.get(), nullptr) != 0) made.reset();
    return made;
  }();
  return opened.get();
}

struct Known {
  std::string_view text;
  Kind kind;
};

// The first that the type begins with counts.
constexpr std::array kTypes = {
    Known{"image/", Kind::kPicture}, Known{"audio/", Kind::kSound}, Known{"video/", Kind::kFilm},
    Known{"application/ogg", Kind::kSound}, Known{"text/html", Kind::kWebPage},
    Known{"application/xhtml", Kind::kWebPage}, Known{"text/rtf", Kind::kOffice}, Known{"application/rtf", Kind::kOffice},
    Known{"text/", Kind::kText}, Known{"application/pdf", Kind::kPdf}, Known{"message/", Kind::kMessage},
    Known{"application/msword", Kind::kOffice}, Known{"application/vnd.ms-", Kind::kOffice},
    Known{"application/vnd.openxmlformats", Kind::kOffice}, Known{"application/vnd.oasis.opendocument", Kind::kOffice},
    Known{"application/x-dosexec", Kind::kProgram}, Known{"application/vnd.microsoft.portable-executable", Kind::kProgram},
    Known{"application/x-msdownload", Kind::kProgram}, Known{"application/x-executable", Kind::kProgram},
    Known{"application/x-pie-executable", Kind::kProgram}, Known{"application/x-sharedlib", Kind::kProgram},
    Known{"application/x-mach-binary", Kind::kProgram}, Known{"application/java-archive", Kind::kProgram},
    Known{"application/x-java-applet", Kind::kProgram}, Known{"application/x-ms-shortcut", Kind::kProgram},
    Known{"application/x-msi", Kind::kProgram}, Known{"application/x-bat", Kind::kProgram},
    Known{"application/hta", Kind::kProgram}, Known{"application/x-iso9660-image", Kind::kDisk},
    Known{"application/x-raw-disk-image", Kind::kDisk}, Known{"application/zip", Kind::kArchive},
    Known{"application/x-zip", Kind::kArchive}, Known{"application/gzip", Kind::kArchive},
    Known{"application/x-gzip", Kind::kArchive}, Known{"application/x-tar", Kind::kArchive},
    Known{"application/x-7z", Kind::kArchive}, Known{"application/x-bzip", Kind::kArchive},
    Known{"application/x-xz", Kind::kArchive}, Known{"application/zstd", Kind::kArchive},
    Known{"application/x-rar", Kind::kArchive}, Known{"application/vnd.rar", Kind::kArchive},
    Known{"application/json", Kind::kText}, Known{"application/xml", Kind::kText},
    Known{"application/ics", Kind::kText}};

constexpr std::array kExtensions = {
    Known{".png", Kind::kPicture}, Known{".jpg", Kind::kPicture}, Known{".jpeg", Kind::kPicture},
    Known{".gif", Kind::kPicture}, Known{".webp", Kind::kPicture}, Known{".bmp", Kind::kPicture},
    Known{".tif", Kind::kPicture}, Known{".tiff", Kind::kPicture}, Known{".svg", Kind::kPicture},
    Known{".mp3", Kind::kSound}, Known{".ogg", Kind::kSound}, Known{".wav", Kind::kSound},
    Known{".m4a", Kind::kSound}, Known{".flac", Kind::kSound}, Known{".mp4", Kind::kFilm},
    Known{".webm", Kind::kFilm}, Known{".mov", Kind::kFilm}, Known{".avi", Kind::kFilm},
    Known{".mkv", Kind::kFilm}, Known{".txt", Kind::kText}, Known{".csv", Kind::kText},
    Known{".ics", Kind::kText}, Known{".vcf", Kind::kText}, Known{".html", Kind::kWebPage},
    Known{".htm", Kind::kWebPage}, Known{".xhtml", Kind::kWebPage}, Known{".pdf", Kind::kPdf},
    Known{".zip", Kind::kArchive}, Known{".gz", Kind::kArchive}, Known{".tgz", Kind::kArchive},
    Known{".tar", Kind::kArchive}, Known{".7z", Kind::kArchive}, Known{".rar", Kind::kArchive},
    Known{".xz", Kind::kArchive}, Known{".bz2", Kind::kArchive}, Known{".doc", Kind::kOffice},
    Known{".docx", Kind::kOffice}, Known{".xls", Kind::kOffice}, Known{".xlsx", Kind::kOffice},
    Known{".ppt", Kind::kOffice}, Known{".pptx", Kind::kOffice}, Known{".odt", Kind::kOffice},
    Known{".ods", Kind::kOffice}, Known{".odp", Kind::kOffice}, Known{".rtf", Kind::kOffice},
    Known{".eml", Kind::kMessage}};

// What acts when it is opened, on one system or another: programs, scripts, links, disk images, things
// that carry macros. Not a complete list of what can harm, but of what is sent for it.
constexpr std::array<std::string_view, 90> kDangerous = {
    ".ade", ".adp", ".apk", ".app", ".appimage", ".appinstaller", ".application", ".appref-ms", ".appx", ".asp",
    ".bash", ".bat", ".cab", ".chm", ".cmd", ".com", ".command", ".cpl", ".crx", ".deb",
    ".diagcab", ".dll", ".dmg", ".docm", ".dotm", ".elf", ".exe", ".gadget", ".hlp", ".hta",
    ".htaccess", ".img", ".inf", ".ins", ".iso", ".isp", ".jar", ".jnlp", ".js", ".jse",
    ".ksh", ".library-ms", ".lnk", ".mde", ".mjs", ".msc", ".msh", ".msi", ".msix", ".msp",
    ".mst", ".one", ".onepkg", ".osd", ".pif", ".pkg", ".potm", ".ppam", ".ppsm", ".pptm",
    ".ps1", ".ps1xml", ".psc1", ".py", ".rdp", ".reg", ".rpm", ".run", ".scf", ".scr",
    ".sct", ".search-ms", ".settingcontent-ms", ".sh", ".shb", ".theme", ".url", ".vb", ".vbe", ".vbs",
    ".vhd", ".vhdx", ".workflow", ".wsc", ".wsf", ".wsh", ".xll", ".xlsm", ".xltm", ".xlam"};

std::string_view extension_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot);
}

/// `found` is no surprise where `wanted` was promised: formats that lie within each other, or that
/// first bytes do not tell apart.
bool agrees(Kind wanted, Kind found, std::string_view extension) {
  if (wanted == found || wanted == Kind::kUnknown || found == Kind::kUnknown) return true;
  const auto both = [&](Kind a, Kind b) {
    return (wanted == a && found == b) || (wanted == b && found == a);
  };
  return both(Kind::kOffice, Kind::kArchive) || both(Kind::kSound, Kind::kFilm) ||
         both(Kind::kMessage, Kind::kText) || both(Kind::kOffice, Kind::kText) ||
         (wanted == Kind::kWebPage && found == Kind::kText) ||
         (wanted == Kind::kPicture && found == Kind::kText && extension == ".svg") ||
         wanted == Kind::kProgram || wanted == Kind::kDisk;
}

}  // namespace

std::string sniff_type(std::string_view first_bytes) {
  magic_t handle = magic();
  if (first_bytes.empty() || handle == nullptr) return {};
  const std::size_t length = std::min(first_bytes.size(), kSniffed);
  const char* said = magic_buffer(handle, first_bytes.data(), length);
  if (said == nullptr) return {};
  std::string type = lower(said);
  const bool proper = type.find('/') != std::string::npos && is_printable_ascii(type) && type.size() <= 100;
  return proper && type != "application/octet-stream" ? type : std::string();
}

FileKind kind_of_type(std::string_view type) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const Known& known) { return type.starts_with(known.text); });
  return found == kTypes.end() ? Kind::kUnknown : found->kind;
}

FileKind kind_of_name(std::string_view name) {
  const std::string extension = lower(extension_of(name));
  const auto found = std::find_if(kExtensions.begin(), kExtensions.end(),
                                  [&](const Known& known) { return extension == known.text; });
  return found == kExtensions.end() ? Kind::kUnknown : found->kind;
}

FileJudgement judge_file(std::string_view type, std::string_view name, std::string_view first_bytes) {
  FileJudgement judged;
  judged.type = sniff_type(first_bytes);
  judged.found = kind_of_type(judged.type);
  const std::string extension = lower(extension_of(name));
  const Kind label = kind_of_type(type);
  judged.dangerous = std::find(kDangerous.begin(), kDangerous.end(), extension) != kDangerous.end() ||
                     judged.found == Kind::kProgram || judged.found == Kind::kDisk ||
                     label == Kind::kProgram || label == Kind::kDisk;
  judged.differs = !agrees(label, judged.found, extension) ||
                   !agrees(kind_of_name(name), judged.found, extension);
  return judged;
}

std::string viewable_type(std::string_view found_type, std::string_view declared_type) {
  constexpr std::array<std::string_view, 11> kByContent = {
      "image/png", "image/jpeg", "image/gif", "image/webp", "audio/mpeg", "audio/ogg",
      "audio/mp4", "video/mp4",  "video/webm", "video/ogg", "audio/webm"};
  if (std::find(kByContent.begin(), kByContent.end(), found_type) != kByContent.end())
    return std::string(found_type);
  if (found_type == "audio/x-m4a") return "audio/mp4";
  if (found_type == "application/ogg") return declared_type == "video/ogg" ? "video/ogg" : "audio/ogg";
  const Kind kind = kind_of_type(found_type);
  const bool text = kind == Kind::kText || kind == Kind::kWebPage || kind == Kind::kMessage ||
                    found_type.starts_with("text/") || found_type == "application/x-empty";
  return declared_type == "text/plain" && text ? "text/plain" : "";
}

}  // namespace alphamail
