// A PageRead writes one page of a list row by row, in as many turns as that takes, so that neither
// a long scan nor a page of large rows keeps the io thread from others.
//
// A page ends at its limit and at the end of the list. It ends earlier if its rows take
// kPageBytesMax, or if so much was looked at that its filter must fit little: `next_cursor` says
// where to go on. Each row is as it is when it is written.

#pragma once

#include "eventlog/base/json_writer.h"
#include "eventlog/base/turn.h"
#include "server/api/exchange.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace slipway {

// A page of so many bytes gets no further row.
inline constexpr std::size_t kPageBytesMax = 1024 * 1024;

class PageRead : public LongRead {
  public:
    // As the limit: the list is written as a whole, however long it is.
    static constexpr std::size_t kWhole = SIZE_MAX;

    // Of `request`, which outlives it. At most `limit` rows.
    PageRead(const Request& request, std::size_t limit) : request_(request), limit_(limit) {}

    std::optional<Reply> go_on(const Turn& turn) final;

    // How far a row is written. Gone: it left the memory meanwhile, and none of it stays in the
    // page.
    enum class Writing : std::uint8_t { goes_on, done, gone };

  protected:
    enum class Found { row, end, turn_over };

    // Called when a turn begins: what was seen in the last one may have changed.
    virtual void resume() {}
    // Finds the next row, or the end. Finds the same again until take() was called.
    virtual Result<Found> find(const Turn& turn) = 0;
    // Takes the row that was found. If it is wanted, writes it, or begins to, and returns true.
    virtual Result<bool> take(JsonWriter& json) = 0;
    // Writes on the row that was taken, for less than a turn.
    virtual Result<Writing> write_on() { return Writing::done; }
    // Where to go on after the rows that were taken. Requires: there was one.
    virtual std::string cursor() const = 0;
    // Whether the page ends, because so much was looked at.
    virtual bool is_enough() const { return false; }
    // As Reply::shows, once the last row was taken.
    virtual std::optional<Position> shows() const { return std::nullopt; }

  private:
    bool is_full() const;
    Result<bool> has_written(const Turn& turn);
    Reply finished(const std::string& next_cursor);

    const Request& request_;
    const std::size_t limit_;
    std::string body_;
    JsonWriter json_{body_};
    JsonWriter::Mark row_begin_;
    std::size_t rows_ = 0;
    bool is_writing_ = false;
    bool is_begun_ = false;
    bool has_taken_ = false;
};

// The values of a map as one list, each written by `write(json, key, value)`.
template <class Map, class Write>
class MapRead final : public PageRead {
  public:
    // `map` is asked for in each turn.
    MapRead(const Call& call, std::function<const Map&()> map, Write write)
        : PageRead(call.request, kWhole), map_(std::move(map)), write_(std::move(write)) {}

  protected:
    Result<Found> find(const Turn&) override {
        const Map& map = map_();
        next_ = last_ ? map.upper_bound(*last_) : map.begin();
        return next_ == map.end() ? Found::end : Found::row;
    }
    Result<bool> take(JsonWriter& json) override {
        write_(json, next_->first, next_->second);
        last_ = next_->first;
        return true;
    }
    std::string cursor() const override { return {}; }

  private:
    std::function<const Map&()> map_;
    Write write_;
    std::optional<typename Map::key_type> last_;
    typename Map::const_iterator next_;
};

// The reply that `read` makes. To HEAD it is empty, and nothing is read.
Reply reading(const Call& call, std::shared_ptr<PageRead> read);

// The values of `map` as one list.
template <class Map, class Write>
Reply reading_all(const Call& call, std::function<const Map&()> map, Write write) {
    return reading(call,
                   std::make_shared<MapRead<Map, Write>>(call, std::move(map), std::move(write)));
}

}  // namespace slipway
