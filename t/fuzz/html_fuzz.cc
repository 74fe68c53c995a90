// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target (libFuzzer) over the cleaner of HTML and what it is made of: style attributes, addresses, bounds. The first
// byte chooses what the rest goes through. What comes out is read here by its own, strict rules: markup that they do not
// describe is a find, and so is anything that cleaning again would change.
//   make fuzz-build && t/fuzz/html_fuzz -max_total_time=60 -dict=t/fuzz/html.dict CORPUS_FOLDER
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/mime_text.h"
#include "common/utf8.h"
#include "mod_alphamail/html_bounds.h"
#include "mod_alphamail/html_clean.h"
#include "mod_alphamail/html_css.h"
#include "mod_alphamail/html_elements.h"
#include "mod_alphamail/html_url.h"

namespace {

using namespace alphamail;

void check(bool holds, const char* what, std::string_view where = {}) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s: %.*s\n", what, static_cast<int>(std::min<std::size_t>(where.size(), 400)), where.data());
  std::abort();
}

constexpr std::array<std::string_view, 32> kAttributes = {
    "abbr", "align", "alt", "border", "cellpadding", "cellspacing", "cite", "colspan", "datetime", "dir", "face", "height",
    "href", "id", "lang", "nowrap", "open", "rel", "rowspan", "scope", "size", "span", "src", "start", "style", "summary",
    "target", "title", "type", "valign", "value", "width"};

/// Reads what the cleaner wrote: names in small letters, every value in double quotes, every element ended in order.
class Reader {
 public:
  explicit Reader(std::string_view html) : html_(html) {}

  void read() {
    while (at_ < html_.size()) {
      const char c = html_[at_];
      if (c == '<') {
        html_.substr(at_, 2) == "</" ? end() : start();
      } else {
        check(c != '>' && c != '"' && c != '\'' && c != '`', "a bare character", html_.substr(at_));
        character();
      }
    }
    check(open_.empty(), "all is closed", html_);
  }

 private:
  std::string_view name() {
    const std::size_t begin = at_;
    while (at_ < html_.size() && ((html_[at_] >= 'a' && html_[at_] <= 'z') || (html_[at_] >= '0' && html_[at_] <= '9'))) ++at_;
    check(at_ > begin, "a name", html_.substr(begin));
    return html_.substr(begin, at_ - begin);
  }
  void take(char c) {
    check(at_ < html_.size() && html_[at_] == c, "as written", html_.substr(at_));
    ++at_;
  }

  void character() {
    const auto byte = static_cast<unsigned char>(html_[at_]);
    check(byte >= 0x20 ? byte != 0x7f : byte == '\n' || byte == '\t', "no control", html_.substr(at_));
    if (html_[at_] == '&') {
      static constexpr std::array<std::string_view, 6> kReferences = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#96;"};
      const auto known = [&](std::string_view reference) { return html_.substr(at_).starts_with(reference); };
      check(std::any_of(kReferences.begin(), kReferences.end(), known), "a reference of ours", html_.substr(at_));
    }
    ++at_;
  }

  void start() {
    const std::size_t begin = at_++;
    const std::string_view element = name();
    const GumboTag tag = gumbo_tagn_enum(element.data(), static_cast<unsigned>(element.size()));
    check(element_is(tag, kKept), "an element that is kept", html_.substr(begin));
    while (at_ < html_.size() && html_[at_] == ' ') {
      ++at_;
      const std::string_view attribute = name();
      check(std::find(kAttributes.begin(), kAttributes.end(), attribute) != kAttributes.end(), "an attribute", html_.substr(begin));
      take('=');
      take('"');
      const std::size_t value = at_;
      while (at_ < html_.size() && html_[at_] != '"') {
        check(html_[at_] != '<' && html_[at_] != '>' && html_[at_] != '`' && html_[at_] != '\'', "a value", html_.substr(begin));
        character();
      }
      address(attribute, html_.substr(value, at_ - value));
      take('"');
    }
    take('>');
    if (!element_is(tag, kVoid)) open_.push_back(tag);
  }

