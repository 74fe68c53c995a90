// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/zip_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <cerrno>
#include <span>

#include "common/characters.h"

namespace alphamail {
namespace {

struct FreeEntry {
  void operator()(archive_entry* entry) const noexcept { archive_entry_free(entry); }
};

/// libarchive marks names as UTF-8 where the thread's locale is; httpd's is "C".
class Utf8Locale {
 public:
  Utf8Locale() : mine_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (mine_ != nullptr) before_ = uselocale(mine_);
  }
  ~Utf8Locale() {
    if (mine_ == nullptr) return;
    uselocale(before_);
    freelocale(mine_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t mine_;
  locale_t before_ = nullptr;
};

}  // namespace

ZipStream::ZipStream(const Sink& sink) : sink_(sink), archive_(archive_write_new()) {
  if (archive_ == nullptr) return;
  archive_write_set_format_zip(archive_);
  // What is worth it is most often packed already; the little that is not costs little so.
  archive_write_set_format_option(archive_, "zip", "compression-level", "1");
  archive_write_set_bytes_per_block(archive_, 0);
  const auto put = [](archive*, void* self, const void* bytes, size_t length) -> la_ssize_t {
    ZipStream& zip = *static_cast<ZipStream*>(self);
    if (zip.gone_ || !zip.sink_({static_cast<const std::byte*>(bytes), length})) {
      zip.gone_ = true;
      return -1;
    }
    return static_cast<la_ssize_t>(length);
  };
  archive_write_open2(archive_, this, nullptr, put, nullptr, nullptr);
}

ZipStream::~ZipStream() {
  if (archive_ == nullptr) return;
  gone_ = true;  // what is unfinished stays so: a cut archive must not look whole
  archive_write_free(archive_);
}

Error ZipStream::failure(const char* doing) const {
  const char* why = archive_ != nullptr ? archive_error_string(archive_) : "out of memory";
  return Error{Code::kInternal, std::string("zip: ") + doing + ": " + (why != nullptr ? why : "unknown"), 0};
}

std::string ZipStream::name_for(std::string_view name) {
  std::string wanted(name);
  const std::size_t dot = name.rfind('.');
  const std::size_t stem = dot == std::string_view::npos || dot == 0 ? name.size() : dot;
  for (unsigned number = 2; !names_.insert(lower(wanted)).second; ++number)
    wanted = std::string(name.substr(0, stem)) + " (" + std::to_string(number) + ")" + std::string(name.substr(stem));
  return wanted;
}

Result<void> ZipStream::add(std::string_view name, std::int64_t time) {
  if (archive_ == nullptr) return failure("opening");
  const Utf8Locale utf8;
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new2(archive_));
  if (!entry) return failure("naming a file");
  archive_entry_set_pathname(entry.get(), name_for(name).c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), static_cast<time_t>(time), 0);
  archive_entry_unset_size(entry.get());
  return archive_write_header(archive_, entry.get()) >= ARCHIVE_WARN ? Result<void>() : failure("beginning a file");
}

Result<void> ZipStream::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const la_ssize_t taken = archive_write_data(archive_, bytes.data(), bytes.size());
    if (taken <= 0) return failure("writing");
    bytes.remove_prefix(static_cast<std::size_t>(taken));
  }
  return {};
}

Result<void> ZipStream::finish() {
  const Utf8Locale utf8;
  return archive_ != nullptr && archive_write_close(archive_) == ARCHIVE_OK ? Result<void>() : failure("ending");
}

}  // namespace alphamail
