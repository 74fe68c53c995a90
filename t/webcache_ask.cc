// SPDX-License-Identifier: GPL-3.0-or-later
// A small client of the webcache for tests: asks questions over one lane and prints each answer as
// one line of JSON.
//
//   webcache_ask SOCKET            reads questions from standard input, a line each:
//     login HANDLE USER DOMAIN NETWORK PASSWORD
//     resume HANDLE USER DOMAIN KEY_HEX SEALED_HEX [ACCOUNT_KEY_HEX]
//     keep_key HANDLE KEY_HEX
//     seal USER DOMAIN PASSWORD                     (asks nobody; prints key and sealed)
//     logout HANDLE
//     folder HANDLE FOLDER PAGE ROWS [refresh] [SORT] [asc] [LOCALE]   (a word for none: -)
//     message HANDLE FOLDER UID ROWS [peek] [SORT] [asc] [LOCALE] [REPORT] [SEARCH]
//       and of both, anywhere behind it: filters=BITS since=SECONDS query=TEXT zone=SECONDS me=ADDRESS,...
//       moments=SECONDS,... (what is chosen, and counted)
//     part HANDLE FOLDER UID UIDVALIDITY SECTION LIMIT   (SECTION "-" is the whole message)
//     folders HANDLE [anew|-] [sizes]
//     change HANDLE CHANGE FOLDER [TARGET]          (CHANGE as in protocol.fbs: Create, Rename, ...)
//     roles HANDLE [ROLE FOLDER]...
//     uids HANDLE FOLDER [ABOVE] [MOST]
//     quotas HANDLE [anew]
//     largest HANDLE [MOST]
//     search HANDLE QUERY [NAME=VALUE]...           (folder, below=1, page, rows, sort, order=asc, locale, zone, me,
//                                                    search, anew=1, wait)
//     stop_search HANDLE SEARCH
//     act HANDLE FOLDER UIDVALIDITY ACTION TARGET REPORT UID:IDENTITY...   (or all:BELOW)
//     undo HANDLE REPORT
//     report HANDLE REPORT WAIT_MS
//     status
//     raw HEX                                       (a request as it stands)
//     deadline MILLISECONDS                         (of the questions that follow)
//     repeat N QUESTION...                          (asks N times, prints the time of each in us)
//     parallel N QUESTION...                        (asks N times at once, prints all answers)
//   Words are separated by TAB.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "common/lane_client.h"
#include "common/protocol_generated.h"
#include "common/seal.h"
#include "t/code_name.h"

namespace alphamail {
namespace {

using flatbuffers::FlatBufferBuilder;
using Words = std::vector<std::string>;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char ch : text) {
    const auto c = static_cast<unsigned char>(ch);
    char hex[8];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += ch;
    } else if (c < 0x20) {
      std::snprintf(hex, sizeof hex, "\\u%04x", c);
      out += hex;
    } else {
      out += ch;
    }
  }
  return out + '"';
}

std::string str(const flatbuffers::String* s) {
  return quoted(s ? s->string_view() : "");
}

std::string hex(std::span<const std::byte> bytes) {
  std::string out;
  char two[3];
  for (const std::byte b : bytes) {
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(b));
    out += two;
  }
  return out;
}

Bytes unhex(const std::string& text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return out;
}

template <typename List, typename Show>
std::string list(const List* items, Show&& show) {
  std::string out = "[";
  if (items) {
    for (const auto* item : *items) {
      if (out.size() > 1) out += ", ";
      out += show(*item);
    }
  }
  return out + "]";
}

std::string show(const wire::Folder& f) {
  return "{\"address\": " + str(f.address()) + ", \"name\": " + str(f.name()) +
         ", \"depth\": " + std::to_string(f.depth()) +
         ", \"role\": " + quoted(wire::EnumNameRole(f.role())) +
         ", \"selectable\": " + (f.selectable() ? "true" : "false") +
         ", \"unread\": " + std::to_string(f.unread()) +
         ", \"total\": " + std::to_string(f.total()) +
         ", \"counted\": " + (f.counted() ? "true" : "false") +
         ", \"subscribed\": " + (f.subscribed() ? "true" : "false") +
         ", \"size\": " + std::to_string(f.size()) +
         ", \"space\": " + quoted(wire::EnumNameSpace(f.space())) +
         ", \"can_change\": " + (f.can_change() ? "true" : "false") + "}";
}

