// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_clean.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "common/characters.h"
#include "common/mime_text.h"
#include "mod_alphamail/html_attributes.h"
#include "mod_alphamail/html_css.h"
#include "mod_alphamail/html_elements.h"
#include "mod_alphamail/html_shorthand.h"
#include "mod_alphamail/html_trackers.h"
#include "mod_alphamail/html_tree.h"
#include "mod_alphamail/html_url.h"
#include "mod_alphamail/html_writer.h"

namespace alphamail {
namespace {

constexpr std::size_t kMostOutput = std::size_t{12} << 20;  // kept for a document, before it is written
constexpr std::size_t kMostWords = std::size_t{1} << 20;    // shown where its look is not
constexpr std::size_t kMostTrackers = 20;
// What is shorter stays below kMostOutput, whatever it is: that need not be tried to be known.
constexpr std::size_t kLookedAt = std::size_t{200} << 10;
constexpr double kSmallestFont = 6, kLargestFont = 72, kUsualFont = 16;

bool is_table_frame(GumboTag tag) {
  return tag == GUMBO_TAG_TABLE || tag == GUMBO_TAG_TBODY || tag == GUMBO_TAG_THEAD || tag == GUMBO_TAG_TFOOT ||
         tag == GUMBO_TAG_TR || tag == GUMBO_TAG_COLGROUP;
}

/// Where a part of a table stands; elsewhere it has no meaning.
bool has_its_place(GumboTag tag, GumboTag parent) {
  switch (tag) {
    case GUMBO_TAG_TD:
    case GUMBO_TAG_TH: return parent == GUMBO_TAG_TR;
    case GUMBO_TAG_TR: return parent == GUMBO_TAG_TBODY || parent == GUMBO_TAG_THEAD || parent == GUMBO_TAG_TFOOT;
    case GUMBO_TAG_COL: return parent == GUMBO_TAG_COLGROUP;
    default: return parent == GUMBO_TAG_TABLE;
  }
}

/// What an element is shown as: itself, a plain one of the same kind, or UNKNOWN for its content alone.
GumboTag shown_as(GumboTag tag) {
  if (element_is(tag, kKept)) return tag;
  switch (tag) {
    case GUMBO_TAG_DIR:
    case GUMBO_TAG_MENU: return GUMBO_TAG_UL;
    case GUMBO_TAG_XMP:
    case GUMBO_TAG_PLAINTEXT:
    case GUMBO_TAG_LISTING: return GUMBO_TAG_PRE;
    case GUMBO_TAG_FORM:
    case GUMBO_TAG_FIELDSET:
    case GUMBO_TAG_LEGEND:
    case GUMBO_TAG_HGROUP:
    case GUMBO_TAG_OPTION: return GUMBO_TAG_DIV;
    default: return GUMBO_TAG_UNKNOWN;
  }
}

/// By how much an element's text is larger than that around it.
double font_factor(GumboTag tag) {
  switch (tag) {
    case GUMBO_TAG_H1: return 2;
    case GUMBO_TAG_H2: return 1.5;
    case GUMBO_TAG_H3: return 1.17;
    case GUMBO_TAG_BIG: return 1.2;
    case GUMBO_TAG_SMALL:
    case GUMBO_TAG_SUB:
    case GUMBO_TAG_SUP:
    case GUMBO_TAG_H5: return 0.83;
    case GUMBO_TAG_H6: return 0.67;
    default: return 1;
  }
}

/// Of <font size>: 1 to 7, or so much more or less than 3.
double font_attribute(std::string_view size) {
  constexpr double kPx[] = {10, 13, 16, 18, 24, 32, 48};
  int number = 3;
  if (size.size() == 2) number += (size[0] == '-' ? -1 : 1) * (size[1] - '0');
  if (size.size() == 1) number = size[0] - '0';
  return kPx[std::clamp(number, 1, 7) - 1];
}

}  // namespace

class HtmlCleaner {
 public:
  explicit HtmlCleaner(const CleanOptions& options) : options_(options) {}

  CleanedHtml clean(std::string_view html);

