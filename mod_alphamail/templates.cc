// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/templates.h"

#include <ctemplate/per_expand_data.h>
#include <ctemplate/template.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <optional>

#include "mod_alphamail/view.h"
#include "mod_alphamail/words.h"

namespace alphamail {

namespace {

constexpr std::string_view kPragma = "{{%AUTOESCAPE context=\"HTML\"}}\n";
constexpr std::array<const char*, kPageTemplates> kFiles = {"login.tpl", "folder.tpl", "message.tpl",
                                                            "settings.tpl", "error.tpl", "confirm.tpl",
                                                            "compose.tpl", "ask.tpl", "outbox.tpl",
                                                            "identities.tpl", "contacts.tpl", "choose.tpl", "print.tpl",
                                                            "body.tpl", "reset.tpl", "search.tpl", "labels.tpl", "folders.tpl",
                                                            "one_folder.tpl", "sure.tpl", "largest.tpl"};
constexpr int kMaxDepth = 4;

Error broken(const std::string& file, const std::string& why) {
  return {Code::kInvalid, file + ": " + why};
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad()) return broken(path, "cannot be read");
  if (!text.starts_with(kPragma)) {
    return broken(path, "must begin with the line {{%AUTOESCAPE context=\"HTML\"}}");
  }
  return text.substr(kPragma.size());
}

/// Calls `replace(inside)` for everything between `open` and `close` and puts its result in place.
template <typename Replace>
Result<std::string> replace_between(std::string_view text, std::string_view open,
                                    std::string_view close, Replace&& replace) {
  std::string out;
  while (true) {
    const auto begin = text.find(open);
    if (begin == std::string_view::npos) break;
    const auto end = text.find(close, begin + open.size());
    if (end == std::string_view::npos) {
      return Error{Code::kInvalid, "'" + std::string(open) + "' without '" + std::string(close) + "'"};
    }
    out += text.substr(0, begin);
    Result<std::string> piece = replace(text.substr(begin + open.size(), end - begin - open.size()));
    if (!piece) return piece.error();
    out += *piece;
    text.remove_prefix(end + close.size());
  }
  return out += text;
}

Result<std::string> with_parts(const std::string& dir, const std::string& file, int depth) {
  if (depth > kMaxDepth) return broken(file, "parts include each other");
  Result<std::string> text = read_file(dir + "/" + file);
  if (!text) return text;
  return replace_between(*text, "{{>", "}}", [&](std::string_view name) {
    std::string part;
    for (const char c : name) part += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return with_parts(dir, part + ".tpl", depth + 1);
  });
}

Result<std::string> constant(std::string_view name, const Language& language,
                             const Templates::Constants& constants) {
  if (name == "lang") return html_of(language.code());
  if (name == "dir") return std::string(language.right_to_left() ? "rtl" : "ltr");
  for (const auto& [known, value] : constants) {
    if (known == name) return html_of(value);
  }
  return Error{Code::kInvalid, "no constant is called '" + std::string(name) + "'"};
}

Result<std::string> words_for(std::string_view inside, const Language& language,
                              const Templates::Constants& constants) {
  if (inside.starts_with('@')) return constant(inside.substr(1), language, constants);
  const auto bar = inside.find('|');
  if (bar == std::string_view::npos) return html_of(language.tr(std::string(inside).c_str()));
  return html_of(language.trc(std::string(inside.substr(0, bar)).c_str(),
                              std::string(inside.substr(bar + 1)).c_str()));
}

/// "#ROW", "/ROW", "SUBJECT", "TEXT:pre_escape": the name as its code, the rest as it is.
Result<std::string> with_code(std::string_view inside) {
  if (inside.starts_with('!')) return std::string();
  const bool section = inside.starts_with('#') || inside.starts_with('/');
  const std::string_view name = inside.substr(section ? 1 : 0, inside.find(':') - (section ? 1 : 0));
  const auto* const found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames)) {
    return Error{Code::kInvalid, "no value is called '" + std::string(name) + "'"};
  }
  const std::string_view modifiers = inside.substr((section ? 1 : 0) + name.size());
  // What the cleaner made is markup already; nothing else goes out as it is.
  const bool markup = modifiers == ":none" && name == kNames[static_cast<std::size_t>(Name::SAFE_HTML)];
  if (!modifiers.empty() && modifiers != ":pre_escape" && !markup) {
    return Error{Code::kInvalid, "modifier '" + std::string(modifiers) + "' is not allowed"};
  }
  return "{{" + std::string(section ? inside.substr(0, 1) : "") +
         code_of(static_cast<Name>(found - std::begin(kNames))) + std::string(modifiers) + "}}";
}

}  // namespace

std::string html_of(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '{': out += "&#123;"; break;
      default: out += c;
    }
  }
  return out;
}

Result<std::string> weave_template(const std::string& dir, const std::string& file,
                                   const Language& language,
                                   const Templates::Constants& constants) {
  Result<std::string> text = with_parts(dir, file, 0);
  if (!text) return text;
  text = replace_between(*text, "{{", "}}", with_code);
  if (!text) return text.error().while_doing(file);
  text = replace_between(*text, "[[", "]]", [&](std::string_view inside) {
    return words_for(inside, language, constants);
  });
  if (!text) return text.error().while_doing(file);
  return std::string(kPragma) + *text;
}

Templates::Templates() = default;
Templates::~Templates() = default;

Result<std::unique_ptr<Templates>> Templates::load(const std::string& dir, const Words& words,
                                                   const Constants& constants) {
  std::unique_ptr<Templates> made(new Templates);
  for (const auto& language : words.languages()) {
    Set set;
    for (std::size_t i = 0; i < kPageTemplates; ++i) {
      const Result<std::string> source = weave_template(dir, kFiles[i], *language, constants);
      if (!source) return source.error();
      set[i].tree.reset(ctemplate::Template::StringToTemplate(*source, ctemplate::STRIP_BLANK_LINES));
      if (!set[i].tree) return broken(dir + "/" + kFiles[i], "ctemplate refuses it (see standard error)");
      std::string dump;
      set[i].tree->DumpToString(kFiles[i], &dump);
      // A text that holds the dump's own marks could be taken for what it is not.
      const bool clear = source->find("|<--") == std::string::npos;
      if (clear) set[i].program = TemplateProgram::from_dump(dump);
    }
    made->sets_.push_back(std::move(set));
  }
  return made;
}

std::string_view Templates::expand(PageTemplate page, const Language& language,
                                   const Dict& values) const {
  thread_local PageBuffer buffer;
  buffer.clear();
  const Parsed& parsed = sets_[language.index()][static_cast<std::size_t>(page)];
  if (parsed.program) {
    parsed.program->run(values, buffer);
  } else {
    buffer.append(expand_by_ctemplate(page, language, values));
  }
  return buffer.text();
}

std::string Templates::expand_by_ctemplate(PageTemplate page, const Language& language,
                                           const Dict& values) const {
  std::string out;
  ctemplate::PerExpandData once;
  sets_[language.index()][static_cast<std::size_t>(page)].tree->ExpandWithData(&out, &values, &once);
  return out;
}

bool Templates::all_programs() const {
  return std::all_of(sets_.begin(), sets_.end(), [](const Set& set) {
    return std::all_of(set.begin(), set.end(), [](const Parsed& p) { return p.program.has_value(); });
  });
}

}  // namespace alphamail
