// JSON of strangers. What is accepted is within the limits, is UTF-8 and means one thing: written
// and read again it is the same.

#include "eventlog/base/check.h"
#include "server/api/json.h"
#include "tests/fuzz/target.h"

namespace slipway {

namespace {

void check_limits(const Json& value, std::size_t depth) {
    CHECK(depth <= kJsonDepthMax);
    if (!value.is_structured()) return;
    for (const Json& inner : value) check_limits(inner, depth + (inner.is_structured() ? 1 : 0));
}

// Reads each member in each way: whatever it is, there is a value or an error.
void read_members(const Json& value) {
    std::vector<FieldError> errors;
    Fields fields{value, "", errors};
    std::size_t fitting = 0;
    std::size_t asked = 0;
    if (value.is_object()) {
        for (const auto& [name, member] : value.items()) {
            if (member.is_null() || errors.size() + 8 > kFieldErrorsMax) continue;
            asked += 7;
            const auto number = fields.integer(name, -1'000, UINT32_MAX);
            CHECK(!number || (*number >= -1'000 && *number <= UINT32_MAX && member == *number));
            const auto text = fields.text(name);
            CHECK(!text || (member.is_string() && member == *text));
            fitting += (number ? 1 : 0) + (text ? 1 : 0) + (fields.boolean(name) ? 1 : 0);
            fitting += (fields.choice<MisfireAction>(name) ? 1 : 0);
            fitting += (fields.id<AppId>(name) ? 1 : 0);
            const Json* const array = fields.array(name);
            CHECK(array == nullptr || (array->is_array() && array->size() <= kJsonElementsMax));
            fitting += (array != nullptr ? 1 : 0);
            const std::size_t before = errors.size();
            const auto texts = fields.texts(name);
            // An object has an error for each member that is no text.
            fitting += (texts ? 1 : 0);
            if (texts) errors.resize(before);
        }
        CHECK(fitting + errors.size() == asked);
    }
    fields.finish();
    CHECK(errors.size() <= kFieldErrorsMax);
    for (const FieldError& error : errors) CHECK(!error.detail.empty());
}

void run(std::string_view bytes) {
    const auto parsed = parse_json(bytes);
    if (const auto* const why = std::get_if<std::string>(&parsed)) {
        CHECK(!why->empty());
        return;
    }
    const Json& value = std::get<Json>(parsed);
    check_limits(value, value.is_structured() ? 1 : 0);
    CHECK(!describe(value).empty());
    const std::string text = value.dump();  // throws at what is not UTF-8
    const auto again = parse_json(text);
    const auto* const same = std::get_if<Json>(&again);
    CHECK(same != nullptr && *same == value && same->dump() == text);
    read_members(value);
}

const FuzzTarget kTarget{"json", run};

}  // namespace

}  // namespace slipway
