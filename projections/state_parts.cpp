#include "projections/state_parts.h"

#include "projections/archive.h"
#include "projections/parts.h"

#include <utility>
#include <vector>

namespace slipway {

namespace {

// Where the next item is from there on.
std::optional<PiecePlace> item_from(const State& state, PiecePlace at) {
    std::vector<std::size_t> sizes;
    State::parts(state, [&](const auto& part) { sizes.push_back(part.size()); });
    for (; at.section < sizes.size(); at = {at.section + 1, 0}) {
        if (at.item < sizes[at.section]) return at;
    }
    return std::nullopt;
}

// Calls `use` with the part of that number. False if there is none.
template <class SomeState, class Use>
bool with_part(SomeState& state, std::uint32_t section, const Use& use) {
    std::uint32_t number = 0;
    State::parts(state, [&](auto part) {
        if (number++ == section) use(part);
    });
    return section < number;
}

}  // namespace

std::optional<PiecePlace> write_piece(const State& state, PiecePlace from, std::string& bytes) {
    bytes.clear();
    auto at = item_from(state, from);
    if (!at) return at;
    ArchiveWriter archive{bytes};
    with_part(state, at->section, [&](auto part) {
        for (; at->item < part.size() && bytes.size() < kPieceBytes; ++at->item) {
            part.visit(archive, at->item);
        }
    });
    return item_from(state, *at);
}

Result<void> StateReader::read_piece(PiecePlace from, std::string_view bytes) {
    const bool goes_on = from == next_;
    const bool begins = next_ != PiecePlace{} && from.section > next_.section && from.item == 0;
    if (!goes_on && !begins) return unfit("a piece is missing");
    ArchiveReader archive{bytes};
    bool has_room = true;
    const bool is_known = with_part(*state_, from.section, [&](auto part) {
        for (; !archive.is_at_end(); ++from.item) {
            has_room = from.item < part.kItemsMax;
            if (!has_room) return;
            part.grow();
            part.visit(archive, from.item);
        }
    });
    if (!is_known) return unfit("a piece is missing");
    if (!has_room) return unfit("a piece has too much");
    if (archive.has_failed()) return unfit("a piece has what cannot be");
    next_ = from;
    return {};
}

Result<std::unique_ptr<State>> StateReader::finish() {
    if (next_ == PiecePlace{}) return unfit("its head is missing");
    if (auto rebuilt = state_->rebuild(); !rebuilt) return rebuilt.error();
    return std::move(state_);
}

}  // namespace slipway
