// SPDX-License-Identifier: GPL-3.0-or-later
// Files that stand uuencoded in the middle of a text, as mailers sent them before MIME: found and
// decoded line by line, as the text streams by.
#ifndef MOD_ALPHAMAIL_UUENCODE_H
#define MOD_ALPHAMAIL_UUENCODE_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace alphamail {

struct UuFile {
  std::string name;         ///< cleaned by clean_file_name(); never empty
  std::uint64_t size = 0;   ///< decoded bytes
  bool whole = false;       ///< its end was met
  std::string beginning;    ///< the first decoded bytes, at most UuFilter::kBeginning
};

/// Takes a text apart into what people read and the files between. A block counts only where a line
/// "begin MODE NAME" is followed by lines that are uuencoded; everything else stays text.
class UuFilter {
 public:
  static constexpr std::size_t kFiles = 100;      ///< of one text; later ones stay text
  static constexpr std::size_t kBeginning = 4096;

  /// @param wanted  index of the file whose bytes go to `file` of add(); npos: of none
  explicit UuFilter(std::size_t wanted = std::string::npos) : wanted_(wanted) {}

  /// Appends what is text to `text`, decoded bytes of the wanted file to `file`. What does not end in a
  /// line end is kept for the next piece.
  void add(std::string_view piece, std::string& text, std::string& file);
  void finish(std::string& text, std::string& file);

  const std::vector<UuFile>& files() const { return files_; }
  /// Bytes kept back that are text, unless what follows makes a file of them.
  std::size_t kept_back() const { return inside_ ? 0 : held_.size() + begin_.size(); }
  /// The wanted file is over: nothing more will come of it.
  bool past_wanted() const { return files_.size() > wanted_ && !(inside_ && files_.size() - 1 == wanted_); }

 private:
  void line(std::string_view line, std::string& text, std::string& file);
  void release(std::string& text);

  std::size_t wanted_;
  std::vector<UuFile> files_;
  std::string held_;    ///< of a line whose end has not come
  std::string begin_;   ///< a "begin" line, as long as it is not known what follows
  std::string name_;    ///< of the file it begins
  bool inside_ = false;
  bool long_ = false;   ///< the rest of a line that was too long to be looked at
};

}  // namespace alphamail

#endif
