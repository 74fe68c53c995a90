// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_facts.h"

#include <functional>

namespace alphamail {

HtmlFactsCache& HtmlFactsCache::of_this_child() {
  static HtmlFactsCache cache;
  return cache;
}

HtmlFactsCache::Place& HtmlFactsCache::place_of(const std::string& name) {
  return places_[std::hash<std::string>()(name) % kPlaces];
}

std::optional<HtmlFacts> HtmlFactsCache::find(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const Place& place = place_of(name);
  if (place.name != name) return std::nullopt;
  return place.facts;
}

void HtmlFactsCache::keep(const std::string& name, const HtmlFacts& facts) {
  if (name.size() > kLongestName) return;
  const std::lock_guard lock(mutex_);
  place_of(name) = {name, facts};
}

}  // namespace alphamail
