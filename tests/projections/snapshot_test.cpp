#include "projections/snapshot.h"

#include "projections/state_dump.h"
#include "projections/state_parts.h"
#include "tests/support/invariants.h"
#include "tests/support/random_story.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace slipway {
namespace {

namespace fs = std::filesystem;

// So few that trees leave, and rows are used again.
constexpr std::size_t kKept = 3;
constexpr unsigned kStories = 60;
constexpr int kSteps = 150;

std::vector<RecordedEvent> story(unsigned seed, int steps = kSteps) {
    RandomStory told{seed};
    for (int i = 0; i < steps; ++i) told.go_on();
    return told.history();
}

using Piece = std::pair<PiecePlace, std::string>;

std::vector<Piece> pieces_of(const State& state) {
    std::vector<Piece> pieces;
    for (std::optional<PiecePlace> at = PiecePlace{}; at;) {
        std::string bytes;
        const auto next = write_piece(state, *at, bytes);
        pieces.emplace_back(*at, std::move(bytes));
        at = next;
    }
    return pieces;
}

Result<std::unique_ptr<State>> state_of(const std::vector<Piece>& pieces) {
    StateReader reader{kKept};
    for (const auto& [at, bytes] : pieces) {
        if (auto read = reader.read_piece(at, bytes); !read) return read.error();
    }
    return reader.finish();
}

std::string dump_of(const State& state) {
    std::string dump;
    dump_state(state, [&](std::string_view line) {
        dump.append(line) += '\n';
        return true;
    });
    return dump;
}

// What the parts are asked by what they keep beside.
std::string lookups_of(const State& state) {
    std::string found;
    for (std::uint32_t i = 0; i < state.teams().size(); ++i) {
        const Team& team = state.teams().at(i);
        for (const auto& [user, member] : team.members) {
            for (const TeamId of : state.teams().teams_of(user)) found += of.text() + " ";
        }
        for (const auto& [id, one] : team.tokens) {
            found += state.teams().token_of(one.secret_sha256)->id.text() + " ";
        }
        for (const auto& [id, one] : team.invitations) {
            found += state.teams().invitation_of(one.secret_sha256)->id.text() + " ";
        }
        for (const auto index : state.apps().of_team(team.id)) {
            const App& app = state.apps().at(index);
            const App* const named = state.apps().find(team.id, app.definition().name);
            found += app.id.text() + (named == nullptr ? " " : " " + named->id.text() + " ");
        }
    }
    for (const auto& key : state.teams().shredded_keys()) found += key + " ";
    return found;
}

class Snapshots : public testing::Test {
  protected:
    void write(const State& state) {
        header.log_id = {7, 7};
        header.position = state.position();
        header.finished_trees_kept = kKept;
        header.fingerprint = state.fingerprint();
        const auto written = write_snapshot(file, header, state, [] { return Result<void>{}; });
        ASSERT_TRUE(written) << written.error().message;
    }
    std::string bytes() const {
        std::ifstream in{file, std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    static Result<std::unique_ptr<State>> read(const std::string& bytes) {
        std::istringstream in{bytes};
        const auto header = read_snapshot_header(in);
        if (!header) return header.error();
        return read_snapshot_state(in, *header);
    }

    TemporaryDirectory temporary;
    const fs::path file = temporary.path() / "snapshot";
    SnapshotHeader header;
};

// ---- The state in pieces

TEST(StatePieces, MakeAStateThatIsTheSameInAllItWillEverDo) {
    for (unsigned seed = 1; seed <= kStories; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto history = story(seed);
        const std::size_t cut = history.size() * (seed % 10) / 10;
        State state{kKept};
        for (std::size_t i = 0; i < cut; ++i) state.apply(history[i]);
        const auto made = state_of(pieces_of(state));
        ASSERT_TRUE(made) << made.error().message;
        State& copy = **made;
        ASSERT_EQ(copy.fingerprint(), state.fingerprint());
        ASSERT_EQ(dump_of(copy), dump_of(state));
        for (std::size_t i = cut; i < history.size(); ++i) {
            ASSERT_EQ(copy.next_wake(), state.next_wake());
            ASSERT_EQ(copy.schedules().next_wake(true), state.schedules().next_wake(true));
            ASSERT_EQ(copy.deployments().open(), state.deployments().open());
            ASSERT_EQ(lookups_of(copy), lookups_of(state));
            copy.apply(history[i]);
            state.apply(history[i]);
            ASSERT_EQ(pieces_of(copy), pieces_of(state));
        }
        const std::vector<RecordedEvent> past{history.begin(), history.end()};
        ASSERT_EQ(broken_invariant(copy, past), "");
        ASSERT_EQ(copy.fingerprint(), state.fingerprint());
        ASSERT_EQ(dump_of(copy), dump_of(state));
    }
}

TEST(StatePieces, AreManyOfALargeStateAndCanBeComparedOneByOne) {
    State state{kKept};
    for (const auto& recorded : world()) state.apply(recorded);
    for (std::uint64_t i = 1; i <= 3'000; ++i) {
        const Event event = scheduled(ScheduleId{{8, i}}, kApi, kNoon, {.note = "one of many"});
        Envelope envelope;
        envelope.stream = stream_of(event);
        envelope.stream_version = Version{1};
        envelope.team = kOps;
        state.apply({Position{state.position().value + 1}, envelope, event});
    }
    const auto pieces = pieces_of(state);
    EXPECT_GT(pieces.size(), 8U);
    for (const auto& [at, bytes] : pieces) EXPECT_LT(bytes.size(), kPieceBytes + 1'000);
    const auto copy = state_of(pieces);
    ASSERT_TRUE(copy);
    EXPECT_EQ((*copy)->fingerprint(), state.fingerprint());
}

TEST(StatePieces, AreRefusedIfOneIsMissingOrComesTwice) {
    State state{kKept};
    for (const auto& recorded : story(1)) state.apply(recorded);
    const auto whole = pieces_of(state);
    ASSERT_TRUE(state_of(whole));
    for (std::size_t i = 0; i < whole.size(); ++i) {
        auto pieces = whole;
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(i));
        const auto made = state_of(pieces);
        EXPECT_TRUE(!made || (*made)->fingerprint() != state.fingerprint() || i > 1);
        pieces = whole;
        pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(i), whole[i]);
        EXPECT_FALSE(state_of(pieces));
    }
}

// Nothing of it can be trusted: each byte is turned in turn, with no checksum over it.
TEST(StatePieces, OfAnyBytesAreReadOrRefused) {
    State state{kKept};
    for (const auto& recorded : story(2, 40)) state.apply(recorded);
    const auto whole = pieces_of(state);
    int refused = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (std::size_t at = 0; at < whole[i].second.size(); ++at) {
            for (const int flip : {0x01, 0x80, 0xFF}) {
                auto pieces = whole;
                auto& byte = pieces[i].second[at];
                byte = static_cast<char>(byte ^ flip);
                const auto made = state_of(pieces);
                if (!made) {
                    EXPECT_EQ(made.error().code, ErrorCode::corruption);
                    ++refused;
                    continue;
                }
                // It is another state, and a whole one.
                EXPECT_NE(pieces_of(**made), whole);
                dump_of(**made);
            }
        }
    }
    EXPECT_GT(refused, 0);
}

// ---- The file

TEST_F(Snapshots, AreTheStateThatWasWritten) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        State state{kKept};
        for (const auto& recorded : story(seed)) state.apply(recorded);
        write(state);
        std::istringstream in{bytes()};
        const auto found = read_snapshot_header(in);
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_EQ(*found, header);
        const auto copy = read_snapshot_state(in, *found);
        ASSERT_TRUE(copy) << copy.error().message;
        EXPECT_EQ(pieces_of(**copy), pieces_of(state));
    }
}

