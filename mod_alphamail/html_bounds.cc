// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_bounds.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <vector>

#include "common/characters.h"
#include "mod_alphamail/html_attributes.h"
#include "mod_alphamail/html_elements.h"
#include "mod_alphamail/html_shorthand.h"

namespace alphamail {
namespace {

/// Whether what a tree becomes depends on this attribute's value: hidden fields in tables, HTML in MathML.
bool is_for_the_parser(std::string_view name) {
  return equal_ignoring_case(name, "type") || equal_ignoring_case(name, "encoding");
}

/// What characters mean within a tag. White space is HTML's; a vertical tab is none.
enum : std::uint8_t { kSpace = 1, kSlash = 2, kEnd = 4, kEquals = 8 };
constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (const unsigned char c : {' ', '\t', '\n', '\f', '\r'}) classes[c] = kSpace;
  classes['/'] = kSlash;
  classes['>'] = kEnd;
  classes['='] = kEquals;
  return classes;
}
constexpr std::array<std::uint8_t, 256> kClasses = make_classes();
bool is_any(char c, unsigned of) { return (kClasses[static_cast<unsigned char>(c)] & of) != 0; }
bool is_html_space(char c) { return is_any(c, kSpace); }

/// How deep a parser's stack of open elements may be: those that are open, and the formatting elements that
/// a block closed and that are opened again behind it.
class OpenElements {
 public:
  std::size_t depth() const { return open_.size() + again_.size(); }

  void start(GumboTag tag, std::size_t name) {
    if (element_is(tag, kClosesP)) end_within(GUMBO_TAG_P, kScope);
    switch (tag) {
      case GUMBO_TAG_LI: end_item({GUMBO_TAG_LI}); break;
      case GUMBO_TAG_DT:
      case GUMBO_TAG_DD: end_item({GUMBO_TAG_DT, GUMBO_TAG_DD}); break;
      case GUMBO_TAG_OPTION:
      case GUMBO_TAG_OPTGROUP:
        if (!open_.empty() && open_.back().tag == GUMBO_TAG_OPTION) open_.pop_back();
        break;
      case GUMBO_TAG_A:
      case GUMBO_TAG_NOBR: end_formatting(tag, name); break;
      case GUMBO_TAG_TD:
      case GUMBO_TAG_TH: back_to({GUMBO_TAG_TR, GUMBO_TAG_TABLE}); break;
      case GUMBO_TAG_TR: back_to({GUMBO_TAG_TBODY, GUMBO_TAG_THEAD, GUMBO_TAG_TFOOT, GUMBO_TAG_TABLE}); break;
      case GUMBO_TAG_TBODY:
      case GUMBO_TAG_THEAD:
      case GUMBO_TAG_TFOOT:
      case GUMBO_TAG_COLGROUP:
      case GUMBO_TAG_CAPTION: back_to({GUMBO_TAG_TABLE}); break;
      default:
        if (element_is(tag, kHeading) && !open_.empty() && element_is(open_.back().tag, kHeading)) {
          open_.pop_back();
        }
    }
    if (!element_is(tag, kVoid)) open_.push_back({tag, name});
  }

  /// @return false where it ends nothing
  bool end(GumboTag tag, std::size_t name) {
    if (element_is(tag, kFormatting)) return end_formatting(tag, name);
    for (std::size_t i = open_.size(); i-- > 0;) {
      if (same(open_[i], tag, name)) return close_from(i), true;
      // An ordinary element is not sought beyond a block, a block not beyond a cell.
      const std::uint16_t wall = element_is(tag, kSpecial) ? kScope : kSpecial;
      if (element_is(open_[i].tag, wall) && !element_is(tag, kTablePart) && tag != GUMBO_TAG_TABLE) {
        return false;
      }
    }
    return false;
  }

 private:
  struct Open {
    GumboTag tag;
    std::size_t name;  // a hash: of a name that HTML does not know, of a whole formatting tag
  };

  static bool same(const Open& open, GumboTag tag, std::size_t name) {
    return open.tag == tag && (tag != GUMBO_TAG_UNKNOWN || open.name == name);
  }

