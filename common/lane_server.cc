// SPDX-License-Identifier: GPL-3.0-or-later
// The control socket and who comes in by it: one thread accepts, each lane has a thread of its own
// (served_lane.cc), and the accepting thread buries those that have ended.
#include "common/lane_server.h"

#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <list>
#include <utility>

#include <fcntl.h>

#include "common/lane.h"
#include "common/served_lane.h"
#include "common/unique_fd.h"

namespace alphamail {

namespace {

constexpr int kBacklog = 256;
constexpr Millis kShortOfDescriptors{20};  // before accept() is tried again
constexpr Millis kGoodbyeTakes{300};       // until no child asks in an old lane any more
constexpr Millis kQuietEvery{20};          // lanes of a retiring server are looked at

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Error{Code::kStorage, path + ": a socket's path has 1 to 107 characters", 0};
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

UniqueFd new_socket() {
  return UniqueFd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// Removes what a dead daemon left. kBusy where one lives; anything but a socket is left alone.
Result<void> clear_the_way(const std::string& path, const sockaddr_un& address) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return lane::system_error(Code::kStorage, path.c_str());
  }
  if (!S_ISSOCK(info.st_mode))
    return Error{Code::kStorage, path + ": is in the way and no socket", 0};
  const UniqueFd probe = new_socket();
  if (!probe) return lane::system_error(Code::kStorage, "socket");
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN)  // its queue is full: it lives, if slowly
    return Error{Code::kBusy, path + ": another webcache answers there", 0};
  if (errno != ECONNREFUSED) return lane::system_error(Code::kStorage, path.c_str());
  if (unlink(path.c_str()) != 0) return lane::system_error(Code::kStorage, path.c_str());
  return {};
}

/// The group that a web user's processes have first, or -1.
gid_t group_of(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> space(16 * 1024);
  if (getpwuid_r(uid, &entry, space.data(), space.size(), &found) != 0 || found == nullptr)
    return static_cast<gid_t>(-1);
  return found->pw_gid;
}

/// The uid that SO_PEERCRED reports is what counts; the file's mode only keeps others from
/// knocking.
Result<void> let_clients_in(const std::string& path, const std::vector<uid_t>& clients) {
  const uid_t own = geteuid();
  const auto other =
      std::find_if(clients.begin(), clients.end(), [own](uid_t u) { return u != own && u != 0; });
  if (other == clients.end()) return {};
  // Where we may not give it to that group, the directory's set-gid bit has chosen one.
  if (chown(path.c_str(), static_cast<uid_t>(-1), group_of(*other)) != 0 && errno != EPERM)
    return lane::system_error(Code::kStorage, path.c_str());
  if (chmod(path.c_str(), 0660) != 0) return lane::system_error(Code::kStorage, path.c_str());
  return {};
}

}  // namespace

