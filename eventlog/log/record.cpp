#include "eventlog/log/record.h"

#include "eventlog/log/keys.h"

#include <algorithm>
#include <bit>

namespace slipway {

namespace {

// format (1), zero (3), payload length (4), position (8), CRC-32C (4), payload, digest (32)
constexpr char kRecordFormat = 1;
constexpr std::size_t kCheckedHeaderBytes = 16;
constexpr std::size_t kHeaderBytes = kCheckedHeaderBytes + 4;
constexpr std::size_t kDigestBytes = 32;
// Two digests of different texts are so close once in 2^170 times.
constexpr int kDamagedBitsMax = 16;

Error corrupt(Position position, const std::string& what) {
    return Error{ErrorCode::corruption,
                 "log: record at position " + std::to_string(position.value) + ": " + what};
}

std::uint32_t checksum(std::string_view header, std::string_view payload) {
    return crc32c(header.substr(0, kCheckedHeaderBytes), payload);
}

Digest expected_digest(const Digest& previous, std::string_view bytes) {
    return sha256(bytes_of(previous), bytes.substr(0, bytes.size() - kDigestBytes));
}

}  // namespace

Digest genesis_digest(Uuid log_id) {
    return sha256("slipway log ", uuid_value(log_id));
}

std::string record_bytes(Position position, std::string_view payload, const Digest& previous,
                         Digest& digest) {
    CHECK(payload.size() <= kPayloadBytesMax);
    std::string bytes;
    bytes.reserve(kHeaderBytes + payload.size() + kDigestBytes);
    bytes += kRecordFormat;
    bytes.append(3, '\0');
    append_u32(bytes, static_cast<std::uint32_t>(payload.size()));
    append_u64(bytes, position.value);
    append_u32(bytes, checksum(bytes, payload));
    bytes += payload;
    digest = sha256(bytes_of(previous), bytes);
    bytes += bytes_of(digest);
    return bytes;
}

Result<Record> read_record(Position position, std::string_view bytes) {
    if (bytes.size() < kHeaderBytes + kDigestBytes) {
        return corrupt(position, std::to_string(bytes.size()) + " bytes; at least " +
                                     std::to_string(kHeaderBytes + kDigestBytes));
    }
    if (bytes[0] != kRecordFormat || bytes[1] != 0 || bytes[2] != 0 || bytes[3] != 0) {
        return corrupt(position, "format " + hex_of(bytes.substr(0, 4)) + "; 01000000");
    }
    const std::size_t length = read_u32(bytes.substr(4));
    if (length != bytes.size() - kHeaderBytes - kDigestBytes) {
        return corrupt(position, "says " + std::to_string(length) + " bytes of payload and has " +
                                     std::to_string(bytes.size() - kHeaderBytes - kDigestBytes));
    }
    const Position found{read_u64(bytes.substr(8))};
    if (found != position) {
        return corrupt(position, "says that it is at " + std::to_string(found.value));
    }
    const auto payload = bytes.substr(kHeaderBytes, length);
    const auto stored = bytes.substr(kCheckedHeaderBytes, 4);
    const std::uint32_t computed = checksum(bytes, payload);
    if (computed != read_u32(stored)) {
        std::string expected;
        append_u32(expected, computed);
        return corrupt(position, "checksum " + hex_of(expected) + ", stored " + hex_of(stored));
    }
    Record record{position, payload, {}};
    const auto digest = bytes.substr(kHeaderBytes + length);
    std::copy(digest.begin(), digest.end(), record.digest.begin());
    return record;
}

bool follows(const Digest& previous, const Record& record, std::string_view bytes) {
    return expected_digest(previous, bytes) == record.digest;
}

bool has_damaged_digest(const Digest& previous, const Record& record, std::string_view bytes) {
    const Digest expected = expected_digest(previous, bytes);
    int different = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        different += std::popcount(static_cast<unsigned>(expected[i] ^ record.digest[i]));
    }
    return different > 0 && different <= kDamagedBitsMax;
}

}  // namespace slipway
