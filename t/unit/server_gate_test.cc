// SPDX-License-Identifier: GPL-3.0-or-later
// Places at a server: how many, in what order, and until when somebody waits for one.
#include "webcache/server_gate.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace alphamail {
namespace {

class ServerGateTest : public ::testing::Test {
 protected:
  std::shared_ptr<ServerGate> make(std::size_t limit) {
    return std::make_shared<ServerGate>(limit, counters, [this] { ++crowded; });
  }
  // Asks, and notes under `name` what comes of it.
  void ask(ServerGate& gate, const std::string& name,
           Deadline until = Deadline::in(Millis(60000))) {
    gate.wait(until, [this, name](Result<ServerGate::Place> place) {
      if (closing) return;
      told.push_back(name + (place ? "" : " busy"));
      if (place) {
        places.push_back(std::move(*place));
      } else {
        errors.push_back(place.error());
      }
    });
  }
  std::vector<std::string> heard() { return std::exchange(told, {}); }
  // Outside the list, since whoever gets the place is noted there.
  void give_back_first() {
    const ServerGate::Place first = std::move(places.front());
    places.erase(places.begin());
  }
  // Whoever still waits when the test is over lets the place go at once.
  void TearDown() override {
    closing = true;
    give_back_all();
  }
  void give_back_all() { const auto all = std::exchange(places, {}); }
  using Names = std::vector<std::string>;