 private:
  /// What is so at a place of the document.
  struct State {
    GumboTag parent = GUMBO_TAG_BODY;  ///< as written
    std::uint32_t depth = 0;
    bool in_link = false;
    bool in_li = false, in_dd = false;  ///< one is open that another of its kind would end
    bool hidden = false;
    std::size_t p = kNone;              ///< an open <p> that a block would end
    double font_px = kUsualFont;
    Colour ink = kInkLight, ink_dark = kInkDark;
    Colour ground = kPaperLight, ground_dark = kPaperDark;
  };
  /// An element of the tree on the way down.
  struct Open {
    const GumboNode* node;
    State state;                ///< of its content
    unsigned next = 0;          ///< child
    std::size_t start = kNone;  ///< in the writer; kNone: its content alone is kept
    std::string marker = {};    ///< said behind it: where a link really leads
  };
  struct ReadStyle {
    double font_px;  ///< around it
    CssStyle style;
  };
  static constexpr std::size_t kNone = ~std::size_t{0};

  bool walk(const GumboNode& root);
  void leave();
  void text(const GumboNode& node);
  void element(const GumboNode& node);
  void body(const GumboNode& node);
  GumboTag fitted(GumboTag tag, const State& around);
  void open(const GumboNode& node, GumboTag tag);
  void picture(const GumboNode& node);
  bool tracks(const MailUrl& url, const GumboElement& element, const CssStyle& style);
  CssStyle style_attribute(std::string_view text, double font_px);
  CssStyle style_of(const GumboElement& element, GumboTag tag, const State& around);
  std::string write_style(CssStyle& style, State& state, bool link) const;
  std::string attributes_of(const GumboElement& element, GumboTag tag) const;
  std::string link(const GumboNode& node, std::string& attributes, bool& leads) const;
  State inside(GumboTag tag, const State& around, std::size_t start) const;
  std::string words_within(const GumboNode& node) const;
  std::optional<std::string_view> value_of(const GumboElement& element, const char* name) const {
    return shorthand_.value_of(element, name);
  }

