// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/compose_upload.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "common/characters.h"
#include "common/mime_text.h"
#include "common/seal.h"
#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/csrf.h"
#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/multipart_reader.h"
#include "mod_alphamail/spool_writer.h"
#include "mod_alphamail/ui_log.h"

namespace alphamail {
namespace {

/// All fields that are no files, together: a text of 20 MB and some.
constexpr std::size_t kFieldBytes = 24 << 20;
constexpr std::size_t kFields = 1000;
constexpr std::size_t kFileName = 1000;

class FormHandler final : public MultipartReader::Handler {
 public:
  explicit FormHandler(Exchange& x) : x_(x) {
    limit_ = std::uint64_t{x.request.site.config.upload_limit_mb} * 1000000;
    // What a browser announces of its form is at least what is in it, so more than that need not begin.
    announced_ = std::strtoull(std::string(header_of(x.r, "Content-Length")).c_str(), nullptr, 10);
  }

  Result<void> begin(const MultipartReader::Head& head) override {
    head_ = head;
    bytes_ = 0;
    state_ = head.file ? State::kSkip : State::kField;
    if (!head.file) {
      if (x_.request.form.all.size() >= kFields) return Error{Code::kInvalid, "the form has too many fields"};
      x_.request.form.all.emplace_back(valid_utf8(head.name), "");
      return {};
    }
    if (head.name == "attachments" && x_.request.session) state_ = State::kUnknown;  // an empty one is none
    return {};
  }

  Result<void> data(std::string_view bytes) override {
    bytes_ += bytes.size();
    if (state_ == State::kField) {
      field_bytes_ += bytes.size();
      if (field_bytes_ > kFieldBytes) return Error{Code::kTooLarge, "the text of the form is too long"};
      x_.request.form.all.back().second += bytes;
      return {};
    }
    if (state_ == State::kUnknown) open_file();
    if (state_ == State::kFile) write(bytes);
    return {};
  }

  Result<void> end() override {
    if (state_ == State::kField) clean_last();
    if (state_ == State::kUnknown && !head_.file_name.empty()) open_file();  // a file of no bytes is one
    if (state_ == State::kFile) close_file();
    if (state_ == State::kRefused) x_.request.refused_uploads.push_back({name_, bytes_, room_, why_});
    return {};
  }

  /// The form ended before its end did: what had begun is not kept.
  void cut() {
    if (state_ == State::kFile) {
      WebcacheClient webcache = client();
      if (writer_) (void)webcache.spool_delete(caller(), wire::SpoolKind::Upload, writer_->id());
      writer_.reset();
      x_.request.refused_uploads.push_back({name_, bytes_, 0, Code::kInvalid});
    }
    if (state_ == State::kField && !x_.request.form.all.empty()) clean_last();
  }

 private:
  enum class State { kField, kSkip, kUnknown, kFile, kRefused };

  /// Browsers send UTF-8; whoever sends something else sees it as far as it can be read.
  void clean_last() {
    auto& [name, text] = x_.request.form.all.back();
    if (!is_ascii(text)) text = valid_utf8(text);
    // NUL is nowhere text. In a field of one line it stays a control character, which is then complained of.
    std::replace(text.begin(), text.end(), '\0', name == "body" ? ' ' : '\x1A');
  }

  WebcacheClient client() const { return WebcacheClient(*x_.request.site.lane, Deadline::in(x_.request.site.deadline)); }
  Caller caller() const { return x_.request.session->caller(); }

  void refuse(Code why) {
    state_ = State::kRefused;
    why_ = why;
    writer_.reset();
  }

  std::uint64_t attached() const {
    std::uint64_t bytes = 0;
    for (const auto& [name, value] : x_.request.form.all) {
      if (name != "att") continue;
      if (const auto a = ComposeAttachment::of(value)) bytes += a->size;
    }
    return bytes;
  }

