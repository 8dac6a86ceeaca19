#include "server/auth/json_object.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <vector>

namespace slipway {

using Json = nlohmann::json;

constexpr int kDepthMax = 8;  // our tokens have 1, those of issuers up to 4, key sets 3

std::optional<Json> json_object_of(std::string_view text) {
    std::vector<std::set<std::string>> names;  // seen in the object that is open at each depth
    bool acceptable = true;
    const auto look = [&](int depth, Json::parse_event_t event, const Json& parsed) {
        const auto level = static_cast<std::size_t>(depth);
        if (depth > kDepthMax) acceptable = false;
        if (event == Json::parse_event_t::object_start) {
            names.resize(level + 1);
            names.emplace_back();
        } else if (event == Json::parse_event_t::key) {
            acceptable &= names[level].insert(parsed.get<std::string>()).second;
        }
        return acceptable;
    };
    Json json = Json::parse(text.begin(), text.end(), look, false);
    if (!acceptable || !json.is_object()) return std::nullopt;
    return json;
}

const Json* member(const Json& object, const char* name) {
    const auto at = object.find(name);
    return at == object.end() ? nullptr : &*at;
}

const std::string* text_in(const Json* json) {
    return json == nullptr ? nullptr : json->get_ptr<const std::string*>();
}

bool is_text(const Json* json, std::string_view expected) {
    const std::string* const text = text_in(json);
    return text != nullptr && *text == expected;
}

bool is_or_holds(const Json* json, std::string_view expected) {
    if (json == nullptr || !json->is_array()) return is_text(json, expected);
    return std::any_of(json->begin(), json->end(),
                       [expected](const Json& one) { return is_text(&one, expected); });
}

}  // namespace slipway