  const CleanOptions& options_;
  bool writes_ = true;
  HtmlShorthand shorthand_;
  std::unordered_map<std::string_view, ReadStyle> styles_;  ///< by texts of shorthand_
  HtmlWriter out_;
  std::vector<Open> open_;
  CleanedHtml result_;
};

CleanedHtml HtmlCleaner::clean(std::string_view html) {
  const BoundedHtml bounded = bound_html(html, options_.bounds, &shorthand_);
  result_.cut = bounded.cut;
  writes_ = !options_.only_look || html.size() > kLookedAt;
  if (writes_) out_.reserve(html.size());
  const HtmlTree tree(bounded.html);
  if (tree.root() == nullptr || !walk(*tree.root())) {
    out_ = {};
    result_ = {};
    result_.cut = html.size() > options_.bounds.bytes;
    result_.words_only = true;
    const std::string words = html_to_text(html.substr(0, options_.bounds.bytes), kMostWords);
    const std::size_t all = out_.start(GUMBO_TAG_DIV, {}, "white-space:pre-wrap");
    out_.text(words);
    out_.end(all);
  }
  if (!options_.only_look) result_.html = SafeHtml(out_.write());
  return std::move(result_);
}

/// @return false where it would become too large
bool HtmlCleaner::walk(const GumboNode& root) {
  open_.push_back({&root, State{}});
  while (!open_.empty()) {
    Open& top = open_.back();
    const GumboVector& children = top.node->v.element.children;
    if (top.next == children.length) {
      leave();
      continue;
    }
    const auto& child = *static_cast<const GumboNode*>(children.data[top.next++]);
    if (child.type == GUMBO_NODE_TEXT || child.type == GUMBO_NODE_WHITESPACE) {
      text(child);
    } else if (child.type == GUMBO_NODE_ELEMENT) {
      element(child);
    }
    if (out_.size() > kMostOutput) return false;
  }
  return true;
}

void HtmlCleaner::leave() {
  const Open& top = open_.back();
  if (top.start != kNone) out_.end(top.start);
  if (!top.marker.empty()) {
    const std::size_t note = out_.start(GUMBO_TAG_SMALL, {}, {});
    out_.text(top.marker);
    out_.end(note);
  }
  open_.pop_back();
}

void HtmlCleaner::text(const GumboNode& node) {
  const State& around = open_.back().state;
  // Between the cells of a table stands only white space, and it means nothing.
  if (is_table_frame(around.parent)) return;
  // Before the body there is only white space, too.
  if (open_.back().node->v.element.tag == GUMBO_TAG_HTML || open_.back().node->v.element.tag == GUMBO_TAG_HEAD) return;
  if (writes_) out_.text(shorthand_.take_text(node.v.text.text));
}

void HtmlCleaner::element(const GumboNode& node) {
  const GumboElement& element = node.v.element;
  if (element_is(element.tag, kDroppedWhole)) return;
  if (element.tag_namespace != GUMBO_NAMESPACE_HTML) {  // of SVG and MathML only the words
    open_.push_back({&node, open_.back().state});
    return;
  }
  if (element.tag == GUMBO_TAG_BODY) return body(node);
  if (element.tag == GUMBO_TAG_IMG) return picture(node);
  const State& around = open_.back().state;
  GumboTag tag = shown_as(element.tag);
  if (tag == GUMBO_TAG_UNKNOWN && element.attributes.length > 0 && element.tag != GUMBO_TAG_HEAD &&
      !element_is(element.tag, kVoid) && style_of(element, tag, around).hidden) {
    tag = GUMBO_TAG_SPAN;  // what it hides stays hidden
  }
  if (tag != GUMBO_TAG_UNKNOWN) tag = fitted(tag, around);
  if (tag == GUMBO_TAG_LAST) return;
  if (tag == GUMBO_TAG_UNKNOWN) {
    open_.push_back({&node, around});
    return;
  }
  open(node, tag);
}

/// What can stand here and be read back as the same: the element, a plain one, UNKNOWN for its content alone,
/// LAST for nothing.
GumboTag HtmlCleaner::fitted(GumboTag tag, const State& around) {
  if (element_is(tag, kTablePart)) return has_its_place(tag, around.parent) ? tag : GUMBO_TAG_UNKNOWN;
  if (is_table_frame(around.parent)) return GUMBO_TAG_LAST;
  // No deeper than what is read again may be: a parser's tree can be deeper than its tags told. A table needs room for
  // its rows and cells.
  if (around.depth + (tag == GUMBO_TAG_TABLE ? 4 : 0) >= options_.bounds.depth && !element_is(tag, kVoid)) return GUMBO_TAG_UNKNOWN;
  if (tag == GUMBO_TAG_A && around.in_link) return GUMBO_TAG_UNKNOWN;
  const double font = around.font_px * font_factor(tag);
  const bool too_much = font_factor(tag) != 1 && (font > kLargestFont || font < kSmallestFont);
  if (element_is(tag, kHeading)) return too_much || element_is(around.parent, kHeading) ? GUMBO_TAG_DIV : tag;
  if (too_much) return GUMBO_TAG_UNKNOWN;
  if (tag == GUMBO_TAG_LI && around.in_li) return GUMBO_TAG_DIV;
  if ((tag == GUMBO_TAG_DD || tag == GUMBO_TAG_DT) && around.in_dd) return GUMBO_TAG_DIV;
  return tag;
}

void HtmlCleaner::open(const GumboNode& node, GumboTag tag) {
  const GumboElement& element = node.v.element;
  const State around = open_.back().state;
  if (element_is(tag, kClosesP) && around.p != kNone && out_.tag_of(around.p) == GUMBO_TAG_P) out_.make_div(around.p);
  std::string attributes, marker;
  bool leads = false;
  if (writes_) attributes = attributes_of(element, tag);
  if (writes_ && tag == GUMBO_TAG_A) marker = link(node, attributes, leads);
  CssStyle style = style_of(element, tag, around);
  State state = inside(tag, around, kNone);
  if (style.font_px) {
    state.font_px = *style.font_px;
  } else if (const auto size = tag == GUMBO_TAG_FONT ? value_of(element, "size") : std::nullopt) {
    state.font_px = font_attribute(clean_attribute(tag, "size", *size).value_or(""));
  }
  state.hidden = around.hidden || style.hidden;
  const std::string style_text = writes_ ? write_style(style, state, leads) : std::string();
  const std::size_t start = out_.start(tag, attributes, style_text);
  if (tag == GUMBO_TAG_P) state.p = start;
  if (state.hidden) marker.clear();
  if (element_is(tag, kVoid)) return out_.end(start);
  open_.push_back({&node, state, 0, start, std::move(marker)});
}

HtmlCleaner::State HtmlCleaner::inside(GumboTag tag, const State& around, std::size_t start) const {
  State state = around;
  state.parent = tag;
  ++state.depth;
  state.font_px *= font_factor(tag);
  if (tag == GUMBO_TAG_P) state.p = start;
  if (element_is(tag, kScope)) state.p = kNone;
  if (tag == GUMBO_TAG_A) state.in_link = true;
  // A cell begins its own list of formatting elements.
  if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH || tag == GUMBO_TAG_CAPTION) state.in_link = false;
  if (element_is(tag, kSpecial) && tag != GUMBO_TAG_ADDRESS && tag != GUMBO_TAG_DIV && tag != GUMBO_TAG_P) {
    state.in_li = tag == GUMBO_TAG_LI;
    state.in_dd = tag == GUMBO_TAG_DD || tag == GUMBO_TAG_DT;
  }
  return state;
}

