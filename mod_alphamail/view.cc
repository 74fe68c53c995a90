// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/view.h"

#include <cassert>
#include <new>

namespace alphamail {

namespace {

thread_local std::string unknown;

void note_unknown(Name name) {
  if (unknown.size() > 4096) return;
  unknown += kNames[static_cast<std::size_t>(name)];
  unknown += ' ';
}

}  // namespace

// ctemplate deletes an iterator after its section. Sections nest only a few deep, so the iterators
// of a thread live on a small stack of their own instead of the heap.
class Dict::Repeat final : public Iterator {
 public:
  Repeat(const Dict& dict, Name name, std::size_t times) : dict_(dict), name_(name), times_(times) {}
  bool HasNext() const override { return next_ < times_; }
  const TemplateDictionaryInterface& Next() override {
    const Dict* item = dict_.item(name_, next_++);
    return item ? *item : dict_;
  }

  static void* operator new(std::size_t bytes) {
    Pool& pool = pool_of_thread();
    if (bytes <= kSlotBytes && pool.used < kSlots) return pool.slots[pool.used++];
    return ::operator new(bytes);
  }
  static void operator delete(void* p) noexcept {
    Pool& pool = pool_of_thread();
    // Last made is first deleted, because a section is expanded inside the one around it.
    if (pool.used > 0 && p == pool.slots[pool.used - 1]) {
      --pool.used;
      return;
    }
    ::operator delete(p);
  }

 private:
  static constexpr std::size_t kSlots = 16;
  static constexpr std::size_t kSlotBytes = 64;
  struct Pool {
    alignas(std::max_align_t) std::byte slots[kSlots][kSlotBytes];
    std::size_t used = 0;
  };
  static Pool& pool_of_thread() {
    thread_local Pool pool;
    return pool;
  }

  const Dict& dict_;
  Name name_;
  std::size_t times_;
  std::size_t next_ = 0;
};

std::string code_of(Name name) {
  const auto n = static_cast<unsigned>(name);
  return {'x', static_cast<char>('A' + n / 26), static_cast<char>('A' + n % 26)};
}

Name name_of(const char* code) {
  return static_cast<Name>((code[1] - 'A') * 26 + (code[2] - 'A'));
}

static_assert(std::size(kNames) <= 26 * 26, "names are written with two letters");

const Dict* Dict::item(Name, std::size_t) const { return nullptr; }

void Dict::write(Name name, Escape how, PageBuffer& out) const { out.append(value(name), how); }

const std::string& Dict::unknown_names() { return unknown; }
void Dict::forget_unknown_names() { unknown.clear(); }

std::string_view Dict::unknown_value(Name name) {
  note_unknown(name);
  return {};
}

std::size_t Dict::unknown_times(Name name) {
  note_unknown(name);
  return 0;
}

ctemplate::TemplateString Dict::GetValue(const ctemplate::TemplateString& name) const {
  const std::string_view text = value(name_of(name.data()));
  return {text.empty() ? "" : text.data(), text.size()};
}

bool Dict::IsHiddenSection(const ctemplate::TemplateString& name) const {
  return times(name_of(name.data())) == 0;
}

bool Dict::IsUnhiddenSection(const ctemplate::TemplateString& name) const {
  return !IsHiddenSection(name);
}

Dict::Iterator* Dict::CreateSectionIterator(const ctemplate::TemplateString& name) const {
  const Name section = name_of(name.data());
  return new Repeat(*this, section, times(section));
}

Dict::Iterator* Dict::CreateTemplateIterator(const ctemplate::TemplateString&) const {
  return new Repeat(*this, Name{}, 0);
}

Values::Values(const Dict* outer, std::initializer_list<Name> known) : outer_(outer) {
  for (const Name name : known) texts_.emplace_back(name, std::string_view{});
}

void Values::set(Name name, std::string_view text) {
  assert(name != Name::SAFE_HTML);
  put(name, text);
}

void Values::set_markup(const SafeHtml& html) { put(Name::SAFE_HTML, html.text()); }

void Values::put(Name name, std::string_view text) {
  for (auto& [known, value] : texts_) {
    if (known == name) {
      value = text;
      return;
    }
  }
  texts_.emplace_back(name, text);
}

void Values::set(Name name, std::string&& text) {
  kept_.push_front(std::move(text));
  set(name, std::string_view{kept_.front()});
}

Values& Values::add(Name section, std::initializer_list<Name> known) {
  for (auto& [name, list] : lists_) {
    if (name == section) return *list.emplace_back(std::make_unique<Values>(this, known));
  }
  lists_.emplace_back(section, Items{});
  return *lists_.back().second.emplace_back(std::make_unique<Values>(this, known));
}

const std::string_view* Values::text(Name name) const {
  for (const auto& [known, value] : texts_) {
    if (known == name) return &value;
  }
  return nullptr;
}

const Values::Items* Values::items(Name name) const {
  for (const auto& [known, list] : lists_) {
    if (known == name) return &list;
  }
  return nullptr;
}

std::string_view Values::value(Name name) const {
  if (const auto* found = text(name)) return *found;
  return outer_ ? outer_->value(name) : unknown_value(name);
}

std::size_t Values::times(Name name) const {
  if (const auto* list = items(name)) return list->size();
  if (const auto* found = text(name)) return found->empty() ? 0 : 1;
  return outer_ ? outer_->times(name) : unknown_times(name);
}

const Dict* Values::item(Name name, std::size_t index) const {
  if (const auto* list = items(name)) return (*list)[index].get();
  if (text(name) || outer_ == nullptr) return nullptr;
  return outer_->item(name, index);
}

std::string_view Digits::of(std::uint64_t number) {
  char* const end = buffer_ + sizeof buffer_;
  char* p = end;
  do {
    *--p = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  return {p, static_cast<std::size_t>(end - p)};
}

}  // namespace alphamail
