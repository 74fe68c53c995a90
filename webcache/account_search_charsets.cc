// SPDX-License-Identifier: GPL-3.0-or-later
// Which messages a search can ask the server about: those in charsets that it reads (readable_charsets.h).
// The others are read.
#include <algorithm>

#include "common/characters.h"
#include "common/mime_text.h"
#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/body_search.h"
#include "webcache/search.h"

namespace alphamail {
namespace {

// Structures asked for by one command.
constexpr std::size_t kAtOnce = 100;

bool is_plain(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

struct PlainWords {
  std::vector<std::string> words;
  bool behind = false;  // a letter beyond ASCII: some servers read until there, or lose what stands about it
};

// Some words of plain letters out of the beginning of a text, from all over it, which has them only behind its first
// other letter where there is one.
PlainWords plain_words(std::string_view raw, const TextPart& part) {
  constexpr std::size_t kLong = 5, kMost = 12;
  std::string text = to_utf8(decode_transfer(raw, part.encoding), part.charset);
  if (part.html) text = html_to_text(text, raw.size());
  const auto other = std::find_if_not(text.begin(), text.end(), is_plain);
  const bool behind = other != text.end();
  const std::string before = behind ? lower(std::string_view(text.begin(), other)) : std::string();
  const std::string_view searched = behind ? std::string_view(other, text.end()) : std::string_view(text);
  std::vector<std::string> all;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < searched.size(); ++i) {  // the last one may be cut
    if (is_letter(searched[i])) continue;
    const bool alone = is_plain(searched[i]) && (begin == 0 || is_plain(searched[begin - 1]));
    const std::string word = lower(searched.substr(begin, i - begin));
    if (alone && word.size() >= kLong && before.find(word) == before.npos) all.push_back(word);
    begin = i + 1;
  }
  PlainWords found{{}, behind};
  for (std::size_t n = std::min(all.size(), kMost), i = n; i > 0; --i) found.words.push_back(std::move(all[all.size() * i / n - 1]));
  return found;
}

bool reads_everywhere(std::string_view charset) {
  return charset.empty() || charset == "us-ascii" || charset == "utf-8";
}

}  // namespace

// Whether all that is searched of a message is in one charset: then a word that is found tells of that one.
Result<bool> Account::is_all_in(Uid uid, std::string_view charset) {
  bool all = false;
  const std::vector<Uid> one{uid};
  const auto fetched = on_server([&](ImapConnection& imap) {
    return imap.fetch_structures(
        one,
        [&](FetchedRow&& row) {
          const auto texts = searched_parts(row.parts);
          all = row.uid == uid && !texts.empty() && std::all_of(texts.begin(), texts.end(), [&](const PartInfo* part) {
            return equal_ignoring_case(charset_of(*part), charset);
          });
          return true;
        },
        step());
  });
  if (!fetched) return fetched.error();
  return all;
}

// Whether the server finds words in the text of that message. Some cannot read all charsets, and do not say
// so: of each charset it is asked for words that a message has.
Result<bool> Account::server_reads(const FolderView& view, Uid uid) {
  const IndexRow* const row = view.index->find(uid);
  const Folder& folder = folder_state(view.entry());
  const TextPart* const part = row && folder.writer ? folder.writer->text_part(*row) : nullptr;
  ReadableCharsets& charsets = searches_->charsets;
  if (!part) return !charsets.some_blind();
  const std::string charset = lower(part->charset);
  if (reads_everywhere(charset)) return true;
  if (const auto known = charsets.reads(charset)) return *known;
  if (!charsets.worth_trying(charset)) return false;
  const auto alone = is_all_in(uid, charset);
  if (!alone) return alone;
  if (!*alone) {
    charsets.taught_nothing(charset);
    return false;
  }
  constexpr std::size_t kBeginning = 16 * 1024;
  PlainWords words;
  const std::vector<Uid> one{uid};
  const auto fetched = on_server([&](ImapConnection& imap) {
    return imap.fetch_beginnings(
        one, part->section, kBeginning,
        [&](ImapConnection::Snippet&& piece) { words = plain_words(piece.text, *part); }, step());
  });
  if (!fetched) return fetched.error();
  if (words.words.empty()) {
    charsets.taught_nothing(charset);
    return false;
  }
  SearchProgram program;
  for (std::string& word : words.words) program.all.push_back({{SearchKey::Kind::kBody, std::move(word)}});
  const auto found = on_server([&](ImapConnection& imap) { return imap.search(one, program, step()); });
  if (!found && found.error().code != Code::kServerSaid) return found.error();
  if (!found) return false;
  charsets.tried(charset, words.behind, !found->empty());
  return charsets.reads(charset).value_or(false);  // what follows a plain beginning may not be
}

// Those of them all of whose texts the server is known to read.
Result<std::vector<Uid>> Account::wholly_readable(std::span<const Uid> uids) {
  std::vector<Uid> readable;
  for (std::span<const Uid> left = uids; !left.empty();) {
    const auto some = left.first(std::min(left.size(), kAtOnce));
    left = left.subspan(some.size());
    const auto fetched = on_server([&](ImapConnection& imap) {
      return imap.fetch_structures(
          some,
          [&](FetchedRow&& row) {
            const auto texts = searched_parts(row.parts);
            const bool all = std::all_of(texts.begin(), texts.end(), [&](const PartInfo* part) {
              const std::string charset = lower(charset_of(*part));
              return reads_everywhere(charset) || searches_->charsets.reads(charset).value_or(false);
            });
            if (all) readable.push_back(row.uid);
            return true;
          },
          step());
    });
    if (!fetched) return fetched.error();
  }
  std::sort(readable.begin(), readable.end());
  return readable;
}

}  // namespace alphamail