/// What <body> and <html> say of the whole goes to a <div> around it.
void HtmlCleaner::body(const GumboNode& node) {
  const GumboElement& element = node.v.element;
  State state = open_.back().state;
  std::string attributes = attributes_of(element, GUMBO_TAG_DIV);
  const GumboElement& html = open_.front().node->v.element;
  for (const char* name : {"dir", "lang"}) {
    const auto value = value_of(element, name) ? std::nullopt : value_of(html, name);
    if (!value) continue;
    if (const auto clean = clean_attribute(GUMBO_TAG_DIV, name, *value)) append_attribute(attributes, name, *clean);
  }
  CssStyle style = style_of(element, GUMBO_TAG_BODY, state);
  if (style.font_px) state.font_px = *style.font_px;
  state.hidden = style.hidden;
  const std::string style_text = write_style(style, state, false);
  if (attributes.empty() && style_text.empty()) {
    open_.push_back({&node, state});
    return;
  }
  state.parent = GUMBO_TAG_DIV;
  ++state.depth;
  open_.push_back({&node, state, 0, out_.start(GUMBO_TAG_DIV, attributes, style_text)});
}

/// What a style attribute says. Newsletters say the same again and again.
CssStyle HtmlCleaner::style_attribute(std::string_view text, double font_px) {
  constexpr std::size_t kMostKept = 200, kLongestKept = 1000;
  if (text.empty()) return {};
  const auto known = styles_.find(text);
  if (known != styles_.end() && known->second.font_px == font_px) return known->second.style;
  CssStyle style = parse_css(text, font_px);
  if (text.size() <= kLongestKept && styles_.size() < kMostKept) styles_.insert_or_assign(text, ReadStyle{font_px, style});
  return style;
}

