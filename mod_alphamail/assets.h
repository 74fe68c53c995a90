// SPDX-License-Identifier: GPL-3.0-or-later
// Style sheet, sprite, mark, logo: files under templates/assets/ that every page refers to. Each has
// its content's hash in its name, so that browsers keep it for a year and a new one is seen at once.
#ifndef MOD_ALPHAMAIL_ASSETS_H
#define MOD_ALPHAMAIL_ASSETS_H

#include <map>
#include <string>
#include <string_view>

#include "common/config.h"
#include "common/result.h"

struct request_rec;

namespace alphamail {

class Assets {
 public:
  struct File {
    std::string url;           ///< whole path from the root, with the hash
    std::string content_type;
    std::string path;          ///< the file as it is; served from `memory` where empty
    std::string path_br;       ///< the same compressed, "" where there is none
    std::string path_gz;
    std::string memory;        ///< the style sheet with the site's colour in it
  };

  /// Reads directory/*, leaving *.br and *.gz to their originals. "logo" is config.site_logo, where set.
  /// @param mount  what every address begins with, without a slash at the end
  static Result<Assets> load(const std::string& directory, const std::string& mount,
                             const Config& config);

  /// The address of an asset by its plain name: url("alphamail.css") gives
  /// "/alphamail/assets/alphamail-3f9c02d1ab.css"; "" for a name that is not there.
  std::string_view url(std::string_view name) const;
  /// By the last part of its address; null where nothing has that name.
  const File* find(std::string_view hashed_name) const;

 private:
  Result<void> add(const std::string& name, const std::string& path, const std::string& mount,
                   const std::string& color);
  std::map<std::string, File, std::less<>> by_hashed_name_;
  std::map<std::string, std::string, std::less<>> url_by_name_;
};

}  // namespace alphamail

#endif