std::string show(const wire::Quota& q) {
  return "{\"root\": " + str(q.root()) + ", \"resource\": " + str(q.resource()) +
         ", \"used\": " + std::to_string(q.used()) + ", \"limit\": " + std::to_string(q.limit()) + "}";
}

std::string places(const flatbuffers::Vector<std::uint8_t>* labels) {
  std::string out = "[";
  for (std::size_t i = 0; labels && i < labels->size(); ++i)
    out += (i == 0 ? "" : ", ") + std::to_string(labels->Get(static_cast<unsigned>(i)));
  return out + "]";
}

std::string names(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* all) {
  return list(all, [](const flatbuffers::String& s) { return quoted(s.string_view()); });
}

std::string show(const wire::Row& r) {
  return "{\"uid\": " + std::to_string(r.uid()) + ", \"flags\": " + std::to_string(r.flags()) +
         ", \"arrived\": " + std::to_string(r.arrived()) +
         ", \"sent\": " + std::to_string(r.sent()) + ", \"size\": " + std::to_string(r.size()) +
         ", \"from\": " + str(r.from()) + ", \"from_address\": " + str(r.from_address()) +
         ", \"subject\": " + str(r.subject()) + ", \"snippet\": " + str(r.snippet()) +
         ", \"attachment\": " + str(r.attachment()) +
         ", \"identity\": " + std::to_string(r.identity()) + ", \"labels\": " + places(r.labels()) + "}";
}

std::string show(const wire::Part& p) {
  return "{\"section\": " + str(p.section()) +
         ", \"type\": " + quoted(p.type()->str() + "/" + p.subtype()->str()) +
         ", \"size\": " + std::to_string(p.size()) + ", \"encoding\": " + str(p.encoding()) + "}";
}

std::string show(const Error& error) {
  return "{\"error\": " + quoted(code_name(error.code)) +
         ", \"detail\": " + quoted(error.detail) +
         ", \"retry_after\": " + std::to_string(error.retry_after) + "}";
}

std::string show(const wire::Report& r) {
  return "{\"id\": " + quoted(std::to_string(r.id())) +
         ", \"action\": " + quoted(wire::EnumNameAction(r.action())) +
         ", \"progress\": " + quoted(wire::EnumNameProgress(r.progress())) +
         ", \"undo\": " + (r.undo() ? "true" : "false") + ", \"folder\": " + str(r.folder()) +
         ", \"target\": " + str(r.target()) + ", \"done\": " + std::to_string(r.done()) +
         ", \"gone\": " + std::to_string(r.gone()) + ", \"others\": " + std::to_string(r.others()) +
         ", \"failed\": " + std::to_string(r.failed()) +
         ", \"code\": " + quoted(r.failed() > 0 ? code_name(static_cast<Code>(r.code())) : "") +
         ", \"detail\": " + str(r.detail()) + ", \"label\": " + str(r.label()) +
         ", \"can_undo\": " + (r.can_undo() ? "true" : "false") +
         ", \"total\": " + std::to_string(r.total()) + "}";
}

template <typename Page>
std::string reports_of(const Page& page) {
  if (!page.reports()) return "[]";
  return list(page.reports(), [](const auto& r) { return show(r); });
}

std::string numbers(const flatbuffers::Vector<std::uint32_t>* all) {
  std::string out = "[";
  for (flatbuffers::uoffset_t i = 0; all && i < all->size(); ++i) {
    out.append(i > 0 ? ", " : "").append(std::to_string(all->Get(i)));
  }
  return out + "]";
}

