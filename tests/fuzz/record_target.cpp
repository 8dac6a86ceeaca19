// Records. What is read is what would be written: so every byte of a record is one that counts.

#include "eventlog/base/check.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/record.h"
#include "tests/fuzz/target.h"

namespace slipway {

namespace {

constexpr Position kPosition{1};
const Digest kPrevious = genesis_digest(Uuid{7, 7});

// Whatever the payload is, its record is read back, and nowhere else.
void check_written(std::string_view payload) {
    Digest digest{};
    const std::string bytes = record_bytes(kPosition, payload, kPrevious, digest);
    const auto record = read_record(kPosition, bytes);
    CHECK(record && record->payload == payload && record->digest == digest);
    CHECK(follows(kPrevious, *record, bytes));
    CHECK(!follows(digest, *record, bytes));
    CHECK(!read_record(Position{2}, bytes));
}

void check_keys(std::string_view bytes) {
    if (const auto position = position_of_event_key(bytes)) CHECK(event_key(*position) == bytes);
    if (const auto position = position_of_value(bytes)) CHECK(position_value(*position) == bytes);
    if (const auto tail = tail_of_value(bytes)) CHECK(tail_value(*tail) == bytes);
    if (const auto uuid = uuid_of_value(bytes)) CHECK(uuid_value(*uuid) == bytes);
}

void run(std::string_view bytes) {
    check_keys(bytes);
    const auto record = read_record(kPosition, bytes);
    if (!record) {
        CHECK(record.error().code == ErrorCode::corruption);
        CHECK(record.error().message.find("position 1: ") != std::string::npos);
        return check_written(bytes);
    }
    CHECK(record->position == kPosition);
    Digest digest{};
    const std::string again = record_bytes(kPosition, record->payload, kPrevious, digest);
    if (follows(kPrevious, *record, bytes)) {
        CHECK(again == bytes);
    } else {
        // Its chain is another one: all but the digest is as it would be here.
        CHECK(again.size() == bytes.size() && digest != record->digest);
        CHECK(again.substr(0, again.size() - digest.size()) ==
              bytes.substr(0, bytes.size() - digest.size()));
    }
}

const FuzzTarget kTarget{"record", run};

}  // namespace

}  // namespace slipway
