// The keys of the log: with record.h the only code that knows what the bytes mean (see
// eventlog/README.md). Numbers are big-endian, so that the order of bytes is the order of
// positions.

#pragma once

#include "eventlog/base/digest.h"
#include "eventlog/base/id.h"
#include "eventlog/base/strong.h"

#include <optional>
#include <string>
#include <string_view>

namespace slipway {

inline constexpr std::string_view kFormatKey = "m/format";
inline constexpr std::string_view kLogIdKey = "m/log_id";
inline constexpr std::string_view kTailKey = "m/tail";
inline constexpr std::string_view kFormat = "1";

// The end of the log.
struct Tail {
    Position position;
    Digest digest{};
    friend bool operator==(const Tail&, const Tail&) = default;
};

std::string event_key(Position position);
std::string stream_key(Uuid stream, Version version);
std::string team_key(Uuid team, Position position);
// Of a note that was made on that day, counted from 1970.
std::string note_key(std::uint32_t day, std::string_view name);
std::optional<std::uint32_t> day_of_note_key(std::string_view key);

// Nothing if `key` is not one of that kind.
std::optional<Position> position_of_event_key(std::string_view key);
std::optional<Position> position_of_team_key(std::string_view key);
std::optional<Uuid> stream_of_stream_key(std::string_view key);
std::optional<Uuid> team_of_team_key(std::string_view key);

std::string position_value(Position position);
std::optional<Position> position_of_value(std::string_view value);
std::string tail_value(const Tail& tail);
std::optional<Tail> tail_of_value(std::string_view value);
std::string uuid_value(Uuid uuid);
std::optional<Uuid> uuid_of_value(std::string_view value);

// Big-endian numbers at the end of `out` and at the start of `bytes`, which must be long enough.
void append_u32(std::string& out, std::uint32_t value);
void append_u64(std::string& out, std::uint64_t value);
std::uint32_t read_u32(std::string_view bytes);
std::uint64_t read_u64(std::string_view bytes);

}  // namespace slipway