  Counters counters;
  int crowded = 0;
  bool closing = false;
  std::vector<std::string> told;
  std::vector<Error> errors;
  std::vector<ServerGate::Place> places;
};

TEST_F(ServerGateTest, WhoeverComesTooManyWaitsAndIsServedInOrder) {
  const auto gate = make(2);
  for (const char* name : {"a", "b", "c", "d", "e"}) ask(*gate, name);
  EXPECT_EQ(heard(), (Names{"a", "b"}));
  EXPECT_EQ(gate->waiting(), 3U);
  EXPECT_EQ(crowded, 3);
  EXPECT_EQ(counters.get(Count::connections), 2U);
  EXPECT_EQ(counters.get(Count::connections_wanted), 3U);
  for (const char* next : {"c", "d", "e"}) {
    give_back_first();  // it goes to the first who waits
    EXPECT_EQ(heard(), Names{next});
    EXPECT_EQ(counters.get(Count::connections), 2U);
  }
  give_back_all();
  EXPECT_EQ(counters.get(Count::connections), 0U);
  EXPECT_EQ(counters.get(Count::connections_wanted), 0U);
  EXPECT_EQ(counters.get(Count::connections_waited), 3U);
}

TEST_F(ServerGateTest, NobodyWaitsLongerThanThatIsWorthIt) {
  const auto gate = make(1);
  ask(*gate, "a");
  ask(*gate, "soon", Deadline::in(Millis(0)));
  ask(*gate, "late", Deadline::in(Millis(1)));
  ask(*gate, "b");
  EXPECT_EQ(heard(), (Names{"a", "soon busy"}));
  const auto end = Deadline::in(Millis(5));
  while (!end.passed()) {
  }
  gate->expire();
  EXPECT_EQ(heard(), Names{"late busy"});
  for (const Error& error : errors) {
    EXPECT_EQ(error.code, Code::kBusy);
    EXPECT_GT(error.retry_after, 0U);
  }
  give_back_all();
  EXPECT_EQ(heard(), Names{"b"});
}

TEST_F(ServerGateTest, OneWhoseTimeIsOverIsPassedByWithoutExpire) {
  const auto gate = make(1);
  ask(*gate, "a");
  ask(*gate, "late", Deadline::in(Millis(1)));
  ask(*gate, "b");
  heard();
  const auto end = Deadline::in(Millis(5));
  while (!end.passed()) {
  }
  give_back_all();
  EXPECT_EQ(heard(), (Names{"b", "late busy"}));
}

TEST_F(ServerGateTest, NotMoreWaitThanThereIsRoomFor) {
  const auto gate = make(1);
  for (int i = 0; i < 30; ++i) ask(*gate, std::to_string(i));
  EXPECT_EQ(gate->waiting(), 16U);
  EXPECT_EQ(errors.size(), 13U);
}

TEST_F(ServerGateTest, AFailureIsToldToAllWhoWaitAndToWhoComesBeforeItIsWell) {
  const auto gate = make(1);
  ask(*gate, "a");
  ask(*gate, "b");
  gate->failed(Error{Code::kTimeout, "no answer", 0});
  ask(*gate, "c");
  EXPECT_EQ(heard(), (Names{"a", "b busy", "c busy"}));
  EXPECT_EQ(errors.front().code, Code::kTimeout);
  EXPECT_EQ(errors.back().retry_after, 1U);
  give_back_all();
  EXPECT_EQ(gate->away()->code, Code::kTimeout);
  EXPECT_EQ(counters.get(Count::servers_away), 1U);
  gate->answered();
  EXPECT_FALSE(gate->away());
  EXPECT_EQ(counters.get(Count::servers_away), 0U);
  ask(*gate, "d");
  EXPECT_EQ(heard(), Names{"d"});
  EXPECT_EQ(counters.get(Count::connections), 1U);
}

TEST_F(ServerGateTest, ItIsProbedUntilItIsWellAndThenUsersComeInByTurns) {
  std::vector<Millis> planned;
  const auto gate = std::make_shared<ServerGate>(
      20, counters, [this] { ++crowded; }, [&](Millis after) { planned.push_back(after); }, "imap");
  gate->failed(Error{Code::kUnreachable, "refused", 0});
  ASSERT_EQ(planned.size(), 1U);
  EXPECT_TRUE(gate->begin_probe());
  EXPECT_EQ(planned.size(), 2U);  // the next one, whatever becomes of this
  gate->probed(Error{Code::kUnreachable, "refused", 0});
  EXPECT_TRUE(gate->away());
  EXPECT_TRUE(gate->begin_probe());
  gate->probed({});
  EXPECT_FALSE(gate->away());
  EXPECT_FALSE(gate->begin_probe());
  EXPECT_EQ(counters.get(Count::server_probes), 2U);
  for (const char* name : {"a", "b", "c", "d"}) ask(*gate, name);
  EXPECT_EQ(heard(), Names{"a"});
  EXPECT_EQ(gate->waiting(), 3U);
  EXPECT_FALSE(gate->full());
  const auto end = Deadline::in(Millis(3000));
  while (gate->waiting() == 3 && !end.passed()) gate->serve();
  EXPECT_EQ(heard(), Names{"b"});
}

TEST_F(ServerGateTest, AConnectionThatBrokeHasTheServerProbedOnceASecond) {
  std::vector<Millis> planned;
  const auto gate = std::make_shared<ServerGate>(
      20, counters, [] {}, [&](Millis after) { planned.push_back(after); }, "imap");
  for (int i = 0; i < 100; ++i) gate->suspect();
  EXPECT_EQ(planned, std::vector<Millis>{Millis(0)});
  EXPECT_TRUE(gate->begin_probe());
  gate->probed({});
  gate->suspect();
  EXPECT_EQ(planned.size(), 1U);
}

TEST_F(ServerGateTest, WhatNobodyWaitsForLeavesAQuarterOfThePlacesFree) {
  for (const auto& [limit, quiet] : {std::pair{1, 0}, {2, 1}, {3, 2}, {4, 3}, {8, 6}}) {
    const auto gate = make(static_cast<std::size_t>(limit));
    std::vector<ServerGate::Place> held;
    while (auto place = gate->enter_if_quiet()) held.push_back(std::move(*place));
    EXPECT_EQ(held.size(), static_cast<std::size_t>(quiet)) << limit;
  }
}

TEST_F(ServerGateTest, StoppedItLetsGoOfAllWhoWait) {
  const auto gate = make(1);
  ask(*gate, "a");
  const auto token = std::make_shared<int>(1);
  gate->wait(Deadline::in(Millis(60000)), [token](Result<ServerGate::Place>) {});
  EXPECT_EQ(token.use_count(), 2);
  gate->stop();
  EXPECT_EQ(token.use_count(), 1);
  ask(*gate, "b");
  EXPECT_EQ(heard(), Names{"a"});
}

}  // namespace
}  // namespace alphamail
