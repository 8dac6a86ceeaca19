// Reads the server's answers without trusting their form: a member that is missing is null.

#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace slipway {

using Json = nlohmann::ordered_json;

// An empty object if the text is no object of JSON.
Json parsed(const std::string& body);

// Null if there is none.
Json member(const Json& json, std::string_view name);

// The member "result" of the answer; null if there is none.
Json result_of(const std::string& body);

}  // namespace slipway
