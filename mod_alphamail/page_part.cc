// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads: one part with its transfer encoding undone, or the whole message as it came. Both
// stream through a small buffer, whatever their size.
#include <array>
#include <memory>

#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/pages.h"

namespace alphamail {

namespace {

using PartReply = Reply<wire::PartHead>;
constexpr std::size_t kPiece = 65536;

/// Gives the bytes of a reply to the browser as they come.
class Copy {
 public:
  Copy(PartReply reply, Deadline deadline, std::string_view encoding)
      : reply_(std::move(reply)), deadline_(deadline), decoder_(encoding) {}

  Result<void> operator()(const Sink& sink) {
    std::array<std::byte, kPiece> piece;
    std::string out;
    while (true) {
      const Result<std::size_t> got = reply_.call().read(piece, deadline_);
      if (!got) return got.error();
      out.clear();
      if (*got == 0) {
        decoder_.finish(out);
      } else {
        decoder_.decode({reinterpret_cast<const char*>(piece.data()), *got}, out);
      }
      if (!out.empty() && !sink(std::as_bytes(std::span(out)))) return {};  // the browser is gone
      if (*got == 0) return {};
    }
  }

 private:
  PartReply reply_;
  Deadline deadline_;
  TransferDecoder decoder_;
};

/// A file of any size needs longer than a page; what stalls is ended by the lane and by httpd.
Deadline download_deadline() { return Deadline::in(std::chrono::hours(1)); }

Response download(const Download& what, PartReply reply) {
  Response response;
  response.policy = Policy::kDownload;
  response.content_type = what.content_type;
  response.headers.emplace_back("Content-Disposition", what.disposition);
  auto copy = std::make_shared<Copy>(std::move(reply), download_deadline(), what.encoding);
  response.stream = [copy](const Sink& sink) { return (*copy)(sink); };
  return response;
}

}  // namespace

Result<Response> page_part(const Request& request, const std::string& folder, std::uint32_t uid,
                           std::string_view section) {
  const Session& session = *request.session;
  WebcacheClient webcache(*request.site.lane, download_deadline());
  // The link on the message's page says which numbering of messages it meant; 0 is any.
  const std::uint32_t validity = request.query.number("v", 1, 0xffffffff, 0);
  if (validity == 0 && request.query.has("v")) return Error{Code::kInvalid, "v is no UIDVALIDITY"};
  auto reply = webcache.part(session.caller(), folder, uid, validity, section, 0);
  if (!reply) return reply.error().while_doing("opening a part");
  const wire::Part* part = (*reply)->part();
  if (part == nullptr) return Error{Code::kNotFound, "no such part"};
  return download(download_of(*part), std::move(*reply));
}

Result<Response> page_source(const Request& request, const std::string& folder, std::uint32_t uid) {
  const Session& session = *request.session;
  // The name of the file is the subject; looking must not mark the message seen.
  auto view = request.webcache().message(session.caller(), folder, uid, session.settings.rows, true);
  if (!view) return view.error().while_doing("opening a message");
  const auto& block = *(*view)->header();
  const MessageHeader header =
      read_header({reinterpret_cast<const char*>(block.data()), block.size()});

  WebcacheClient webcache(*request.site.lane, download_deadline());
  auto reply = webcache.part(session.caller(), folder, uid, (*view)->uid_validity(), "", 0);
  if (!reply) return reply.error().while_doing("reading a message's source");
  const std::uint64_t size = (*reply)->size();
  Response response = download(download_of_source(header), std::move(*reply));
  if (size > 0) response.length = size;
  if (!request.query.has("save")) {
    // To be looked at: plain text in a sandbox, whatever it contains.
    response.content_type = "text/plain; charset=utf-8";
    response.headers.clear();
    response.headers.emplace_back("Content-Disposition", "inline");
  }
  return response;
}

}  // namespace alphamail