  void close_from(std::size_t i) {
    for (std::size_t k = i + 1; k < open_.size(); ++k) {
      // What a cell holds ends with it.
      if (element_is(open_[i].tag, kScope)) break;
      if (element_is(open_[k].tag, kFormatting)) open_again(open_[k]);
    }
    open_.resize(i);
  }

  /// Of those that are the same a parser keeps three.
  void open_again(const Open& open) {
    const auto twin = [&](const Open& other) { return other.tag == open.tag && other.name == open.name; };
    if (std::count_if(again_.begin(), again_.end(), twin) >= 3) {
      again_.erase(std::find_if(again_.begin(), again_.end(), twin));
    }
    again_.push_back(open);
  }

  void end_within(GumboTag tag, std::uint16_t walls) {
    for (std::size_t i = open_.size(); i-- > 0;) {
      if (open_[i].tag == tag) return close_from(i);
      if (element_is(open_[i].tag, walls) || open_[i].tag == GUMBO_TAG_BUTTON) return;
    }
  }

  void end_item(std::initializer_list<GumboTag> tags) {
    for (std::size_t i = open_.size(); i-- > 0;) {
      const GumboTag tag = open_[i].tag;
      if (std::find(tags.begin(), tags.end(), tag) != tags.end()) return close_from(i);
      if (element_is(tag, kSpecial) && tag != GUMBO_TAG_ADDRESS && tag != GUMBO_TAG_DIV && tag != GUMBO_TAG_P) {
        return;
      }
    }
  }

  void back_to(std::initializer_list<GumboTag> tags) {
    for (std::size_t i = open_.size(); i-- > 0;) {
      if (std::find(tags.begin(), tags.end(), open_[i].tag) == tags.end()) continue;
      open_.resize(i + 1);
      return;
    }
  }

  bool end_formatting(GumboTag tag, std::size_t name) {
    const auto take = [&](std::vector<Open>& from) {
      for (std::size_t i = from.size(); i-- > 0;) {
        if (!same(from[i], tag, name)) continue;
        from.erase(from.begin() + static_cast<std::ptrdiff_t>(i));
        return true;
      }
      return false;
    };
    return take(again_) || take(open_);
  }

  std::vector<Open> open_;
  std::vector<Open> again_;
};

struct Tag {
  std::string_view name;
  bool end = false;
  bool whole = false;            // false: the document ends within it
  bool closed = false;           // by itself: "/>"
  std::size_t behind = 0;        // the byte behind its '>'
  std::size_t kept = 0;          // where its attributes end that are kept
  bool too_many = false;
};

struct Attribute {
  std::string_view name;
  std::string_view value = {};  // without its quotes
  char quote = '\0';
  std::size_t begin = 0, end = 0;
};

class Scan {
 public:
  Scan(std::string_view html, const HtmlBounds& bounds, HtmlShorthand* shorthand)
      : html_(html), bounds_(bounds), shorthand_(shorthand) {}

  BoundedHtml run() {
    if (html_.size() > bounds_.bytes) {
      html_ = cut_utf8(html_, bounds_.bytes);
      out_.cut = true;
    }
    out_.html.reserve(html_.size());
    while (at_ < html_.size()) {
      const std::size_t less = std::min(html_.find('<', at_), html_.size());
      text(at_, less);
      at_ = less;
      if (at_ < html_.size() && !markup()) break;
    }
    return std::move(out_);
  }

 private:
  void copy(std::size_t from, std::size_t to) {
    const std::string_view piece = html_.substr(from, to - from);
    if (shorthand_ != nullptr) return HtmlShorthand::add_plain(out_.html, piece);
    out_.html.append(piece);
  }

  void text(std::size_t from, std::size_t to) {
    if (shorthand_ == nullptr) return copy(from, to);
    shorthand_->add_text(out_.html, html_.substr(from, to - from));
  }

  char next(std::size_t ahead) const { return at_ + ahead < html_.size() ? html_[at_ + ahead] : '\0'; }

