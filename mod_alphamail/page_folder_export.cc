// SPDX-License-Identifier: GPL-3.0-or-later
// All of a folder as one file, written as its messages come from the daemon: mbox in the form called mboxrd, in
// which each line that begins with any number of '>' and "From " gets one '>' more, so that nothing is lost; or a
// zip archive with a file a message. A message that is deleted meanwhile is left out.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <utility>
#include <vector>

#include "common/characters.h"
#include "common/mailbox_name.h"
#include "common/mime_text.h"
#include "mod_alphamail/folder_pages.h"
#include "mod_alphamail/header_fields.h"
#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/part_stream.h"
#include "mod_alphamail/zip_stream.h"

namespace alphamail {

namespace {

constexpr std::uint32_t kAtOnce = 20000;  ///< UIDs of one question

/// Who takes the messages, one after the other.
class Packer {
 public:
  virtual ~Packer() = default;
  /// @param head  its first bytes
  virtual Result<void> begin(std::uint32_t uid, std::string_view head) = 0;
  virtual Result<void> add(std::string_view bytes) = 0;
  virtual Result<void> end() = 0;
  virtual Result<void> finish() = 0;
  virtual bool gone() const = 0;  ///< the browser is
};

/// The first field of this name, unfolded; "".
std::string header_field(std::string_view head, std::string_view name) {
  // A body that begins without an empty line is none of a header's business.
  const std::size_t end = std::min(head.find("\r\n\r\n"), head.size());
  HeaderFields fields(head.substr(0, end));
  HeaderField field;
  while (fields.next(field)) {
    if (field.name == name) return unfolded(field.value);
  }
  return {};
}

std::int64_t date_of(std::string_view head) {
  return parse_date(header_field(head, "date")).value_or(std::time(nullptr));
}

class Mbox final : public Packer {
 public:
  explicit Mbox(const Sink& sink) : sink_(sink) {}

  Result<void> begin(std::uint32_t, std::string_view head) override {
    const std::time_t when = date_of(head);
    std::tm parts{};
    ::gmtime_r(&when, &parts);
    // In English whatever the locale: other programs read it.
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char line[80];
    const int length = std::snprintf(line, sizeof line, "From MAILER-DAEMON %s %s %2d %02d:%02d:%02d %d\n", kDays[parts.tm_wday],
                                     kMonths[parts.tm_mon], parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                                     parts.tm_year + 1900);
    return put({line, static_cast<std::size_t>(length)});
  }

  // Lines may be cut anywhere by pieces: what could be the beginning of a "From " line is kept back.
  Result<void> add(std::string_view bytes) override {
    std::string out;
    out.reserve(bytes.size() + 64);
    for (const char c : bytes) {
      if (c == '\r') {
        // Lines of IMAP end in CRLF, those of mbox in LF.
        if (cr_) take('\r', out);
        cr_ = true;
        continue;
      }
      if (std::exchange(cr_, false) && c != '\n') take('\r', out);
      take(c, out);
    }
    return put(out);
  }

  Result<void> end() override {
    std::string out;
    if (std::exchange(cr_, false)) take('\r', out);
    out += begun_;
    const bool whole = begun_.empty() && at_begin_;
    begun_.clear();
    at_begin_ = true;
    out += whole ? "\n" : "\n\n";
    return put(out);
  }

  Result<void> finish() override { return {}; }
  bool gone() const override { return gone_; }

 private:
  void take(char c, std::string& out) {
    constexpr std::string_view kFrom = "From ";
    if (at_begin_) {
      begun_ += c;
      const std::size_t quotes = std::min(begun_.find_first_not_of('>'), begun_.size());
      const std::string_view rest = std::string_view(begun_).substr(quotes);
      if (kFrom.starts_with(rest) && rest.size() < kFrom.size() && begun_.size() < kLongest) return;
      if (rest == kFrom) out += '>';
      out += begun_;
      begun_.clear();
      at_begin_ = c == '\n';
      return;
    }
    out += c;
    at_begin_ = c == '\n';
  }
  Result<void> put(std::string_view bytes) {
    if (!bytes.empty() && !sink_(std::as_bytes(std::span(bytes)))) gone_ = true;
    return gone_ ? Result<void>(Error{Code::kUnreachable, "the browser is gone"}) : Result<void>();
  }

