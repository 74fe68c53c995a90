// SPDX-License-Identifier: GPL-3.0-or-later
// How values reach a template: a dictionary of ours that ctemplate asks, laid straight over the
// reply. Nothing is copied, hashed or allocated for a value; measured against ctemplate's own
// dictionary it renders a folder page in less than half the time (t/bench/render_bench).
#ifndef MOD_ALPHAMAIL_VIEW_H
#define MOD_ALPHAMAIL_VIEW_H

#include <ctemplate/template_dictionary_interface.h>
#include <flatbuffers/flatbuffers.h>

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <forward_list>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mod_alphamail/html_clean.h"
#include "mod_alphamail/names.h"
#include "mod_alphamail/page_buffer.h"

namespace alphamail {

/// What a template or a repeated section of it asks. Derive, switch on the name, and pass on to the
/// dictionary around it what is not one's own. All text given out is escaped by the template.
class Dict : public ctemplate::TemplateDictionaryInterface {
 public:
  /// The text for {{NAME}}; must stay valid until the next call on this object.
  virtual std::string_view value(Name name) const = 0;
  /// How often {{#NAME}} is shown; 0 hides it.
  virtual std::size_t times(Name name) const = 0;
  /// The dictionary of the index-th showing, valid until the next call; null: the one that asked.
  virtual const Dict* item(Name name, std::size_t index) const;
  /// Writes value(name), escaped. Override it for what can be written without a text of its own.
  virtual void write(Name name, Escape how, PageBuffer& out) const;

  /// For tests: names that were asked and that no dictionary knew, on this thread.
  static const std::string& unknown_names();
  static void forget_unknown_names();

 protected:
  /// At the end of every outermost switch: notes the name, gives "" and 0.
  static std::string_view unknown_value(Name name);
  static std::size_t unknown_times(Name name);

 private:
  ctemplate::TemplateString GetValue(const ctemplate::TemplateString& name) const final;
  bool IsHiddenSection(const ctemplate::TemplateString& name) const final;
  bool IsUnhiddenSection(const ctemplate::TemplateString& name) const final;
  Iterator* CreateSectionIterator(const ctemplate::TemplateString& name) const final;
  // Includes are put in place when a template is loaded (templates.h): these are never asked.
  bool IsHiddenTemplate(const ctemplate::TemplateString&) const final { return true; }
  const char* GetIncludeTemplateName(const ctemplate::TemplateString&, int) const final { return ""; }
  Iterator* CreateTemplateIterator(const ctemplate::TemplateString&) const final;
  void DumpToString(std::string* out, int) const final { out->clear(); }

  class Repeat;
};

/// A dictionary filled by hand, for what occurs a few times a page. Texts given as views must outlive it.
/// A section is shown once where its text is not empty, or as often as items were added to it.
class Values : public Dict {
 public:
  /// @param outer  asked for every name that is not here; may be null
  /// @param known  names that are empty unless set
  explicit Values(const Dict* outer, std::initializer_list<Name> known = {});

  void set(Name name, std::string_view text);
  void set(Name name, const char* text) { set(name, std::string_view{text}); }
  void set(Name name, std::string&& text);
  void set(Name name, const std::string&& text) = delete;  // would be looked at after its end
  /// The one value that is written as it is; it must outlive this.
  void set_markup(const SafeHtml& html);
  void flag(Name name, bool shown) { set(name, shown ? std::string_view{"1"} : std::string_view{}); }
  /// One more item of a repeated section.
  Values& add(Name section, std::initializer_list<Name> known = {});

  std::string_view value(Name name) const override;
  std::size_t times(Name name) const override;
  const Dict* item(Name name, std::size_t index) const override;

 private:
  using Items = std::vector<std::unique_ptr<Values>>;
  void put(Name name, std::string_view text);
  const std::string_view* text(Name name) const;
  const Items* items(Name name) const;

  const Dict* outer_;
  // A page may have hundreds of small ones (each folder to move to): these take no memory of their own for a few texts.
  boost::container::small_vector<std::pair<Name, std::string_view>, 6> texts_;
  std::vector<std::pair<Name, Items>> lists_;
  std::forward_list<std::string> kept_;  // texts that are our own; a list, so that they stay where they are
};

/// The name in templates that stands for a number of names.h, and back.
std::string code_of(Name name);
Name name_of(const char* code);

inline std::string_view text_of(const flatbuffers::String* s) {
  return s ? std::string_view{s->c_str(), s->size()} : std::string_view{};
}

/// Digits of a number in a buffer of its own.
class Digits {
 public:
  std::string_view of(std::uint64_t number);

 private:
  char buffer_[20];
};

}  // namespace alphamail

#endif