std::string show(const wire::FolderPage& p) {
  return "{\"folder\": " + show(*p.folder()) +
         ", \"folders\": " + list(p.folders(), [](const auto& f) { return show(f); }) +
         ", \"uid_validity\": " + std::to_string(p.uid_validity()) +
         ", \"read_only\": " + (p.read_only() ? "true" : "false") +
         ", \"page\": " + std::to_string(p.page()) + ", \"pages\": " + std::to_string(p.pages()) +
         ", \"total\": " + std::to_string(p.total()) +
         ", \"unread\": " + std::to_string(p.unread()) +
         ", \"indexed\": " + std::to_string(p.indexed()) +
         ", \"checked\": " + std::to_string(p.checked()) +
         ", \"standing\": " + quoted(wire::EnumNameStanding(p.standing())) +
         ", \"sort\": " + quoted(wire::EnumNameSortKey(p.sort())) +
         ", \"descending\": " + (p.descending() ? "true" : "false") +
         ", \"preparing\": " + (p.preparing() ? "true" : "false") +
         ", \"labels\": " + names(p.labels()) + ", \"uid_next\": " + std::to_string(p.uid_next()) +
         ", \"chosen\": " + std::to_string(p.chosen()) + ", \"filter_counts\": " + numbers(p.filter_counts()) +
         ", \"since_counts\": " + numbers(p.since_counts()) + ", \"reports\": " + reports_of(p) +
         ", \"quotas\": " + list(p.quotas(), [](const auto& q) { return show(q); }) +
         ", \"rows\": " + list(p.rows(), [](const auto& r) { return show(r); }) + "}";
}

std::string show(const wire::SearchPage& p) {
  const auto row = [&](const wire::FoundRow& f) {
    const auto* folder = p.folders()->Get(f.folder());
    return "{\"folder\": " + str(folder->address()) +
           ", \"uid_validity\": " + std::to_string(f.uid_validity()) + ", \"row\": " + show(*f.row()) + "}";
  };
  return "{\"search\": " + quoted(std::to_string(p.search())) + ", \"query\": " + str(p.query()) +
         ", \"folder\": " + str(p.folder()) + ", \"page\": " + std::to_string(p.page()) +
         ", \"pages\": " + std::to_string(p.pages()) + ", \"found\": " + std::to_string(p.found()) +
         ", \"sort\": " + quoted(wire::EnumNameSortKey(p.sort())) +
         ", \"progress\": " + quoted(wire::EnumNameSearchProgress(p.progress())) +
         ", \"folders_all\": " + std::to_string(p.folders_all()) +
         ", \"folders_done\": " + std::to_string(p.folders_done()) +
         ", \"folders_failed\": " + std::to_string(p.folders_failed()) +
         ", \"detail\": " + str(p.detail()) + ", \"asks_server\": " + (p.asks_server() ? "true" : "false") +
         ", \"cut\": " + (p.cut() ? "true" : "false") +
         ", \"standing\": " + quoted(wire::EnumNameStanding(p.standing())) +
         ", \"reports\": " + reports_of(p) + ", \"rows\": " + list(p.rows(), row) + "}";
}

std::string show(const wire::PartText& t) {
  const std::string_view bytes(reinterpret_cast<const char*>(t.bytes()->data()),
                               t.bytes()->size());
  return "{\"section\": " + quoted(t.section()->string_view()) + ", \"bytes\": " + quoted(bytes) +
         "}";
}

std::string show(const wire::MessageView& m) {
  const std::string_view header(reinterpret_cast<const char*>(m.header()->data()),
                                m.header()->size());
  return "{\"uid\": " + std::to_string(m.uid()) +
         ", \"uid_validity\": " + std::to_string(m.uid_validity()) +
         ", \"standing\": " + quoted(wire::EnumNameStanding(m.standing())) +
         ", \"flags\": " + std::to_string(m.flags()) + ", \"labels\": " + names(m.labels()) +
         ", \"position\": " + std::to_string(m.position()) +
         ", \"total\": " + std::to_string(m.total()) + ", \"newer\": " + std::to_string(m.newer()) +
         ", \"older\": " + std::to_string(m.older()) +
         ", \"newer_folder\": " + str(m.newer_folder()) + ", \"older_folder\": " + str(m.older_folder()) + ", \"page\": " + std::to_string(m.page()) +
         ", \"identity\": " + std::to_string(m.identity()) + ", \"reports\": " + reports_of(m) +
         ", \"folder\": " + show(*m.folder()) + ", \"header\": " + quoted(header) +
         ", \"parts\": " + list(m.parts(), [](const auto& p) { return show(p); }) +
         ", \"texts\": " + list(m.texts(), [](const auto& t) { return show(t); }) + "}";
}

