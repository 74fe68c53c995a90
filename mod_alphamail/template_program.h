// SPDX-License-Identifier: GPL-3.0-or-later
// A parsed template as a flat list of steps, for quick expansion.
//
// ctemplate parses the template and decides, from the HTML around each value, how it must be escaped.
// It writes its tree down in words (Template::DumpToString); from them this list is made, so that the
// decision stays ctemplate's. Expanding is ours: a value goes through one virtual call and one pass
// that copies and escapes (page_buffer.h). Measured on a folder page of 50 rows it takes a quarter of
// ctemplate's own expansion (t/bench/render_bench), and t/unit/view_test holds both to the same bytes. Where the list cannot be made, ctemplate expands.
#ifndef MOD_ALPHAMAIL_TEMPLATE_PROGRAM_H
#define MOD_ALPHAMAIL_TEMPLATE_PROGRAM_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mod_alphamail/names.h"
#include "mod_alphamail/page_buffer.h"

namespace alphamail {

class Dict;

class TemplateProgram {
 public:
  /// From a dump by ctemplate; nothing where anything in it is unknown.
  static std::optional<TemplateProgram> from_dump(std::string_view dump);
  void run(const Dict& values, PageBuffer& out) const { run(values, 0, steps_.size(), out); }

 private:
  enum class Kind : std::uint8_t { kText, kHtml, kPre, kUrl, kMarkup, kSection };
  struct Step {  // a text, then a value or section
    std::uint32_t text, text_size;  // in texts_
    std::uint32_t end;              // of a section: the step behind it
    Name name;                      // of a value or section
    Kind kind;
  };
  void add_text(std::string_view text);
  void add(Kind kind, Name name);
  void end_text();
  void run(const Dict& values, std::size_t begin, std::size_t end, PageBuffer& out) const;
  std::vector<Step> steps_;
  std::string texts_;           // all of them and some padding
  std::uint32_t pending_ = 0;  // bytes at the end of texts_ that belong to no step yet
};

}  // namespace alphamail

#endif
