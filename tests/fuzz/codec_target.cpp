// Events out of bytes. What can be read can be written, and is then the same event: in bytes, and
// in JSON where its texts are text.

#include "eventlog/base/check.h"
#include "eventlog/base/json_writer.h"
#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "tests/fuzz/target.h"

namespace slipway {

namespace {

constexpr Position kPosition{4'711};

void run(std::string_view bytes) {
    const auto recorded = decode(kPosition, bytes);
    if (!recorded) {
        CHECK(recorded.error().code == ErrorCode::invalid);
        CHECK(recorded.error().message.find("position 4711: ") != std::string::npos);
        return;
    }
    CHECK(recorded->position == kPosition);
    CHECK(recorded->envelope.stream == stream_of(recorded->event));
    const std::string written = encode(recorded->envelope, recorded->event);
    const auto again = decode(kPosition, written);
    CHECK(again && *again == *recorded);
    CHECK(encode(again->envelope, again->event) == written);

    std::string line;
    JsonWriter json{line};
    write_json(json, *recorded, nullptr);
    // JSON has no place for what is not UTF-8, and for no year after 9999.
    const auto read = event_of_json(line);
    if (read) {
        std::string same;
        JsonWriter writer{same};
        write_json(writer, *read, nullptr);
        CHECK(same == line);
    }
}

const FuzzTarget kTarget{"codec", run};

}  // namespace

}  // namespace slipway
