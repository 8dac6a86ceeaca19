#include "eventlog/log/keys.h"

#include <algorithm>

namespace slipway {

namespace {

constexpr char kEventPrefix = 'e';
constexpr char kStreamPrefix = 's';
constexpr char kTeamPrefix = 't';
constexpr char kNotePrefix = 'n';
constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kPositionBytes = 8;
constexpr std::size_t kVersionBytes = 4;

template <class T>
void append_big_endian(std::string& out, T value) {
    for (std::size_t i = sizeof(T); i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xFFU);
}

template <class T>
T read_big_endian(std::string_view bytes) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[i]));
    }
    return value;
}

void append_uuid(std::string& out, Uuid uuid) {
    append_u64(out, uuid.high);
    append_u64(out, uuid.low);
}

}  // namespace

void append_u32(std::string& out, std::uint32_t value) {
    append_big_endian(out, value);
}
void append_u64(std::string& out, std::uint64_t value) {
    append_big_endian(out, value);
}
std::uint32_t read_u32(std::string_view bytes) {
    return read_big_endian<std::uint32_t>(bytes);
}
std::uint64_t read_u64(std::string_view bytes) {
    return read_big_endian<std::uint64_t>(bytes);
}

std::string event_key(Position position) {
    std::string key{kEventPrefix};
    append_u64(key, position.value);
    return key;
}

std::string stream_key(Uuid stream, Version version) {
    std::string key{kStreamPrefix};
    append_uuid(key, stream);
    append_u32(key, version.value);
    return key;
}

std::string team_key(Uuid team, Position position) {
    std::string key{kTeamPrefix};
    append_uuid(key, team);
    append_u64(key, position.value);
    return key;
}

std::string note_key(std::uint32_t day, std::string_view name) {
    std::string key{kNotePrefix};
    append_u32(key, day);
    key += name;
    return key;
}

std::optional<std::uint32_t> day_of_note_key(std::string_view key) {
    if (!key.starts_with(kNotePrefix) || key.size() < 1 + sizeof(std::uint32_t))
        return std::nullopt;
    return read_u32(key.substr(1));
}

std::optional<Position> position_of_event_key(std::string_view key) {
    if (key.size() != 1 + kPositionBytes || key.front() != kEventPrefix) return std::nullopt;
    return Position{read_u64(key.substr(1))};
}

std::optional<Position> position_of_team_key(std::string_view key) {
    if (key.size() != 1 + kUuidBytes + kPositionBytes || key.front() != kTeamPrefix) {
        return std::nullopt;
    }
    return Position{read_u64(key.substr(1 + kUuidBytes))};
}

std::optional<Uuid> stream_of_stream_key(std::string_view key) {
    if (key.size() != 1 + kUuidBytes + kVersionBytes || key.front() != kStreamPrefix) {
        return std::nullopt;
    }
    return uuid_of_value(key.substr(1, kUuidBytes));
}

std::optional<Uuid> team_of_team_key(std::string_view key) {
    if (!position_of_team_key(key)) return std::nullopt;
    return uuid_of_value(key.substr(1, kUuidBytes));
}

std::string position_value(Position position) {
    std::string value;
    append_u64(value, position.value);
    return value;
}

std::optional<Position> position_of_value(std::string_view value) {
    if (value.size() != kPositionBytes) return std::nullopt;
    return Position{read_u64(value)};
}

std::string tail_value(const Tail& tail) {
    std::string value = position_value(tail.position);
    value += bytes_of(tail.digest);
    return value;
}

std::optional<Tail> tail_of_value(std::string_view value) {
    Tail tail;
    if (value.size() != kPositionBytes + tail.digest.size()) return std::nullopt;
    tail.position = Position{read_u64(value)};
    const auto digest = value.substr(kPositionBytes);
    std::copy(digest.begin(), digest.end(), tail.digest.begin());
    return tail;
}

std::string uuid_value(Uuid uuid) {
    std::string value;
    append_uuid(value, uuid);
    return value;
}

std::optional<Uuid> uuid_of_value(std::string_view value) {
    if (value.size() != kUuidBytes) return std::nullopt;
    return Uuid{read_u64(value), read_u64(value.substr(8))};
}

}  // namespace slipway
