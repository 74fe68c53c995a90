// SPDX-License-Identifier: GPL-3.0-or-later
// Replies of the daemon built by hand, and what is needed to render them without httpd or a lane.
#ifndef T_UNIT_PAGES_FIXTURE_H
#define T_UNIT_PAGES_FIXTURE_H

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "common/protocol_generated.h"
#include "mod_alphamail/frame.h"
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/templates.h"
#include "mod_alphamail/words.h"

namespace alphamail::fixture {

inline std::string from_environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}
inline std::string source_dir() { return from_environment("top_srcdir", ALPHAMAIL_TOP_SRCDIR); }
inline std::string build_dir() { return from_environment("top_builddir", ALPHAMAIL_TOP_BUILDDIR); }

inline Templates::Constants constants() {
  return {{"mount", "/alphamail"},
          {"css", "/alphamail/assets/alphamail-0123456789.css"},
          {"icons", "/alphamail/assets/icons-0123456789.svg"},
          {"script", "/alphamail/assets/alphamail-0123456789.js"},
          {"compose_script", "/alphamail/assets/compose-0123456789.js"},
          {"message_script", "/alphamail/assets/message-0123456789.js"},
          {"mark", "/alphamail/assets/mark-0123456789.svg"},
          {"site_name", "AlphaMail"}};
}

/// Thursday, 19 November 2026, 17:00 in Berlin.
inline constexpr std::int64_t kNow = 1795104000;

struct Site {
  std::unique_ptr<Words> words;
  std::unique_ptr<Templates> templates;

  Site() {
    auto read = Words::load(build_dir() + "/templates/lang");
    if (!read) std::abort();
    words = std::move(*read);
    auto parsed = Templates::load(source_dir() + "/templates", *words, constants());
    if (!parsed) {
      std::fprintf(stderr, "%s\n", parsed.error().detail.c_str());
      std::abort();
    }
    templates = std::move(*parsed);
  }
  Reader reader(const char* language = "en", const char* zone = "Europe/Berlin") const {
    return {*templates, *words->find(language), *words->zones().find(zone), kNow};
  }
};

inline FrameInput frame_input() {
  FrameInput input;
  input.mount = "/alphamail";
  input.address = "noor.lindqvist@example.edu";
  input.token = "b1946ac92492d234";
  input.here = "/mail/INBOX/";
  return input;
}

struct RowText {
  std::string from, subject, snippet, attachment;
  std::uint16_t flags = 0;
  std::int64_t arrived = kNow - 3600;
  std::uint64_t size = 12345;
};

/// A buffer that holds one table; keep it while the table is used.
class Built {
 public:
  flatbuffers::FlatBufferBuilder builder;
  template <typename Table>
  const Table& finish(flatbuffers::Offset<Table> root) {
    builder.Finish(root);
    return *flatbuffers::GetRoot<Table>(builder.GetBufferPointer());
  }
};

struct FolderText {
  std::string address, name;
  int depth = 0;
  wire::Role role = wire::Role::None;
  std::uint32_t unread = 0, total = 0;
  bool selectable = true;
};

inline std::vector<FolderText> campus_folders() {
  using wire::Role;
  return {{"INBOX", "INBOX", 0, Role::Inbox, 37, 402},
          {"Archive", "Archive", 0, Role::Archive, 0, 900},
          {"Archive/2024", "2024", 1, Role::None, 0, 80},
          {"Archive/2024/Spring term", "Spring term", 2, Role::None, 1, 80},
          {"Drafts", "Drafts", 0, Role::Drafts, 0, 4},
          {"Junk", "Junk", 0, Role::Junk, 12, 12},
          {"Sent", "Sent", 0, Role::Sent, 0, 300},
          {"Shared", "Shared", 0, Role::None, 0, 0, false},
          {"Shared/Physics office", "Physics office", 1, Role::None, 14, 20},
          {"Thesis", "Thesis", 0, Role::None, 3, 50},
          {"Trash", "Trash", 0, Role::Trash, 0, 9},
          {"研究会", "研究会", 0, Role::None, 2, 7},
          {"a~2Fb & c", "a/b & c", 0, Role::None, 0, 3}};
}

inline flatbuffers::Offset<wire::Folder> add_folder(flatbuffers::FlatBufferBuilder& b,
                                                    const FolderText& f) {
  const auto address = b.CreateString(f.address);
  const auto name = b.CreateString(f.name);
  return wire::CreateFolder(b, address, name, static_cast<std::uint8_t>(f.depth), f.role,
                            f.selectable, f.unread, f.total, true);
}

