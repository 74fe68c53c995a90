// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/message_text.h"

#include <array>
#include <optional>
#include <string_view>

namespace alphamail {

namespace {

/// Encoded bytes asked of one part: enough for the text in the costliest encoding.
constexpr std::uint64_t kMaxPartBytes = 8 << 20;

/// The part where it came with the head.
std::optional<std::string_view> text_with_head(const wire::MessageView& view, std::string_view section) {
  if (view.texts() == nullptr) return std::nullopt;
  for (const wire::PartText* text : *view.texts()) {
    if (text->section()->string_view() != section) continue;
    return std::string_view(reinterpret_cast<const char*>(text->bytes()->data()), text->bytes()->size());
  }
  return std::nullopt;
}

}  // namespace

Result<ShownText> read_text_part(WebcacheClient& webcache, const Caller& caller, const std::string& folder,
                            const wire::MessageView& view, const TextPart& part, std::size_t limit,
                                 const TextView& how) {
  if (const auto here = text_with_head(view, part.section)) {
    TextReader reader(part, limit, how);
    reader.add(*here);
    return reader.finish();
  }
  auto reply = webcache.part(caller, folder, view.uid(), view.uid_validity(), part.section,
                             kMaxPartBytes);
  if (!reply) return reply.error();
  TextReader reader(part, limit, how);
  std::array<std::byte, 16384> piece;
  while (true) {
    const Result<std::size_t> got = reply->call().read(piece, webcache.deadline());
    if (!got) return got.error();
    if (*got == 0) break;
    if (!reader.add({reinterpret_cast<const char*>(piece.data()), *got})) break;
  }
  ShownText shown = reader.finish();
  shown.cut = shown.cut || part.size > kMaxPartBytes;
  return shown;
}

}  // namespace alphamail
