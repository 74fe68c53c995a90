// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "mod_alphamail/assets.h"

namespace alphamail {
namespace {

class AssetsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/alphamail-assets-XXXXXX";
    folder_ = mkdtemp(name);
    put("alphamail.css", "body { color: black }");
    put("alphamail.css.br", "packed");
    put("mark.svg", "<svg/>");
    put("LICENCE", "words");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void put(const std::string& name, const std::string& content) {
    std::ofstream(folder_ + "/" + name) << content;
  }
  static std::string last(std::string_view url) { return std::string(url.substr(url.rfind('/') + 1)); }
  std::string folder_;
  Config config_;
};

TEST_F(AssetsTest, NamesHoldTheContentsHash) {
  const auto assets = Assets::load(folder_, "/mail", config_);
  ASSERT_TRUE(assets) << assets.error().detail;
  const std::string url(assets->url("alphamail.css"));
  EXPECT_TRUE(url.starts_with("/mail/assets/alphamail-")) << url;
  EXPECT_TRUE(url.ends_with(".css")) << url;
  const Assets::File* file = assets->find(last(url));
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->content_type, "text/css; charset=utf-8");
  EXPECT_EQ(file->path, folder_ + "/alphamail.css");
  EXPECT_EQ(file->path_br, folder_ + "/alphamail.css.br");
  EXPECT_EQ(file->path_gz, "");

  put("alphamail.css", "body { color: red }");
  EXPECT_NE(Assets::load(folder_, "/mail", config_)->url("alphamail.css"), url);
}

TEST_F(AssetsTest, WhatIsNoAssetHasNoAddress) {
  const auto assets = Assets::load(folder_, "", config_);
  ASSERT_TRUE(assets);
  for (const char* name : {"LICENCE", "alphamail.css.br", "absent", "", "logo"}) {
    EXPECT_EQ(assets->url(name), "") << name;
  }
  for (const char* name : {"alphamail.css", "..", "", "alphamail-0000000000.css"}) {
    EXPECT_EQ(assets->find(name), nullptr) << name;
  }
}

TEST_F(AssetsTest, TheSitesColourIsInItsSheet) {
  config_.site_color = "#ff0000";
  const auto assets = Assets::load(folder_, "", config_);
  const Assets::File* file = assets->find(last(assets->url("alphamail.css")));
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->memory, "body { color: black }\n:root{--brand:#ff0000}\n");
  EXPECT_EQ(file->path_br, "") << "the compressed one has the wrong colour";
  const std::string red(assets->url("alphamail.css"));
  config_.site_color = "#00ff00";
  EXPECT_NE(Assets::load(folder_, "", config_)->url("alphamail.css"), red);
}

TEST_F(AssetsTest, ALogoIsServedAndMustBeAPicture) {
  config_.site_logo = folder_ + "/mark.svg";
  const auto assets = Assets::load(folder_, "", config_);
  ASSERT_TRUE(assets);
  EXPECT_EQ(assets->find(last(assets->url("logo")))->content_type, "image/svg+xml; charset=utf-8");
  config_.site_logo = folder_ + "/LICENCE";
  EXPECT_FALSE(Assets::load(folder_, "", config_));
}

TEST_F(AssetsTest, AFolderThatIsNotThereIsNamed) {
  const auto assets = Assets::load(folder_ + "/absent", "", config_);
  ASSERT_FALSE(assets);
  EXPECT_NE(assets.error().detail.find("/absent"), std::string::npos);
}

}  // namespace
}  // namespace alphamail
