// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/message_words.h"

namespace alphamail {
namespace {

const char* kind_words(FileKind kind, const Language& l) {
  switch (kind) {
    case FileKind::kPicture: return l.tr("a picture");
    case FileKind::kSound: return l.tr("sound");
    case FileKind::kFilm: return l.tr("a film");
    case FileKind::kText: return l.tr("text");
    case FileKind::kWebPage: return l.tr("a web page");
    case FileKind::kPdf: return l.tr("a PDF");
    case FileKind::kArchive: return l.tr("an archive");
    case FileKind::kOffice: return l.tr("an office document");
    case FileKind::kProgram: return l.tr("a program");
    case FileKind::kMessage: return l.tr("a message");
    case FileKind::kDisk: return l.tr("a disk image");
    case FileKind::kUnknown: break;
  }
  return l.tr("something else");
}

}  // namespace

std::string missing_words(Missing missing, const Language& language) {
  switch (missing) {
    case Missing::kNothing: break;
    case Missing::kTime: return language.tr("The mail server did not send the text in time.");
    case Missing::kGone: return language.tr("The text is no longer at the mail server.");
    case Missing::kUnreachable: return language.tr("The text could not be fetched from the mail server.");
  }
  return {};
}

std::string delivery_words(const DeliveryReport::Recipient& one, const Language& l) {
  const std::string who = one.address.empty() ? std::string(l.tr("a recipient")) : one.address;
  using Fate = DeliveryReport::Fate;
  switch (one.fate) {
    case Fate::kFailed: return fill(l.tr("Not delivered to {1}."), {who});
    case Fate::kDelayed: return fill(l.tr("Not yet delivered to {1}; it is tried again."), {who});
    case Fate::kDelivered: return fill(l.tr("Delivered to {1}."), {who});
    case Fate::kRelayed: return fill(l.tr("Handed on for {1}; the server there does not report."), {who});
    case Fate::kExpanded: return fill(l.tr("Handed on to the members of {1}."), {who});
    case Fate::kDisplayed: return fill(l.tr("Shown to {1}."), {who});
    case Fate::kDeleted: return fill(l.tr("Deleted by {1} without being shown."), {who});
    case Fate::kUnknown: break;
  }
  return fill(l.tr("A report about {1}."), {who});
}

std::string warning_for(const Attachment& attachment, const Language& l) {
  const FileJudgement& judged = attachment.judged;
  std::string words;
  if (judged.differs)
    words = fill(l.tr("Not what it says: its content is {1}."), {kind_words(judged.found, l)});
  if (judged.dangerous) {
    if (!words.empty()) words += ' ';
    words += l.tr("Opened, this can act on your computer. Open it only if you expected it.");
  }
  return words;
}

const char* kind_of(std::string_view type, const Language& language) {
  if (type == "application/pdf") return language.tr("PDF");
  if (type == "text/calendar") return language.tr("Appointment");
  if (type == "text/vcard" || type == "text/x-vcard") return language.tr("Contact");
  if (type == "message/rfc822") return language.tr("Message");
  if (type.starts_with("image/")) return language.tr("Picture");
  if (type.starts_with("audio/")) return language.tr("Sound");
  if (type.starts_with("video/")) return language.tr("Film");
  if (type.starts_with("text/")) return language.tr("Text");
  for (const std::string_view part : {"zip", "tar", "compressed", "rar", "7z"}) {
    if (type.find(part) != std::string_view::npos) return language.tr("Archive file");
  }
  if (type.find("sheet") != std::string_view::npos || type.find("excel") != std::string_view::npos) {
    return language.tr("Spreadsheet");
  }
  if (type.find("presentation") != std::string_view::npos || type.find("powerpoint") != std::string_view::npos) {
    return language.tr("Presentation");
  }
  if (type.find("word") != std::string_view::npos || type.find("opendocument.text") != std::string_view::npos) {
    return language.tr("Document");
  }
  return language.tr("File");
}

}  // namespace alphamail