/// Its style attribute, and what older attributes say of colours.
CssStyle HtmlCleaner::style_of(const GumboElement& element, GumboTag tag, const State& around) {
  CssStyle style = style_attribute(value_of(element, "style").value_or(""), around.font_px);
  const auto from_attribute = [&](const char* name, std::string_view property, std::optional<Colour>& fact) {
    const auto value = value_of(element, name);
    const auto colour = value && !has_css(style, property) ? legacy_colour(*value) : std::nullopt;
    if (!colour) return;
    fact = colour;
    add_css(style, property, {{}, colour});
  };
  // Words for a colour are looked up now: what they come to must be known, and be readable.
  for (CssDeclaration& declaration : style.declarations) {
    if (declaration.property != "color" || style.colour) continue;
    const std::string& word = declaration.value[0].text;
    style.colour = word == "initial" ? kInkLight : word == "transparent" ? Colour{0, 0, 0, 0} : around.ink;
    declaration.value[0] = {{}, style.colour};
  }
  from_attribute("bgcolor", "background-color", style.ground);
  if (tag == GUMBO_TAG_FONT) from_attribute("color", "color", style.colour);
  if (tag == GUMBO_TAG_BODY) from_attribute("text", "color", style.colour);
  if (value_of(element, "hidden") && !style.hidden) {
    style.hidden = true;
    std::erase_if(style.declarations, [](const CssDeclaration& d) { return d.property == "display"; });
    add_css(style, "display", {"none"});
  }
  return style;
}

/// Gives the style its values for a dark page, and the state its colours.
std::string HtmlCleaner::write_style(CssStyle& style, State& state, bool link) const {
  if (!options_.recolour) return css_text(style);
  const Colour dark_before = link ? kLinkDark : state.ink_dark;
  if (link) state.ink = kLinkLight;
  if (style.ground) {
    state.ground = laid_over(*style.ground, state.ground);
    state.ground_dark = laid_over(dark_ground(*style.ground), state.ground_dark);
  }
  if (style.colour) state.ink = *style.colour;
  if (style.colour || link || style.ground) {
    const bool reads_on = !style.colour && contrast(dark_before, state.ground_dark) >= kEnough;
    state.ink_dark = reads_on ? dark_before : dark_text(state.ink, state.ground, state.ground_dark);
    // Inherited, it could not be read here.
    if (!style.colour && !reads_on) add_css(style, "color", {{}, state.ink});
  }
  return css_text(style, [&](std::string_view property, const Colour& colour) {
    return property == "color" ? dark_text(colour, state.ground, state.ground_dark) : dark_ground(colour);
  });
}

std::string HtmlCleaner::attributes_of(const GumboElement& element, GumboTag tag) const {
  std::string out;
  const GumboAttribute* anchor = nullptr;
  for (unsigned i = 0; i < element.attributes.length; ++i) {
    const auto& attribute = *static_cast<const GumboAttribute*>(element.attributes.data[i]);
    const std::string_view name = attribute.name;
    if (name == "id" || (name == "name" && tag == GUMBO_TAG_A && anchor == nullptr)) anchor = &attribute;
    // Of a link the title is ours to write.
    if (name == "title" && tag == GUMBO_TAG_A) continue;
    if (const auto clean = clean_attribute(tag, name, shorthand_.value_of(attribute))) append_attribute(out, name, *clean);
  }
  if (anchor != nullptr) {
    if (const std::string id = anchor_name(shorthand_.value_of(*anchor)); !id.empty()) append_attribute(out, "id", id);
  }
  return out;
}

/// The words within an element, as far as a comparison needs them.
std::string HtmlCleaner::words_within(const GumboNode& node) const {
  constexpr std::size_t kMost = 600;
  std::string words;
  std::vector<const GumboNode*> left{&node};
  for (std::size_t steps = 0; !left.empty() && words.size() < kMost && steps < 1000; ++steps) {
    const GumboNode* next = left.back();
    left.pop_back();
    if (next->type == GUMBO_NODE_TEXT || next->type == GUMBO_NODE_WHITESPACE) {
      shorthand_.append_words(words, next->v.text.text, kMost);
    }
    if (next->type != GUMBO_NODE_ELEMENT) continue;
    const GumboVector& children = next->v.element.children;
    for (unsigned i = children.length; i-- > 0;) left.push_back(static_cast<const GumboNode*>(children.data[i]));
  }
  return words;
}