Result<ControlSocket> ControlSocket::listen(const std::string& path,
                                            const std::vector<uid_t>& clients) {
  const auto address = address_of(path);
  if (!address) return address.error();
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  // Two daemons that start at once: the second looks only after the first listens.
  const UniqueFd lock(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock || flock(lock.get(), LOCK_EX) != 0)
    return lane::system_error(Code::kStorage, folder.c_str());
  if (const auto clear = clear_the_way(path, *address); !clear) return clear.error();

  ControlSocket made;
  made.path_ = path;
  made.fd_ = new_socket();
  if (!made.fd_) return lane::system_error(Code::kStorage, "socket");
  if (fchmod(made.fd(), 0600) != 0 ||  // before bind(), so that it never had another mode
      bind(made.fd(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
    return lane::system_error(Code::kStorage, path.c_str());
  struct stat file {};
  if (lstat(path.c_str(), &file) == 0) {
    made.device_ = file.st_dev;
    made.inode_ = file.st_ino;
  }
  if (const auto in = let_clients_in(path, clients); !in) return in.error();
  if (::listen(made.fd(), kBacklog) != 0) return lane::system_error(Code::kStorage, path.c_str());
  return made;
}

ControlSocket::~ControlSocket() {
  struct stat now;
  if (!fd_ || lstat(path_.c_str(), &now) != 0) return;
  if (now.st_dev == device_ && now.st_ino == inode_) unlink(path_.c_str());
}

struct LaneServer::Impl {
  /// A lane and its thread.
  struct Attended {
    std::shared_ptr<ServedLane> lane;
    std::atomic<bool> ended{false};
    pthread_t thread{};
  };

  Impl(Options o, Handler h, std::optional<ControlSocket> s, UniqueFd w)
      : options(std::move(o)), handler(std::move(h)), own(std::move(s)), wake(std::move(w)) {}

  void accept_all();
  void accept_one();
  bool welcome(int fd) const;
  void attend(UniqueFd control);
  void bury(bool all);
  void dismiss();
  void call() const;
  int listening() const { return own ? own->fd() : options.listening.get(); }

  const Options options;
  const Handler handler;
  std::optional<ControlSocket> own;
  const UniqueFd wake;  // eventfd: a lane has ended, or the server stops
  const std::shared_ptr<ServedLane::Counters> counters = std::make_shared<ServedLane::Counters>();
  std::atomic<bool> stopping{false}, retiring{false};
  std::optional<pthread_t> acceptor;
  // the accepting thread's alone, then the destructor's
  std::list<Attended> attended;
  std::optional<Deadline> quiet_after;  // goodbye was said
};

void LaneServer::Impl::call() const {
  const std::uint64_t one = 1;
  while (write(wake.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
}

/// Runs on the accepting thread.
void LaneServer::Impl::accept_all() {
  while (!stopping.load()) {
    const bool leaving = retiring.load();
    pollfd fds[2] = {{wake.get(), POLLIN, 0}, {listening(), POLLIN, 0}};
    poll(fds, leaving ? 1 : 2, leaving ? static_cast<int>(kQuietEvery.count()) : -1);
    if (fds[0].revents != 0) {
      std::uint64_t count;
      while (read(wake.get(), &count, sizeof count) < 0 && errno == EINTR) {
      }
    }
    bury(false);
    if (retiring.load()) {
      dismiss();
    } else if (fds[1].revents != 0 && !stopping.load()) {
      accept_one();
    }
  }
}

/// Says goodbye to all lanes, and ends those that have gone quiet since: whoever was told asks
/// nothing in them any more, so nothing is lost.
void LaneServer::Impl::dismiss() {
  if (!quiet_after) {
    for (Attended& entry : attended) entry.lane->say_goodbye();
    quiet_after = Deadline::in(kGoodbyeTakes);
  }
  if (!quiet_after->passed()) return;
  for (Attended& entry : attended)
    if (!entry.ended.load() && entry.lane->quiet()) entry.lane->stop();
}

void LaneServer::Impl::accept_one() {
  UniqueFd control(accept4(listening(), nullptr, nullptr, SOCK_CLOEXEC));
  if (control) {
    if (welcome(control.get())) attend(std::move(control));
    return;
  }
  // Out of descriptors or memory: poll() would say "ready" again at once and burn a core.
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    pollfd pause{wake.get(), POLLIN, 0};
    poll(&pause, 1, static_cast<int>(kShortOfDescriptors.count()));
  }
}

bool LaneServer::Impl::welcome(int fd) const {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  const auto& uids = options.client_uids;
  return std::find(uids.begin(), uids.end(), peer.uid) != uids.end() &&
         counters->lanes.load() < options.max_lanes;
}

/// A child whose lane cannot be made sees its socket closed and may come again.
void LaneServer::Impl::attend(UniqueFd control) {
  auto lane = ServedLane::make(std::move(control), counters);
  if (!lane) return;
  Attended& entry = attended.emplace_back();
  entry.lane = std::move(*lane);
  const auto thread = lane::start_thread("am-lane", [this, &entry] {
    entry.lane->run(handler);
    entry.ended.store(true);
    call();
  });
  if (thread) {
    entry.thread = *thread;
  } else {
    attended.pop_back();
  }
}

void LaneServer::Impl::bury(bool all) {
  for (auto it = attended.begin(); it != attended.end();) {
    if (!all && !it->ended.load()) {
      ++it;
      continue;
    }
    pthread_join(it->thread, nullptr);
    it->lane->close();
    it = attended.erase(it);
  }
}

LaneServer::LaneServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<LaneServer>> LaneServer::open(Options options, Handler handler) {
  std::optional<ControlSocket> own;
  if (!options.listening) {
    auto made = ControlSocket::listen(options.socket_path, options.client_uids);
    if (!made) return made.error();
    own.emplace(std::move(*made));
  }
  UniqueFd wake(eventfd(0, EFD_CLOEXEC));
  if (!wake) return lane::system_error(Code::kStorage, "eventfd");
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler), std::move(own),
                                     std::move(wake));
  const auto thread = lane::start_thread("am-lanes", [raw = impl.get()] { raw->accept_all(); });
  if (!thread) return thread.error();
  impl->acceptor = *thread;
  return std::unique_ptr<LaneServer>(new LaneServer(std::move(impl)));
}

LaneServer::~LaneServer() {
  impl_->stopping = true;
  impl_->call();
  pthread_join(*impl_->acceptor, nullptr);
  impl_->own.reset();
  for (Impl::Attended& entry : impl_->attended) entry.lane->stop();
  impl_->bury(true);
}

void LaneServer::retire() {
  impl_->retiring = true;
  impl_->call();
}

std::size_t LaneServer::questions() const {
  return impl_->counters->questions.load();
}
std::size_t LaneServer::lanes() const {
  return impl_->counters->lanes.load();
}
std::uint64_t LaneServer::control_bytes() const {
  return impl_->counters->control_bytes.load();
}

}  // namespace alphamail
