// Events out of bytes. An event that can be read can be written, and is then the same event: in
// bytes always, and in JSON if its texts are UTF-8.

#include "eventlog/base/check.h"
#include "eventlog/base/json_writer.h"
#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "tests/fuzz/target.h"

namespace slipway {

namespace {

constexpr Position kPosition{4'711};
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string line_of(const RecordedEvent& recorded) {
    std::string line;
    JsonWriter json{line};
    write_json(json, recorded, nullptr);
    return line;
}

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

    const std::string line = line_of(*recorded);
    // Years after 9999 have no JSON that can be read.
    const auto read = event_of_json(line);
    if (!read) return;
    const std::string second_line = line_of(*read);
    // JSON replaces bytes that are not UTF-8. Replaced names of labels stand in another order, or
    // two of them become one. The server refuses such texts, so that no log of its own has them.
    if (line.find(kReplacement) == std::string::npos) CHECK(second_line == line);
    const auto read_again = event_of_json(second_line);
    CHECK(read_again && *read_again == *read);
}

const FuzzTarget kTarget{"codec", run};

}  // namespace

}  // namespace slipway
