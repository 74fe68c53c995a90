// SPDX-License-Identifier: GPL-3.0-or-later
// The two halves of reading a configuration: the text (config.cc) and the files it names
// (config_files.cc), with the report that both write mistakes to.
#ifndef COMMON_CONFIG_FILES_H
#define COMMON_CONFIG_FILES_H

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config.h"

namespace alphamail {

/// Mistakes of one file, to be told all at once.
class ConfigReport {
 public:
  explicit ConfigReport(std::string file) : file_(std::move(file)) {}
  void add(int line, std::string reason);  ///< line 0 = the file as a whole
  bool empty() const { return mistakes_.empty(); }
  /// kInvalid with a "file:line: reason" a line, in the order of the file.
  Error error() const;

 private:
  std::string file_;
  std::vector<std::pair<int, std::string>> mistakes_;
};

struct ParsedConfig {
  Config config;
  std::map<std::string, int> lines;  ///< where each key that the file has was set
  ConfigReport report;
};

ParsedConfig parse_with_lines(std::string_view text, const std::string& name);

}  // namespace alphamail

#endif