class Client {
 public:
  explicit Client(const std::string& socket) : lane_({socket, geteuid()}) {}

  std::string ask(const Words& words) {
    Bytes secret;
    const Bytes raw = request_of(words, secret);
    return answer(raw, secret);
  }

  Bytes request_of(const Words& words, Bytes& secret) {
    FlatBufferBuilder fbb(1024);
    Bytes raw;
    const std::string& verb = words.at(0);
    if (verb == "raw") {
      raw = unhex(words.at(1));
    } else if (verb == "status") {
      finish(fbb, nullptr, wire::CreateShowStatus(fbb));
    } else {
      const std::string& handle_text = words.at(1);
      const wire::Handle handle(std::hash<std::string>{}(handle_text), handle_text.size());
      build(fbb, verb, words, handle, secret);
    }
    if (raw.empty()) {
      const auto* begin = reinterpret_cast<const std::byte*>(fbb.GetBufferPointer());
      raw.assign(begin, begin + fbb.GetSize());
    }
    return raw;
  }

  // All of the answer; what follows the Reply as well.
  Result<Bytes> receive(std::span<const std::byte> request, std::span<const std::byte> secret) {
    const Deadline deadline = Deadline::in(Millis(patience + 1000));
    auto call = lane_.ask(request, deadline, secret);
    if (!call) return call.error();
    Bytes all;
    for (;;) {
      const auto got = call->read(piece_, deadline);
      if (!got) return got.error();
      if (*got == 0) return all;
      all.insert(all.end(), piece_.begin(), piece_.begin() + static_cast<std::ptrdiff_t>(*got));
    }
  }

  std::uint32_t patience = 10000;

 private:
  template <typename T>
  void finish(FlatBufferBuilder& fbb, const wire::Handle* handle, flatbuffers::Offset<T> question) {
    fbb.Finish(wire::CreateRequest(fbb, handle, patience, wire::QuestionTraits<T>::enum_value,
                                   question.Union()));
  }

  static std::uint32_t number(const std::string& text) {
    return static_cast<std::uint32_t>(std::stoul(text));
  }
  // "filters=3" and its like.
  static bool is_chosen(const std::string& word) {
    static constexpr std::string_view kNames[] = {"filters=", "since=", "query=", "zone=", "me=", "moments="};
    return std::any_of(std::begin(kNames), std::end(kNames), [&](std::string_view name) { return word.starts_with(name); });
  }
  static Words without_chosen(Words words) {
    if (words.size() > 5) words.erase(std::remove_if(words.begin() + 5, words.end(), is_chosen), words.end());
    return words;
  }
  static flatbuffers::Offset<wire::Chosen> choose(FlatBufferBuilder& fbb, const Words& words) {
    std::map<std::string, std::string> named;
    for (std::size_t i = 5; i < words.size(); ++i) {
      const std::size_t equals = words[i].find('=');
      if (is_chosen(words[i])) named[words[i].substr(0, equals)] = words[i].substr(equals + 1);
    }
    if (named.empty()) return {};
    const auto listed = [&named](const char* name) {
      Words all;
      std::istringstream in(named[name]);
      for (std::string one; std::getline(in, one, ',');) all.push_back(one);
      return all;
    };
    const auto number_of = [&named](const char* name) { return named[name].empty() ? 0 : std::stoll(named[name]); };
    std::vector<std::int64_t> moments;
    for (const std::string& one : listed("moments")) moments.push_back(std::stoll(one));
    const auto query = fbb.CreateString(named["query"]);
    const auto me = fbb.CreateVectorOfStrings(listed("me"));
    return wire::CreateChosen(fbb, static_cast<std::uint8_t>(number_of("filters")), number_of("since"), query,
                              static_cast<std::int32_t>(number_of("zone")), me, fbb.CreateVector(moments));
  }
  // By its name in protocol.fbs; any number that is none, for tests of that.
  static wire::SortKey sort(const Words& words) {
    if (words.size() <= 6 || words[6] == "-") return wire::SortKey::Arrived;
    for (const wire::SortKey key : wire::EnumValuesSortKey()) {
      if (words[6] == wire::EnumNameSortKey(key)) return key;
    }
    return static_cast<wire::SortKey>(number(words[6]));
  }
  static const char* locale(const Words& words) {
    return words.size() > 8 ? words[8].c_str() : nullptr;
  }
  static std::uint64_t report(const Words& words) {
    return words.size() > 9 ? std::stoull(words[9]) : 0;
  }
  static bool has(const Words& words, std::size_t at, const char* word) {
    return words.size() > at && words[at] == word;
  }

