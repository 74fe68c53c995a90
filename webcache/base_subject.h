// SPDX-License-Identifier: GPL-3.0-or-later
// A subject without what answering and forwarding put around it (RFC 5256 section 2.1, and the
// German marks "AW:" and "WG:"). Nothing is copied: blanks inside stay as they are.
#ifndef WEBCACHE_BASE_SUBJECT_H
#define WEBCACHE_BASE_SUBJECT_H

#include <cstddef>
#include <string_view>

namespace alphamail {

/// What a list sorts by; a part of `subject`, "" where it is nothing but marks.
std::string_view base_subject(std::string_view subject);

/// How many bytes of marks ("Re: ", "[list] Fwd: ") stand in front; the base of what follows them
/// is that of the whole.
std::size_t subject_marks(std::string_view subject);

}  // namespace alphamail

#endif
