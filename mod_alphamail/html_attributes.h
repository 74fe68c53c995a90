// SPDX-License-Identifier: GPL-3.0-or-later
// The attributes that a message's elements may have, but for style, href and src.
#ifndef MOD_ALPHAMAIL_HTML_ATTRIBUTES_H
#define MOD_ALPHAMAIL_HTML_ATTRIBUTES_H

#include <gumbo.h>

#include <optional>
#include <string>
#include <string_view>

namespace alphamail {

/// The value as it may be written, or nullopt where this element may not have it so. What it gives, it gives again.
std::optional<std::string> clean_attribute(GumboTag element, std::string_view name, std::string_view value);

/// The name for an anchor within a message: "m-" and the name, so that it is nobody else's; "" where it is none.
std::string anchor_name(std::string_view name);

/// A number of width="" or height="", in px; nullopt for percent and words.
std::optional<double> pixels(std::string_view value);

/// Whether the cleaner looks at attributes of this name, in small letters or others.
bool is_looked_at(std::string_view name);

}  // namespace alphamail

#endif
