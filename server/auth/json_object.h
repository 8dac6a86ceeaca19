// JSON of strangers: tokens, and what an issuer says of itself and its keys. Parsed as strictly as
// RFC 8725 advises; what is asked of it never throws.

#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace slipway {

// A JSON object of which no part says two things: of equal names a library picks the first or the
// last as it likes (RFC 8725, 2.4), so they are refused at every depth. So is what is deeper than
// any of these documents has reason to be.
std::optional<nlohmann::json> json_object_of(std::string_view text);

// Nothing if `object` has no such member.
const nlohmann::json* member(const nlohmann::json& object, const char* name);

// The text that `json` is; nothing if it is missing or anything else.
const std::string* text_in(const nlohmann::json* json);

bool is_text(const nlohmann::json* json, std::string_view expected);

// Whether `json` is that text, or a list that holds it.
bool is_or_holds(const nlohmann::json* json, std::string_view expected);

}  // namespace slipway
