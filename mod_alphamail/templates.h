// SPDX-License-Identifier: GPL-3.0-or-later
// The parsed templates of a site, a set for each language.
//
// A template is read once, when httpd reads its configuration, and everything that cannot change
// from page to page is settled then, so that a page pays nothing for it:
//   {{>PART_HEAD}}       the text of part_head.tpl, put in place
//   [[words]]            the words in the set's language, as HTML; [[context|words]] where the same
//                        English words mean two things
//   [[@name]]            a constant of the site (mount, css, icons, site_name ...) or of the language
//                        (lang, dir)
//   {{NAME}} {{#NAME}}   the name becomes the number it has in names.h, so that the dictionary
//                        (view.h) switches on it and looks nothing up
// What remains goes through ctemplate with auto-escaping in the context of HTML, which every file
// must ask for in its first line. A file that does not, or that uses a name or constant nobody
// knows, is refused with a reason.
#ifndef MOD_ALPHAMAIL_TEMPLATES_H
#define MOD_ALPHAMAIL_TEMPLATES_H

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"
#include "mod_alphamail/template_program.h"

namespace ctemplate {
class Template;
}

namespace alphamail {

class Dict;
class Language;
class Words;

enum class PageTemplate : std::uint8_t {
  kLogin, kFolder, kMessage, kSettings, kError, kConfirm, kCompose, kAsk, kOutbox, kIdentities, kContacts, kChoose,
  kPrint, kBody, kReset, kSearch, kLabels, kFolders, kOneFolder, kSure, kLargest
};
inline constexpr std::size_t kPageTemplates = 21;

class Templates {
 public:
  using Constants = std::vector<std::pair<std::string, std::string>>;

  /// Reads DIR/*.tpl for every language of `words`. `constants` are plain text; they are escaped here.
  static Result<std::unique_ptr<Templates>> load(const std::string& dir, const Words& words,
                                                 const Constants& constants);
  ~Templates();

  /// The page, in a buffer of this thread: valid until the thread renders again.
  std::string_view expand(PageTemplate page, const Language& language, const Dict& values) const;
  /// The same by ctemplate's own expansion: for tests, and where there is no program.
  std::string expand_by_ctemplate(PageTemplate page, const Language& language,
                                  const Dict& values) const;
  /// False where a template is expanded by ctemplate because its program could not be made.
  bool all_programs() const;

 private:
  struct Parsed {
    std::unique_ptr<ctemplate::Template> tree;
    std::optional<TemplateProgram> program;
  };
  using Set = std::array<Parsed, kPageTemplates>;
  Templates();
  std::vector<Set> sets_;  // by Language::index()
};

/// The source of one template after all of the above, as ctemplate gets it. For load() and tests.
Result<std::string> weave_template(const std::string& dir, const std::string& file,
                                   const Language& language, const Templates::Constants& constants);

/// Text as HTML, for element content and quoted attributes; '{' too, so that no text is ever taken
/// for a template's marker.
std::string html_of(std::string_view text);

}  // namespace alphamail

#endif
