// The record: an event's bytes with what proves that they are the ones that were written, in the
// place where they were written. Its form is in eventlog/README.md; the payload is opaque here.

#pragma once

#include "eventlog/base/digest.h"
#include "eventlog/base/id.h"
#include "eventlog/base/result.h"
#include "eventlog/base/strong.h"

#include <string>
#include <string_view>

namespace slipway {

// An app's definition is the largest payload there is, and a request that brings one is at most 1
// MiB.
inline constexpr std::size_t kPayloadBytesMax = 4 * 1024 * 1024;

struct Record {
    Position position;
    std::string_view payload;  // into the bytes it was read from
    Digest digest;
};

// What the first record's digest is chained to: a record of another log does not fit.
Digest genesis_digest(Uuid log_id);

// The bytes of the record at `position`, chained to `previous`; its own digest goes to `digest`.
// Requires: payload.size() <= kPayloadBytesMax.
std::string record_bytes(Position position, std::string_view payload, const Digest& previous,
                         Digest& digest);

// Checks form, length, position and checksum, and not the chain. Errors: corruption.
Result<Record> read_record(Position position, std::string_view bytes);

// Whether the digest of `record`, read from `bytes`, follows from `previous`.
bool follows(const Digest& previous, const Record& record, std::string_view bytes);

// Whether `record` would follow from `previous`, were it not for a few bits of its own digest. Two
// digests of different texts differ in half of their bits, so it is this digest that was damaged,
// and nothing that comes before it.
bool has_damaged_digest(const Digest& previous, const Record& record, std::string_view bytes);

}  // namespace slipway