  static constexpr std::size_t kLongest = 1000;  // '>' at the beginning of a line
  const Sink& sink_;
  std::string begun_;  // of a line, as far as it may become one that begins with "From "
  bool at_begin_ = true, cr_ = false, gone_ = false;
};

class Zip final : public Packer {
 public:
  explicit Zip(const Sink& sink) : zip_(sink) {}
  Result<void> begin(std::uint32_t uid, std::string_view head) override {
    std::string subject = decode_header(header_field(head, "subject"));
    std::string name = std::to_string(uid);
    if (!subject.empty()) name += " " + std::string(cut_utf8(subject, 100));
    return zip_.add(clean_file_name(name + ".eml"), date_of(head));
  }
  Result<void> add(std::string_view bytes) override { return zip_.write(bytes); }
  Result<void> end() override { return {}; }
  Result<void> finish() override { return zip_.finish(); }
  bool gone() const override { return zip_.gone(); }

 private:
  ZipStream zip_;
};

struct Exported {
  const Request& request;
  std::string folder;
  bool zip;
  std::uint32_t validity;
  std::vector<std::uint32_t> uids;  // the first of them
  bool more;
};

/// @return false where the message is not there any more
Result<bool> pack_message(const Exported& about, std::uint32_t uid, Packer& packer) {
  constexpr std::size_t kHead = 16 * 1024;
  WebcacheClient webcache(*about.request.site.lane, download_deadline());
  auto reply = webcache.part(about.request.session->caller(), about.folder, uid, about.validity, "", 0);
  if (!reply && reply.error().code == Code::kNotFound) return false;
  if (!reply) return reply.error();
  PartStream part(std::move(*reply), "");
  if (auto begun = part.begin(kHead); !begun) {
    // The stream of one that went in this moment ends before it begins.
    if (part.begun().empty()) return false;
    return begun.error();
  }
  if (auto begun = packer.begin(uid, part.begun()); !begun) return begun.error();
  std::string piece;
  while (true) {
    if (auto got = part.next(piece); !got) return got.error();
    if (piece.empty()) break;
    if (auto added = packer.add(piece); !added) return added.error();
  }
  if (auto ended = packer.end(); !ended) return ended.error();
  return true;
}

Result<void> pack_all(Exported& about, Packer& packer) {
  for (;;) {
    for (const std::uint32_t uid : about.uids) {
      const auto packed = pack_message(about, uid, packer);
      if (!packed && packer.gone()) return {};
      if (!packed) return packed.error().while_doing("saving message " + std::to_string(uid));
    }
    if (!about.more || about.uids.empty()) break;
    WebcacheClient webcache(*about.request.site.lane, download_deadline());
    auto next = webcache.uids(about.request.session->caller(), about.folder, about.uids.back(), kAtOnce);
    if (!next) return next.error();
    if ((*next)->uid_validity() != about.validity) return Error{Code::kChanged, "the folder was made anew meanwhile"};
    about.uids.assign((*next)->uids()->begin(), (*next)->uids()->end());
    about.more = (*next)->more();
  }
  const auto done = packer.finish();
  return packer.gone() ? Result<void>() : done;
}

}  // namespace

Result<Response> page_folder_export(const Request& request) {
  const std::string folder(request.query.get("folder"));
  const std::string_view as = request.query.get("as");
  if (as != "mbox" && as != "zip") return Error{Code::kInvalid, "a folder is saved as mbox or zip"};
  if (!is_address(folder)) return Error{Code::kNotFound, "no such folder"};
  auto uids = request.webcache().uids(request.session->caller(), folder, 0, kAtOnce);
  if (!uids) return uids.error().while_doing("listing the messages of a folder");
  auto about = std::make_shared<Exported>(Exported{request, folder, as == "zip", (*uids)->uid_validity(), {}, (*uids)->more()});
  about->uids.assign((*uids)->uids()->begin(), (*uids)->uids()->end());
  std::string name;
  for (const std::string& level : levels_of(folder)) name += (name.empty() ? "" : " - ") + level;
  name = clean_file_name(std::string(cut_utf8(name, 150)) + (about->zip ? ".zip" : ".mbox"));
  Response response;
  response.policy = Policy::kDownload;
  response.content_type = about->zip ? "application/zip" : "application/mbox";
  response.headers.emplace_back("Content-Disposition", content_disposition(name));
  response.stream = [about](const Sink& sink) -> Result<void> {
    if (about->zip) {
      Zip packer(sink);
      return pack_all(*about, packer);
    }
    Mbox packer(sink);
    return pack_all(*about, packer);
  };
  return response;
}

}  // namespace alphamail