/// @return what is to be said behind the link, "" where its words tell the truth
std::string HtmlCleaner::link(const GumboNode& node, std::string& attributes, bool& leads) const {
  constexpr std::size_t kLongestTitle = 300;
  const auto href = value_of(node.v.element, "href");
  if (!href) return {};
  MailUrl url = read_mail_url(*href);
  std::string address;
  switch (url.kind) {
    case MailUrl::Kind::kAnchor:
      address = anchor_name(url.text);
      if (!address.empty()) append_attribute(attributes, "href", "#" + address);
      leads = !address.empty();
      return {};
    case MailUrl::Kind::kMail:
      address = options_.compose ? options_.compose(url.text) : std::string();
      if (address.empty()) address = url.text;
      break;
    case MailUrl::Kind::kWeb:
    case MailUrl::Kind::kPhone: address = url.text; break;
    default:
      if (options_.compose) address = options_.compose(trim(*href));  // its own, or nothing
      if (address.empty()) return {};
  }
  leads = true;
  append_attribute(attributes, "href", address);
  append_attribute(attributes, "target", "_blank");
  append_attribute(attributes, "rel", "noopener noreferrer nofollow");
  if (url.kind != MailUrl::Kind::kWeb) return {};
  append_attribute(attributes, "title", address.substr(0, kLongestTitle));
  const std::string said = host_in_words(words_within(node));
  if (!is_international(url.host) && (said.empty() || same_site(said, url.host))) return {};
  std::string marker = " [" + url.host + "]";
  const GumboVector& siblings = node.parent->v.element.children;
  if (node.index_within_parent + 1 < siblings.length) {
    const auto& next = *static_cast<const GumboNode*>(siblings.data[node.index_within_parent + 1]);
    if (next.type == GUMBO_NODE_ELEMENT && next.v.element.tag == GUMBO_TAG_SMALL && words_within(next) == marker) {
      return {};  // it is said already
    }
  }
  return marker;
}

void HtmlCleaner::picture(const GumboNode& node) {
  const GumboElement& element = node.v.element;
  const State& around = open_.back().state;
  if (is_table_frame(around.parent)) return;
  const auto src = value_of(element, "src");
  CssStyle style = style_of(element, GUMBO_TAG_IMG, around);
  const MailUrl url = read_mail_url(src.value_or(""));
  std::string address;
  if (src && options_.picture) {
    address = options_.picture(url.kind == MailUrl::Kind::kPart ? std::string_view(url.text) : trim(*src));
  }
  if (address.empty() && url.kind == MailUrl::Kind::kPicture) address = url.text;
  if (address.empty() && url.kind == MailUrl::Kind::kWeb) {
    if (tracks(url, element, style)) return;
    ++result_.remote_pictures;
    if (options_.remote) address = url.text.starts_with("http:") ? "https" + url.text.substr(4) : url.text;
  }
  if (!writes_) return;
  std::string attributes = attributes_of(element, GUMBO_TAG_IMG);
  if (!address.empty()) append_attribute(attributes, "src", address);
  State state = around;
  out_.end(out_.start(GUMBO_TAG_IMG, attributes, write_style(style, state, false)));
}

/// Whether a picture from elsewhere is there to be fetched and not to be seen; notes whose it is.
bool HtmlCleaner::tracks(const MailUrl& url, const GumboElement& element, const CssStyle& style) {
  const auto size = [&](const char* name, const std::optional<double>& by_style) {
    const auto value = value_of(element, name);
    const auto by_attribute = value ? pixels(*value) : std::nullopt;
    return by_style ? by_style : by_attribute;
  };
  const auto width = size("width", style.width_px), height = size("height", style.height_px);
  const bool tiny = (width || height) && width.value_or(1) <= 2 && height.value_or(1) <= 2;
  const std::string_view known = known_tracker(url.host, url.text);
  if (!tiny && !style.hidden && !open_.back().state.hidden && known.empty()) return false;
  ++result_.tracking_pictures;
  const std::string name(known.empty() ? std::string_view(url.host) : known);
  auto& names = result_.trackers;
  if (names.size() < kMostTrackers && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return true;
}

CleanedHtml clean_html(std::string_view html, const CleanOptions& options) { return HtmlCleaner(options).clean(html); }

}  // namespace alphamail
