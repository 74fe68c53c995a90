// SPDX-License-Identifier: GPL-3.0-or-later
// A message as its page shows it, and those inside it: which parts are read for that, and what of them
// is left out. Only what is shown is asked of the daemon.
#ifndef MOD_ALPHAMAIL_LETTER_H
#define MOD_ALPHAMAIL_LETTER_H

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "mod_alphamail/delivery_report.h"
#include "mod_alphamail/header_fields.h"
#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/webcache_client.h"

namespace alphamail {

/// One text part as it was read.
struct ReadText {
  TextPart part;
  ShownText shown;
  std::vector<std::string> frames = {};  ///< sections of its HTML version, which is shown instead
};

/// What could not be had of a letter.
enum class Missing : std::uint8_t { kNothing, kTime, kGone, kUnreachable };

struct Letter {
  std::string section;   ///< of the message/rfc822, "" for the message itself
  std::size_t depth = 0; ///< 0 = the one that the page is about
  MessageHeader header;
  std::vector<ReadableField> fields;  ///< all of its header, where that was asked for
  MessageContent content;             ///< its attachments, with those that stand in its texts
  std::vector<ReadText> texts;
  std::vector<DeliveryReport> reports;
  Missing missing = Missing::kNothing;  ///< why text is missing
  bool html = false;                    ///< there are HTML versions, shown or not
};

/// Reads letters of one message. The reply must outlive it.
class LetterReader {
 public:
  static constexpr std::size_t kLetters = 20;  ///< of one page; more are only listed
  static constexpr std::size_t kDepth = 4;     ///< messages within messages that are opened in place

  struct Source {
    WebcacheClient& webcache;
    const Caller& caller;
    const std::string& folder;
    const wire::MessageView& view;
  };
  /// Looks at the HTML versions of a text, which are to be shown instead.
  /// @return whether they go on behind what is shown
  using HtmlLook = std::function<Result<bool>(const std::vector<TextPart>& versions, bool inside)>;
  struct How {
    TextView text = {};
    bool all_fields = false;  ///< Letter::fields
    bool judged = false;      ///< attachments by their first bytes, each a question to the daemon
    HtmlLook html = {};       ///< empty: the words of HTML versions are texts
  };
  LetterReader(Source source, How how) : source_(source), how_(std::move(how)) {}

  /// In preorder: the message, and behind each letter those inside it.
  /// @param inner  "" for the whole message, else the message/rfc822 that the page is about
  /// @return kNotFound where there is no such message inside
  Result<std::vector<Letter>> read(std::string_view inner);

 private:
  void open(std::string section, std::string_view block, MessageContent content, std::size_t depth);
  void open_inner(const InnerMessage& inner, std::size_t depth);
  std::string inner_header(std::string_view section);
  void read_texts(Letter& letter);
  void read_reports(Letter& letter);
  void read_beginnings();
  /// Up to `limit` bytes of a part, its transfer encoding not undone.
  Result<std::string> read_raw(std::string_view section, std::size_t limit);
  /// The same with it undone; what is known already is not asked for again.
  Result<std::string> read_decoded(std::string_view section, std::size_t limit);
  std::string encoding_of(std::string_view section) const;

  Source source_;
  How how_;
  Beginnings beginnings_;
  std::vector<Letter> letters_;
  std::size_t texts_ = 0;
  std::size_t text_bytes_ = 0;
};

}  // namespace alphamail

#endif
