// SPDX-License-Identifier: GPL-3.0-or-later
// From a typed question to the bytes of a lane and back. Nothing here throws: FlatBuffers and the
// allocator may, and are caught where the public functions begin.
#include "mod_alphamail/webcache_client.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <exception>
#include <string>
#include <thread>
#include <utility>

#include <flatbuffers/flatbuffers.h>

#include "mod_alphamail/folder_settings.h"
#include "mod_alphamail/spool_pieces.h"
#include "mod_alphamail/spool_writer.h"

namespace alphamail {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr std::size_t kMaxReplyBytes = 16 * 1024 * 1024;
constexpr flatbuffers::uoffset_t kMaxTables =
    300'000;                                      // 50 000 folders, 2000 parts with parameters
constexpr flatbuffers::uoffset_t kMaxDepth = 16;  // ours needs 5
constexpr std::size_t kMaxDetail = 1000;
constexpr Millis kRestart{1500};     // how long a webcache that died over a question is waited for
constexpr Millis kBetweenLooks{25};  // at its socket meanwhile
constexpr Millis kFromMemory{20};    // an answer that takes longer waits for a mail server

/// A verified Reply, whatever it says, and the bytes it lies in.
struct Answer {
  ReplyBytes bytes;
  const wire::Reply* reply;
};

/// The same, and what follows it.
struct Received {
  ReplyBytes bytes;
  const wire::Reply* reply;
  Call call;
};

/// What the lane calls unreachable is the webcache; a Failure may mean a mail server by the same
/// name.
Error of_lane(Error error) {
  if (error.code == Code::kUnreachable) error.code = Code::kNoWebcache;
  return error;
}

Error of_failure(const wire::Failure& failure) {
  Error error;
  if (failure.code() <= static_cast<std::uint8_t>(kLastCode))
    error.code = static_cast<Code>(failure.code());  // else of a later version: kInternal
  if (failure.detail() != nullptr) {
    const std::string_view words(failure.detail()->c_str(), failure.detail()->size());
    error.detail = words.substr(0, kMaxDetail);
  }
  error.retry_after = failure.retry_after();
  return error;
}

Error of_exception() noexcept {
  try {
    throw;
  } catch (const std::exception& e) {
    return {Code::kInternal, std::string("asking the webcache: ") + e.what(), 0};
  } catch (...) {
    return {Code::kInternal, "asking the webcache", 0};
  }
}

// ---- requests ----

Offset<flatbuffers::String> string(FlatBufferBuilder& into, std::string_view text) {
  return into.CreateString(text.data() == nullptr ? "" : text.data(), text.size());
}

Offset<wire::Chosen> chosen(FlatBufferBuilder& into, const WantedChosen* wanted) {
  if (wanted == nullptr) return {};
  const auto query = string(into, wanted->query);
  const auto me = into.CreateVectorOfStrings(wanted->me);
  const auto moments = into.CreateVector(wanted->count_since);
  return wire::CreateChosen(into, wanted->filters, wanted->since, query, wanted->zone_offset, me, moments);
}

/// What is left, less what the answer needs on its way back: the daemon's own "too slow" then still
/// reaches us, with its reason.
std::uint32_t patience(Deadline deadline) {
  const int left = deadline.left_ms();
  return static_cast<std::uint32_t>(left - std::min(left / 10, 100));
}

template <typename Table>
void finish(FlatBufferBuilder& into, const wire::Handle& handle, Deadline deadline,
            Offset<Table> question) {
  into.Finish(wire::CreateRequest(into, &handle, patience(deadline),
                                  wire::QuestionTraits<Table>::enum_value, question.Union()));
}

// ---- replies ----

Result<void> read_exactly(Call& call, std::span<std::byte> into, Deadline deadline) {
  while (!into.empty()) {
    const auto got = call.read(into, deadline);
    if (!got) return of_lane(got.error());
    if (*got == 0) return Error{Code::kProtocol, "the webcache's answer is too short", 0};
    into = into.subspan(*got);
  }
  return {};
}

/// The beginning of an answer. One that does not come from memory is waited for outside: others compute meanwhile.
Result<void> read_first(Admission::Place* place, Call& call, std::span<std::byte> into, Deadline deadline) {
  if (place == nullptr) return read_exactly(call, into, deadline);
  const auto got = call.read(into, deadline.sooner(Deadline::in(kFromMemory)));
  if (got && *got == into.size()) return {};
  if (got && *got == 0) return Error{Code::kProtocol, "the webcache's answer is too short", 0};
  if (!got && (got.error().code != Code::kTimeout || deadline.passed())) return of_lane(got.error());
  place->wait();
  const auto rest = read_exactly(call, into.subspan(got ? *got : 0), deadline);
  place->go_on();
  return rest;
}

const wire::Reply* verified(std::span<const std::byte> bytes) {
  const auto* start = reinterpret_cast<const std::uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(start, bytes.size(), kMaxDepth, kMaxTables);
  if (!verifier.VerifyBuffer<wire::Reply>(nullptr)) return nullptr;
  return flatbuffers::GetRoot<wire::Reply>(start);
}

/// The answer to a question that is on its way; a Failure is an error.
Result<Answer> receive(Admission::Place* place, Call& call, Deadline deadline) {
  std::array<std::byte, 4> prefix;
  if (const auto got = read_first(place, call, prefix, deadline); !got) return got.error();
  static_assert(std::endian::native == std::endian::little, "as the length is sent");
  const auto length = std::bit_cast<std::uint32_t>(prefix);
  if (length > kMaxReplyBytes)
    return Error{Code::kProtocol, "the webcache's answer is too long", 0};
  ReplyBytes bytes(length);
  if (const auto got = read_exactly(call, bytes.span(), deadline); !got) return got.error();
  const wire::Reply* reply = verified(bytes.span());
  if (reply == nullptr) return Error{Code::kProtocol, "the webcache's answer is malformed", 0};
  if (const wire::Failure* failure = reply->answer_as_Failure()) return of_failure(*failure);
  return Answer{std::move(bytes), reply};
}

/// One question, one answer, nothing tried twice.
/// @param posted  whether the daemon had the question: only then can its death be about it
Result<Received> ask_once(const AskedFor& lane, Deadline deadline, std::span<const std::byte> request,
                          std::span<const std::byte> secret, bool& posted) {
  auto call = lane.lane.ask(request, deadline, secret);
  posted = call.has_value();
  if (!call) return of_lane(call.error());
  auto answer = receive(lane.place, *call, deadline);
  if (!answer) return answer.error();
  return Received{std::move(answer->bytes), answer->reply, std::move(*call)};
}

/// Asks; where the daemon dies over the question, waits for the one that its supervisor starts
/// within a second, so that the reader gets a page and not an error. Every question but one (kOnce:
/// to copy) may be asked twice. A daemon that was not there in the first place is not waited for.
enum class Again { kMay, kOnce };
Result<Received> ask(const AskedFor& lane, Deadline deadline, const FlatBufferBuilder& built,
                     std::span<const std::byte> secret = {}, Again again = Again::kMay) {
  const auto request = std::as_bytes(std::span(built.GetBufferPointer(), built.GetSize()));
  bool posted = false;
  auto got = ask_once(lane, deadline, request, secret, posted);
  if (got || got.error().code != Code::kNoWebcache || !posted || again == Again::kOnce) return got;
  const Deadline until = deadline.sooner(Deadline::in(kRestart));
  for (;;) {
    got = ask_once(lane, deadline, request, secret, posted);
    if (got || got.error().code != Code::kNoWebcache || posted || until.passed()) return got;
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

Offset<flatbuffers::Vector<Offset<wire::RoleChoice>>> role_choices(FlatBufferBuilder& into,
                                                                  std::span<const std::string> roles) {
  std::vector<Offset<wire::RoleChoice>> all;
  for (std::size_t i = 0; i < std::min(roles.size(), std::size(kChosenRoles)); ++i) {
    if (!roles[i].empty()) all.push_back(wire::CreateRoleChoice(into, kChosenRoles[i], string(into, roles[i])));
  }
  return into.CreateVector(all);
}

Result<void> resume(const AskedFor& lane, Deadline deadline, const Caller& caller) {
  FlatBufferBuilder request(1024);
  const auto* sealed = reinterpret_cast<const std::uint8_t*>(caller.sealed_password.data());
  const auto* key = reinterpret_cast<const std::uint8_t*>(caller.sealed_account_key.data());
  finish(request, caller.handle, deadline,
         wire::CreateResume(request, string(request, caller.user), string(request, caller.domain),
                            request.CreateVector(sealed, caller.sealed_password.size()),
                            request.CreateVector(key, caller.sealed_account_key.size()),
                            role_choices(request, caller.roles)));
  const auto resumed = ask(lane, deadline, request, caller.password_key);
  if (!resumed) return resumed.error();
  return {};
}

template <typename Table>
Result<Reply<Table>> as(Result<Received> received) {
  if (!received) return received.error();
  const Table* table = received->reply->template answer_as<Table>();
  if (table == nullptr) return Error{Code::kProtocol, "the webcache answered another question", 0};
  return Reply<Table>(std::move(received->bytes), table, std::move(received->call));
}

Offset<flatbuffers::Vector<std::uint8_t>> bytes_of(FlatBufferBuilder& into,
                                                   std::span<const std::byte> bytes) {
  return into.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

/// A question of somebody logged in, which the daemon may have forgotten: told who it is, once.
/// @param build  adds the question's table to a FlatBufferBuilder and returns its offset
/// @param secret  goes with it, as often as it is asked
template <typename Answer, typename Build>
Result<Reply<Answer>> ask_as(const AskedFor& lane, Deadline deadline, const Caller& caller,
                             const Build& build, Again again = Again::kMay,
                             std::span<const std::byte> secret = {}) noexcept {
  try {
    FlatBufferBuilder request(512);
    finish(request, caller.handle, deadline, build(request));
    auto received = ask(lane, deadline, request, secret, again);
    if (received || received.error().code != Code::kNeedCredentials)
      return as<Answer>(std::move(received));
    if (const auto resumed = resume(lane, deadline, caller); !resumed) return resumed.error();
    received = ask(lane, deadline, request, secret, again);
    // The session is good; its connection has just broken again. That logs nobody out.
    if (!received && received.error().code == Code::kNeedCredentials)
      return Error{Code::kUnderWay, "the connection to the mail server broke again", 1};
    return as<Answer>(std::move(received));
  } catch (...) {
    return of_exception();
  }
}

}  // namespace

Result<Reply<wire::LoggedIn>> WebcacheClient::log_in(wire::Handle handle, std::string_view user,
                                                     std::string_view domain,
                                                     std::string_view network,
                                                     std::string_view known_browser,
                                                     std::uint32_t idle_seconds,
                                                     std::span<const std::byte> password) {
  try {
    FlatBufferBuilder request(512);
    finish(request, handle, deadline_,
           wire::CreateLogin(request, string(request, user), string(request, domain),
                             string(request, network), idle_seconds,
                             string(request, known_browser)));
    return as<wire::LoggedIn>(ask(lane_, deadline_, request, password));
  } catch (...) {
    return of_exception();
  }
}

Result<std::vector<std::byte>> WebcacheClient::keep_key(const Caller& caller) {
  constexpr std::size_t kMost = 1024;
  try {
    FlatBufferBuilder request(128);
    finish(request, caller.handle, deadline_, wire::CreateKeepKey(request));
    const auto kept = as<wire::KeptKey>(ask(lane_, deadline_, request, caller.password_key));
    if (!kept) return kept.error();
    const auto* sealed = (*kept)->sealed();
    if (!sealed || sealed->size() > kMost) return std::vector<std::byte>();
    const auto bytes = std::as_bytes(std::span(sealed->data(), sealed->size()));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  } catch (...) {
    return of_exception();
  }
}

/// A daemon that does not know the session has nothing to forget.
Result<void> WebcacheClient::log_out(const Caller& caller) {
  try {
    FlatBufferBuilder request(128);
    finish(request, caller.handle, deadline_, wire::CreateLogout(request));
    const auto done = ask(lane_, deadline_, request);
    if (!done && done.error().code != Code::kNeedCredentials) return done.error();
    return {};
  } catch (...) {
    return of_exception();
  }
}

Result<Reply<wire::FolderPage>> WebcacheClient::folder_page(const Caller& caller,
                                                            std::string_view folder,
                                                            std::uint32_t page, std::uint16_t rows,
                                                            bool refresh,
                                                            const WantedOrder& order,
                                                            std::uint64_t report) {
  return ask_as<wire::FolderPage>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    const auto name = string(request, folder);
    const auto locale = string(request, order.locale);
    return wire::CreateShowFolder(request, name, page, rows, refresh, order.key, order.descending,
                                  locale, report, chosen(request, order.chosen));
  });
}

Result<Reply<wire::MessageView>> WebcacheClient::message(const Caller& caller,
                                                         std::string_view folder, std::uint32_t uid,
                                                         std::uint16_t rows, bool peek,
                                                         const WantedOrder& order,
                                                         std::uint32_t text_bytes,
                                                         std::uint64_t report) {
  return ask_as<wire::MessageView>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    const auto name = string(request, folder);
    const auto locale = string(request, order.locale);
    return wire::CreateShowMessage(request, name, uid, rows, peek, order.key, order.descending,
                                   locale, text_bytes, report, chosen(request, order.chosen), order.search);
  });
}

