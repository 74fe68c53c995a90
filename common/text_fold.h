// SPDX-License-Identifier: GPL-3.0-or-later
// How texts compare when somebody searches: fold both, then look for the one inside the other.
//
// What people expect: case does not matter, nor do accents ("muller" finds "Müller", and "Müller" finds
// "Muller"), nor how a letter is written (full width, ligatures, composed or not), nor which quotation marks,
// hyphens and spaces a keyboard gave. What makes other words stays: the voicing marks of Japanese,
// the vowel signs of Indian and Thai scripts.
#ifndef COMMON_TEXT_FOLD_H
#define COMMON_TEXT_FOLD_H

#include <string>
#include <string_view>

namespace alphamail {

/// Appends the folded form of valid UTF-8; white space of any kind and length becomes one space. NUL stays.
/// Any thread; quick where the text is ASCII or of a script with few surprises.
void fold_text(std::string_view text, std::string& out);
std::string folded(std::string_view text);

/// The same with accents kept, as most mail servers compare the texts of messages: "muller" does not find
/// "Müller" there. For what a server has to find first; headers go by fold_text().
std::string folded_with_accents(std::string_view text);

/// Whether the one lies inside the other, byte for byte. For many short texts: memmem() prepares longer than it
/// looks there.
bool holds(std::string_view text, std::string_view word);

}  // namespace alphamail

#endif
