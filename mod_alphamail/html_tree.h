// SPDX-License-Identifier: GPL-3.0-or-later
// A document's tree by libgumbo, within bounds of memory and processor time that hold whatever it is fed:
// all its memory comes from an arena, and who asks for more than there is, or too late, gets no tree.
#ifndef MOD_ALPHAMAIL_HTML_TREE_H
#define MOD_ALPHAMAIL_HTML_TREE_H

#include <gumbo.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace alphamail {

class HtmlTree {
 public:
  struct Budget {
    std::size_t bytes = std::size_t{40} << 20;
    std::uint32_t cpu_ms = 700;  ///< of this thread
  };
  /// @param html  must outlive the tree; bounded (html_bounds.h) so that most of it fits the budget
  explicit HtmlTree(std::string_view html) : HtmlTree(html, Budget{}) {}
  HtmlTree(std::string_view html, const Budget& budget);
  ~HtmlTree();
  HtmlTree(const HtmlTree&) = delete;
  HtmlTree& operator=(const HtmlTree&) = delete;

  /// The <html> element; null where the budget did not do.
  const GumboNode* root() const { return root_; }

 private:
  struct Arena;
  Arena* arena_;
  const GumboNode* root_ = nullptr;
};

}  // namespace alphamail

#endif
