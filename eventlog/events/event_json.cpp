#include "eventlog/events/event_json.h"

#include "eventlog/base/describe.h"

#include <optional>
#include <type_traits>

namespace slipway {

namespace {

template <class T>
void put(JsonWriter& json, const std::optional<T>& value);
template <class T>
void put(JsonWriter& json, const std::vector<T>& values);

template <Described T>
void put(JsonWriter& json, const T& value);

template <class T>
requires std::is_enum_v<T>
void put(JsonWriter& json, T value) {
    json.value(name_of(value));
}

template <class Tag>
void put(JsonWriter& json, const Id<Tag>& id) {
    if (id.is_nil()) {
        json.null();
    } else {
        json.value(id);
    }
}

void put(JsonWriter& json, const std::string& text) {
    json.text(text);
}
void put(JsonWriter& json, bool value) {
    json.boolean(value);
}
void put(JsonWriter& json, std::uint32_t value) {
    json.value(value);
}
void put(JsonWriter& json, Version version) {
    json.value(version.value);
}
void put(JsonWriter& json, Instant instant) {
    json.value(instant);
}
void put(JsonWriter& json, LocalTime local) {
    json.value(to_text(local));
}
void put(JsonWriter& json, Millis duration) {
    json.value(duration.count());
}
void put(JsonWriter& json, Seconds duration) {
    json.value(duration.count());
}
void put(JsonWriter& json, const Labels& labels) {
    json.begin_object();
    for (const auto& [name, value] : labels) json.member(name, value);
    json.end_object();
}

template <class T>
void put(JsonWriter& json, const std::optional<T>& value) {
    if (value) {
        put(json, *value);
    } else {
        json.null();
    }
}

template <class T>
void put(JsonWriter& json, const std::vector<T>& values) {
    json.begin_array();
    for (const auto& value : values) put(json, value);
    json.end_array();
}

template <Described T>
void put(JsonWriter& json, const T& value) {
    json.begin_object();
    for_each_field(value, [&](std::string_view name, const auto& field) {
        json.key(name);
        put(json, field);
    });
    json.end_object();
}

}  // namespace

void write_json(JsonWriter& json, const RecordedEvent& recorded, const Digest* digest,
                const LogHead* head) {
    const Envelope& envelope = recorded.envelope;
    json.begin_object();
    if (head != nullptr) {
        json.key("log");
        json.begin_object();
        json.member("id", base32_of(head->log_id));
        json.member("position", head->position.value);
        json.member("digest", hex_of(bytes_of(head->digest)));
        json.end_object();
    }
    json.member("position", recorded.position.value);
    json.member("recorded_at", envelope.recorded_at);
    json.member("type", type_name(recorded.event));
    json.member("stream", stream_text(recorded.event));
    json.member("stream_version", envelope.stream_version.value);
    json.key("team");
    put(json, envelope.team);
    json.key("actor");
    put(json, envelope.actor);
    json.member("request_id", envelope.request_id);
    if (!envelope.idempotency_key_digest.empty()) {
        json.member("idempotency_key_digest", hex_of(envelope.idempotency_key_digest));
    }
    if (!envelope.traceparent.empty()) json.member("traceparent", envelope.traceparent);
    json.key("data");
    std::visit([&](const auto& fact) { put(json, fact); }, recorded.event);
    if (digest != nullptr) json.member("digest", hex_of(bytes_of(*digest)));
    json.end_object();
}

}  // namespace slipway