  void build(FlatBufferBuilder& fbb, const std::string& verb, const Words& w,
             const wire::Handle& handle, Bytes& secret) {
    if (verb == "login") {
      finish(fbb, &handle,
             wire::CreateLoginDirect(fbb, w.at(2).c_str(), w.at(3).c_str(), w.at(4).c_str(), 1800));
      const auto bytes = as_bytes(w.at(5));
      secret.assign(bytes.begin(), bytes.end());
    } else if (verb == "resume") {
      secret = unhex(w.at(4));
      const Bytes sealed = unhex(w.at(5));
      const auto vector =
          fbb.CreateVector(reinterpret_cast<const std::uint8_t*>(sealed.data()), sealed.size());
      const auto user = fbb.CreateString(w.at(2));
      const auto domain = fbb.CreateString(w.at(3));
      const Bytes account_key = unhex(w.size() > 6 ? w[6] : "");
      const auto kept = fbb.CreateVector(
          reinterpret_cast<const std::uint8_t*>(account_key.data()), account_key.size());
      finish(fbb, &handle, wire::CreateResume(fbb, user, domain, vector, kept));
    } else if (verb == "keep_key") {
      secret = unhex(w.at(2));
      finish(fbb, &handle, wire::CreateKeepKey(fbb));
    } else if (verb == "logout") {
      finish(fbb, &handle, wire::CreateLogout(fbb));
    } else if (verb == "folder") {
      const Words plain = without_chosen(w);
      const auto chosen = choose(fbb, w);
      finish(fbb, &handle,
             wire::CreateShowFolderDirect(fbb, w.at(2).c_str(), number(w.at(3)),
                                          static_cast<std::uint16_t>(number(w.at(4))),
                                          has(plain, 5, "refresh"), sort(plain), !has(plain, 7, "asc"),
                                          locale(plain), report(plain), chosen));
    } else if (verb == "message") {
      const Words plain = without_chosen(w);
      const auto chosen = choose(fbb, w);
      finish(fbb, &handle,
             wire::CreateShowMessageDirect(fbb, w.at(2).c_str(), number(w.at(3)),
                                           static_cast<std::uint16_t>(number(w.at(4))),
                                           has(plain, 5, "peek"), sort(plain), !has(plain, 7, "asc"),
                                           locale(plain), 65536, report(plain), chosen,
                                           plain.size() > 10 ? std::stoull(plain[10]) : 0));
    } else if (verb == "part") {
      const std::string section = w.at(5) == "-" ? "" : w.at(5);
      finish(fbb, &handle,
             wire::CreateReadPartDirect(fbb, w.at(2).c_str(), number(w.at(3)), number(w.at(4)),
                                        section.c_str(), std::stoull(w.at(6))));
    } else if (verb == "act") {
      // act HANDLE FOLDER UIDVALIDITY ACTION TARGET|- REPORT UID:IDENTITY...|all:BELOW|found:SEARCH
      // The target of Label and Unlabel is the keyword.
      std::vector<wire::Marked> marked;
      flatbuffers::Offset<wire::AllOf> all;
      const bool every = w.size() > 7 && w[7].starts_with("all:");
      if (every) all = wire::CreateAllOf(fbb, 0, number(w[7].substr(4)));
      const bool found = w.size() > 7 && w[7].starts_with("found:");
      const std::uint64_t search = found ? std::stoull(w[7].substr(6)) : 0;
      for (std::size_t i = 7; i < w.size() && !every && !found; ++i) {
        const std::size_t colon = w[i].find(':');
        marked.emplace_back(number(w[i].substr(0, colon)), number(w[i].substr(colon + 1)));
      }
      wire::Action action{};
      for (const wire::Action known : wire::EnumValuesAction()) {
        if (w.at(4) == wire::EnumNameAction(known)) action = known;
      }
      const bool labels = action == wire::Action::Label || action == wire::Action::Unlabel;
      const char* target = w.at(5) == "-" ? nullptr : w.at(5).c_str();
      finish(fbb, &handle,
             wire::CreateActDirect(fbb, w.at(2).c_str(), number(w.at(3)), action,
                                   labels ? nullptr : target, &marked, std::stoull(w.at(6)),
                                   labels ? target : nullptr, all, search));
    } else if (verb == "report") {
      finish(fbb, &handle, wire::CreateShowReport(fbb, std::stoull(w.at(2)), number(w.at(3))));
    } else if (verb == "undo") {
      finish(fbb, &handle, wire::CreateUndo(fbb, std::stoull(w.at(2))));
    } else if (verb == "search") {
      build_search(fbb, w, handle);
    } else if (verb == "stop_search") {
      finish(fbb, &handle, wire::CreateStopSearch(fbb, std::stoull(w.at(2))));
    } else if (verb == "folders") {
      finish(fbb, &handle, wire::CreateListFolders(fbb, has(w, 2, "anew"), true, has(w, 3, "sizes")));
    } else if (verb == "change") {
      wire::FolderChange change{};
      for (const wire::FolderChange known : wire::EnumValuesFolderChange()) {
        if (w.at(2) == wire::EnumNameFolderChange(known)) change = known;
      }
      finish(fbb, &handle,
             wire::CreateChangeFolderDirect(fbb, change, w.at(3).c_str(),
                                            w.size() > 4 ? w[4].c_str() : nullptr));
    } else if (verb == "roles") {
      std::vector<flatbuffers::Offset<wire::RoleChoice>> chosen;
      for (std::size_t i = 2; i + 1 < w.size(); i += 2) {
        wire::Role role{};
        for (const wire::Role known : wire::EnumValuesRole()) {
          if (w[i] == wire::EnumNameRole(known)) role = known;
        }
        chosen.push_back(wire::CreateRoleChoiceDirect(fbb, role, w[i + 1].c_str()));
      }
      finish(fbb, &handle, wire::CreateChooseRolesDirect(fbb, &chosen));
    } else if (verb == "uids") {
      finish(fbb, &handle,
             wire::CreateListUidsDirect(fbb, w.at(2).c_str(), w.size() > 3 ? number(w[3]) : 0,
                                        w.size() > 4 ? number(w[4]) : 50000));
    } else if (verb == "quotas") {
      finish(fbb, &handle, wire::CreateListQuotas(fbb, has(w, 2, "anew")));
    } else if (verb == "largest") {
      finish(fbb, &handle,
             wire::CreateListLargest(fbb, static_cast<std::uint16_t>(w.size() > 2 ? number(w[2]) : 50)));
    } else {
      throw std::runtime_error("what is " + verb + "?");
    }
  }

