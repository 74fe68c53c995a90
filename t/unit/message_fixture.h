// SPDX-License-Identifier: GPL-3.0-or-later
// A message as its page gets it, built by hand.
#ifndef T_UNIT_MESSAGE_FIXTURE_H
#define T_UNIT_MESSAGE_FIXTURE_H

#include <string>
#include <vector>

#include "mod_alphamail/message_view.h"
#include "t/unit/pages_fixture.h"

namespace alphamail::fixture {

struct Message {
  Built built;
  std::vector<Letter> letters = std::vector<Letter>(1);  ///< the message itself, and those inside it
  MessageHeader& header = letters.front().header;
  MessageContent& content = letters.front().content;
  std::vector<ReadText>& texts = letters.front().texts;

  const wire::MessageView& view(const std::vector<FolderText>& folders = campus_folders(),
                                std::uint32_t newer = 91250, std::uint32_t older = 91244) {
    auto& b = built.builder;
    const auto tree = add_folders(b, folders);
    const auto folder = add_folder(b, folders[0]);
    const auto block = b.CreateVector(std::vector<std::uint8_t>{});
    const auto parts = b.CreateVector(std::vector{wire::CreatePartDirect(b, "1", 0, "text", "plain")});
    const auto flags = static_cast<std::uint16_t>(wire::Flag::Seen) |
                       static_cast<std::uint16_t>(wire::Flag::Flagged) |
                       static_cast<std::uint16_t>(wire::Flag::Answered);
    return built.finish(wire::CreateMessageView(b, tree, folder, 91247, 7,
                                                static_cast<std::uint16_t>(flags), kNow - 4000, 9961234,
                                                5, 402, newer, older, 2, block, false, parts));
  }
};

/// A campus newsletter's answer with quotes, links and attachments. Every text is `word` where it is
/// given, so that a test can put the same odd text everywhere.
inline void fill_message(Message& m, const std::string& word = {}) {
  const auto say = [&word](const char* text) { return word.empty() ? std::string(text) : word; };
  m.header.subject = say("Re: This week: open lectures, bicycle repair, choir auditions");
  m.header.from = {{say("Mina Okafor"), say("mina.okafor@example.edu")}};
  m.header.to = {{say("Noor Lindqvist"), say("noor.lindqvist@example.edu")},
                 {say(""), say("staff-all@example.edu")}};
  m.header.cc = {{say("Emeriti"), say("emeriti@example.edu")},
                 {say("佐藤 美咲"), say("sato@example.ac.jp")},
                 {say(""), say("porters@example.edu")}};
  m.header.reply_to = {{say("Editors"), say("editors@news.example.edu")}};
  m.header.date = kNow - 4060;
  m.header.list = say("Campus Bulletin");
  m.header.message_id = say("4711.bulletin@news.example.edu");

  const auto attach = [&](const char* section, const char* name, const char* type, const char* icon,
                          std::uint64_t size) {
    Attachment a;
    a.section = section;
    a.name = say(name);
    a.type = word.empty() ? type : "image/png";
    a.icon = icon;
    a.size = size;
    m.content.attachments.push_back(a);
  };
  attach("2", "repair-cafe-poster.png", "image/png", "image", 1200000);
  attach("3", "campus-map.pdf", "application/pdf", "file-text", 620000);
  attach("4", "会場案内.zip", "application/zip", "file-archive", 8100000);

  ReadText text;
  text.part.section = "1";
  text.shown.blocks = {
      {0, say("Dear Noor,\n\nI will come to the lecture about ice (https://news.example.edu/ice) and "
              "bring a bucket. The other points below.")},
      {1, say("The repair café is back. Friday from two until six in the courtyard of the old boiler "
              "house.")},
      {0, say("My bicycle thanks you.\n\nשלום, גם אני אבוא.\n\nMina")},
      {1, say("Why ice is slippery\n\nAn open lecture for everyone, with a bucket of ice.\nThursday 26 "
              "November, 18:15, Lindgren Hall.\nLive captions are provided.\n\nChoir auditions\n\nTenors, "
              "above all tenors.")},
      {2, say("On Monday somebody wrote:\nAre there rehearsals before Christmas?")},
      {1, say("You receive this because you study or work here.")}};
  m.texts.push_back(text);
}

}  // namespace alphamail::fixture

#endif