TEST_F(Snapshots, OfNothingAreNothing) {
    write(State{kKept});
    const auto copy = read(bytes());
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_EQ((*copy)->position(), Position{});
}

TEST_F(Snapshots, CanBeReadByTheirOwnerOnly) {
    write(State{kKept});
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Snapshots, WithAnyByteChangedAreRefused) {
    State state{kKept};
    for (const auto& recorded : world()) state.apply(recorded);
    write(state);
    const std::string whole = bytes();
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (const int flip : {0x01, 0x10, 0x80}) {
            std::string changed = whole;
            changed[i] = static_cast<char>(changed[i] ^ flip);
            ASSERT_FALSE(read(changed)) << "byte " << i;
        }
    }
}

TEST_F(Snapshots, OfAnyOtherLengthAreRefused) {
    State state{kKept};
    for (const auto& recorded : world()) state.apply(recorded);
    write(state);
    const std::string whole = bytes();
    for (std::size_t i = 0; i < whole.size(); ++i) ASSERT_FALSE(read(whole.substr(0, i))) << i;
    EXPECT_FALSE(read(whole + '\0'));
    EXPECT_FALSE(read(whole + whole));
    EXPECT_TRUE(read(whole));
}

TEST_F(Snapshots, WithAnotherFingerprintThanTheirStateAreRefused) {
    State state{kKept};
    for (const auto& recorded : world()) state.apply(recorded);
    write(state);
    std::istringstream in{bytes()};
    auto found = read_snapshot_header(in);
    ASSERT_TRUE(found);
    found->fingerprint.front() = found->fingerprint.front() == '0' ? '1' : '0';
    EXPECT_FALSE(read_snapshot_state(in, *found));
}

TEST_F(Snapshots, OfAnotherFormatAreNotCalledDamaged) {
    write(State{kKept});
    std::string other = bytes();
    ++other[std::string{"slipway snapshot"}.size()];
    std::istringstream in{other};
    const auto found = read_snapshot_header(in);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::invalid);
}

TEST_F(Snapshots, ThatMayNotGoOnEndWithTheReason) {
    State state{kKept};
    for (const auto& recorded : world()) state.apply(recorded);
    const auto nowhere = write_snapshot(temporary.path() / "no" / "such", header, state,
                                        [] { return Result<void>{}; });
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().code, ErrorCode::io);
}

// If this fails, what a state is made of, how it is written, or what an event does to it is another
// than it was. Snapshots of before are no longer the state: count kSnapshotFormat up, and put here
// what this test says.
TEST(SnapshotFormat, IsCountedUpWithEveryChange) {
    std::string all;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        State state{kKept};
        for (const auto& recorded : story(seed)) state.apply(recorded);
        for (const auto& [at, bytes] : pieces_of(state)) all += bytes;
    }
    EXPECT_EQ(kSnapshotFormat, 8U);
    EXPECT_EQ(hex_of(bytes_of(sha256(all))).substr(0, 16), "9508f50f8ed04044");
}

}  // namespace
}  // namespace slipway
