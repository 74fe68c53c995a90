// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a text part to blocks of words: transfer encoding, charset, HTML, quote levels,
// lines that flow (RFC 3676).
#include <algorithm>
#include <utility>

#include "common/characters.h"
#include "mod_alphamail/mime_reader.h"

namespace alphamail {
namespace {

constexpr std::size_t kHtmlPerWord = 8;  // bytes of HTML read for a byte of text shown
constexpr std::size_t kBlocks = 10000;   // a text that changes its quote level more often is cut
constexpr std::size_t kCharsetSought =
    2048;  // bytes of HTML in which a <meta> may name its charset
constexpr std::size_t kTab = 8;

/// A line without its quote marks.
struct Line {
  std::uint32_t quote = 0;
  std::string_view text;
};

Line unquoted(std::string_view line, bool flowed) {
  std::uint32_t depth = 0;
  // RFC 3676 section 4.5 knows only ">>>"; other mailers write "> > >".
  while (!line.empty()) {
    if (line.front() == '>')
      ++depth;
    else if (flowed || depth == 0 || line.substr(0, 2) != " >")
      break;
    line.remove_prefix(1);
  }
  // An mbox writer put the mark before "From ", not a person.
  if (depth == 1 && !flowed && line.starts_with("From ")) depth = 0;
  if ((depth > 0 || flowed) && line.starts_with(' '))
    line.remove_prefix(1);  // or space-stuffed (4.4)
  return {std::min(depth, kQuoteDepth), line};
}

class BlockBuilder {
 public:
  explicit BlockBuilder(const TextPart& part)
      : flowed_(part.flowed), delete_space_(part.delete_space) {}

  /// @return false once the text changes its quote level too often
  bool add(std::string_view raw) {
    if (raw.ends_with('\r')) raw.remove_suffix(1);
    Line line = unquoted(raw, flowed_);
    const bool signature =
        line.text == "-- ";  // the one line that ends in a space and does not flow
    if (signature && line.quote == 0) {
      in_signature_ = true;
      if (blocks_.size() >= kBlocks) return false;
      blocks_.push_back({0, {}, true});
      open_ = false;
      return true;
    }
    if (line.quote > 0) in_signature_ = false;
    const bool joins =
        open_ && !signature && !blocks_.empty() && blocks_.back().quote == line.quote;
    open_ = flowed_ && !signature && line.text.ends_with(' ');
    if (open_ && delete_space_) line.text.remove_suffix(1);
    if (joins) {
      append(blocks_.back().text, line.text);
      return true;
    }
    if (blocks_.empty() || blocks_.back().quote != line.quote ||
        blocks_.back().signature != in_signature_) {
      if (blocks_.size() >= kBlocks) return false;
      blocks_.push_back({line.quote, {}, in_signature_});
    } else {
      blocks_.back().text.push_back('\n');
    }
    append(blocks_.back().text, line.text);
    return true;
  }

  std::vector<TextBlock> take() {
    std::vector<TextBlock> kept;
    for (TextBlock& block : blocks_) {
      strip_empty_lines(block.text);
      if (block.text.empty()) continue;
      if (!kept.empty() && kept.back().quote == block.quote && kept.back().signature == block.signature)
        kept.back().text += "\n\n" + block.text;
      else
        kept.push_back(std::move(block));
    }
    return kept;
  }

 private:
  /// Tabs become spaces up to the next stop: pages show text in a proportional font, but columns of
  /// a few words still line up better.
  static void append(std::string& out, std::string_view text) {
    if (text.find('\t') == std::string_view::npos) {
      out += text;
      return;
    }
    std::size_t column = 0;
    for (const char c : text) {
      if (c == '\t') {
        const std::size_t spaces = kTab - column % kTab;
        out.append(spaces, ' ');
        column += spaces;
        continue;
      }
      out.push_back(c);
      if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column;
    }
  }

