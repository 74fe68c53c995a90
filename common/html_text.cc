// SPDX-License-Identifier: GPL-3.0-or-later
// HTML to words in one pass, without a tree: tags are told from text as a browser's tokenizer would
// (HTML Living Standard section 13.2.5), blocks become lines, quotations get "> ". What comes out
// is plain text, so nothing here needs to be right for safety's sake.
#include <algorithm>
#include <array>
#include <bitset>

#include "common/characters.h"
#include "common/html_entities.h"
#include "common/mime_text.h"

namespace alphamail {
namespace {

constexpr std::size_t kQuoteDepth = 20;
constexpr std::size_t kListDepth = 30;
constexpr std::size_t kTagName = 24;  // of the names we know none is longer

// Content that is not for reading. A browser ends the first group only at its end tag, so without
// one the rest of the document belongs to it.
constexpr std::array<std::string_view, 10> kDropped = {
    "script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp", "svg", "math"};
constexpr std::size_t kRawText = 8;  // of kDropped, the first ones
constexpr std::array<std::string_view, 4> kDroppedToo = {"template", "object", "select", "audio"};

// Elements that begin and end a line, and those with an empty line around them.
constexpr std::array<std::string_view, 30> kBlocks = {
    "address", "article", "aside",   "body",  "caption",  "center",     "dd",     "details",
    "dir",     "div",     "dl",      "dt",    "fieldset", "figcaption", "figure", "footer",
    "form",    "header",  "hgroup",  "html",  "legend",   "main",       "menu",   "nav",
    "option",  "section", "summary", "tbody", "thead",    "tr"};
constexpr std::array<std::string_view, 11> kSpaced = {"h1", "h2", "h3",  "h4",    "h5",     "h6",
                                                      "hr", "p",  "pre", "table", "listing"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Collects words into lines; white space that is due is kept as a wish until a word follows.
class Lines {
 public:
  explicit Lines(std::size_t limit) : limit_(limit) {}

  bool full() const { return out_.size() >= limit_; }

  void character(char32_t c, bool keep_space) {
    if (c == 0xAD || c == 0x34F || c == 0x200B || c == 0xFEFF) return;  // fillers that show nothing
    if (keep_space && c == '\n') return line(true);
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == 0xA0;
    if (space) {
      if (keep_space && (c == ' ' || c == '\t'))
        ++spaces_;
      else
        spaces_ = std::max<std::size_t>(spaces_, 1);
      return;
    }
    if (is_control(c)) return;
    start_word(keep_space);
    append_character(out_, c == 0x2028 || c == 0x2029 ? U' ' : c);
  }

  /// Ends the line. @param always also an empty one, as <br> and line ends in <pre> do
  void line(bool always) {
    spaces_ = 0;
    if (!fresh_) {
      fresh_ = true;
      breaks_ = std::max<std::size_t>(breaks_, 1);
    } else if (always && breaks_ < 2) {
      ++breaks_;
    }
  }
  /// Ends the line and leaves one empty.
  void paragraph() {
    line(false);
    breaks_ = 2;
  }
  void space() { spaces_ = std::max<std::size_t>(spaces_, 1); }
  void item(std::string mark) { item_ = std::move(mark); }
  void quote(int change) {
    if (change > 0 && quotes_ < kQuoteDepth + 200) ++quotes_;
    if (change < 0 && quotes_ > 0) --quotes_;
  }
  std::string take() {
    out_.resize(cut_utf8(out_, limit_).size());
    return std::move(out_);
  }

 private:
  void start_word(bool keep_space) {
    if (fresh_) {
      const std::size_t quotes = std::min(quotes_, kQuoteDepth);
      if (!out_.empty()) {
        out_.push_back('\n');
        // The empty line between two blocks belongs to the shallower one.
        if (breaks_ > 1) out_.append(std::min(quotes, last_quotes_), '>').push_back('\n');
      }
      out_.append(quotes, '>');
      if (quotes > 0) out_.push_back(' ');
      last_quotes_ = quotes;
      out_ += item_;
      if (keep_space) out_.append(std::min<std::size_t>(spaces_, 40), ' ');
    } else {
      out_.append(std::min<std::size_t>(spaces_, 40), ' ');
    }
    fresh_ = false;
    breaks_ = 0;
    spaces_ = 0;
    item_.clear();
  }

  std::string out_;
  std::size_t limit_;
  bool fresh_ = true;       // at the start of a line
  std::size_t breaks_ = 0;  // line ends due before the next word, 2 = an empty line between
  std::size_t spaces_ = 0;
  std::size_t quotes_ = 0;
  std::size_t last_quotes_ = 0;
  std::string item_;  // "• ", "3. "
};

struct Tag {
  std::string name;  // lower case, cut at kTagName
  bool end = false;
  std::string_view attributes;
};

class Reader {
 public:
  Reader(std::string_view html, std::size_t limit) : html_(html), lines_(limit) {}

  std::string read() {
    while (at_ < html_.size() && !lines_.full()) {
      const char c = html_[at_];
      if (c == '<' && markup()) continue;
      if (c == '&' && reference()) continue;
      const CodePoint point = code_point_at(html_, at_);
      lines_.character(point.value, pre_ > 0);
      at_ += point.length;
    }
    return lines_.take();
  }

 private:
  bool reference() {
    const CharacterReference found = character_reference(html_.substr(at_, 64));
    if (found.length == 0) return false;
    lines_.character(found.value, pre_ > 0);
    at_ += found.length;
    return true;
  }

  /// @return false where the '<' is but a character
  bool markup() {
    const char next = at_ + 1 < html_.size() ? html_[at_ + 1] : '\0';
    if (next == '!' || next == '?') {
      const bool comment = html_.substr(at_, 4) == "<!--";
      if (comment)
        skip_comment();
      else
        at_ = after('>', at_ + 2);
      return true;
    }
    const char first = next == '/' && at_ + 2 < html_.size() ? html_[at_ + 2] : next;
    if (next == '/' && !is_letter(first)) {
      at_ = after('>', at_ + 2);
      return true;
    }
    if (!is_letter(first)) return false;
    const Tag tag = take_tag();
    if (tag.end)
      end_tag(tag.name);
    else
      start_tag(tag);
    return true;
  }

  std::size_t after(char mark, std::size_t from) const {
    const std::size_t found = html_.find(mark, from);
    return found == std::string_view::npos ? html_.size() : found + 1;
  }

  void skip_comment() {
    if (html_.substr(at_ + 4, 1) == ">")
      at_ += 5;  // "<!-->"
    else if (html_.substr(at_ + 4, 2) == "->")
      at_ += 6;  // "<!--->"
    else {
      const std::size_t plain = html_.find("-->", at_ + 4);
      at_ = plain == std::string_view::npos ? html_.size() : plain + 3;
    }
  }

  /// A '>' inside a quoted attribute value does not end the tag; a quote elsewhere means nothing.
  Tag take_tag() {
    Tag tag;
    ++at_;
    if (html_[at_] == '/') {
      tag.end = true;
      ++at_;
    }
    const std::size_t begin = at_;
    while (at_ < html_.size() && !is_space(html_[at_]) && html_[at_] != '>' && html_[at_] != '/')
      ++at_;
    tag.name = lower(html_.substr(begin, std::min(at_ - begin, kTagName)));
    const std::size_t attributes = at_;
    bool value = false;  // an '=' was just passed
    while (at_ < html_.size() && html_[at_] != '>') {
      const char c = html_[at_];
      if (value && (c == '"' || c == '\'')) {
        at_ = after(c, at_ + 1);
        value = false;
        continue;
      }
      if (c == '=')
        value = true;
      else if (!is_space(c))
        value = false;
      ++at_;
    }
    tag.attributes = html_.substr(attributes, at_ - attributes);
    at_ = std::min(at_ + 1, html_.size());
    return tag;
  }

  void start_tag(const Tag& tag) {
    const std::string& name = tag.name;
    if (dropped(name)) return;
    if (name == "br")
      lines_.line(true);
    else if (name == "td" || name == "th")
      lines_.space();
    else if (name == "img")
      alternative(tag);
    else if (name == "li")
      item();
    else if (name == "ul" || name == "ol")
      list(name == "ol");
    else if (name == "blockquote") {
      lines_.paragraph();
      lines_.quote(+1);
    } else if (among(kSpaced, name))
      lines_.paragraph();
    else if (among(kBlocks, name))
      lines_.line(false);
    if (name == "pre" || name == "listing") ++pre_;
    if (name == "plaintext") at_ = html_.size();
  }

  void end_tag(const std::string& name) {
    if (name == "blockquote") {
      lines_.paragraph();
      lines_.quote(-1);
    } else if (name == "ul" || name == "ol") {
      if (!lists_.empty()) lists_.pop_back();
      lines_.line(false);
      if (lists_.empty()) lines_.paragraph();
    } else if (name == "li") {
      lines_.line(false);
      lines_.item({});
    } else if (name == "td" || name == "th")
      lines_.space();
    else if (among(kSpaced, name))
      lines_.paragraph();
    else if (among(kBlocks, name))
      lines_.line(false);
    if ((name == "pre" || name == "listing") && pre_ > 0) --pre_;
  }

  /// Skips the content of elements that are not for reading.
  bool dropped(const std::string& name) {
    const auto found = std::find(kDropped.begin(), kDropped.end(), name);
    if (found == kDropped.end() && !among(kDroppedToo, name)) return false;
    const bool raw = found < kDropped.begin() + kRawText;
    const std::size_t index =
        found == kDropped.end()
            ? kDropped.size() +
                  static_cast<std::size_t>(std::find(kDroppedToo.begin(), kDroppedToo.end(), name) -
                                           kDroppedToo.begin())
            : static_cast<std::size_t>(found - kDropped.begin());
    if (unclosed_[index]) return true;
    const std::size_t end = end_of(name);
    if (end != std::string_view::npos)
      at_ = end;
    else if (raw)
      at_ = html_.size();
    else
      unclosed_.set(index);  // not searched for again: time stays linear
    return true;
  }

  /// Past the next end tag of that name; npos where there is none.
  std::size_t end_of(const std::string& name) const {
    for (std::size_t i = html_.find("</", at_); i != std::string_view::npos;
         i = html_.find("</", i + 2)) {
      const std::size_t stop = i + 2 + name.size();
      if (!equal_ignoring_case(html_.substr(i + 2, name.size()), name)) continue;
      if (stop < html_.size() && !is_space(html_[stop]) && html_[stop] != '>' && html_[stop] != '/')
        continue;
      return after('>', stop);
    }
    return std::string_view::npos;
  }

  void list(bool numbered) {
    if (lists_.empty())
      lines_.paragraph();
    else
      lines_.line(false);
    if (lists_.size() < kListDepth) lists_.push_back(numbered ? 1 : 0);
  }

  void item() {
    lines_.line(false);
    std::string mark =
        lists_.size() > 1 ? std::string(2 * (lists_.size() - 1), ' ') : std::string();
    if (lists_.empty() || lists_.back() == 0)
      mark += "• ";
    else
      mark += std::to_string(lists_.back()++) + ". ";
    lines_.item(std::move(mark));
  }

  /// What a picture says to those who do not see it.
  void alternative(const Tag& tag) {
    const std::string_view text = attribute(tag.attributes, "alt");
    for (std::size_t i = 0; i < text.size();) {
      if (text[i] == '&') {
        const CharacterReference found = character_reference(text.substr(i, 64));
        if (found.length > 0) {
          lines_.character(found.value, false);
          i += found.length;
          continue;
        }
      }
      const CodePoint point = code_point_at(text, i);
      lines_.character(point.value, false);
      i += point.length;
    }
  }

  static std::string_view attribute(std::string_view text, std::string_view wanted) {
    std::size_t i = 0;
    while (i < text.size()) {
      while (i < text.size() && (is_space(text[i]) || text[i] == '/')) ++i;
      const std::size_t name = i;
      while (i < text.size() && !is_space(text[i]) && text[i] != '=' && text[i] != '/') ++i;
      const std::string_view found = text.substr(name, i - name);
      while (i < text.size() && is_space(text[i])) ++i;
      std::string_view value;
      if (i < text.size() && text[i] == '=') {
        ++i;
        while (i < text.size() && is_space(text[i])) ++i;
        const char quote =
            i < text.size() && (text[i] == '"' || text[i] == '\'') ? text[i++] : '\0';
        const std::size_t begin = i;
        while (i < text.size() && (quote != '\0' ? text[i] != quote : !is_space(text[i]))) ++i;
        value = text.substr(begin, i - begin);
        if (quote != '\0') i = std::min(i + 1, text.size());
      }
      if (equal_ignoring_case(found, wanted)) return value;
    }
    return {};
  }

  std::string_view html_;
  std::size_t at_ = 0;
  Lines lines_;
  int pre_ = 0;
  std::vector<int> lists_;  // 0 = bullets, else the next number
  std::bitset<kDropped.size() + kDroppedToo.size()> unclosed_;
};

}  // namespace

std::string html_to_text(std::string_view html, std::size_t limit) {
  return Reader(html, limit).read();
}

}  // namespace alphamail
