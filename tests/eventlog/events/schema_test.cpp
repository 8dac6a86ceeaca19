// The schema of the bytes, made from the descriptions of the events, and judged by FlatBuffers' own
// parser: against the schemas of the releases, and against what the codec reads and writes.

#include "eventlog/base/describe.h"
#include "eventlog/base/type_name.h"
#include "eventlog/events/codec.h"
#include "eventlog/events/field_rules.h"
#include "tests/eventlog/events/golden_events.h"
#include "tests/eventlog/events/random_events.h"

#include <flatbuffers/idl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace slipway {
namespace {

namespace fs = std::filesystem;

template <class T>
struct TypeWord;
template <class T>
requires std::is_enum_v<T>
struct TypeWord<T> {
    static constexpr std::string_view kWord = "ubyte";
};
template <>
struct TypeWord<bool> {
    static constexpr std::string_view kWord = "bool";
};
template <>
struct TypeWord<std::uint32_t> {
    static constexpr std::string_view kWord = "uint";
};
template <>
struct TypeWord<Version> : TypeWord<std::uint32_t> {};
template <>
struct TypeWord<Seconds> {
    static constexpr std::string_view kWord = "int";
};
template <>
struct TypeWord<Millis> {
    static constexpr std::string_view kWord = "long";
};
template <>
struct TypeWord<Instant> : TypeWord<Millis> {};
template <>
struct TypeWord<LocalTime> : TypeWord<Millis> {};

template <class T>
concept IsNumber = requires {
    TypeWord<T>::kWord;
};

template <class T>
std::int64_t as_number(const T& value) {
    if constexpr (requires { value.time_since_epoch(); }) {
        return value.time_since_epoch().count();
    } else if constexpr (requires { value.count(); }) {
        return value.count();
    } else if constexpr (requires { value.value; }) {
        return value.value;
    } else {
        return static_cast<std::int64_t>(value);
    }
}

class Schema {
  public:
    // The schema of today, as text.
    static std::string text() {
        Schema schema;
        std::string events;
        [&]<class... Fact>(const std::variant<Fact...>*) {
            std::size_t number = 0;
            ((schema.add_table<Fact>(), events += "  " + std::string{name_of_type<Fact>()} + " = " +
                                                  std::to_string(++number) + ",\n"),
             ...);
        }(static_cast<const EventVariant*>(nullptr));
        return "namespace slipway.wire;\n\n"
               "struct Uuid {\n  high: ulong;\n  low: ulong;\n}\n\n"
               "table Label {\n  name: string (id: 0, required);\n  value: string (id: 1);\n}\n\n" +
               schema.tables_ + "union Event {\n" + events + "}\n\n" + std::string{kEnvelope};
    }

  private:
    // By hand, as the codec writes and reads the envelope by hand.
    static constexpr std::string_view kEnvelope = R"(table Envelope {
  recorded_at: long (id: 0);
  event: Event (id: 2, required);
  actor_kind: ubyte (id: 3);
  stream_version: uint (id: 4);
  team: Uuid (id: 5);
  request_id: string (id: 6);
  actor_user: Uuid (id: 7);
  actor_token: string (id: 8);
  idempotency_key_digest: [ubyte] (id: 9);
  schema_version: ushort = 1 (id: 10);
  traceparent: string (id: 11);
}

root_type Envelope;
file_identifier "SLP1";
)";

    template <Described T>
    void add_table() {
        if (!names_.insert(name_of_type<T>()).second) return;
        std::string fields;
        std::size_t id = 0;
        const T defaults{};
        for_each_descriptor<T>([&]<class Field>() {
            const auto& otherwise = defaults.*Field::pointer;
            fields += std::string{"  "} + Field::name + ": " + type_of(otherwise) +
                      " (id: " + std::to_string(id++);
            if (kIsRequired<Field::pointer> || is_required(otherwise)) fields += ", required";
            fields += ");\n";
        });
        tables_ += "table " + std::string{name_of_type<T>()} + " {\n" + fields + "}\n\n";
    }

    // The type of a field, and its default where it has one.
    template <IsNumber T>
    std::string type_of(const T& otherwise) {
        const std::string word{TypeWord<T>::kWord};
        if constexpr (std::is_same_v<T, bool>) return word + (otherwise ? " = true" : "");
        const auto number = as_number(otherwise);
        return number == 0 ? word : word + " = " + std::to_string(number);
    }
    template <IsNumber T>
    std::string type_of(const std::optional<T>&) {
        return std::string{TypeWord<T>::kWord} + " = null";
    }
    template <class Tag>
    std::string type_of(const Id<Tag>&) {
        return "Uuid";
    }
    template <class Tag>
    std::string type_of(const std::optional<Id<Tag>>&) {
        return "Uuid";
    }
    std::string type_of(const std::string&) { return "string"; }
    std::string type_of(const Labels&) { return "[Label]"; }
    std::string type_of(const std::vector<std::uint32_t>&) { return "[uint]"; }
    template <Described T>
    std::string type_of(const std::vector<T>&) {
        return "[" + type_of(T{}) + "]";
    }
    template <Described T>
    std::string type_of(const T&) {
        add_table<T>();
        return std::string{name_of_type<T>()};
    }

    template <class T>
    static constexpr bool is_required(const T&) {
        return Described<T> && !kIsAbsentByDefault<T>;
    }
    template <class Tag>
    static constexpr bool is_required(const Id<Tag>&) {
        return true;
    }

    std::set<std::string_view> names_;
    std::string tables_;
};

