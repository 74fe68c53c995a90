// SPDX-License-Identifier: GPL-3.0-or-later
// Which parts of a message are HTML versions of its text, and the pictures that stand in their middle.
#include <algorithm>
#include <array>

#include "common/characters.h"
#include "mod_alphamail/mime_reader.h"

namespace alphamail {
namespace {

using Parts = flatbuffers::Vector<flatbuffers::Offset<wire::Part>>;

std::string_view view(const flatbuffers::String* text) {
  return text != nullptr ? std::string_view(text->data(), text->size()) : std::string_view();
}

/// The tree of parts, as far as it is read.
class Tree {
 public:
  explicit Tree(const wire::MessageView& message)
      : parts_(message.parts()), count_(parts_ == nullptr ? 0 : std::min<std::size_t>(parts_->size(), kPartsRead)) {}

  static constexpr std::size_t kNone = ~std::size_t{0};
  std::size_t count() const { return count_; }
  const wire::Part& part(std::size_t i) const { return *parts_->Get(static_cast<flatbuffers::uoffset_t>(i)); }

  std::size_t find(std::string_view section) const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (view(part(i).section()) == section) return i;
    }
    return kNone;
  }
  std::size_t parent(std::size_t i) const {
    for (std::size_t k = i; k-- > 0;) {
      if (part(k).depth() < part(i).depth()) return k;
    }
    return kNone;
  }
  std::size_t end_of(std::size_t i) const {
    std::size_t end = i + 1;
    while (end < count_ && part(end).depth() > part(i).depth()) ++end;
    return end;
  }
  bool is(std::size_t i, std::string_view type, std::string_view subtype) const {
    return view(part(i).type()) == type && view(part(i).subtype()) == subtype;
  }
  bool is_multipart(std::size_t i) const { return view(part(i).type()) == "multipart"; }

 private:
  const Parts* parts_;
  std::size_t count_;
};

bool is_html(const Tree& tree, std::size_t i) {
  return tree.is(i, "text", "html") || tree.is(i, "application", "xhtml+xml");
}

TextPart html_text(const wire::Part& part) {
  std::vector<std::pair<std::string, std::string>> raw;
  if (part.parameters() != nullptr) {
    for (const wire::Parameter* one : *part.parameters()) raw.emplace_back(view(one->name()), view(one->value()));
  }
  TextPart text;
  text.section = view(part.section());
  for (const auto& [name, value] : decode_parameters(raw)) {
    if (name == "charset") text.charset = value;
  }
  text.encoding = lower(view(part.encoding()));
  text.html = true;
  text.size = part.size();
  return text;
}

/// Those at or inside `i`, but not inside a message, and none that somebody attached.
void collect(const Tree& tree, std::size_t i, std::vector<TextPart>& found) {
  constexpr std::size_t kMost = 20;
  const std::size_t end = tree.end_of(i);
  for (std::size_t k = i; k < end && found.size() < kMost;) {
    const bool attached = view(tree.part(k).disposition()) == "attachment";
    if (is_html(tree, k) && !attached) found.push_back(html_text(tree.part(k)));
    k = tree.is_multipart(k) ? k + 1 : tree.end_of(k);
  }
}

}  // namespace

std::vector<TextPart> html_versions(const wire::MessageView& message, const TextPart& shown) {
  const Tree tree(message);
  std::size_t i = tree.find(shown.section);
  if (i == Tree::kNone) return {};
  if (is_html(tree, i)) return {html_text(tree.part(i))};
  for (std::size_t above = tree.parent(i); above != Tree::kNone && tree.is_multipart(above);
       i = above, above = tree.parent(i)) {
    if (!tree.is(above, "multipart", "alternative")) continue;
    // The best version comes last (RFC 2046 section 5.1.4).
    std::vector<TextPart> last;
    for (std::size_t child = above + 1; child < tree.end_of(above); child = tree.end_of(child)) {
      std::vector<TextPart> found;
      if (child != i) collect(tree, child, found);
      if (!found.empty()) last = std::move(found);
    }
    if (!last.empty()) return last;
  }
  return {};
}

std::optional<TextPart> html_part(const wire::MessageView& message, std::string_view section) {
  const Tree tree(message);
  const std::size_t i = tree.find(section);
  if (i == Tree::kNone || !is_html(tree, i)) return {};
  return html_text(tree.part(i));
}

std::string picture_section(const wire::MessageView& message, std::string_view html_section,
                            std::string_view content_id) {
  constexpr std::array<std::string_view, 6> kShown = {"png", "jpeg", "jpg", "pjpeg", "gif", "webp"};
  const Tree tree(message);
  const std::size_t html = tree.find(html_section);
  if (html == Tree::kNone || content_id.empty()) return {};
  std::size_t top = html;
  for (std::size_t above = tree.parent(top); above != Tree::kNone && tree.is_multipart(above); above = tree.parent(top)) {
    top = above;
  }
  const std::size_t end = tree.end_of(top);
  for (std::size_t k = top; k < end;) {
    std::string_view id = view(tree.part(k).content_id());
    if (id.starts_with('<') && id.ends_with('>')) id = id.substr(1, id.size() - 2);
    if (id == content_id && view(tree.part(k).type()) == "image") {
      const std::string subtype = lower(view(tree.part(k).subtype()));
      if (std::find(kShown.begin(), kShown.end(), subtype) != kShown.end()) return std::string(view(tree.part(k).section()));
    }
    k = tree.is_multipart(k) ? k + 1 : tree.end_of(k);
  }
  return {};
}

}  // namespace alphamail
