// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads: one part with its transfer encoding undone, a file that stands in a text, or the whole
// message as it came; and the few kinds of files that a browser may open. All of them stream through a
// small buffer, whatever their size.
#include <array>
#include <memory>
#include <optional>

#include "mod_alphamail/byte_range.h"
#include "mod_alphamail/file_kind.h"
#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/part_stream.h"

namespace alphamail {

namespace {

/// Which bytes of which message are asked for.
struct Ask {
  const Request& request;
  const std::string& folder;
  std::uint32_t uid;
  std::string section;
  std::uint32_t validity;

  Result<PartReply> part(std::uint64_t limit) const {
    WebcacheClient webcache(*request.site.lane, download_deadline());
    return webcache.part(request.session->caller(), folder, uid, validity, section, limit);
  }
};

/// Names the same bytes for ever (RFC 3501 section 2.3.1.1).
std::string etag_of(std::uint32_t validity, const Ask& ask) {
  return "\"" + std::to_string(validity) + "-" + std::to_string(ask.uid) + "-" + ask.section + "\"";
}

/// The link on the message's page says which numbering of messages it meant; 0 is any.
Result<std::uint32_t> validity_of(const Request& request) {
  const std::uint32_t validity = request.query.number("v", 1, 0xffffffff, 0);
  if (validity == 0 && request.query.has("v")) return Error{Code::kInvalid, "v is no UIDVALIDITY"};
  return validity;
}

bool is_identity(std::string_view encoding) { return encoding != "base64" && encoding != "quoted-printable"; }

Response download(const Download& what) {
  Response response;
  response.policy = Policy::kDownload;
  response.content_type = what.content_type;
  response.headers.emplace_back("Content-Disposition", what.disposition);
  return response;
}

/// Opened in the browser, as `type` and nothing else.
void open_in_browser(Response& response, const Download& what, const std::string& type) {
  response.content_type = type;
  if (type == "text/plain") response.content_type += "; charset=" + (what.charset.empty() ? "utf-8" : what.charset);
  if (type.starts_with("audio/") || type.starts_with("video/")) response.policy = Policy::kMedia;
  response.headers[0].second = content_disposition(what.name, "inline");
}

void stream_from(Response& response, std::shared_ptr<PartStream> stream) {
  response.stream = [stream](const Sink& sink) { return stream->copy(sink); };
}

/// The file at the N-th "begin" of a text.
Result<Response> uu_file(PartReply reply, const std::string& encoding, std::size_t number,
                         PartWanted wanted) {
  auto stream = std::make_shared<UuStream>(PartStream(std::move(reply), encoding), number - 1);
  if (const auto begun = stream->begin(); !begun) return begun.error();
  const std::string name = stream->name();
  if (name.empty()) return Error{Code::kNotFound, "no such file in the text"};
  const std::string found = sniff_type(stream->begun());
  const Download what{content_disposition(name), "application/octet-stream", encoding, name, found, {}};
  Response response = download(what);
  const std::string type = wanted == PartWanted::kViewed ? viewable_type(found, found) : std::string();
  if (!type.empty()) open_in_browser(response, what, type);
  response.stream = [stream](const Sink& sink) { return stream->copy(sink); };
  return response;
}

/// An answer to a range of what is stored as it is served; nothing where the whole is to be sent.
std::optional<Result<Response>> ranged(const Ask& ask, Response& response, std::uint64_t size,
                                       const std::string& etag) {
  const ByteRange range = read_range(ask.request.range, ask.request.if_range, etag, size);
  if (range.kind == ByteRange::Kind::kWhole) return std::nullopt;
  response.headers.emplace_back("Content-Range", content_range(range, size));
  if (range.kind == ByteRange::Kind::kUnsatisfiable) {
    response.status = 416;
    response.body = {};
    return std::move(response);
  }
  auto reply = ask.part(range.last + 1);
  if (!reply) return reply.error().while_doing("reading a piece of a part");
  response.status = 206;
  response.length = range.length();
  auto stream = std::make_shared<PartStream>(std::move(*reply), "");
  stream->skip(range.first);
  stream_from(response, std::move(stream));
  return std::move(response);
}

}  // namespace

Result<Response> page_part(const Request& request, const std::string& folder, std::uint32_t uid,
                           std::string_view section, PartWanted wanted) {
  const auto validity = validity_of(request);
  if (!validity) return validity.error();
  const Ask ask{request, folder, uid, std::string(section), *validity};
  // What a range is of is known from the beginning of the part.
  const bool piece = !request.range.empty();
  auto reply = ask.part(piece ? kSniffed : 0);
  if (!reply) return reply.error().while_doing("opening a part");
  const wire::Part* part = (*reply)->part();
  if (part == nullptr) return Error{Code::kNotFound, "no such part"};
  const Download what = download_of(*part);
  const std::uint64_t size = part->size();
  if (request.query.has("uu")) {
    const std::uint32_t number = request.query.number("uu", 1, UuFilter::kFiles, 0);
    if (number == 0) return Error{Code::kInvalid, "uu is no file of a text"};
    if (piece) {
      reply = ask.part(0);
      if (!reply) return reply.error().while_doing("opening a part");
    }
    return uu_file(std::move(*reply), what.encoding, number, wanted);
  }
  Response response = download(what);
  auto stream = std::make_shared<PartStream>(std::move(*reply), what.encoding);
  if (wanted == PartWanted::kViewed) {
    if (const auto begun = stream->begin(kSniffed); !begun) return begun.error().while_doing("opening a part");
    const std::string type = viewable_type(sniff_type(stream->begun()), what.type);
    if (type.empty()) {
      response.content_type = "application/octet-stream";  // no picture that only claims to be one is drawn
    } else {
      open_in_browser(response, what, type);
    }
  }
  if (is_identity(what.encoding)) {
    const std::string etag = etag_of(*validity, ask);
    if (*validity != 0) response.headers.emplace_back("ETag", etag);
    response.headers.emplace_back("Accept-Ranges", "bytes");
    if (auto answer = ranged(ask, response, size, etag)) return std::move(*answer);
  }
  if (piece) {
    // The whole after all: what was asked of the daemon was only its beginning.
    reply = ask.part(0);
    if (!reply) return reply.error().while_doing("opening a part");
    stream = std::make_shared<PartStream>(std::move(*reply), what.encoding);
  }
  stream_from(response, std::move(stream));
  return response;
}

Result<Response> page_source(const Request& request, const std::string& folder, std::uint32_t uid) {
  const Session& session = *request.session;
  // The name of the file is the subject; looking must not mark the message seen.
  auto view = request.webcache().message(session.caller(), folder, uid, session.settings.rows, true);
  if (!view) return view.error().while_doing("opening a message");
  const auto& block = *(*view)->header();
  const MessageHeader header =
      read_header({reinterpret_cast<const char*>(block.data()), block.size()});

  const Ask ask{request, folder, uid, "", (*view)->uid_validity()};
  Response response = download(download_of_source(header));
  if (!request.query.has("save")) {
    // To be looked at: plain text in a sandbox, whatever it contains.
    response.content_type = "text/plain; charset=utf-8";
    response.headers[0].second = "inline";
  }
  const std::string etag = etag_of(ask.validity, ask);
  response.headers.emplace_back("ETag", etag);
  response.headers.emplace_back("Accept-Ranges", "bytes");
  if (auto answer = ranged(ask, response, (*view)->size(), etag)) return std::move(*answer);
  auto reply = ask.part(0);
  if (!reply) return reply.error().while_doing("reading a message's source");
  if (const std::uint64_t size = (*reply)->size(); size > 0) response.length = size;
  stream_from(response, std::make_shared<PartStream>(std::move(*reply), ""));
  return response;
}

}  // namespace alphamail
