// SPDX-License-Identifier: GPL-3.0-or-later
// All attachments of a message, or of one inside it, as a zip archive. It is written as the parts come
// from the daemon: nothing is known of it before, and nothing is kept.
#include <memory>
#include <vector>

#include "common/characters.h"
#include "mod_alphamail/letter.h"
#include "mod_alphamail/message_query.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/part_stream.h"
#include "mod_alphamail/zip_stream.h"

namespace alphamail {

namespace {

struct Packed {
  const Request& request;
  std::string folder;
  std::uint32_t uid;
  std::uint32_t validity;
  std::int64_t time;
  std::vector<Attachment> files;
  std::vector<std::string> encodings;  // of each
};

Result<void> pack_file(const Packed& packed, std::size_t number, ZipStream& zip) {
  const Attachment& file = packed.files[number];
  WebcacheClient webcache(*packed.request.site.lane, download_deadline());
  auto reply = webcache.part(packed.request.session->caller(), packed.folder, packed.uid, packed.validity,
                             file.section, 0);
  if (!reply) return reply.error();
  PartStream part(std::move(*reply), packed.encodings[number]);
  if (auto begun = zip.add(file.name, packed.time); !begun) return begun;
  Result<void> written;
  const Sink into = [&](std::span<const std::byte> bytes) {
    written = zip.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return static_cast<bool>(written);
  };
  const Result<void> read =
      file.uu > 0 ? UuStream(std::move(part), file.uu - 1).copy(into) : part.copy(into);
  return written ? read : written;
}

Result<void> pack(const Packed& packed, const Sink& sink) {
  ZipStream zip(sink);
  for (std::size_t i = 0; i < packed.files.size(); ++i) {
    auto done = pack_file(packed, i, zip);
    if (!done && zip.gone()) return {};
    if (!done) return done.error().while_doing("packing " + packed.files[i].section);
  }
  auto done = zip.finish();
  return zip.gone() ? Result<void>() : done;
}

}  // namespace

Result<Response> page_zip(const Request& request, const std::string& folder, std::uint32_t uid) {
  const Session& session = *request.session;
  const auto wanted = MessageQuery::of(request.query);
  if (!wanted) return wanted.error();
  WebcacheClient webcache = request.webcache();
  auto view = webcache.message(session.caller(), folder, uid, session.settings.rows, true, {}, 64 << 10);
  if (!view) return view.error().while_doing("opening a message");
  const Caller caller = session.caller();
  auto letters = LetterReader({webcache, caller, folder, **view}, {}).read(wanted->inner);
  if (!letters) return letters.error();
  Letter& letter = letters->front();
  if (letter.content.attachments.empty()) return Error{Code::kNotFound, "no attachments"};

  auto packed = std::make_shared<Packed>(Packed{
      request, folder, uid, (*view)->uid_validity(),
      letter.header.date ? *letter.header.date : (*view)->arrived(), std::move(letter.content.attachments), {}});
  for (const Attachment& file : packed->files) {
    const wire::Part* part = find_part(**view, file.section);
    packed->encodings.push_back(part != nullptr ? download_of(*part).encoding : "");
  }
  std::string name(cut_utf8(letter.header.subject, 200));
  name = clean_file_name(name.empty() ? "attachments.zip" : name + ".zip");
  Response response;
  response.policy = Policy::kDownload;
  response.content_type = "application/zip";
  response.headers.emplace_back("Content-Disposition", content_disposition(name));
  response.stream = [packed](const Sink& sink) { return pack(*packed, sink); };
  return response;
}

}  // namespace alphamail
