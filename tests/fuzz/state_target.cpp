// The state of a snapshot. The bytes are changes to those of a state that there was: two say where,
// and the third what stands there; where nothing is, a piece is cut off.

#include "eventlog/base/check.h"
#include "projections/state_dump.h"
#include "projections/state_parts.h"
#include "tests/fuzz/story.h"
#include "tests/fuzz/target.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

namespace {

constexpr std::size_t kChangeBytes = 3;

struct Piece {
    PiecePlace place;
    std::string bytes;

    friend bool operator==(const Piece&, const Piece&) = default;
};

std::vector<Piece> pieces_of(const State& state) {
    std::vector<Piece> pieces;
    for (std::optional<PiecePlace> at = PiecePlace{}; at;) {
        pieces.push_back({*at, {}});
        at = write_piece(state, *at, pieces.back().bytes);
    }
    return pieces;
}

std::vector<Piece> pieces_of_story() {
    State state;
    for (const auto& recorded : story()) state.apply(recorded);
    return pieces_of(state);
}

void change(std::vector<Piece>& pieces, std::size_t at, char to) {
    for (Piece& piece : pieces) {
        if (at < piece.bytes.size()) {
            piece.bytes[at] = to;
            return;
        }
        at -= piece.bytes.size();
    }
    std::string& cut = pieces[at % pieces.size()].bytes;
    cut.erase(cut.size() - std::min<std::size_t>(static_cast<unsigned char>(to), cut.size()));
}

std::unique_ptr<State> state_of(const std::vector<Piece>& pieces) {
    StateReader reader{kFinishedTreesKept};
    for (const Piece& piece : pieces) {
        if (!reader.read_piece(piece.place, piece.bytes)) return nullptr;
    }
    auto state = reader.finish();
    return state ? std::move(*state) : nullptr;
}

std::string dump_of(const State& state) {
    std::string dump;
    dump_state(state, [&](std::string_view line) {
        dump.append(line) += '\n';
        return true;
    });
    return dump;
}

// What is read is a state like another: it can be looked at, and written, and read again.
void run(std::string_view bytes) {
    static const std::vector<Piece> kStory = pieces_of_story();
    std::vector<Piece> pieces = kStory;
    const bool is_changed = bytes.size() >= kChangeBytes;
    for (; bytes.size() >= kChangeBytes; bytes.remove_prefix(kChangeBytes)) {
        const auto high = static_cast<unsigned char>(bytes[0]);
        const auto low = static_cast<unsigned char>(bytes[1]);
        change(pieces, high * 256U + low, bytes[2]);
    }
    const auto state = state_of(pieces);
    CHECK(is_changed || state != nullptr);
    if (!state) return;
    const auto written = pieces_of(*state);
    const auto again = state_of(written);
    CHECK(again != nullptr && pieces_of(*again) == written);
    CHECK(again->fingerprint() == state->fingerprint());
    CHECK(dump_of(*again) == dump_of(*state));
    CHECK(again->next_wake() == state->next_wake());
}

const FuzzTarget kTarget{"state", run};

}  // namespace

}  // namespace slipway
