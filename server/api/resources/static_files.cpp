#include "eventlog/base/ascii.h"
#include "eventlog/base/check.h"
#include "eventlog/base/digest.h"
#include "server/api/conditional.h"
#include "server/api/exchange.h"
#include "server/api/resources/handlers.h"
#include "server/assets/assets.h"

#include <algorithm>

namespace slipway {

namespace {

// Everything comes from this server, and no script or style is inline.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// RFC 9110, 12.5.3. A weight of nothing but zeros says no.
bool accepts_gzip(std::string_view accept_encoding) {
    while (!accept_encoding.empty()) {
        const auto one = cut_off(accept_encoding, ',');
        auto weight = one;
        if (stripped(cut_off(weight, ';')) != "gzip") continue;
        weight = stripped(weight);
        return !weight.starts_with("q=0") ||
               weight.find_first_not_of("0.", 2) != std::string_view::npos;
    }
    return false;
}

Reply file_reply(const Call& call, const StaticFile& file) {
    const bool gzip = !file.gzipped.empty() && accepts_gzip(call.request.accept_encoding);
    const std::string tag = std::string{file.tag} + (gzip ? "-gzip" : "");
    Reply reply = instead(call.request, tag).value_or(Reply{});
    reply.shows = Position{};
    if (reply.status == 412) return reply;
    // It may be kept, and is asked for again: another release has others.
    reply.cache_control = "no-cache";
    reply.headers = {{"ETag", '"' + tag + '"'}, {"Vary", "Accept-Encoding"}};
    if (reply.status == 304) return reply;
    reply.content_type = file.content_type;
    reply.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
    reply.headers.emplace_back("Referrer-Policy", "no-referrer");
    if (gzip) reply.headers.emplace_back("Content-Encoding", "gzip");
    reply.body = gzip ? file.gzipped : file.bytes;
    return reply;
}

// Null if there is none.
const StaticFile* find_file(std::string_view name) {
    const auto files = api_files();
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&](const StaticFile& one) { return one.name == name; });
    return file == files.end() ? nullptr : &*file;
}

Reply file_reply(const Call& call, std::string_view name) {
    const StaticFile* const file = find_file(name);
    if (file != nullptr) return file_reply(call, *file);
    Reply reply = not_found(call, "file_not_found", "file", name);
    reply.shows = Position{};
    return reply;
}

}  // namespace

// Names the server's public path as the place of the API.
Reply get_openapi(const Call& call) {
    constexpr std::string_view kAtRoot = R"("servers":[{"url":"/"}])";
    const std::string& path = call.services.public_path;
    const StaticFile& file = *find_file("openapi.json");
    if (path.empty()) return file_reply(call, file);
    std::string text{file.bytes};
    const auto at = text.find(kAtRoot);
    CHECK(at != std::string::npos);
    text.replace(at, kAtRoot.size(), R"("servers":[{"url":")" + path + R"("}])");
    const std::string tag = hex_of(bytes_of(sha256(text))).substr(0, file.tag.size());
    return file_reply(call, StaticFile{file.name, file.content_type, tag, text, {}});
}

Reply get_docs(const Call& call) {
    return file_reply(call, "docs.html");
}

Reply get_docs_file(const Call& call) {
    return file_reply(call, "docs/" + call.parameters.front());
}

}  // namespace slipway