  std::size_t behind(std::string_view what, std::size_t from) const {
    const std::size_t found = html_.find(what, from);
    return found == std::string_view::npos ? html_.size() : found + what.size();
  }

  /// @return false where the document ends here
  bool markup() {
    if (next(1) == '!' || next(1) == '?' || (next(1) == '/' && !is_letter(next(2)))) return declaration();
    if (!is_letter(next(1)) && next(1) != '/') {
      out_.html += shorthand_ != nullptr ? "&lt;" : "<";
      ++at_;
      return true;
    }
    const Tag tag = read_tag();
    if (!tag.whole) return false;  // a parser drops it, too
    const GumboTag known = gumbo_tagn_enum(tag.name.data(), static_cast<unsigned>(tag.name.size()));
    std::size_t name = 0;
    if (known == GUMBO_TAG_UNKNOWN) name = std::hash<std::string>{}(lower(tag.name));
    if (element_is(known, kFormatting)) name = std::hash<std::string_view>{}(html_.substr(at_, tag.behind - at_));
    return tag.end ? end_tag(tag, known, name) : start_tag(tag, known, name);
  }

  /// Comments and what a parser takes for one; a doctype stays.
  bool declaration() {
    if (html_.substr(at_, 4) == "<!--") {
      at_ = comment_end(at_ + 4);
      return true;
    }
    if (next(1) == '/' && next(2) == '\0') return copy(at_, html_.size()), at_ = html_.size(), true;
    const std::size_t end = behind(">", at_ + 2);
    if (equal_ignoring_case(html_.substr(at_, 9), "<!doctype") && end - at_ < 1000) copy(at_, end);
    at_ = end;
    return true;
  }

  std::size_t comment_end(std::size_t from) const {
    if (html_.substr(from, 1) == ">") return from + 1;
    if (html_.substr(from, 2) == "->") return from + 2;
    for (std::size_t dash = html_.find("--", from); dash != std::string_view::npos; dash = html_.find("--", dash + 1)) {
      if (html_.substr(dash + 2, 1) == ">") return dash + 3;
      if (html_.substr(dash + 2, 2) == "!>") return dash + 4;
    }
    return html_.size();
  }

  /// The tag at at_, by the states of the standard's tokenizer; its attributes are in attributes_.
  Tag read_tag() {
    Tag tag;
    attributes_.clear();
    std::size_t i = at_ + 1;
    if (html_[i] == '/') tag.end = true, ++i;
    const std::size_t name = i;
    while (i < html_.size() && !is_any(html_[i], kSpace | kSlash | kEnd)) ++i;
    tag.name = html_.substr(name, i - name);
    std::size_t attributes = 0;
    while (true) {
      tag.closed = false;
      while (i < html_.size() && is_any(html_[i], kSpace | kSlash)) tag.closed = html_[i++] == '/';
      if (i >= html_.size()) return tag;
      if (html_[i] == '>') {
        if (!tag.too_many) tag.kept = i;
        tag.behind = i + 1;
        tag.whole = true;
        return tag;
      }
      if (attributes++ == bounds_.attributes) tag.too_many = true, tag.kept = i;
      const Attribute attribute = read_attribute(i);
      if (shorthand_ != nullptr && !tag.too_many) attributes_.push_back(attribute);
      i = attribute.end;
    }
  }

  Attribute read_attribute(std::size_t i) const {
    const std::size_t size = html_.size(), begin = i;
    if (html_[i] == '=') ++i;  // a name may begin with it
    while (i < size && !is_any(html_[i], kSpace | kSlash | kEnd | kEquals)) ++i;
    Attribute found{html_.substr(begin, i - begin)};
    found.begin = begin;
    found.end = i;
    std::size_t equals = i;
    while (equals < size && is_html_space(html_[equals])) ++equals;
    if (equals >= size || html_[equals] != '=') return found;
    i = equals + 1;
    while (i < size && is_html_space(html_[i])) ++i;
    if (i < size && (html_[i] == '"' || html_[i] == '\'')) {
      found.quote = html_[i];
      const std::size_t close = std::min(html_.find(found.quote, i + 1), size);
      found.value = html_.substr(i + 1, close - i - 1);
      found.end = std::min(close + 1, size);
      return found;
    }
    const std::size_t value = i;
    while (i < size && !is_any(html_[i], kSpace | kEnd)) ++i;
    found.value = html_.substr(value, i - value);
    found.end = i;
    return found;
  }