Result<Reply<wire::SearchPage>> WebcacheClient::search(const Caller& caller, const WantedSearch& wanted,
                                                       std::uint32_t page, std::uint16_t rows,
                                                       const WantedOrder& order, std::uint64_t report,
                                                       Millis wait) {
  return ask_as<wire::SearchPage>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    const auto query = string(request, wanted.query);
    const auto folder = wanted.folder.empty() ? Offset<flatbuffers::String>() : string(request, wanted.folder);
    const auto locale = string(request, order.locale);
    const auto me = request.CreateVectorOfStrings(wanted.me);
    return wire::CreateSearch(request, query, folder, wanted.below, page, rows, order.key, order.descending, locale,
                              wanted.zone_offset, me, wanted.id, wanted.anew,
                              static_cast<std::uint32_t>(wait.count()), report);
  });
}

Result<void> WebcacheClient::stop_search(const Caller& caller, std::uint64_t search) {
  const auto done = ask_as<wire::Done>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateStopSearch(request, search);
  });
  return done ? Result<void>() : done.error();
}

Result<Reply<wire::PartHead>> WebcacheClient::part(const Caller& caller, std::string_view folder,
                                                   std::uint32_t uid, std::uint32_t uid_validity,
                                                   std::string_view section, std::uint64_t limit) {
  return ask_as<wire::PartHead>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    const auto name = string(request, folder);
    return wire::CreateReadPart(request, name, uid, uid_validity, string(request, section), limit);
  });
}

