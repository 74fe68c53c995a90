// SPDX-License-Identifier: GPL-3.0-or-later
// The elements of HTML as far as the cleaner needs them: which of them a message may have, and what the
// tree-building rules of HTML (HTML Living Standard section 13.2.6) do with them.
#ifndef MOD_ALPHAMAIL_HTML_ELEMENTS_H
#define MOD_ALPHAMAIL_HTML_ELEMENTS_H

#include <gumbo.h>

#include <cstdint>

namespace alphamail {

/// Bits of an element. One that is neither kept nor dropped gives way to what is inside it.
enum ElementBit : std::uint16_t {
  kKept = 1,           ///< a message may have it
  kDroppedWhole = 2,   ///< it goes with all that is inside
  kVoid = 4,           ///< has no content and no end tag
  kClosesP = 8,        ///< its start tag ends an open <p>
  kSpecial = 16,       ///< "special" in the standard's sense: stops the search for what an end tag ends
  kFormatting = 32,    ///< opened again after a block that closed it
  kHeading = 64,
  kTablePart = 128,    ///< stands only where a table has its place for it
  kScope = 256,        ///< a cell or caption, or what acts like one: begins a scope of its own
  kRawText = 512,      ///< its content has no tags
};

/// All bits of an element; 0 for one that HTML does not know.
std::uint16_t element_bits(GumboTag tag);
inline bool element_is(GumboTag tag, std::uint16_t any_of) { return (element_bits(tag) & any_of) != 0; }

}  // namespace alphamail

#endif