  void open_file() {
    std::string name = valid_utf8(std::string_view(head_.file_name).substr(0, kFileName));
    name_ = clean_file_name(name);
    if (name_.empty()) name_ = "file";
    const Fields& form = x_.request.form;
    if (!is_form_token(x_.request.session->keys.token, form.get("token"))) {
      state_ = State::kSkip;  // and the form itself is refused behind it
      return;
    }
    const std::uint64_t there = attached();
    room_ = limit_ - std::min(limit_, there);
    const auto count = std::count_if(form.all.begin(), form.all.end(), [](const auto& f) { return f.first == "att"; });
    if (static_cast<std::size_t>(count) >= ComposeForm::kAttachments) return refuse(Code::kBusy);
    if (room_ == 0 && bytes_ > 0) return refuse(Code::kTooLarge);
    // Another 24 MB of the form may be its text.
    if (announced_ > limit_ + kFieldBytes + (1 << 20)) return refuse(Code::kTooLarge);
    webcache_.emplace(client());
    caller_.emplace(caller());
    auto begun = SpoolWriter::begin(*webcache_, *caller_, wire::SpoolKind::Upload, {}, {.note = std::string_view(name_).substr(0, 1000), .lane = x_.request.site.lane.get()});
    if (!begun) return trouble(begun.error());
    writer_.emplace(std::move(*begun));
    state_ = State::kFile;
  }

  void trouble(const Error& error) {
    const bool usual = error.code == Code::kTooLarge || error.code == Code::kStorage;
    if (!usual) log_problem(x_.request, Severity::kWarning, 150, "an upload was not kept: " + words_of(error));
    if (error.code == Code::kTooLarge) return refuse(Code::kThrottled);  // it has the room of a message, so it is the spool's
    refuse(error.code == Code::kInvalid || error.code == Code::kBusy ? Code::kInternal : error.code);
  }

  void write(std::string_view bytes) {
    if (bytes_ > room_) {
      WebcacheClient webcache = client();
      (void)webcache.spool_delete(caller(), wire::SpoolKind::Upload, writer_->id());
      return refuse(Code::kTooLarge);
    }
    webcache_.emplace(client());  // a slow line has its time: the deadline is that of a question
    if (const auto done = writer_->write(as_bytes(bytes)); !done) trouble(done.error());
  }

  void close_file() {
    webcache_.emplace(client());
    const auto size = writer_->finish();
    if (!size) {
      trouble(size.error());
      x_.request.refused_uploads.push_back({name_, bytes_, room_, why_});
      state_ = State::kSkip;
      return;
    }
    ComposeAttachment a;
    a.id = writer_->id();
    a.size = *size;
    a.type = head_.type.substr(0, 127);
    a.name = name_;
    if (!is_printable_ascii(a.type) || a.type.empty()) a.type = "application/octet-stream";
    x_.request.form.all.emplace_back("att", a.word());
    writer_.reset();
    state_ = State::kSkip;
  }

  Exchange& x_;
  std::uint64_t limit_ = 0, announced_ = 0;
  MultipartReader::Head head_;
  State state_ = State::kSkip;
  std::uint64_t bytes_ = 0, room_ = 0;
  std::size_t field_bytes_ = 0;
  std::string name_;
  Code why_ = Code::kInternal;
  std::optional<WebcacheClient> webcache_;
  std::optional<Caller> caller_;
  std::optional<SpoolWriter> writer_;
};

}  // namespace

Result<void> read_compose_form(Exchange& x) {
  const std::string boundary = MultipartReader::boundary_of(header_of(x.r, "Content-Type"));
  if (boundary.empty()) return read_form(x, kFieldBytes, Fields::kMostOfTicked);
  FormHandler handler(x);
  MultipartReader reader(boundary, handler);
  const auto read = read_body(x.r, [&](std::string_view bytes) { return reader.add(bytes); });
  const auto done = read ? reader.finish() : read;
  x.request.deadline = Deadline::in(x.request.site.deadline);
  if (done) return {};
  handler.cut();
  const bool anything = x.request.form.has("token") && done.error().code != Code::kTooLarge;
  if (!anything) return done;
  x.request.upload_trouble = words_of(done.error());
  log_problem(x.request, Severity::kInfo, 151, "a form with files did not arrive whole: " + x.request.upload_trouble);
  return {};
}

}  // namespace alphamail
