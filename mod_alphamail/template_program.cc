// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/template_program.h"

#include <utility>

#include "mod_alphamail/view.h"

namespace alphamail {

std::optional<TemplateProgram> TemplateProgram::from_dump(std::string_view dump) {
  constexpr std::string_view kText = "Text Node: -->|", kTextEnd = "|<--\n", kValue = "Variable Node: ",
                             kSection = "Section Start: ", kSectionEnd = "Section End: ",
                             kPragma = "Pragma Node: ", kMain = "__{{MAIN}}__", kBorder = "------------";
  TemplateProgram program;
  std::vector<std::size_t> open;  // sections not yet ended
  const auto known = [](std::string_view code) {
    return code.size() == 3 && code[0] == 'x' && code[1] >= 'A' && code[1] <= 'Z' && code[2] >= 'A' &&
           code[2] <= 'Z' && static_cast<std::size_t>(name_of(code.data())) < std::size(kNames);
  };
  while (!dump.empty()) {
    const auto first = dump.find_first_not_of(' ');
    if (first == std::string_view::npos) break;
    dump.remove_prefix(first);
    if (dump.starts_with(kText)) {
      dump.remove_prefix(kText.size());
      const auto end = dump.find(kTextEnd);
      if (end == std::string_view::npos) return std::nullopt;
      program.add_text(dump.substr(0, end));
      dump.remove_prefix(end + kTextEnd.size());
      continue;
    }
    const std::string_view line = dump.substr(0, dump.find('\n'));
    dump.remove_prefix(std::min(dump.size(), line.size() + 1));
    if (line.empty() || line.starts_with(kBorder) || line.starts_with(kPragma)) continue;
    if (line.starts_with(kValue)) {
      const std::string_view code = line.substr(kValue.size(), 3);
      const std::string_view how = line.substr(std::min(line.size(), kValue.size() + 3));
      const Kind kind = how == ":h"      ? Kind::kHtml
                        : how == ":p"    ? Kind::kPre
                        : how == ":none" ? Kind::kMarkup
                                         : Kind::kUrl;
      if (!known(code) || (kind == Kind::kUrl && how != ":U=html")) return std::nullopt;
      program.add(kind, name_of(code.data()));
    } else if (line.starts_with(kSection)) {
      const std::string_view code = line.substr(kSection.size());
      if (code == kMain) continue;
      if (!known(code)) return std::nullopt;
      program.add(Kind::kSection, name_of(code.data()));
      open.push_back(program.steps_.size() - 1);
    } else if (line.starts_with(kSectionEnd)) {
      if (line.substr(kSectionEnd.size()) == kMain) continue;
      if (open.empty()) return std::nullopt;
      program.end_text();
      program.steps_[open.back()].end = static_cast<std::uint32_t>(program.steps_.size());
      open.pop_back();
    } else {
      return std::nullopt;
    }
  }
  program.end_text();
  if (!open.empty() || program.steps_.empty()) return std::nullopt;
  program.texts_.append(PageBuffer::kPadding, '\0');
  return program;
}

void TemplateProgram::add_text(std::string_view text) {
  texts_ += text;
  pending_ += static_cast<std::uint32_t>(text.size());
}

void TemplateProgram::add(Kind kind, Name name) {
  const auto end = static_cast<std::uint32_t>(texts_.size());
  steps_.push_back({end - pending_, std::exchange(pending_, 0), 0, name, kind});
}

/// Text before the end of a section or of all has no value behind it.
void TemplateProgram::end_text() {
  if (pending_ > 0) add(Kind::kText, Name{});
}

void TemplateProgram::run(const Dict& values, std::size_t begin, std::size_t end,
                          PageBuffer& out) const {
  const Step* const steps = steps_.data();
  for (std::size_t i = begin; i < end;) {
    const Step& step = steps[i++];
    out.append_padded({texts_.data() + step.text, step.text_size});
    switch (step.kind) {
      case Kind::kText: break;
      case Kind::kHtml: values.write(step.name, Escape::kHtml, out); break;
      case Kind::kPre: values.write(step.name, Escape::kPre, out); break;
      case Kind::kUrl: values.write(step.name, Escape::kUrl, out); break;
      case Kind::kMarkup: values.write(step.name, Escape::kNone, out); break;
      case Kind::kSection: {
        const std::size_t times = values.times(step.name);
        const Dict* item = times > 0 ? values.item(step.name, 0) : nullptr;
        if (times == 1 && item == nullptr) break;  // its steps follow
        for (std::size_t n = 0; n < times; ++n) {
          if (n > 0) item = values.item(step.name, n);
          run(item ? *item : values, i, step.end, out);
        }
        i = step.end;
        break;
      }
    }
  }
}

}  // namespace alphamail