Result<Reply<wire::Report>> WebcacheClient::act(const Caller& caller, std::string_view folder,
                                                std::uint32_t uid_validity, wire::Action action,
                                                std::string_view target,
                                                std::span<const wire::Marked> messages,
                                                std::uint64_t report, bool brings_password,
                                                std::string_view label) {
  return ask_as<wire::Report>(
      lane_, deadline_, caller,
      [&](FlatBufferBuilder& request) {
        const auto from = string(request, folder);
        const auto to = string(request, target);
        const auto marked = request.CreateVectorOfStructs(messages.data(), messages.size());
        Offset<flatbuffers::Vector<std::uint8_t>> sealed;
        if (brings_password) sealed = bytes_of(request, caller.sealed_password);
        const auto keyword = string(request, label);
        return wire::CreateAct(request, from, uid_validity, action, to, marked, report, keyword, 0, 0, sealed);
      },
      action == wire::Action::Copy ? Again::kOnce : Again::kMay,
      brings_password ? caller.password_key : std::span<const std::byte>());
}

Result<Reply<wire::Report>> WebcacheClient::act_on_all(const Caller& caller, std::string_view folder,
                                                       std::uint32_t uid_validity, wire::Action action,
                                                       std::string_view target, std::uint32_t below,
                                                       const WantedChosen& listed, bool brings_password,
                                                       std::string_view label) {
  return ask_as<wire::Report>(
      lane_, deadline_, caller,
      [&](FlatBufferBuilder& request) {
        const auto from = string(request, folder);
        const auto to = string(request, target);
        const auto marked = request.CreateVectorOfStructs<wire::Marked>(nullptr, 0);
        const auto all = wire::CreateAllOf(request, chosen(request, &listed), below);
        Offset<flatbuffers::Vector<std::uint8_t>> sealed;
        if (brings_password) sealed = bytes_of(request, caller.sealed_password);
        const auto keyword = string(request, label);
        return wire::CreateAct(request, from, uid_validity, action, to, marked, 0, keyword, all, 0, sealed);
      },
      action == wire::Action::Copy ? Again::kOnce : Again::kMay,
      brings_password ? caller.password_key : std::span<const std::byte>());
}