using FolderOffsets = flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::Folder>>>;
inline FolderOffsets add_folders(flatbuffers::FlatBufferBuilder& b,
                                 const std::vector<FolderText>& folders) {
  std::vector<flatbuffers::Offset<wire::Folder>> made;
  for (const auto& f : folders) made.push_back(add_folder(b, f));
  return b.CreateVector(made);
}

struct PageNumbers {
  std::uint32_t page = 1, pages = 9, total = 402, unread = 37, indexed = 402;
  std::uint16_t rows = 50;
};

inline const wire::FolderPage& folder_page(Built& built, const std::vector<RowText>& rows,
                                           const std::vector<FolderText>& folders,
                                           PageNumbers n = {}, std::size_t shown = 0,
                                           const ListSort& sort = {}) {
  auto& b = built.builder;
  const auto tree = add_folders(b, folders);
  const auto folder = add_folder(b, folders[shown]);
  std::vector<flatbuffers::Offset<wire::Row>> made;
  std::uint32_t uid = 91250;
  for (const auto& r : rows) {
    const auto from = b.CreateString(r.from);
    const auto address = b.CreateString("someone@example.org");
    const auto subject = b.CreateString(r.subject);
    const auto snippet = b.CreateString(r.snippet);
    const auto attachment = b.CreateString(r.attachment);
    made.push_back(wire::CreateRow(b, uid, r.flags, r.arrived, r.arrived, r.size, from, address,
                                   subject, snippet, attachment));
    uid -= 3;
  }
  const auto list = b.CreateVector(made);
  return built.finish(wire::CreateFolderPage(b, tree, folder, 1, false, n.page, n.pages, n.rows,
                                             n.total, n.unread, n.indexed, kNow - 60, list, sort.key,
                                             sort.descending));
}

/// Rows like a campus's, in many scripts.
inline std::vector<RowText> campus_rows(std::size_t count) {
  const auto bit = [](wire::Flag f) { return static_cast<std::uint16_t>(f); };
  const std::uint16_t seen = bit(wire::Flag::Seen);
  const std::vector<RowText> some = {
      {"Mina Okafor", "Chapter 3: comments before Thursday",
       "I have read it twice and like the new order of the argument. Two things to settle before the committee",
       "chapter3-comments.pdf", bit(wire::Flag::HasAttachment)},
      {"佐藤 美咲", "来週の研究会の場所が変わりました",
       "第7講義室から附属図書館3階に変更になりました。時間は14時のままです。", "会場案内.pdf",
       static_cast<std::uint16_t>(bit(wire::Flag::Flagged) | bit(wire::Flag::HasAttachment))},
      {"Dean of Studies", "Minutes of the study commission, 17 November",
       "Present: eleven members, two guests. 1. The minutes of October are accepted without change", "", seen},
      {"د. ليلى حداد", "موعد مناقشة الرسالة", "تم تحديد الموعد يوم الخميس في الساعة العاشرة", "", seen},
      {"Tomás Herrera", "Re: Beam time in March",
       "March 9 to 12 works for us. I would bring two students, one of them has the safety course", "",
       static_cast<std::uint16_t>(seen | bit(wire::Flag::Answered))},
      {"Ирина Соколова", "Вопрос по домашнему заданию № 6",
       "Здравствуйте! В задаче 2б получается отрицательная энергия, я правильно понимаю условие?", "", 0},
      {"Jonas Weiß", "AW: Tutorien im Sommer",
       "Passt so. Ich übernehme die Gruppen 4 und 5, wenn der große Hörsaal frei bleibt.", "",
       static_cast<std::uint16_t>(seen | bit(wire::Flag::Forwarded))},
      {"Campus Bulletin", "This week: museum night, vaccination, lost and found",
       "Monday: flu vaccination in the health centre, no appointment needed. Wednesday: museum night", "", seen}};
  std::vector<RowText> rows;
  std::int64_t age = 900;
  for (std::size_t i = 0; i < count; ++i) {
    rows.push_back(some[i % some.size()]);
    rows.back().arrived = kNow - age;
    rows.back().size = 4000 + i * i * i * 37;
    age += 2500 + static_cast<std::int64_t>(i) * 900;
  }
  return rows;
}

}  // namespace alphamail::fixture

#endif