  /// The empty lines around a block are what its margins show.
  static void strip_empty_lines(std::string& text) {
    const std::size_t last = text.find_last_not_of(" \n");
    text.erase(last == std::string::npos ? 0 : last + 1);
    const std::size_t first = text.find_first_not_of(" \n");
    if (first == std::string::npos) return;
    const std::size_t line = text.rfind('\n', first);
    if (line != std::string::npos) text.erase(0, line + 1);
  }

  bool flowed_, delete_space_;
  bool open_ = false;  // the line before goes on in this one
  bool in_signature_ = false;
  std::vector<TextBlock> blocks_;
};

/// The lines of a text. CR LF, LF and CR alone all end one.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text), feed_(next('\n')), carriage_(next('\r')) {}
  bool left() const { return at_ < text_.size(); }

  std::string_view take() {
    // Each is sought once, however the other ends lines.
    if (feed_ < at_) feed_ = next('\n');
    if (carriage_ < at_) carriage_ = next('\r');
    const std::size_t end = std::min(feed_, carriage_);
    const std::string_view line = text_.substr(at_, end - at_);
    at_ = end + (end == carriage_ && end + 1 == feed_ ? 2 : 1);
    return line;
  }

 private:
  std::size_t next(char end) const { return std::min(text_.find(end, at_), text_.size()); }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t feed_, carriage_;  // the next of them at or behind at_
};

}  // namespace

std::string charset_in_html(std::string_view html) {
  const std::string head = lower(html.substr(0, kCharsetSought));
  std::size_t at = head.find("charset=");
  if (at == std::string::npos) return {};
  at += 8;
  while (at < head.size() && (head[at] == '"' || head[at] == '\'' || is_space(head[at]))) ++at;
  std::size_t end = at;
  while (end < head.size() &&
         (is_letter(head[end]) || is_digit(head[end]) || head[end] == '-' || head[end] == '_'))
    ++end;
  return head.substr(at, end - at);
}

TextReader::TextReader(const TextPart& part, std::size_t limit, TextView view)
    : part_(part),
      view_(std::move(view)),
      limit_(limit),
      input_limit_(part.html ? limit * kHtmlPerWord : limit),
      decoder_(part.encoding) {}

bool TextReader::add(std::string_view piece) {
  if (cut_) return false;
  std::string decoded;
  decoder_.decode(piece, decoded);
  take(decoded);
  return !cut_;
}

/// A file in the text does not count towards its limit: it streams by.
void TextReader::take(std::string_view decoded) {
  std::string file;
  if (part_.html)
    decoded_ += decoded;
  else
    files_.add(decoded, decoded_, file);
  if (decoded_.size() + files_.kept_back() > input_limit_) {
    files_.finish(decoded_, file);
    decoded_.resize(input_limit_);
    cut_ = true;
  }
}

ShownText TextReader::finish() {
  if (!cut_) {
    std::string rest, file;
    decoder_.finish(rest);
    take(rest);
    if (!part_.html && !cut_) files_.finish(decoded_, file);
  }
  ShownText shown;
  shown.files = files_.files();
  std::string charset = part_.charset;
  if (charset.empty() && part_.html) charset = charset_in_html(decoded_);
  std::string text = view_.charset.empty() ? to_utf8(decoded_, charset)
                                           : to_utf8_as(decoded_, view_.charset);
  decoded_ = {};
  if (part_.html) text = html_to_text(text, limit_ + 1);
  if (text.size() > limit_) {
    text.resize(cut_utf8(text, limit_).size());
    cut_ = true;
  }
  if (cut_ && text.ends_with("\uFFFD")) text.resize(text.size() - 3);  // a character cut in two
  if (view_.raw) {
    for (Lines lines(text); lines.left();) {
      shown.raw += lines.take();
      shown.raw += '\n';
    }
    shown.cut = cut_;
    return shown;
  }
  BlockBuilder builder(part_);
  for (Lines lines(text); lines.left();) {
    if (!builder.add(lines.take())) {
      cut_ = true;
      break;
    }
  }
  shown.blocks = builder.take();
  shown.cut = cut_;
  return shown;
}

}  // namespace alphamail