  void build_search(FlatBufferBuilder& fbb, const Words& w, const wire::Handle& handle) {
    std::map<std::string, std::string> given;
    for (std::size_t i = 3; i < w.size(); ++i) {
      const std::size_t equals = w[i].find('=');
      given[w[i].substr(0, equals)] = w[i].substr(equals + 1);
    }
    const auto query = fbb.CreateString(w.at(2));
    const auto folder = given.contains("folder") ? fbb.CreateString(given["folder"])
                                                 : flatbuffers::Offset<flatbuffers::String>();
    const auto locale = fbb.CreateString(given["locale"]);
    std::vector<flatbuffers::Offset<flatbuffers::String>> mine;
    if (given.contains("me")) mine.push_back(fbb.CreateString(given["me"]));
    const auto me = fbb.CreateVector(mine);
    wire::SearchBuilder search(fbb);
    search.add_query(query);
    if (!folder.IsNull()) search.add_folder(folder);
    search.add_locale(locale);
    search.add_me(me);
    search.add_below(given.contains("below"));
    search.add_anew(given.contains("anew"));
    search.add_descending(given["order"] != "asc");
    for (const wire::SortKey key : wire::EnumValuesSortKey()) {
      if (given["sort"] == wire::EnumNameSortKey(key)) search.add_sort(key);
    }
    if (given.contains("page")) search.add_page(number(given["page"]));
    if (given.contains("rows")) search.add_rows(static_cast<std::uint16_t>(number(given["rows"])));
    if (given.contains("zone")) search.add_zone_offset(std::stoi(given["zone"]));
    if (given.contains("search")) search.add_search(std::stoull(given["search"]));
    if (given.contains("wait")) search.add_wait_ms(number(given["wait"]));
    finish(fbb, &handle, search.Finish());
  }