Result<Reply<wire::Report>> WebcacheClient::act_on_found(const Caller& caller, std::uint64_t search,
                                                         wire::Action action, std::string_view target,
                                                         bool brings_password, std::string_view label) {
  return ask_as<wire::Report>(
      lane_, deadline_, caller,
      [&](FlatBufferBuilder& request) {
        const auto from = string(request, "INBOX");
        const auto to = string(request, target);
        const auto marked = request.CreateVectorOfStructs<wire::Marked>(nullptr, 0);
        Offset<flatbuffers::Vector<std::uint8_t>> sealed;
        if (brings_password) sealed = bytes_of(request, caller.sealed_password);
        const auto keyword = string(request, label);
        return wire::CreateAct(request, from, 0, action, to, marked, 0, keyword, 0, search, sealed);
      },
      action == wire::Action::Copy ? Again::kOnce : Again::kMay,
      brings_password ? caller.password_key : std::span<const std::byte>());
}

Result<Reply<wire::Report>> WebcacheClient::undo(const Caller& caller, std::uint64_t report) {
  return ask_as<wire::Report>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateUndo(request, report);
  });
}

Result<Reply<wire::FolderList>> WebcacheClient::folders(const Caller& caller) {
  return ask_as<wire::FolderList>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateListFolders(request);
  });
}

