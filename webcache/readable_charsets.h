// SPDX-License-Identifier: GPL-3.0-or-later
// In texts of which charsets a server finds words, as trials have shown. Servers that cannot read one do not
// say so: they find nothing in it, or what stands before the first letter beyond ASCII.
#ifndef WEBCACHE_READABLE_CHARSETS_H
#define WEBCACHE_READABLE_CHARSETS_H

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace alphamail {

/// Charsets by their names in small letters. One thread.
class ReadableCharsets {
 public:
  static constexpr std::size_t kMost = 60;    ///< of more nothing is kept
  static constexpr unsigned kEnoughPlain = 8; ///< words found in plain texts that stand for all texts
  static constexpr unsigned kFruitless = 20;  ///< texts without a word to ask for, after which none is looked at

  /// Nothing where trials have not shown it yet.
  std::optional<bool> reads(const std::string& charset) const {
    const auto known = known_.find(charset);
    return known == known_.end() ? std::nullopt : known->second.reads;
  }
  /// @param behind  the word stands behind a letter beyond ASCII
  void tried(const std::string& charset, bool behind, bool found) {
    if (known_.size() >= kMost && !known_.contains(charset)) return;
    Trials& trials = known_[charset];
    if (!found) some_blind_ = true;
    if (!found || behind || ++trials.plain >= kEnoughPlain) trials.reads = found;
  }
  /// Texts that are not Latin have few words that could be asked for.
  bool worth_trying(const std::string& charset) const {
    const auto known = known_.find(charset);
    return known == known_.end() ? known_.size() < kMost : known->second.fruitless < kFruitless;
  }
  void taught_nothing(const std::string& charset) {
    if (known_.size() < kMost || known_.contains(charset)) ++known_[charset].fruitless;
  }
  bool some_blind() const { return some_blind_; }

 private:
  struct Trials {
    std::optional<bool> reads;
    unsigned plain = 0;  // words found in texts of plain letters
    unsigned fruitless = 0;
  };
  std::map<std::string, Trials> known_;
  bool some_blind_ = false;
};

}  // namespace alphamail

#endif
