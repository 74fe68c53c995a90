// SPDX-License-Identifier: GPL-3.0-or-later
// What this child of httpd knows of documents that it has looked at: a few facts of each, never what is in them. So a
// message's page need not have its document read and parsed again, which its frame does anyhow.
#ifndef MOD_ALPHAMAIL_HTML_FACTS_H
#define MOD_ALPHAMAIL_HTML_FACTS_H

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>

#include "mod_alphamail/html_body.h"

namespace alphamail {

/// A fixed number of places; a new one takes the place of one that falls on it. All threads at once.
class HtmlFactsCache {
 public:
  static constexpr std::size_t kPlaces = 256;
  static constexpr std::size_t kLongestName = 1000;

  static HtmlFactsCache& of_this_child();

  /// @param name  whose document it is, and which: compared to the last byte
  std::optional<HtmlFacts> find(const std::string& name);
  void keep(const std::string& name, const HtmlFacts& facts);

 private:
  struct Place {
    std::string name;
    HtmlFacts facts;
  };
  Place& place_of(const std::string& name);

  std::mutex mutex_;
  std::array<Place, kPlaces> places_;
};

}  // namespace alphamail

#endif
