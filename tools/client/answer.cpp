#include "tools/client/answer.h"

namespace slipway {

Json parsed(const std::string& body) {
    Json json = Json::parse(body, nullptr, false);
    return json.is_object() ? json : Json::object();
}

Json member(const Json& json, std::string_view name) {
    const auto at = json.is_object() ? json.find(std::string{name}) : json.end();
    return at == json.end() ? Json{} : *at;
}

Json result_of(const std::string& body) {
    return member(parsed(body), "result");
}

}  // namespace slipway
