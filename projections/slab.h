// A Slab holds rows of one type in chunks: a row never moves, memory grows by a chunk and never by
// a copy of all, and a row is named by 32 bits. Rows given back are used again, last first, so that
// the same sequence of calls gives the same indexes.

#pragma once

#include "eventlog/base/check.h"
#include "projections/parts.h"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace slipway {

template <class Row>
class Slab {
  public:
    using Index = std::uint32_t;

    // Requires: fewer than 2^32 - 1 rows.
    Index add(Row row) {
        if (free_.empty()) {
            grow();
            free_.push_back(static_cast<Index>(size_ - 1));
        }
        const Index index = free_.back();
        free_.pop_back();
        at(index) = std::move(row);
        return index;
    }

    Row& at(Index index) { return (*chunks_[index / kChunkRows])[index % kChunkRows]; }
    const Row& at(Index index) const { return (*chunks_[index / kChunkRows])[index % kChunkRows]; }

    // In use or given back: every index is below this.
    std::size_t size() const { return size_; }

    void remove(Index index) {
        at(index) = Row{};
        free_.push_back(index);
    }

    // ---- In a snapshot

    // One row more, which is empty. Requires: fewer than 2^32 - 1 rows.
    void grow() {
        CHECK(size_ < kIndexMax);
        if (size_ % kChunkRows == 0) chunks_.push_back(std::make_unique<Chunk>());
        ++size_;
    }
    // As parts.h says: the indexes of rows that were given back.
    template <class Self>
    static auto free_part(Self& self) {
        return ListPart{self.free_};
    }
    const std::vector<Index>& free() const { return free_; }

  private:
    static constexpr std::size_t kChunkRows = 1024;
    static constexpr std::size_t kIndexMax = 0xFFFFFFFF;
    using Chunk = std::array<Row, kChunkRows>;

    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::vector<Index> free_;
    std::size_t size_ = 0;
};

}  // namespace slipway
