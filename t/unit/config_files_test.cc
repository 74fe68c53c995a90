// SPDX-License-Identifier: GPL-3.0-or-later
// Wrong set-ups of files and folders: each is refused with a message that says what to run.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/config.h"

namespace alphamail {
namespace {

class ConfigFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    path_ = folder_ + "/alphamail_config";
    write(path_, 0644, "imap_servers: example.com=imap.example.com:993[/]\n");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static void write(const std::string& path, mode_t mode, const std::string& text) {
    std::ofstream(path) << text;
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }
  std::string make_file(const std::string& name, mode_t mode) {
    write(folder_ + "/" + name, mode, "x");
    return folder_ + "/" + name;
  }
  std::string make_folder(const std::string& name, mode_t mode) {
    const std::string path = folder_ + "/" + name;
    EXPECT_EQ(::mkdir(path.c_str(), 0700), 0);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  void add_line(const std::string& line) { std::ofstream(path_, std::ios::app) << line << "\n"; }
  /// What is wrong, without the configuration's path in front; "" where nothing is.
  std::string wrong() const {
    const auto config = read_config(path_);
    if (config) return "";
    const std::string& detail = config.error().detail;
    return detail.starts_with(path_ + ":") ? detail.substr(path_.size() + 1) : "? " + detail;
  }
  std::string wrong_with(const std::string& line) {
    add_line(line);
    return wrong();
  }

  std::string folder_ = "/tmp/alphamail-conf-XXXXXX";
  std::string path_;
};

TEST_F(ConfigFiles, GoodOne) {
  EXPECT_EQ(wrong(), "");
  EXPECT_EQ(read_config(path_)->path, path_);
}

TEST_F(ConfigFiles, MissingFolderAndPipe) {
  EXPECT_EQ(read_config(folder_ + "/none").error().detail, folder_ + "/none: No such file or directory");
  EXPECT_EQ(read_config(folder_).error().detail, folder_ + ": is not an ordinary file");
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(read_config(pipe).error().detail, pipe + ": is not an ordinary file");
}

TEST_F(ConfigFiles, WritableByOthers) {
  ASSERT_EQ(::chmod(path_.c_str(), 0664), 0);
  EXPECT_EQ(wrong(), " others may write it (mode 0664); run: chmod go-w " + path_);
  ASSERT_EQ(::chmod(path_.c_str(), 0646), 0);
  EXPECT_EQ(wrong(), " others may write it (mode 0646); run: chmod go-w " + path_);
}

TEST_F(ConfigFiles, FolderWritableByOthers) {
  ASSERT_EQ(::chmod(folder_.c_str(), 0775), 0);
  EXPECT_NE(wrong().find("others may write its folder (mode 0775)"), std::string::npos);
  ASSERT_EQ(::chmod(folder_.c_str(), 01777), 0);  // like /tmp: files of others stay theirs
  EXPECT_EQ(wrong(), "");
}

TEST_F(ConfigFiles, ForeignOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(::chown(path_.c_str(), 65534, 0), 0);
  EXPECT_EQ(wrong(), " belongs to user 65534, neither root nor who reads it; run: chown root " + path_);
}

TEST_F(ConfigFiles, TooLarge) {
  add_line("# " + std::string(1 << 20, 'x'));
  EXPECT_EQ(wrong(), " is larger than 1 MB");
}

TEST_F(ConfigFiles, SecretReadableByOthers) {
  for (const mode_t mode : {0640U, 0604U, 0610U, 0601U, 0620U, 0602U}) {
    const std::string secret = make_file("secret", mode);
    if (mode == 0640U) add_line("secret_file: " + secret);
    EXPECT_NE(wrong().find("2: secret_file: others may use " + secret), std::string::npos) << mode;
  }
  ASSERT_EQ(::chmod((folder_ + "/secret").c_str(), 0600), 0);
  EXPECT_EQ(wrong(), "");
}

TEST_F(ConfigFiles, SecretIsALinkOrAFolder) {
  ASSERT_EQ(::symlink(make_file("good", 0600).c_str(), (folder_ + "/link").c_str()), 0);
  EXPECT_EQ(wrong_with("secret_file: " + folder_ + "/link"),
            "2: secret_file: " + folder_ + "/link is not an ordinary file");
}

TEST_F(ConfigFiles, SecretInAnOpenFolder) {
  const std::string open = make_folder("open", 0777);
  EXPECT_EQ(wrong_with("secret_file: " + open + "/secret"),
            "2: secret_file: others may write its folder (mode 0777); run: chmod go-w " + open);
}

TEST_F(ConfigFiles, SecretOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  const std::string secret = make_file("secret", 0600);
  ASSERT_EQ(::chown(secret.c_str(), 65534, 0), 0);
  EXPECT_NE(wrong_with("secret_file: " + secret).find("belongs to user 65534"), std::string::npos);
  add_line("webcache_user: nobody");
  EXPECT_EQ(wrong(), "");
}

TEST_F(ConfigFiles, CacheAndSpoolOpenToOthers) {
  EXPECT_EQ(wrong_with("cache_dir: " + make_folder("cache", 0750)),
            "2: cache_dir: others may use " + folder_ + "/cache (mode 0750); run: chmod 700 " + folder_ +
                "/cache");
  ASSERT_EQ(::chmod((folder_ + "/cache").c_str(), 0700), 0);
  EXPECT_EQ(wrong_with("spool_dir: " + make_folder("spool", 0701)),
            "3: spool_dir: others may use " + folder_ + "/spool (mode 0701); run: chmod 700 " + folder_ +
                "/spool");
}

TEST_F(ConfigFiles, CacheIsAFile) {
  const std::string file = make_file("cache", 0600);
  EXPECT_EQ(wrong_with("cache_dir: " + file), "2: cache_dir: " + file + " is not a folder");
}

TEST_F(ConfigFiles, SocketInAnOpenFolder) {
  const std::string open = make_folder("run", 0777);
  EXPECT_EQ(wrong_with("webcache_socket: " + open + "/s"),
            "2: webcache_socket: others may write its folder (mode 0777); run: chmod go-w " + open);
}

TEST_F(ConfigFiles, CertificatesAndLogo) {
  EXPECT_EQ(wrong_with("tls_ca_file: /none.pem"), "2: tls_ca_file: /none.pem: No such file or directory");
  EXPECT_NE(wrong_with("site_logo: " + make_file("logo.svg", 0666)).find("3: site_logo: others may write"),
            std::string::npos);
}

TEST_F(ConfigFiles, LogWritableByEverybody) {
  const std::string file = make_file("log", 0666);
  EXPECT_EQ(wrong_with("log_file: " + file),
            "2: log_file: everybody may write " + file + " (mode 0666); run: chmod o-w " + file);
}

TEST_F(ConfigFiles, UsersAndTimeZoneThatDoNotExist) {
  EXPECT_EQ(wrong_with("webcache_user: nobody-of-that-name"),
            "2: webcache_user: there is no user 'nobody-of-that-name'");
  EXPECT_NE(wrong_with("web_user: nor-this-one").find("3: web_user: there is no user 'nor-this-one'"),
            std::string::npos);
  if (std::filesystem::exists("/usr/share/zoneinfo")) {
    EXPECT_NE(wrong_with("default_time_zone: Europe/Atlantis").find("no time zone 'Europe/Atlantis'"),
              std::string::npos);
  }
}

TEST_F(ConfigFiles, TextAndFilesAreReportedTogether) {
  ASSERT_EQ(::chmod(path_.c_str(), 0666), 0);
  add_line("workers: none");
  const std::string said = wrong_with("webcache_user: nobody-of-that-name");
  EXPECT_NE(said.find(" others may write it"), std::string::npos);
  EXPECT_NE(said.find(":2: workers: 'none'"), std::string::npos);
  EXPECT_NE(said.find(":3: webcache_user:"), std::string::npos);
}

}  // namespace
}  // namespace alphamail
