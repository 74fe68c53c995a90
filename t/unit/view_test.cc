// SPDX-License-Identifier: GPL-3.0-or-later
// Every page, rendered from replies built by hand: what it says, and that no text of strangers ever
// becomes markup.
#include "mod_alphamail/view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "mod_alphamail/action_view.h"
#include "mod_alphamail/error_view.h"
#include "mod_alphamail/folder_view.h"
#include "mod_alphamail/login_view.h"
#include "mod_alphamail/message_view.h"
#include "mod_alphamail/settings_view.h"
#include "t/unit/html_shape.h"
#include "t/unit/message_fixture.h"
#include "t/unit/pages_fixture.h"

using namespace alphamail;
using fixture::read_html;
using testing::Test;

namespace {

const fixture::Site& site() {
  static const fixture::Site made;
  return made;
}

/// Ends texts, attributes, tags, comments and template markers, with bytes that no text should have.
const std::string kCanary = "\"'<>&\\`${{[[@mount]]{{UID}}--><script>x</script>\x01\x7f\xc2\x85";

std::string folder_html(const std::vector<fixture::RowText>& rows, fixture::PageNumbers numbers = {},
                        const char* language = "en", std::string notice = {},
                        const std::vector<fixture::FolderText>& folders = fixture::campus_folders(),
                        std::size_t shown = 0, const ListSort& sort = {}) {
  fixture::Built built;
  const auto& page = fixture::folder_page(built, rows, folders, numbers, shown, sort);
  const Reader reader = site().reader(language);
  FrameInput input = fixture::frame_input();
  input.folders = page.folders();
  input.current = folders[shown].address;
  Frame frame(reader, input);
  return std::string(FolderView(frame, page, sort, std::move(notice)).render());
}

std::string confirm_html(const std::string& word, const char* language = "en") {
  const Reader reader = site().reader(language);
  const FrameInput input = fixture::frame_input();
  Frame frame(reader, input);
  Fields form;
  form.all = {{"v", word}, {"m", word}, {"m", "17-0a1b2c3d"}};
  return std::string(render_confirm(frame, form, 2, "/alphamail/mail/Trash/", "/alphamail/mail/Trash/?page=2"));
}

std::string message_html(fixture::Message& message, const char* language = "en") {
  const auto& view = message.view();
  const Reader reader = site().reader(language);
  FrameInput input = fixture::frame_input();
  input.folders = view.folders();
  Frame frame(reader, input);
  return std::string(render_message(frame, {view, message.letters}));
}

std::string login_html(const LoginState& state, const Config& config, const char* language = "en") {
  const Reader reader = site().reader(language);
  FrameInput input = fixture::frame_input();
  input.address = {};
  Frame frame(reader, input);
  return std::string(render_login_page(frame, *site().words, config, state));
}

std::string error_html(const Error& error, bool logged_in, const char* language = "en") {
  const Reader reader = site().reader(language);
  FrameInput input = fixture::frame_input();
  if (!logged_in) input.address = {};
  Frame frame(reader, input);
  return std::string(render_error_page(frame, {error, "AM-7c1e", "/alphamail/mail/INBOX/", logged_in}));
}

std::string settings_html(const char* language = "en", std::string error = {}) {
  const Reader reader = site().reader(language);
  const FrameInput input = fixture::frame_input();
  Frame frame(reader, input);
  Settings chosen;
  chosen.language = "de";
  chosen.time_zone = "Europe/Berlin";
  chosen.rows = 100;
  const SettingRules rules;
  return std::string(render_settings(frame, {*site().words, rules, chosen, "UTC", fixture::kNow, "Saved.",
                                             std::move(error)}));
}

bool contains(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

std::size_t count(std::string_view text, std::string_view piece) {
  std::size_t n = 0;
  for (auto at = text.find(piece); at != std::string_view::npos; at = text.find(piece, at + 1)) ++n;
  return n;
}

class Pages : public Test {
 protected:
  void SetUp() override { Dict::forget_unknown_names(); }
  void TearDown() override { EXPECT_EQ(Dict::unknown_names(), ""); }
};

/// The canary is there as text, whole, and the markup is that of the same page with a plain word.
void expect_same_shape(const std::string& plain, const std::string& odd) {
  const auto a = read_html(plain);
  const auto b = read_html(odd);
  const auto [here, there] = std::mismatch(a.tags.begin(), a.tags.end(), b.tags.begin(), b.tags.end());
  EXPECT_TRUE(here == a.tags.end() && there == b.tags.end())
      << "first difference: " << (here == a.tags.end() ? "(end)" : *here) << " and "
      << (there == b.tags.end() ? "(end)" : *there) << ", behind " << here - a.tags.begin() << " tags";
  EXPECT_FALSE(contains(odd, "<script>"));  // the page's own one has attributes
  for (const auto& tag : b.tags) EXPECT_FALSE(contains(tag, "UNQUOTED")) << tag;
  EXPECT_TRUE(contains(fixture::unescaped(b.text), "\"'<>&\\`${{[[@mount]]{{UID}}--><script>x</script>"));
}

TEST_F(Pages, AFolderListsItsMessagesUnderDays) {
  const std::string html = folder_html(fixture::campus_rows(50));
  EXPECT_EQ(count(html, "class=\"msg"), 50U);
  EXPECT_TRUE(contains(html, ">Today<"));
  EXPECT_TRUE(contains(html, ">Yesterday<"));
  EXPECT_TRUE(contains(html, ">Earlier this week<"));
  EXPECT_TRUE(contains(html, "<title>Inbox (37 unread) – AlphaMail</title>"));
  EXPECT_TRUE(contains(html, "<p>37 unread of 402</p>"));
  EXPECT_TRUE(contains(html, "href=\"/alphamail/mail/INBOX/91250\""));
  EXPECT_TRUE(contains(html, "<span class=\"vh\">Attached: chapter3-comments.pdf</span>"));
  EXPECT_TRUE(contains(html, "<td class=\"subj\" role=\"cell\" dir=\"rtl\">"));
  EXPECT_EQ(count(html, "<h1"), 1U);
}

TEST_F(Pages, TagsOfAFolderPageAreBalanced) {
  std::vector<std::string> open;
  const std::set<std::string> empty = {"meta", "link", "input", "use", "hr", "br", "img", "!DOCTYPE"};
  for (const auto& tag : read_html(folder_html(fixture::campus_rows(50))).tags) {
    std::string name = tag.substr(0, tag.find(' '));
    if (empty.count(name)) continue;
    if (name[0] != '/') {
      open.push_back(name);
      continue;
    }
    ASSERT_FALSE(open.empty()) << tag;
    EXPECT_EQ("/" + open.back(), name);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST_F(Pages, TheFolderTreeIsNestedAndKnowsWhereWeAre) {
  const std::string html = folder_html(fixture::campus_rows(1), {}, "en", "", fixture::campus_folders(), 3);
  EXPECT_EQ(count(html, "aria-current=\"page\""), 1U);
  EXPECT_TRUE(contains(html, "href=\"/alphamail/mail/Archive/2024/Spring%20term/\" aria-current=\"page\""));
  EXPECT_TRUE(contains(html, "href=\"/alphamail/mail/%E7%A0%94%E7%A9%B6%E4%BC%9A/\""));
  EXPECT_TRUE(contains(html, "href=\"/alphamail/mail/a~2Fb%20%26%20c/\""));
  EXPECT_EQ(count(html, "<ul"), count(html, "</ul>"));
  EXPECT_FALSE(contains(html, "href=\"/alphamail/mail/Shared/\""));  // only holds others
}

TEST_F(Pages, ATreeThatJumpsLevelsStaysATree) {
  std::vector<fixture::FolderText> folders = {{"INBOX", "INBOX", 5, wire::Role::Inbox},
                                              {"a", "a", 200},
                                              {"b", "b", 9},
                                              {"c", "c", 0}};
  const std::string html = folder_html(fixture::campus_rows(1), {}, "en", "", folders);
  EXPECT_EQ(count(html, "<ul"), count(html, "</ul>"));
  EXPECT_EQ(count(html, "<li>"), count(html, "</li>"));
}

TEST_F(Pages, PagingLeadsOnlyWhereThereIsSomething) {
  fixture::PageNumbers numbers;
  std::string html = folder_html(fixture::campus_rows(50), numbers);
  EXPECT_TRUE(contains(html, "href=\"/alphamail/mail/INBOX/?page=2\" rel=\"next\""));
  EXPECT_FALSE(contains(html, "rel=\"prev\""));
  EXPECT_TRUE(contains(html, "Messages 1–50 of 402"));
  EXPECT_TRUE(contains(html, "name=\"page\" type=\"number\" min=\"1\" max=\"9\" value=\"1\""));

  numbers.page = 9;
  html = folder_html(fixture::campus_rows(2), numbers);
  EXPECT_FALSE(contains(html, "rel=\"next\""));
  EXPECT_TRUE(contains(html, "href=\"/alphamail/mail/INBOX/?page=8\" rel=\"prev\""));
  EXPECT_TRUE(contains(html, "Messages 401–402 of 402"));

  numbers = {1, 1, 2, 0, 2, 50};
  html = folder_html(fixture::campus_rows(2), numbers);
  EXPECT_FALSE(contains(html, "rel=\"next\""));
  EXPECT_FALSE(contains(html, "name=\"page\""));
  EXPECT_TRUE(contains(html, "<p>2 messages</p>"));
}

TEST_F(Pages, AnEmptyFolderSaysSo) {
  const std::string html = folder_html({}, {1, 1, 0, 0, 0, 50}, "en", "", fixture::campus_folders(), 9);
  EXPECT_TRUE(contains(html, "Nothing waits here"));
  EXPECT_TRUE(contains(html, "<p>No messages</p>"));
  EXPECT_TRUE(contains(html, "Back to Inbox"));
  EXPECT_FALSE(contains(html, "<table"));
}

TEST_F(Pages, AFolderThatIsStillBeingReadSaysHowFar) {
  const std::string html = folder_html(fixture::campus_rows(50), {1, 400, 20000, 37, 5000, 50});
  EXPECT_TRUE(contains(html, "5,000 of 20,000 messages so far"));
}

TEST_F(Pages, WhatAnActionDidStandsFirstInTheTitleAndInAStatus) {
  const std::string html = folder_html(fixture::campus_rows(1), {}, "en", "2 new messages");
  EXPECT_TRUE(contains(html, "<title>2 new messages – Inbox (37 unread) – AlphaMail</title>"));
  EXPECT_TRUE(contains(html, "role=\"status\""));
}

TEST_F(Pages, MissingSenderAndSubjectAreSaid) {
  const std::string html = folder_html({{"", "", "", ""}});
  EXPECT_TRUE(contains(html, "(no sender)"));
  EXPECT_TRUE(contains(html, "(no subject)"));
}

TEST_F(Pages, GermanIsGermanThroughout) {
  const std::string html = folder_html(fixture::campus_rows(50), {}, "de");
  EXPECT_TRUE(contains(html, "<html lang=\"de\" dir=\"ltr\""));
  EXPECT_TRUE(contains(html, ">Heute<"));
  EXPECT_TRUE(contains(html, ">Gestern<"));
  EXPECT_TRUE(contains(html, "Donnerstag, 19. November 2026"));
  EXPECT_TRUE(contains(html, "Posteingang"));
}

TEST_F(Pages, NoTextOfAFolderBecomesMarkup) {
  std::vector<fixture::RowText> plain = {{"word", "word", "word", "word"}};
  std::vector<fixture::RowText> odd = {{kCanary, kCanary, kCanary, kCanary}};
  std::vector<fixture::FolderText> plain_folders = {{"word", "word", 0}};
  std::vector<fixture::FolderText> odd_folders = {{kCanary, kCanary, 0}};
  const auto a = folder_html(plain, {}, "en", "word", plain_folders);
  const auto b = folder_html(odd, {}, "en", kCanary, odd_folders);
  expect_same_shape(a, b);
  // In the row: sender, subject, snippet, attachment; around it: folder in tree, title, heading, caption.
  EXPECT_GE(count(fixture::unescaped(b), "<script>x</script>"), 9U);
}

TEST_F(Pages, NoTextOfAMessageBecomesMarkup) {
  fixture::Message plain, odd;
  // As the canary but for what is markup: a name with an @ has its address beside it, lines may fold.
  std::string word(kCanary);
  std::replace_if(word.begin(), word.end(), [](char c) { return std::string_view("\"'<>&\\`${}[]/-").find(c) != std::string_view::npos; }, 'x');
  fixture::fill_message(plain, word);
  fixture::fill_message(odd, kCanary);
  expect_same_shape(message_html(plain), message_html(odd));
}

TEST_F(Pages, NoTextOfTheLoginPageBecomesMarkup) {
  const auto render = [](const std::string& word) {
    Config config;
    config.site_notice = word;
    config.help_url = "https://help.example.edu/";
    config.imap_servers.resize(2);
    config.imap_servers[0].domain = word;
    config.imap_servers[1].domain = word + "2";
    LoginState state;
    state.user = word;
    state.domain = word + "2";
    state.next = word;
    state.say = LoginState::Say::kWrong;
    return login_html(state, config);
  };
  expect_same_shape(render("word"), render(kCanary));
}

TEST_F(Pages, NothingGoesForGoodUnasked) {
  const std::string page = confirm_html("word");
  EXPECT_TRUE(contains(page, "<h1>Delete 2 messages for good?</h1>"));
  EXPECT_TRUE(contains(page, "name=\"m\" value=\"17-0a1b2c3d\""));
  EXPECT_TRUE(contains(page, "name=\"sure\" value=\"yes\""));
  EXPECT_TRUE(contains(page, "href=\"/alphamail/mail/Trash/?page=2\""));
  EXPECT_TRUE(contains(confirm_html("word", "de"), "2 Nachrichten endgültig löschen?"));
  const auto plain = read_html(page), odd = read_html(confirm_html(kCanary));
  EXPECT_EQ(plain.tags, odd.tags);
}

TEST_F(Pages, NoServersWordsBecomeMarkup) {
  expect_same_shape(error_html({Code::kServerSaid, "word"}, true),
                    error_html({Code::kServerSaid, kCanary}, true));
}

TEST_F(Pages, AMessageShowsItsHeadTextAndAttachments) {
  fixture::Message message;
  fixture::fill_message(message);
  const std::string html = message_html(message);
  EXPECT_EQ(count(html, "<h1"), 1U);
  EXPECT_TRUE(contains(html, "mina.okafor@example.edu"));
  EXPECT_TRUE(contains(html, "and 2 more, details"));
  EXPECT_TRUE(contains(html, "Noor Lindqvist &lt;noor.lindqvist@example.edu&gt;"));
  EXPECT_TRUE(contains(html, "<h2>3 attachments</h2>"));
  EXPECT_TRUE(contains(html, "href=\"/alphamail/mail/INBOX/91247/part/2?v=7\""));
  EXPECT_TRUE(contains(html, "Picture, 1.2 MB"));
  EXPECT_TRUE(contains(html, "<a href=\"https://news.example.edu/ice\" target=\"_blank\" rel=\"noopener noreferrer\">"));
  EXPECT_TRUE(contains(html, "Quoted text, 12 lines"));
  EXPECT_EQ(count(html, "<details class=\"fold\">"), 1U);  // the short quote stays open
  EXPECT_EQ(count(html, "<blockquote>"), count(html, "</blockquote>"));
  EXPECT_TRUE(contains(html, "Dear Noor,\n\nI will come"));  // white space is the writer's
  EXPECT_TRUE(contains(html, "href=\"/alphamail/mail/INBOX/91250\" rel=\"prev\""));
  EXPECT_TRUE(contains(html, "href=\"/alphamail/mail/INBOX/?page=2\""));
  EXPECT_TRUE(contains(html, "5 of 402"));
}

TEST_F(Pages, AMessageWithoutTextSaysSo) {
  fixture::Message message;
  EXPECT_TRUE(contains(message_html(message), "This message has no text."));
  fixture::Message unreachable;
  unreachable.letters[0].missing = Missing::kUnreachable;
  const std::string html = message_html(unreachable);
  EXPECT_TRUE(contains(html, "The text could not be fetched from the mail server."));
  EXPECT_FALSE(contains(html, "This message has no text."));
}

TEST_F(Pages, ATextMadeToBeABurdenIsCut) {
  fixture::Message message;
  ReadText text;
  text.part.section = "1";
  for (std::uint32_t i = 0; i < 100000; ++i) text.shown.blocks.push_back({i % 2 * kQuoteDepth, "x"});
  message.texts.push_back(text);
  const std::string html = message_html(message);
  EXPECT_LT(html.size(), 2U << 20);
  EXPECT_TRUE(contains(html, "Save all of it"));
}

TEST_F(Pages, LoginKeepsWhatWasTypedAndSaysWhatIsWrong) {
  Config config;
  config.imap_servers.resize(2);
  config.imap_servers[0].domain = "example.edu";
  config.imap_servers[1].domain = "students.example.edu";
  LoginState state;
  state.user = "noor";
  state.domain = "students.example.edu";
  state.shared_computer = true;
  state.say = LoginState::Say::kWrong;
  state.next = "/mail/INBOX/17";
  std::string html = login_html(state, config);
  EXPECT_TRUE(contains(html, "value=\"noor\""));
  EXPECT_TRUE(contains(html, "<option value=\"students.example.edu\" selected>"));
  EXPECT_TRUE(contains(html, "value=\"1\" checked>"));
  EXPECT_TRUE(contains(html, "role=\"alert\""));
  EXPECT_TRUE(contains(html, "aria-invalid=\"true\" aria-describedby=\"wrong\""));
  EXPECT_TRUE(contains(html, "<title>User name and password do not fit together – Log in – AlphaMail</title>"));
  EXPECT_TRUE(contains(html, "name=\"next\" value=\"/mail/INBOX/17\""));
  EXPECT_FALSE(contains(html, "type=\"password\" value"));
  EXPECT_EQ(login_status(state.say), 401);

  state.say = LoginState::Say::kThrottled;
  state.seconds = 42;
  html = login_html(state, config);
  EXPECT_TRUE(contains(html, "Wait 42 seconds"));
  EXPECT_EQ(login_status(state.say), 429);

  config.imap_servers.resize(1);
  html = login_html({}, config);
  EXPECT_FALSE(contains(html, "name=\"domain\""));  // one domain needs no choice
  EXPECT_FALSE(contains(html, "role=\"alert\""));
  EXPECT_TRUE(contains(html, "href=\"/alphamail/login?lang=de\""));
}

TEST_F(Pages, EveryErrorHasAHeadingOfItsOwnAndAWayOn) {
  std::set<std::string> headings;
  for (int code = 0; code <= static_cast<int>(kLastCode); ++code) {
    for (const char* language : {"en", "de"}) {
      const Error error{static_cast<Code>(code), "listing: host 10.0.0.1 refused", 0};
      const std::string html = error_html(error, true, language);
      const auto start = html.find("<h1>") + 4;
      headings.insert(html.substr(start, html.find("</h1>") - start));
      EXPECT_TRUE(contains(html, "AM-7c1e"));
      EXPECT_TRUE(contains(html, "href=\"/alphamail/mail/INBOX/\""));
      EXPECT_EQ(count(html, "<h1>"), 1U);
      // Internals are for the log.
      EXPECT_EQ(contains(html, "10.0.0.1"), error.code == Code::kServerSaid);
      EXPECT_GE(error_status(error.code), 400);
    }
  }
  // Kept apart in both languages; the two kinds of refused credentials share theirs.
  EXPECT_EQ(headings.size(), 2U * static_cast<std::size_t>(kLastCode));
}

TEST_F(Pages, AnErrorWithoutASessionLeadsToTheLoginPage) {
  const std::string html = error_html({Code::kNotFound, ""}, false);
  EXPECT_TRUE(contains(html, "href=\"/alphamail/login\""));
  EXPECT_FALSE(contains(html, "/mail/INBOX/\""));
  EXPECT_EQ(retry_after({Code::kNoWebcache, "", 0}), 5U);
  EXPECT_EQ(retry_after({Code::kBusy, "", 9}), 9U);
  EXPECT_EQ(retry_after({Code::kNotFound, "", 0}), 0U);
}

TEST_F(Pages, SettingsShowWhatIsChosen) {
  const std::string html = settings_html();
  EXPECT_TRUE(contains(html, "<option value=\"de\" lang=\"de\" selected>Deutsch</option>"));
  EXPECT_TRUE(contains(html, "<option value=\"Europe/Berlin\" selected>Berlin (+01:00)</option>"));
  EXPECT_TRUE(contains(html, "<option value=\"100\" selected>100</option>"));
  EXPECT_TRUE(contains(html, "<option value=\"0\" selected>not at all</option>"));
  EXPECT_TRUE(contains(html, "<option value=\"0\" selected>never</option>"));
  EXPECT_TRUE(contains(html, "<optgroup label=\"Europe\">"));
  EXPECT_EQ(count(html, " selected"), 6U);  // with the order of the list
  EXPECT_GT(count(html, "<option"), 300U);
}

TEST_F(Pages, SettingsAreReadFieldByField) {
  const auto read = [](std::string_view name, std::string_view value) {
    Fields form;
    form.all.emplace_back(name, value);
    Settings old;
    old.rows = 25;
    old.time_zone = "Asia/Tokyo";
    return read_settings(form, old, *site().words, SettingRules{});
  };
  EXPECT_EQ(read("theme", "dark")->theme, Theme::kDark);
  EXPECT_EQ(read("theme", "dark")->time_zone, "Asia/Tokyo");
  EXPECT_EQ(read("density", "compact")->density, Density::kCompact);
  EXPECT_EQ(read("rows", "200")->rows, 200);
  EXPECT_EQ(read("language", "DE")->language, "de");
  EXPECT_EQ(read("language", "")->language, "");
  EXPECT_EQ(read("time_zone", "Europe/Berlin")->time_zone, "Europe/Berlin");
  for (const auto& [name, value] :
       {std::pair{"theme", "pink"}, {"density", ""}, {"rows", "51"}, {"rows", "-1"}, {"language", "xx"},
        {"time_zone", "Europe/Atlantis"}, {"time_zone", "../../etc/passwd"}, {"time_zone", "GMT+5"}}) {
    EXPECT_FALSE(read(name, value)) << name << "=" << value;
  }
}

TEST_F(Pages, BothExpansionsGiveTheSameBytes) {
  ASSERT_TRUE(site().templates->all_programs());
  std::vector<fixture::RowText> rows = fixture::campus_rows(50);
  rows.push_back({kCanary, kCanary, kCanary + "\t\r\n\v\f long enough for eight bytes at a time", kCanary});
  for (const char* language : {"en", "de"}) {
    fixture::Built built;
    const auto& page = fixture::folder_page(built, rows, fixture::campus_folders());
    const Reader reader = site().reader(language);
    FrameInput input = fixture::frame_input();
    input.folders = page.folders();
    for (const char* help : {"https://help.example.edu/?a=1&b=2", "javascript:alert(1)", "HTTP://x/", "a:b", "/a:b"}) {
      input.help_url = help;
      Frame frame(reader, input);
      const FolderView view(frame, page, {}, "");
      const std::string ours(site().templates->expand(PageTemplate::kFolder, reader.language, view));
      EXPECT_EQ(ours, site().templates->expand_by_ctemplate(PageTemplate::kFolder, reader.language, view));
      EXPECT_FALSE(contains(ours, "javascript"));
    }
  }
}

TEST_F(Pages, BothExpansionsEscapeEveryByteAlike) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  const Reader reader = site().reader();
  for (std::size_t shift = 0; shift < 9; ++shift) {
    const std::string text = std::string(shift, 'x') + all + all.substr(shift);
    Values page(nullptr);
    for (const std::string_view& name : kNames) {
      const auto value = static_cast<Name>(&name - kNames);
      if (value != Name::SAFE_HTML) page.set(value, std::string_view(text));  // of no page of these
    }
    for (const auto which : {PageTemplate::kLogin, PageTemplate::kFolder, PageTemplate::kMessage,
                             PageTemplate::kSettings, PageTemplate::kError, PageTemplate::kConfirm,
                             PageTemplate::kCompose, PageTemplate::kAsk, PageTemplate::kOutbox,
                             PageTemplate::kIdentities, PageTemplate::kContacts, PageTemplate::kChoose,
                             PageTemplate::kPrint, PageTemplate::kLabels}) {
      EXPECT_EQ(std::string(site().templates->expand(which, reader.language, page)),
                site().templates->expand_by_ctemplate(which, reader.language, page));
    }
  }
}

TEST_F(Pages, PagesAreSmall) {
  // 15 KB compressed is the budget (t/5200 looks at that); this says what a page grows by unnoticed.
  EXPECT_LT(folder_html(fixture::campus_rows(50)).size(), 69000U);
}

}  // namespace
