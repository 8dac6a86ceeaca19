// Events out of JSON, as a dump holds them: what can be read is an event that the log could hold,
// and is written as it would be read.

#include "eventlog/base/check.h"
#include "eventlog/base/json_writer.h"
#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "tests/fuzz/target.h"

namespace slipway {

namespace {

std::string line_of(const RecordedEvent& recorded) {
    std::string line;
    JsonWriter json{line};
    write_json(json, recorded, nullptr);
    return line;
}

void run(std::string_view bytes) {
    const auto recorded = event_of_json(bytes);
    if (!recorded) {
        CHECK(recorded.error().code == ErrorCode::invalid);
        return;
    }
    const std::string line = line_of(*recorded);
    const auto again = event_of_json(line);
    CHECK(again && *again == *recorded);
    CHECK(recorded->envelope.stream == stream_of(recorded->event));
    const auto decoded = decode(recorded->position, encode(recorded->envelope, recorded->event));
    CHECK(decoded && *decoded == *recorded);
}

const FuzzTarget kTarget{"event_json", run};

}  // namespace

}  // namespace slipway