  std::string answer(std::span<const std::byte> request, std::span<const std::byte> secret) {
    const auto all = receive(request, secret);
    if (!all) return show(all.error());
    if (all->size() < 4) return "{\"error\": \"short\"}";
    std::uint32_t length;
    std::memcpy(&length, all->data(), 4);
    if (length > all->size() - 4) return "{\"error\": \"short\"}";
    const std::vector<std::uint8_t> reply(
        reinterpret_cast<const std::uint8_t*>(all->data()) + 4,
        reinterpret_cast<const std::uint8_t*>(all->data()) + 4 + length);
    flatbuffers::Verifier verifier(reply.data(), reply.size(), 16, 10000000);
    if (!verifier.VerifyBuffer<wire::Reply>(nullptr)) return "{\"error\": \"malformed reply\"}";
    return shown(*flatbuffers::GetRoot<wire::Reply>(reply.data()),
                 std::span(*all).subspan(4 + length));
  }

  static std::string shown(const wire::Reply& reply, std::span<const std::byte> rest) {
    switch (reply.answer_type()) {
      case wire::Answer::Failure: {
        const auto& f = *reply.answer_as_Failure();
        return show(Error{static_cast<Code>(f.code()), f.detail() ? f.detail()->str() : "",
                          f.retry_after()});
      }
      case wire::Answer::Done:
        return "{\"done\": true}";
      case wire::Answer::LoggedIn:
        return "{\"address\": " + str(reply.answer_as_LoggedIn()->address()) +
               ", \"host\": " + str(reply.answer_as_LoggedIn()->host()) + "}";
      case wire::Answer::KeptKey: {
        const auto* sealed = reply.answer_as_KeptKey()->sealed();
        return "{\"sealed\": \"" +
               (sealed ? hex(std::as_bytes(std::span(sealed->data(), sealed->size()))) : "") +
               "\"}";
      }
      case wire::Answer::FolderPage:
        return show(*reply.answer_as_FolderPage());
      case wire::Answer::MessageView:
        return show(*reply.answer_as_MessageView());
      case wire::Answer::PartHead: {
        const auto& head = *reply.answer_as_PartHead();
        constexpr std::size_t kShown = 4096;
        return "{\"part\": " + (head.part() ? show(*head.part()) : std::string("null")) +
               ", \"size\": " + std::to_string(head.size()) +
               ", \"bytes\": " + std::to_string(rest.size()) + ", \"sha256\": \"" +
               hex(sha256(rest)) + "\", \"begins\": \"" +
               hex(rest.first(std::min(rest.size(), kShown))) + "\"}";
      }
      case wire::Answer::FolderList:
        return "{\"folders\": " +
               list(reply.answer_as_FolderList()->folders(),
                    [](const auto& f) { return show(f); }) +
               ", \"quotas\": " +
               list(reply.answer_as_FolderList()->quotas(), [](const auto& q) { return show(q); }) +
               "}";
      case wire::Answer::QuotaList:
        return "{\"quotas\": " +
               list(reply.answer_as_QuotaList()->quotas(), [](const auto& q) { return show(q); }) + "}";
      case wire::Answer::UidList: {
        const auto& found = *reply.answer_as_UidList();
        std::string uids;
        for (const std::uint32_t uid : *found.uids()) uids.append(uids.empty() ? "" : ", ").append(std::to_string(uid));
        return "{\"uid_validity\": " + std::to_string(found.uid_validity()) + ", \"uids\": [" + uids +
               "], \"more\": " + (found.more() ? "true" : "false") + "}";
      }
      case wire::Answer::Largest: {
        const auto& found = *reply.answer_as_Largest();
        return "{\"rows\": " +
               list(found.rows(), [](const auto& r) {
                 return "{\"folder\": " + std::to_string(r.folder()) +
                        ", \"uid_validity\": " + std::to_string(r.uid_validity()) +
                        ", \"row\": " + show(*r.row()) + "}";
               }) +
               ", \"folders\": " + list(found.folders(), [](const auto& f) { return show(f); }) +
               ", \"unknown\": " + std::to_string(found.unknown()) + "}";
      }
      case wire::Answer::StatusReport: {
        std::string out = "{\"version\": " + str(reply.answer_as_StatusReport()->version());
        for (const auto* c : *reply.answer_as_StatusReport()->counters()) {
          out += ", " + str(c->name()) + ": " + std::to_string(c->value());
        }
        return out + "}";
      }
      case wire::Answer::SearchPage:
        return show(*reply.answer_as_SearchPage());
      case wire::Answer::Report:
        return show(*reply.answer_as_Report());
      default:  // outgoing_ask.cc asks for those of the spool
        break;
    }
    return "{\"error\": \"unknown answer\"}";
  }

