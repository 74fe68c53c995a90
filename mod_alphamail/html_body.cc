// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_body.h"

#include <array>

#include "mod_alphamail/urls.h"

namespace alphamail {
namespace {

/// Encoded bytes asked of one part: enough for all that is cleaned, in the costliest encoding.
constexpr std::uint64_t kMostEncoded = 6 << 20;

/// The part's bytes with their transfer encoding undone, from what came with the head, else asked for.
Result<std::string> decoded_part(const Request& request, const std::string& folder, const wire::MessageView& view,
                                 const TextPart& part) {
  TransferDecoder decoder(part.encoding);
  std::string bytes;
  if (view.texts() != nullptr) {
    for (const wire::PartText* text : *view.texts()) {
      if (text->section()->string_view() != part.section) continue;
      decoder.decode({reinterpret_cast<const char*>(text->bytes()->data()), text->bytes()->size()}, bytes);
      decoder.finish(bytes);
      return bytes;
    }
  }
  WebcacheClient webcache = request.webcache();
  auto reply = webcache.part(request.session->caller(), folder, view.uid(), view.uid_validity(), part.section, kMostEncoded);
  if (!reply) return reply.error();
  std::array<std::byte, 65536> piece;
  while (true) {
    const Result<std::size_t> got = reply->call().read(piece, webcache.deadline());
    if (!got) return got.error();
    if (*got == 0) break;
    decoder.decode({reinterpret_cast<const char*>(piece.data()), *got}, bytes);
  }
  decoder.finish(bytes);
  return bytes;
}

}  // namespace

Result<CleanedHtml> read_html_body(const Request& request, const std::string& folder, const wire::MessageView& view,
                                   const TextPart& part, const HtmlBodyWish& wish) {
  Result<std::string> bytes = decoded_part(request, folder, view, part);
  if (!bytes) return bytes.error();
  const std::string html = !wish.charset.empty()
                               ? to_utf8_as(*bytes, wish.charset)
                               : to_utf8(*bytes, part.charset.empty() ? charset_in_html(*bytes) : part.charset);
  bytes->clear();
  CleanOptions options;
  options.remote = wish.remote;
  options.recolour = wish.recolour;
  const std::string message = url_of_message(request.site.mount, folder, view.uid());
  const std::string behind = "/view?v=" + std::to_string(view.uid_validity());
  options.picture = [&](std::string_view reference) {
    const std::string section = picture_section(view, part.section, reference);
    return section.empty() ? std::string() : message + "/part/" + section + behind;
  };
  CleanedHtml cleaned = clean_html(html, options);
  cleaned.cut = cleaned.cut || part.size > kMostEncoded;
  return cleaned;
}

}  // namespace alphamail
