#include "eventlog/base/describe.h"
#include "eventlog/events/event_json.h"
#include "eventlog/events/field_rules.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <limits>
#include <optional>
#include <type_traits>

namespace slipway {

namespace {

using Json = nlohmann::json;

// The first thing that does not fit is kept, with where it stands.

class Reading {
  public:
    void fail(const std::string& where, const std::string& what) {
        if (!error_) error_ = Error{ErrorCode::invalid, "event: " + where + ": " + what};
    }
    const std::optional<Error>& error() const { return error_; }

  private:
    std::optional<Error> error_;
};

template <class T>
constexpr bool is_optional(const T&) {
    return false;
}
template <class T>
constexpr bool is_optional(const std::optional<T>&) {
    return true;
}

template <class T>
void take(Reading& reading, const std::string& at, const Json& json, std::optional<T>& to);
template <class T>
void take(Reading& reading, const std::string& at, const Json& json, std::vector<T>& to);

template <Described T>
void take(Reading& reading, const std::string& at, const Json& json, T& to);

// Names the value for a message: by a word if it is long.
std::string found_in(const Json& json) {
    if (json.is_object()) return "an object";
    if (json.is_array()) return "an array";
    return json.is_string() ? "a string" : json.dump();
}

std::optional<std::string> text_of(Reading& reading, const std::string& at, const Json& json) {
    if (json.is_string()) return json.get<std::string>();
    reading.fail(at, "is " + found_in(json) + "; a string is accepted");
    return std::nullopt;
}

template <std::integral T>
void take_number(Reading& reading, const std::string& at, const Json& json, T& to) {
    if (json.is_number_unsigned() &&
        json.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
        to = static_cast<T>(json.get<std::uint64_t>());
    } else if (std::is_signed_v<T> && json.is_number_integer() && json.get<std::int64_t>() < 0 &&
               json.get<std::int64_t>() >=
                   static_cast<std::int64_t>(std::numeric_limits<T>::min())) {
        to = static_cast<T>(json.get<std::int64_t>());
    } else {
        reading.fail(at, "is " + found_in(json) + "; a whole number is accepted");
    }
}

void take(Reading& reading, const std::string& at, const Json& json, std::string& to) {
    if (auto text = text_of(reading, at, json)) to = std::move(*text);
}
void take(Reading& reading, const std::string& at, const Json& json, bool& to) {
    if (json.is_boolean()) {
        to = json.get<bool>();
    } else {
        reading.fail(at, "is " + found_in(json) + "; true or false is accepted");
    }
}
void take(Reading& reading, const std::string& at, const Json& json, std::uint32_t& to) {
    take_number(reading, at, json, to);
}
void take(Reading& reading, const std::string& at, const Json& json, Version& to) {
    take_number(reading, at, json, to.value);
}
void take(Reading& reading, const std::string& at, const Json& json, Millis& to) {
    std::int64_t count = 0;
    take_number(reading, at, json, count);
    to = Millis{count};
}
void take(Reading& reading, const std::string& at, const Json& json, Seconds& to) {
    std::int32_t count = 0;
    take_number(reading, at, json, count);
    to = Seconds{count};
}
void take(Reading& reading, const std::string& at, const Json& json, Instant& to) {
    const auto text = text_of(reading, at, json);
    const auto instant = text ? instant_of(*text) : std::nullopt;
    if (instant) {
        to = *instant;
    } else if (text) {
        reading.fail(at, "is " + *text + "; an instant such as 2027-02-10T08:00:00Z is accepted");
    }
}
void take(Reading& reading, const std::string& at, const Json& json, LocalTime& to) {
    const auto text = text_of(reading, at, json);
    const auto local = text ? local_of(*text) : std::nullopt;
    if (local) {
        to = *local;
    } else if (text) {
        reading.fail(at, "is " + *text + "; a wall clock such as 2027-02-10T03:00:00 is accepted");
    }
}
template <class Tag>
void take(Reading& reading, const std::string& at, const Json& json, Id<Tag>& to) {
    if (json.is_null()) return;
    const auto text = text_of(reading, at, json);
    const auto id = text ? Id<Tag>::parse(*text) : std::nullopt;
    if (id) {
        to = *id;
    } else if (text) {
        reading.fail(at, "is " + *text + "; an id that begins with " + std::string{Tag::kPrefix} +
                             "_ is accepted");
    }
}
template <class T>
requires std::is_enum_v<T>
void take(Reading& reading, const std::string& at, const Json& json, T& to) {
    const auto text = text_of(reading, at, json);
    const auto value = text ? value_of<T>(*text) : std::nullopt;
    if (value) {
        to = *value;
    } else if (text) {
        reading.fail(at, "is " + *text + ", which is not a word that is known here");
    }
}
void take(Reading& reading, const std::string& at, const Json& json, Labels& to) {
    if (!json.is_object())
        return reading.fail(at, "is " + found_in(json) + "; an object is accepted");
    for (const auto& [name, value] : json.items()) take(reading, at + "/" + name, value, to[name]);
}

template <class T>
void take(Reading& reading, const std::string& at, const Json& json, std::optional<T>& to) {
    if (!json.is_null()) take(reading, at, json, to.emplace());
}

template <class T>
void take(Reading& reading, const std::string& at, const Json& json, std::vector<T>& to) {
    if (!json.is_array())
        return reading.fail(at, "is " + found_in(json) + "; an array is accepted");
    for (std::size_t i = 0; i < json.size(); ++i) {
        take(reading, at + "/" + std::to_string(i), json[i], to.emplace_back());
    }
}

template <Described T>
void take(Reading& reading, const std::string& at, const Json& json, T& to) {
    if (!json.is_object())
        return reading.fail(at, "is " + found_in(json) + "; an object is accepted");
    std::size_t known = 0;
    for_each_descriptor<T>([&]<class Field>() {
        auto& field = to.*Field::pointer;
        const std::string where = at + "/" + Field::name;
        const auto found = json.find(Field::name);
        if (found != json.end()) {
            ++known;
            take(reading, where, *found, field);
        } else if (!is_optional(field) && !kIsAppended<Field::pointer>) {
            reading.fail(where, "is missing");
        }
    });
    if (known == json.size()) return;
    for (const auto& item : json.items()) {
        const std::string& name = item.key();
        bool is_known = false;
        for_each_field(
            to, [&](std::string_view field, auto&) { is_known = is_known || field == name; });
        if (!is_known) reading.fail(at + "/" + name, "is not a field that is known here");
    }
}

// ---- The envelope

std::optional<std::string> bytes_of_hex(std::string_view hex) {
    std::string bytes;
    if (hex.size() % 2 != 0) return std::nullopt;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        unsigned value = 0;
        const auto parsed = std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
        if (parsed.ec != std::errc{} || parsed.ptr != hex.data() + i + 2) return std::nullopt;
        bytes += static_cast<char>(value);
    }
    return bytes;
}

template <std::size_t I = 0>
bool emplace_by_name(std::string_view name, Event& event) {
    if constexpr (I < std::variant_size_v<EventVariant>) {
        event.emplace<I>();
        return type_name(event) == name || emplace_by_name<I + 1>(name, event);
    } else {
        return false;
    }
}

const Json& member(Reading& reading, const Json& json, const char* name) {
    static const Json kNull;
    const auto at = json.find(name);
    if (at != json.end()) return *at;
    reading.fail(std::string{"/"} + name, "is missing");
    return kNull;
}

void refuse_unknown_members(Reading& reading, const Json& json) {
    constexpr std::string_view kMembers[] = {"position", "recorded_at",    "type",
                                             "stream",   "stream_version", "team",
                                             "actor",    "request_id",     "idempotency_key_digest",
                                             "data",     "digest",         "traceparent",
                                             "log"};
    for (const auto& [name, value] : json.items()) {
        if (std::find(std::begin(kMembers), std::end(kMembers), name) == std::end(kMembers)) {
            reading.fail("/" + name, "is not a field that is known here");
        }
    }
}

void take_envelope(Reading& reading, const Json& json, RecordedEvent& to) {
    take_number(reading, "/position", member(reading, json, "position"), to.position.value);
    Envelope& envelope = to.envelope;
    take(reading, "/recorded_at", member(reading, json, "recorded_at"), envelope.recorded_at);
    take(reading, "/stream_version", member(reading, json, "stream_version"),
         envelope.stream_version);
    take(reading, "/team", member(reading, json, "team"), envelope.team);
    take(reading, "/actor", member(reading, json, "actor"), envelope.actor);
    take(reading, "/request_id", member(reading, json, "request_id"), envelope.request_id);
    if (const auto digest = json.find("idempotency_key_digest"); digest != json.end()) {
        std::string hex;
        take(reading, "/idempotency_key_digest", *digest, hex);
        const auto bytes = bytes_of_hex(hex);
        if (bytes && bytes->size() == sizeof(Digest)) {
            envelope.idempotency_key_digest = *bytes;
        } else {
            reading.fail("/idempotency_key_digest",
                         "is " + hex + "; 64 hexadecimal digits are accepted");
        }
    }
    if (const auto parent = json.find("traceparent"); parent != json.end()) {
        take(reading, "/traceparent", *parent, envelope.traceparent);
    }
}

}  // namespace

Result<RecordedEvent> event_of_json(std::string_view line) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) return Error{ErrorCode::invalid, "event: is no JSON object"};
    Reading reading;
    RecordedEvent recorded;
    refuse_unknown_members(reading, json);
    take_envelope(reading, json, recorded);
    std::string type;
    take(reading, "/type", member(reading, json, "type"), type);
    if (!emplace_by_name(type, recorded.event)) {
        reading.fail("/type", "is " + type + ", which is no type of event");
    }
    const Json& data = member(reading, json, "data");
    std::visit([&](auto& fact) { take(reading, "/data", data, fact); }, recorded.event);
    std::string stream;
    take(reading, "/stream", member(reading, json, "stream"), stream);
    if (stream != stream_text(recorded.event)) {
        reading.fail("/stream",
                     "is " + stream + ", and the event is about " + stream_text(recorded.event));
    }
    if (reading.error()) return *reading.error();
    recorded.envelope.stream = stream_of(recorded.event);
    return recorded;
}

}  // namespace slipway
