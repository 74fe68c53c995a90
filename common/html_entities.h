// SPDX-License-Identifier: GPL-3.0-or-later
// Character references of HTML: &amp; &#8364; &#x20AC;
#ifndef COMMON_HTML_ENTITIES_H
#define COMMON_HTML_ENTITIES_H

#include <cstddef>
#include <string_view>

namespace alphamail {

struct CharacterReference {
  char32_t value;      ///< never a surrogate; may be a control
  std::size_t length;  ///< bytes from '&' on; 0: not a reference, the '&' stands for itself
};
/// The reference that `text`, which begins with '&', begins with.
CharacterReference character_reference(std::string_view text);

}  // namespace alphamail

#endif