  LaneClient lane_;
  static inline thread_local std::vector<std::byte> piece_ = std::vector<std::byte>(64 * 1024);
};

std::string seal_for(const Words& w) {
  Key key;
  random_bytes(key);
  std::string context = "alphamail password v1";
  context += '\0';
  context += w.at(1);
  context += '\0';
  context += w.at(2);
  return "{\"key\": \"" + hex(key) + "\", \"sealed\": \"" +
         hex(seal(key, as_bytes(w.at(3)), context)) + "\"}";
}

// Asks N times, reads the answers and throws them away, but for the last one's trouble.
std::string repeat(Client& client, const Words& words) {
  const Words question(words.begin() + 2, words.end());
  Bytes secret;
  const Bytes request = client.request_of(question, secret);
  std::vector<double> times;
  std::string trouble;
  for (unsigned long i = 0; i < std::stoul(words.at(1)); ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto got = client.receive(request, secret);
    times.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
            .count());
    if (!got) trouble = show(got.error());
  }
  if (const std::string last = client.ask(question); last.starts_with("{\"error")) trouble = last;
  std::sort(times.begin(), times.end());
  char out[200];
  std::snprintf(out, sizeof out, "{\"n\": %zu, \"p50_us\": %.1f, \"p99_us\": %.1f", times.size(),
                times[times.size() / 2], times[times.size() * 99 / 100]);
  return out + (trouble.empty() ? std::string() : ", \"trouble\": " + trouble) + "}";
}

std::string parallel(Client& client, const Words& words) {
  const Words question(words.begin() + 2, words.end());
  std::vector<std::string> answers(std::stoul(words.at(1)));
  std::vector<std::thread> threads;
  for (std::string& answer : answers) {
    threads.emplace_back([&client, &question, &answer] { answer = client.ask(question); });
  }
  for (std::thread& thread : threads) thread.join();
  std::string out = "[";
  for (const std::string& answer : answers) out += (out.size() > 1 ? ", " : "") + answer;
  return out + "]";
}

std::string serve(Client& client, const Words& words) {
  if (words[0] == "seal") return seal_for(words);
  if (words[0] == "repeat") return repeat(client, words);
  if (words[0] == "parallel") return parallel(client, words);
  if (words[0] == "deadline") {
    client.patience = static_cast<std::uint32_t>(std::stoul(words.at(1)));
    return "{\"done\": true}";
  }
  return client.ask(words);
}

}  // namespace
}  // namespace alphamail

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: webcache_ask SOCKET\n");
    return 2;
  }
  alphamail::Client client(argv[1]);
  for (std::string line; std::getline(std::cin, line);) {
    alphamail::Words words;
    std::istringstream in(line);
    for (std::string word; std::getline(in, word, '\t');) words.push_back(word);
    if (line.ends_with('\t')) words.emplace_back();
    if (words.empty()) continue;
    std::string out;
    try {
      out = alphamail::serve(client, words);
    } catch (const std::exception& e) {
      out = "{\"error\": \"client\", \"detail\": " + alphamail::quoted(e.what()) + "}";
    }
    std::printf("%s\n", out.c_str());
    std::fflush(stdout);
  }
  return 0;
}