  void address(std::string_view attribute, std::string_view value) {
    const auto begins = [&](std::initializer_list<std::string_view> with) {
      return std::any_of(with.begin(), with.end(), [&](std::string_view one) { return value.starts_with(one); });
    };
    if (attribute == "href") check(begins({"https://", "http://", "mailto:", "tel:", "#m-"}), "an address", value);
    if (attribute == "src") check(begins({"https://", "data:image/", "/part"}), "a picture", value);
    if (attribute == "id") check(begins({"m-"}), "a name", value);
    if (attribute == "target") check(value == "_blank", "a target", value);
    if (attribute == "style") check(value.find("url(") == std::string_view::npos, "a style", value);
  }

  void end() {
    at_ += 2;
    const std::string_view element = name();
    take('>');
    check(!open_.empty() && open_.back() == gumbo_tagn_enum(element.data(), static_cast<unsigned>(element.size())), "in order", html_);
    open_.pop_back();
  }

  std::string_view html_;
  std::size_t at_ = 0;
  std::vector<GumboTag> open_;
};

void fuzz_clean(std::string_view html, unsigned how) {
  CleanOptions options;
  options.remote = (how & 1) != 0;
  options.recolour = (how & 2) != 0;
  options.picture = [](std::string_view reference) {
    return reference == "known" || reference == "/part" ? std::string("/part") : std::string();
  };
  if ((how & 4) != 0) options.bounds = {4096, 40, 60, 20, 4};
  const CleanedHtml cleaned = clean_html(html, options);
  const std::string once(cleaned.html.text());
  check(is_utf8(once), "UTF-8");
  options.only_look = true;
  const CleanedHtml looked = clean_html(html, options);
  check(looked.remote_pictures == cleaned.remote_pictures && looked.trackers == cleaned.trackers && looked.cut == cleaned.cut &&
            looked.tracking_pictures == cleaned.tracking_pictures && looked.html.text().empty(),
        "a look tells the same", html);
  options.only_look = false;
  Reader(once).read();
  options.bounds = {};
  const std::string twice(clean_html(once, options).html.text());
  check(once == twice, "clean what is clean", once + "\n became \n" + twice);
}

void fuzz_css(std::string_view css, double font_px) {
  const std::string once = css_text(parse_css(css, font_px));
  check(css_text(parse_css(once, font_px)) == once, "a style read again", once);
  bool quoted = false;
  for (const char c : once) {
    if (c == '\'') quoted = !quoted;
    const bool odd = c == '\\' || c == '{' || c == '}' || c == '@' || c == '<' || c == '*' || c == '"';
    check(!odd, "no such character in a style", once);
  }
  check(!quoted && once.find("url(") == std::string::npos && once.find("var(") == std::string::npos, "a closed style", once);
  css_text(parse_css(css, font_px), [](std::string_view, const Colour& colour) { return dark_ground(colour); });
}

void fuzz_url(std::string_view url) {
  const MailUrl once = read_mail_url(url);
  if (once.kind != MailUrl::Kind::kWeb && once.kind != MailUrl::Kind::kMail) return;
  check(read_mail_url(once.text).text == once.text, "an address read again", once.text);
  for (const char c : once.text) check(static_cast<unsigned char>(c) > 0x20 && c != '"' && c != '<' && c != '\\', "an address", once.text);
  host_in_words(url);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  // The cleaner's input is UTF-8 by what comes before it.
  const std::string text = valid_utf8(rest);
  switch (data[0] % 12) {
    case 8: fuzz_css(text, 16); break;
    case 9: fuzz_css(text, 40); break;
    case 10: fuzz_url(text); break;
    case 11: bound_html(text, {4096, 40, 60, 20, 4}); break;
    default: fuzz_clean(text, data[0] % 12);
  }
  return 0;
}
