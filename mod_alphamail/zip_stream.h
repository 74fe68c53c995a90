// SPDX-License-Identifier: GPL-3.0-or-later
// A zip archive written as its files stream by (libarchive): sizes need not be known before, names are
// UTF-8, nothing is kept but a piece.
#ifndef MOD_ALPHAMAIL_ZIP_STREAM_H
#define MOD_ALPHAMAIL_ZIP_STREAM_H

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "common/result.h"
#include "mod_alphamail/response.h"

struct archive;

namespace alphamail {

class ZipStream {
 public:
  /// The sink must outlive it.
  explicit ZipStream(const Sink& sink);
  ~ZipStream();
  ZipStream(const ZipStream&) = delete;
  ZipStream& operator=(const ZipStream&) = delete;

  /// Begins a file; the one before ends. A name that was there before gets a number: "a (2).txt".
  /// @param name  clean_file_name()'s; @param time  seconds since 1970
  Result<void> add(std::string_view name, std::int64_t time);
  Result<void> write(std::string_view bytes);
  Result<void> finish();

  /// The browser is gone: what failed is nobody's fault.
  bool gone() const { return gone_; }

 private:
  std::string name_for(std::string_view name);
  Error failure(const char* doing) const;

  const Sink& sink_;
  archive* archive_;
  std::set<std::string> names_;  ///< lower case, since others' file systems see no difference
  bool gone_ = false;
};

}  // namespace alphamail

#endif