  /// The attributes that somebody looks at.
  void add_attributes(const Tag& tag) {
    for (const Attribute& attribute : attributes_) {
      if (is_for_the_parser(attribute.name)) {
        out_.html += ' ';
        copy(attribute.begin, attribute.end);
      } else if (is_looked_at(attribute.name)) {
        shorthand_->add_attribute(out_.html, attribute.name, attribute.value, attribute.quote);
      }
    }
    if (tag.closed) out_.html += " /";
  }

  bool start_tag(const Tag& tag, GumboTag known, std::size_t name) {
    if (open_.depth() >= bounds_.depth && !element_is(known, kVoid | kRawText)) {
      out_.changed = true;
    } else {
      if (++elements_ > bounds_.elements) return out_.cut = true, false;
      open_.start(known, name);
      if (shorthand_ != nullptr) {
        (out_.html += '<').append(tag.name);
        add_attributes(tag);
      } else {
        copy(at_, tag.kept);
      }
      out_.html += '>';
      out_.changed = out_.changed || tag.too_many;
      foreign_ = foreign_ || known == GUMBO_TAG_SVG || known == GUMBO_TAG_MATH;
    }
    at_ = tag.behind;
    if (element_is(known, kRawText)) return raw_text(tag.name, known, name);
    if (known == GUMBO_TAG_PLAINTEXT) return copy(at_, html_.size()), false;
    return true;
  }

  bool raw_text(std::string_view tag, GumboTag known, std::size_t name) {
    std::size_t end = html_.find("</", at_);
    for (; end != std::string_view::npos; end = html_.find("</", end + 2)) {
      if (!equal_ignoring_case(html_.substr(end + 2, tag.size()), tag)) continue;
      const std::size_t stop = end + 2 + tag.size();
      if (stop >= html_.size() || is_html_space(html_[stop]) || html_[stop] == '/' || html_[stop] == '>') break;
    }
    open_.end(known, name);
    // Within SVG the same names have content like any other.
    const bool unseen = shorthand_ != nullptr && element_is(known, kDroppedWhole) && !foreign_;
    if (!unseen) copy(at_, std::min(end, html_.size()));
    if (end == std::string_view::npos) return false;
    at_ = behind(">", end);
    (out_.html += "</").append(tag) += '>';
    return true;
  }

  bool end_tag(const Tag& tag, GumboTag known, std::size_t name) {
    at_ = tag.behind;
    // These two make an element where none is open.
    const bool makes_one = known == GUMBO_TAG_BR || known == GUMBO_TAG_P;
    // Of formatting elements a parser's list may have what is not open here.
    if (!open_.end(known, name) && !makes_one && !element_is(known, kFormatting)) return true;
    if (++(makes_one ? elements_ : end_tags_) > (makes_one ? bounds_.elements : bounds_.end_tags)) {
      return out_.cut = true, false;
    }
    (out_.html += "</").append(tag.name) += '>';
    return true;
  }

  std::string_view html_;
  const HtmlBounds& bounds_;
  HtmlShorthand* const shorthand_;
  bool foreign_ = false;  // SVG or MathML occurred
  BoundedHtml out_;
  OpenElements open_;
  std::vector<Attribute> attributes_;  // of the tag read last
  std::size_t at_ = 0;
  std::size_t elements_ = 0;
  std::size_t end_tags_ = 0;
};

}  // namespace

BoundedHtml bound_html(std::string_view html, const HtmlBounds& bounds, HtmlShorthand* shorthand) {
  return Scan(html, bounds, shorthand).run();
}

}  // namespace alphamail
