// Reading JSON (RFC 8259) that strangers send. The parser refuses what the library would let pass:
// equal keys, depth, bytes that are not UTF-8. Fields reads an object member by member and collects
// every error, with the pointer of the field, what was found and what is accepted; a member nobody
// asked for is one.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/quote.h"
#include "eventlog/events/vocabulary.h"
#include "server/api/problem.h"
#include "server/domain/rejection.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace slipway {

using Json = nlohmann::json;

inline constexpr std::size_t kJsonDepthMax = 80;
inline constexpr std::size_t kJsonElementsMax = 1'000;  // of an array that is read
// Values in a text. An app of 64 KiB has fewer, and a megabyte of small ones takes tens of
// milliseconds to read.
inline constexpr std::size_t kJsonValuesMax = 20'000;

// Adds `error`, unless there are enough.
void add_error(std::vector<FieldError>& errors, FieldError error);

// The value, or why the text cannot be read.
std::variant<Json, std::string> parse_json(std::string_view text);

// Lays a merge patch (RFC 7396) over `target`, but leaves the members that are null as null, for
// Fields to see: it reads null as absent, and refuses unknown members whatever their value is.
void lay_over(Json& target, const Json& patch);

// "a, b or c".
std::string alternatives(const std::vector<std::string_view>& words);

// "a string", "a whole number" and so on: what `value` is, for people.
std::string describe(const Json& value);

class Fields {
  public:
    // Both outlive it. `at` is the pointer of `object` itself: "" at the top.
    Fields(const Json& object, std::string at, std::vector<FieldError>& errors);

    // Null if the member is absent or null.
    const Json* member(std::string_view name);

    // Nothing if absent, or not valid: then there is an error.
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
    // From 0 to 2^32 - 1; the domain knows which of them it accepts.
    std::optional<std::uint32_t> number(std::string_view name);
    std::optional<std::string> text(std::string_view name);
    std::optional<bool> boolean(std::string_view name);
    std::optional<std::map<std::string, std::string>> texts(std::string_view name);
    template <class Enum>
    std::optional<Enum> choice(std::string_view name);
    template <class SomeId>
    std::optional<SomeId> id(std::string_view name);
    std::optional<Fields> object(std::string_view name);
    // Null if absent, or no array of at most kJsonElementsMax.
    const Json* array(std::string_view name);

    // As above, and absence is an error too.
    std::int64_t required_integer(std::string_view name, std::int64_t min, std::int64_t max);
    template <class SomeId>
    SomeId required_id(std::string_view name);

    void fail(std::string_view name, std::string detail);
    void fail_absent(std::string_view name, std::string_view accepted);
    void fail_choice(std::string_view name, std::string_view found,
                     const std::vector<std::string_view>& accepted);

    // Adds an error for each member that nobody asked for. Call last.
    void finish();

    std::string pointer(std::string_view name) const;
    std::vector<FieldError>& errors() { return errors_; }

  private:
    const Json& object_;
    std::string at_;
    std::vector<FieldError>& errors_;
    std::vector<std::string_view> asked_;
};

template <class Enum>
std::optional<Enum> Fields::choice(std::string_view name) {
    const auto found = text(name);
    if (!found) return std::nullopt;
    const auto value = value_of<Enum>(*found);
    if (value) return value;
    fail_choice(name, *found, names_of<Enum>());
    return std::nullopt;
}

template <class SomeId>
std::optional<SomeId> Fields::id(std::string_view name) {
    const auto found = text(name);
    if (!found) return std::nullopt;
    const auto id = SomeId::parse(*found);
    if (!id) {
        fail(name, "is " + in_quotes(*found) + "; an id that begins with " +
                       std::string{SomeId::kPrefix} + "_ and has 26 characters after that");
    }
    return id;
}

template <class SomeId>
SomeId Fields::required_id(std::string_view name) {
    if (member(name) == nullptr) {
        fail_absent(name, "an id that begins with " + std::string{SomeId::kPrefix} + "_");
        return {};
    }
    return id<SomeId>(name).value_or(SomeId{});
}

}  // namespace slipway
