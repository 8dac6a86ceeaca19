// URLs of strangers, and whom they speak of. A credential is shown to targets of its origin: two
// URLs of one origin must be one host and one port to whoever calls them.

#include "eventlog/base/ascii.h"
#include "eventlog/base/check.h"
#include "eventlog/base/origin.h"
#include "server/domain/text_rules.h"
#include "server/engine/kind_rules.h"
#include "server/targets/kinds.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/text.h"

#include <curl/urlapi.h>

#include <memory>
#include <optional>

namespace slipway {

namespace {

// Whom libcurl would call; nothing if it would call nobody.
std::optional<std::string> called(const std::string& url) {
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed{curl_url(), &curl_url_cleanup};
    if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return std::nullopt;
    std::string whom;
    for (const CURLUPart part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
        char* text = nullptr;
        if (curl_url_get(parsed.get(), part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
        whom += lower_case(text) + " ";
        curl_free(text);
    }
    return whom;
}

bool is_target(const std::string& url) {
    AppDefinition definition;
    definition.name = "api";
    definition.target.url = url;
    std::vector<FieldError> errors;
    check_definition(definition, KindRules{target_kinds()}, errors);
    return errors.empty();
}

bool is_origin(const std::string& url) {
    std::vector<FieldError> errors;
    check_origin("/origin", url, errors);
    return errors.empty();
}

void run(std::string_view bytes) {
    const std::string url{bytes};
    const std::string origin = origin_of(url);
    CHECK(origin_of(origin) == origin);
    if (is_origin(url)) CHECK(is_target(url));
    if (!is_target(url)) return;
    CHECK(!has_control(url) && url.find(' ') == std::string::npos);
    CHECK(is_origin(origin) && is_target(origin + "/hook"));
    CHECK(origin_of(origin + "/hook?of=it#part") == origin);
    const auto whom = called(url);
    if (whom) CHECK(whom == called(origin) && whom == called(origin + "/hook"));
}

const FuzzTarget kTarget{"origins", run};

}  // namespace

}  // namespace slipway