Result<Reply<wire::FolderState>> WebcacheClient::state(const Caller& caller, std::string_view folder) {
  return ask_as<wire::FolderState>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateShowState(request, string(request, folder));
  });
}

Result<Reply<wire::FolderList>> WebcacheClient::all_folders(const Caller& caller, bool anew, bool sizes) {
  return ask_as<wire::FolderList>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateListFolders(request, anew, true, sizes);
  });
}

Result<Reply<wire::FolderList>> WebcacheClient::change_folder(const Caller& caller, wire::FolderChange change,
                                                              std::string_view folder, std::string_view target) {
  // Done twice, one that was made would be there already, and one that was deleted not there.
  return ask_as<wire::FolderList>(
      lane_, deadline_, caller,
      [&](FlatBufferBuilder& request) {
        const auto name = string(request, folder);
        return wire::CreateChangeFolder(request, change, name, string(request, target));
      },
      Again::kOnce);
}

Result<void> WebcacheClient::choose_roles(const Caller& caller) {
  const auto done = ask_as<wire::Done>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateChooseRoles(request, role_choices(request, caller.roles));
  });
  if (!done) return done.error();
  return {};
}

Result<Reply<wire::UidList>> WebcacheClient::uids(const Caller& caller, std::string_view folder,
                                                  std::uint32_t above, std::uint32_t most) {
  return ask_as<wire::UidList>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateListUids(request, string(request, folder), above, most);
  });
}

