// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_tree.h"

#include <ctime>

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <new>

namespace alphamail {
namespace {

constexpr std::size_t kChunk = std::size_t{256} << 10;
constexpr std::size_t kAlign = 16;
/// Allocations between two looks at the clock; a parser's step makes at least one or costs little.
constexpr std::uint32_t kLook = 256;

std::int64_t cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

/// Memory that is given back all at once. libgumbo does not look whether it got any, so where there is none
/// control jumps back out of it; it is C and owns nothing but this.
struct HtmlTree::Arena {
  struct Chunk {
    Chunk* before;
  };
  explicit Arena(const Budget& budget)
      : left(budget.bytes), end_ns(cpu_ns() + std::int64_t{budget.cpu_ms} * 1'000'000) {}
  ~Arena() {
    while (chunks != nullptr) {
      Chunk* before = chunks->before;
      std::free(chunks);
      chunks = before;
    }
  }

  void* take(std::size_t size) {
    if (++taken % kLook == 0 && cpu_ns() > end_ns) std::longjmp(out, 1);
    if (size > left) std::longjmp(out, 1);
    size = (size + kAlign - 1) / kAlign * kAlign;
    if (size > room) more(size);
    void* memory = at;
    at += size;
    room -= size;
    return memory;
  }

  void more(std::size_t size) {
    const std::size_t whole = std::max(kChunk, size + kAlign);
    void* memory = whole <= left ? std::malloc(whole) : nullptr;
    if (memory == nullptr) std::longjmp(out, 1);
    left -= whole;
    chunks = new (memory) Chunk{chunks};
    at = static_cast<char*>(memory) + kAlign;
    room = whole - kAlign;
  }

  Chunk* chunks = nullptr;
  char* at = nullptr;
  std::size_t room = 0;
  std::size_t left;
  std::uint32_t taken = 0;
  std::int64_t end_ns;
  std::jmp_buf out{};
};

HtmlTree::HtmlTree(std::string_view html, const Budget& budget) : arena_(new Arena(budget)) {
  GumboOptions options = kGumboDefaultOptions;
  options.userdata = arena_;
  options.max_errors = 0;
  options.allocator = [](void* arena, std::size_t size) { return static_cast<Arena*>(arena)->take(size); };
  options.deallocator = [](void*, void*) {};
  if (setjmp(arena_->out) == 0) {  // NOLINT: nothing between here and the jump has a destructor
    root_ = gumbo_parse_with_options(&options, html.data(), html.size())->root;
  }
}

HtmlTree::~HtmlTree() { delete arena_; }

}  // namespace alphamail