void parse(flatbuffers::Parser& parser, const std::string& text, const char** folders = nullptr) {
    parser.opts.require_explicit_ids = true;
    ASSERT_TRUE(parser.Parse(text.c_str(), folders)) << parser.error_ << "\n" << text;
}

std::string contents_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream{file}.rdbuf();
    return text.str();
}

// What keeps `text` from reading what the release in `folder` wrote; empty if nothing does.
std::string conflict(const std::string& text, const fs::path& folder) {
    flatbuffers::Parser released;
    const std::string include = folder.string();
    const char* folders[] = {include.c_str(), nullptr};
    parse(released, contents_of(folder / "envelope.fbs"), folders);
    flatbuffers::Parser today;
    parse(today, text);
    return today.ConformTo(released);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(EventSchema, ReadsWhatEveryReleaseWrote) {
    const std::string text = Schema::text();
    std::ofstream{SLIPWAY_SCHEMA_FILE} << text;
    int releases = 0;
    for (const auto& folder : fs::directory_iterator{SLIPWAY_RELEASED_SCHEMAS}) {
        EXPECT_EQ(conflict(text, folder.path()), "") << folder.path() << "\n" << text;
        ++releases;
    }
    EXPECT_GT(releases, 0);
}

TEST(EventSchema, OfAnIncompatibleChangeIsRefused) {
    const std::string text = Schema::text();
    const fs::path release = fs::path{SLIPWAY_RELEASED_SCHEMAS} / "0.1.0";
    const std::pair<std::string, std::string> changes[] = {
        {"stream_version: uint (", "stream_version: ulong ("},
        {"timeout_seconds: uint = 30", "timeout_seconds: uint = 31"},
        {"TeamCreated = 4,\n  MemberAdded = 5", "MemberAdded = 4,\n  TeamCreated = 5"},
        {"host: string (id: 1);\n  reason: ubyte (id: 2)",
         "host: string (id: 2);\n  reason: ubyte (id: 1)"}};
    for (const auto& [from, to] : changes) {
        EXPECT_NE(conflict(replaced(text, from, to), release), "") << to;
    }
}

// FlatBuffers' own reader and writer, which know only the schema, and the codec, which knows only
// the descriptions, read each other's bytes.
TEST(EventSchema, IsThatOfTheCodec) {
    flatbuffers::Parser parser;
    parser.opts.strict_json = true;
    parse(parser, Schema::text());
    std::vector<RecordedEvent> events = golden_events();
    for (std::size_t type = 0; type < std::variant_size_v<EventVariant>; ++type) {
        RandomEvents random{type};
        for (int round = 0; round < 20; ++round) events.push_back(random.next(type));
    }
    for (const RecordedEvent& recorded : events) {
        const std::string bytes = encode(recorded.envelope, recorded.event);
        std::string json;
        ASSERT_TRUE(flatbuffers::GenerateText(parser, bytes.data(), &json));
        ASSERT_TRUE(parser.ParseJson(json.c_str())) << parser.error_ << "\n" << json;
        const auto& builder = parser.builder_;
        const auto decoded =
            decode(recorded.position,
                   {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
        ASSERT_TRUE(decoded) << decoded.error().message << "\n" << json;
        EXPECT_EQ(*decoded, recorded) << json;
    }
}

}  // namespace
}  // namespace slipway
