// A whole state as bytes, in pieces: to keep it in a file, and to tell whether two states are the
// same in all that they will ever do. So it has the numbers of rows and of interned values, and
// which rows are free; what follows from the rest (indexes, queues, counts) is made again.

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/base/result.h"
#include "projections/state.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

// Each piece is about this long, unless a single item is longer: some hundred schedules, which take
// well below a millisecond.
inline constexpr std::size_t kPieceBytes = 64 * 1024;

// Where a piece begins. A default one is the beginning of all.
struct PiecePlace {
    std::uint32_t section = 0;
    std::uint32_t item = 0;

    friend bool operator==(const PiecePlace&, const PiecePlace&) = default;
};
BOOST_DESCRIBE_STRUCT(PiecePlace, (), (section, item))

// Puts the piece that begins at `from` into `bytes`, and returns where the next one does; nothing
// if it was the last.
std::optional<PiecePlace> write_piece(const State& state, PiecePlace from, std::string& bytes);

// Puts a state together from its pieces. Total: whatever the bytes are, they are read or refused.
class StateReader {
  public:
    explicit StateReader(std::size_t finished_trees_kept)
        : state_(std::make_unique<State>(finished_trees_kept)) {}

    // Requires: the pieces before it, all of them and nothing else, were read. Errors: corruption.
    Result<void> read_piece(PiecePlace from, std::string_view bytes);

    // Errors: corruption, also where the parts do not fit together.
    Result<std::unique_ptr<State>> finish();

  private:
    std::unique_ptr<State> state_;
    PiecePlace next_;
};

}  // namespace slipway
