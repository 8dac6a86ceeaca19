// RandomEvents fills events at random, over the fields that each event names: a field that is new
// is filled from the day it exists. The same seed gives the same events.

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/base/json_writer.h"
#include "eventlog/events/event.h"
#include "eventlog/events/event_json.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace slipway {

// NOLINTNEXTLINE(readability-identifier-naming): the name that GoogleTest looks for.
inline void PrintTo(const RecordedEvent& recorded, std::ostream* out) {
    std::string text;
    JsonWriter json{text};
    write_json(json, recorded, nullptr);
    *out << text;
}

class RandomEvents {
  public:
    explicit RandomEvents(std::uint64_t seed) : random_(seed) {}

    // Of the type with that place in Event.
    RecordedEvent next(std::size_t type) {
        RecordedEvent recorded;
        recorded.position = Position{1 + below(1ULL << 40)};
        emplace(recorded.event, type,
                std::make_index_sequence<std::variant_size_v<EventVariant>>{});
        std::visit([&](auto& event) { fill(event); }, recorded.event);
        Envelope& envelope = recorded.envelope;
        fill(envelope.recorded_at);
        envelope.stream = stream_of(recorded.event);
        fill(envelope.stream_version);
        if (chance()) fill(envelope.team);
        fill(envelope.actor);
        if (chance()) envelope.actor.user = {};
        fill(envelope.request_id);
        if (chance()) {
            for (int i = 0; i < 32; ++i) {
                envelope.idempotency_key_digest += static_cast<char>(below(256));
            }
        }
        if (chance()) fill(envelope.traceparent);
        return recorded;
    }

  private:
    template <std::size_t... I>
    static void emplace(Event& event, std::size_t type, std::index_sequence<I...>) {
        ((I == type ? static_cast<void>(event.emplace<I>()) : static_cast<void>(0)), ...);
    }

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    bool chance() { return below(2) == 0; }
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }

    template <class T>
    void fill(T& value) {
        if constexpr (std::is_enum_v<T>) {
            std::uint8_t known = 0;
            while (is_known<T>(known)) ++known;
            value = static_cast<T>(below(known));
        } else {
            for_each_field(value, [&](std::string_view, auto& field) { fill(field); });
        }
    }
    template <class Tag>
    void fill(Id<Tag>& id) {
        id.uuid = Uuid{random_(), random_()};
    }
    template <class T>
    void fill(std::optional<T>& value) {
        if (chance()) fill(value.emplace());
    }
    template <class T>
    void fill(std::vector<T>& values) {
        for (auto left = below(4); left > 0; --left) fill(values.emplace_back());
    }
    void fill(std::string& text) {
        static const std::vector<std::string> kPieces = {"a",      "Zürich",
                                                         "東京",   "🚀",
                                                         "\"",     "\\",
                                                         "/",      "\n",
                                                         "\t",     std::string(1, '\0'),
                                                         "\x1f",   "\x7f",
                                                         "deploy", " ",
                                                         "{}",     "America/New_York"};
        for (auto left = below(6); left > 0; --left) text += kPieces[below(kPieces.size())];
    }
    void fill(Labels& labels) {
        for (auto left = below(4); left > 0; --left) {
            std::string name;
            fill(name);
            fill(labels[name]);
        }
    }
    void fill(bool& value) { value = chance(); }
    void fill(std::uint32_t& value) {
        value = static_cast<std::uint32_t>(random_() >> (32 + below(32)));
    }
    void fill(Version& version) { fill(version.value); }
    void fill(Instant& instant) { instant = Instant{Millis{between(0, kEndSeconds * 1000 - 1)}}; }
    void fill(LocalTime& local) { local = LocalTime{Seconds{between(0, kEndSeconds - 1)}}; }
    void fill(Millis& duration) { duration = Millis{between(-1'000'000'000, 1'000'000'000)}; }
    void fill(Seconds& duration) { duration = Seconds{between(-93'600, 93'600)}; }

    // The end of the year 9999, in seconds.
    static constexpr std::int64_t kEndSeconds = 253'402'300'800;

    std::mt19937_64 random_;
};

}  // namespace slipway
