// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_body.h"

#include <array>

#include "common/characters.h"
#include "mod_alphamail/html_facts.h"
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

/// The same in UTF-8.
Result<std::string> html_text(const Request& request, const std::string& folder, const wire::MessageView& view,
                              const TextPart& part, const std::string& charset) {
  const Result<std::string> bytes = decoded_part(request, folder, view, part);
  if (!bytes) return bytes.error();
  return !charset.empty() ? to_utf8_as(*bytes, charset)
                          : to_utf8(*bytes, part.charset.empty() ? charset_in_html(*bytes) : part.charset);
}

CleanedHtml cleaned(const Request& request, const std::string& folder, const wire::MessageView& view, const TextPart& part,
                    std::string_view html, CleanOptions options) {
  const std::string message = url_of_message(request.site.mount, folder, view.uid());
  const std::string behind = "/view?v=" + std::to_string(view.uid_validity());
  options.picture = [&](std::string_view reference) {
    const std::string section = picture_section(view, part.section, reference);
    return section.empty() ? std::string() : message + "/part/" + section + behind;
  };
  CleanedHtml made = clean_html(html, options);
  made.cut = made.cut || part.size > kMostEncoded;
  return made;
}

/// Names the same bytes, read in the same way, for ever (RFC 3501 section 2.3.1.1), for this user of this site.
std::string name_of(const Request& request, const std::string& folder, const wire::MessageView& view, const TextPart& part,
                    const std::string& charset) {
  const Session& session = *request.session;
  std::string name;
  for (const std::string& piece :
       {std::to_string(reinterpret_cast<std::uintptr_t>(&request.site)), session.user, session.domain, folder,
        std::to_string(view.uid_validity()), std::to_string(view.uid()), part.section, charset}) {
    name += piece;
    name += '\0';  // in none of them
  }
  return name;
}

}  // namespace

Result<HtmlFacts> look_at_html_body(const Request& request, const std::string& folder, const wire::MessageView& view,
                                    const TextPart& part, const std::string& charset) {
  HtmlFactsCache& known = HtmlFactsCache::of_this_child();
  const std::string name = name_of(request, folder, view, part, charset);
  if (auto facts = known.find(name)) return std::move(*facts);
  const Result<std::string> html = html_text(request, folder, view, part, charset);
  if (!html) return html.error();
  CleanOptions options;
  options.only_look = true;
  CleanedHtml made = cleaned(request, folder, view, part, *html, std::move(options));
  HtmlFacts facts{made.cut, made.words_only, !is_ascii(*html), made.remote_pictures, made.tracking_pictures,
                  std::move(made.trackers)};
  known.keep(name, facts);
  return facts;
}

Result<CleanedHtml> read_html_body(const Request& request, const std::string& folder, const wire::MessageView& view,
                                   const TextPart& part, const HtmlBodyWish& wish) {
  const Result<std::string> html = html_text(request, folder, view, part, wish.charset);
  if (!html) return html.error();
  CleanOptions options;
  options.remote = wish.remote;
  options.recolour = wish.recolour;
  return cleaned(request, folder, view, part, *html, std::move(options));
}

}  // namespace alphamail