Result<Reply<wire::Largest>> WebcacheClient::largest(const Caller& caller, std::uint16_t most) {
  return ask_as<wire::Largest>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateListLargest(request, most);
  });
}

// ---- writing ----

namespace {

Offset<wire::Shown> shown(FlatBufferBuilder& into, const ShownMessage& message) {
  return wire::CreateShown(into, string(into, message.folder), message.uid_validity, message.uid,
                           message.identity);
}

std::uint32_t wait_ms(Millis wait) {
  return static_cast<std::uint32_t>(std::max<Millis::rep>(wait.count(), 0));
}

// What a question holds beside its recipients takes less than the rest of kRequestBytes.
constexpr std::size_t kRecipientsInQuestion = 6 * 1024;

}  // namespace

Result<Reply<wire::Spooled>> WebcacheClient::spool_begin(const Caller& caller, wire::SpoolKind kind,
                                                         std::optional<wire::SpoolId> id,
                                                         std::uint64_t replaces, std::uint64_t size,
                                                         std::string_view note) {
  return ask_as<wire::Spooled>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateSpoolBegin(request, kind, id ? &*id : nullptr, replaces, size,
                                  string(request, note));
  });
}

Result<Reply<wire::Spooled>> WebcacheClient::spool_append(const Caller& caller,
                                                          wire::SpoolKind kind, wire::SpoolId id,
                                                          std::uint64_t version,
                                                          std::uint64_t offset,
                                                          std::span<const std::byte> bytes) {
  return ask_as<wire::Spooled>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateSpoolAppend(request, kind, &id, version, offset, bytes_of(request, bytes));
  });
}

Result<Call> post_spool_piece(LaneClient& lane, Deadline deadline, const Caller& caller, wire::SpoolKind kind,
                              wire::SpoolId id, std::uint64_t version, std::uint64_t offset,
                              std::span<const std::byte> bytes) {
  try {
    FlatBufferBuilder request(WebcacheClient::kSpoolPiece + 512);  // grows no more
    finish(request, caller.handle, deadline,
           wire::CreateSpoolAppend(request, kind, &id, version, offset, bytes_of(request, bytes)));
    return lane.ask(std::as_bytes(std::span(request.GetBufferPointer(), request.GetSize())), deadline);
  } catch (...) {
    return of_exception();
  }
}

Result<std::uint64_t> spool_piece_answer(Call& call, Deadline deadline) {
  try {
    const auto answer = receive(nullptr, call, deadline);
    if (!answer) return answer.error();
    const auto* spooled = answer->reply->answer_as_Spooled();
    if (spooled == nullptr) return Error{Code::kProtocol, "the webcache answered another question", 0};
    return spooled->size();
  } catch (...) {
    return of_exception();
  }
}

Result<Reply<wire::Spooled>> WebcacheClient::spool_finish(const Caller& caller,
                                                          wire::SpoolKind kind, wire::SpoolId id,
                                                          std::uint64_t version,
                                                          std::uint64_t size) {
  return ask_as<wire::Spooled>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateSpoolFinish(request, kind, &id, version, size);
  });
}

Result<Reply<wire::Spooled>> WebcacheClient::spool_read(const Caller& caller, wire::SpoolKind kind,
                                                        wire::SpoolId id, std::uint64_t offset,
                                                        std::uint64_t limit) {
  return ask_as<wire::Spooled>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateSpoolRead(request, kind, &id, offset, limit);
  });
}

Result<Reply<wire::SpoolListing>> WebcacheClient::spool_list(const Caller& caller,
                                                             wire::SpoolKind kind) {
  return ask_as<wire::SpoolListing>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateSpoolList(request, kind);
  });
}

