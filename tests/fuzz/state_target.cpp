// The state of a snapshot. The bytes are changes to those of a state that there was: two say where,
// and the third what stands there; where nothing is, the rest is cut off.

#include "eventlog/base/check.h"
#include "projections/state_dump.h"
#include "projections/state_parts.h"
#include "tests/fuzz/story.h"
#include "tests/fuzz/target.h"

#include <memory>
#include <optional>
#include <string>

namespace slipway {

namespace {

constexpr std::size_t kChangeBytes = 3;

std::string piece_of(const State& state) {
    std::string bytes;
    const auto next = write_piece(state, {}, bytes);
    CHECK(!next);  // it is a small one
    return bytes;
}

std::string piece_of_story() {
    State state;
    for (const auto& recorded : story()) state.apply(recorded);
    return piece_of(state);
}

std::string changed(std::string bytes, std::string_view changes) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(changes[i]); };
    for (; changes.size() >= kChangeBytes; changes.remove_prefix(kChangeBytes)) {
        const std::size_t at = byte(0) * 256U + byte(1);
        if (at < bytes.size()) {
            bytes[at] = changes[2];
        } else {
            bytes.resize(bytes.size() - byte(2) % (bytes.size() + 1));
        }
    }
    return bytes;
}

std::unique_ptr<State> state_of(std::string_view piece) {
    StateReader reader{kFinishedTreesKept};
    if (!reader.read_piece({}, piece)) return nullptr;
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
    static const std::string kPiece = piece_of_story();
    const auto state = state_of(changed(kPiece, bytes));
    CHECK(!bytes.empty() || state != nullptr);
    if (!state) return;
    const std::string piece = piece_of(*state);
    const auto again = state_of(piece);
    CHECK(again != nullptr && piece_of(*again) == piece);
    CHECK(again->fingerprint() == state->fingerprint());
    CHECK(dump_of(*again) == dump_of(*state));
    CHECK(again->next_wake() == state->next_wake());
}

const FuzzTarget kTarget{"state", run};

}  // namespace

}  // namespace slipway