Result<void> WebcacheClient::spool_delete(const Caller& caller, wire::SpoolKind kind,
                                          wire::SpoolId id) {
  const auto done = ask_as<wire::Done>(
      lane_, deadline_, caller,
      [&](FlatBufferBuilder& request) { return wire::CreateSpoolDelete(request, kind, &id); });
  if (!done) return done.error();
  return {};
}

Result<Reply<wire::DraftSaved>> WebcacheClient::save_draft(
    const Caller& caller, wire::SpoolId id, const std::optional<ShownMessage>& replaces) {
  return ask_as<wire::DraftSaved>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    const auto old = replaces ? shown(request, *replaces) : Offset<wire::Shown>();
    return wire::CreateSaveDraft(request, &id, old);
  });
}

Result<Reply<wire::OutboxEntry>> WebcacheClient::send(const Caller& caller,
                                                      const Outgoing& outgoing, Millis wait) {
  // Those that do not fit the question lie in a file of the spool before it is asked.
  std::size_t some = 0;
  for (std::size_t bytes = 0; some < outgoing.recipients.size(); ++some) {
    bytes += outgoing.recipients[some].size() + 12;
    if (bytes > kRecipientsInQuestion) break;
  }
  std::optional<wire::SpoolId> more;
  if (some < outgoing.recipients.size()) {
    auto writer = SpoolWriter::begin(*this, caller, wire::SpoolKind::Upload, {}, {});
    if (!writer) return writer.error();
    for (const std::string& recipient : outgoing.recipients.subspan(some)) {
      const std::string line = recipient + "\n";
      if (const auto put = writer->write(std::as_bytes(std::span(line))); !put) return put.error();
    }
    const auto whole = writer->finish();
    if (!whole) return whole.error();
    more = writer->id();
  }
  return ask_as<wire::OutboxEntry>(
      lane_, deadline_, caller,
      [&](FlatBufferBuilder& request) {
        std::vector<Offset<flatbuffers::String>> recipients;
        for (const std::string& recipient : outgoing.recipients.first(some))
          recipients.push_back(string(request, recipient));
        std::vector<Offset<wire::Shown>> marked;
        for (const ShownMessage& message : outgoing.marked)
          marked.push_back(shown(request, message));
        const auto from = string(request, outgoing.from);
        const auto to = request.CreateVector(recipients);
        const auto folder = string(request, outgoing.sent_folder);
        const auto marks = request.CreateVector(marked);
        const auto draft = outgoing.draft ? shown(request, *outgoing.draft) : Offset<wire::Shown>();
        const auto sealed = bytes_of(request, caller.sealed_password);
        return wire::CreateSend(request, &outgoing.id, from, to, more ? &*more : nullptr,
                                outgoing.hold_seconds, outgoing.keep_copy, folder, outgoing.mark,
                                marks, draft, sealed, wait_ms(wait));
      },
      Again::kMay, caller.password_key);
}

Result<Reply<wire::OutboxEntry>> WebcacheClient::outgoing(const Caller& caller, wire::SpoolId id,
                                                          Millis wait) {
  return ask_as<wire::OutboxEntry>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateShowOutgoing(request, &id, wait_ms(wait));
  });
}

Result<Reply<wire::Outbox>> WebcacheClient::outbox(const Caller& caller) {
  return ask_as<wire::Outbox>(lane_, deadline_, caller, [&](FlatBufferBuilder& request) {
    return wire::CreateListOutbox(request);
  });
}

Result<Reply<wire::OutboxEntry>> WebcacheClient::outbox_act(const Caller& caller, wire::SpoolId id,
                                                            wire::OutboxAction action,
                                                            Millis wait) {
  return ask_as<wire::OutboxEntry>(
      lane_, deadline_, caller,
      [&](FlatBufferBuilder& request) {
        return wire::CreateOutboxAct(request, &id, action,
                                     bytes_of(request, caller.sealed_password), wait_ms(wait));
      },
      Again::kMay, caller.password_key);
}

}  // namespace alphamail
