#include "server/http/conditional.h"

#include "eventlog/base/digest.h"
#include "server/http/problem.h"

namespace slipway {

namespace {

std::string hex_of_number(std::uint32_t number) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xFF);
    return hex_of(bytes);
}

// Calls `is_it` with what stands between the quotes of each tag, until it is one of them. A weak
// tag (W/"…") is compared only where that is allowed.
template <class Compare>
bool any_tag(std::string_view list, bool weak_too, const Compare& is_it) {
    while (true) {
        const auto begin = list.find('"');
        if (begin == std::string_view::npos) return false;
        const auto end = list.find('"', begin + 1);
        if (end == std::string_view::npos) return false;
        const bool weak = list.substr(0, begin).ends_with("W/");
        if ((weak_too || !weak) && is_it(list.substr(begin + 1, end - begin - 1))) return true;
        list.remove_prefix(end + 1);
    }
}

}  // namespace

bool is_known(const Request& request, std::string_view tag) {
    const std::string& known = request.if_none_match;
    const auto is_it = [&](std::string_view one) { return one == tag; };
    return known == "*" || any_tag(known, true, is_it);
}

Reply versioned(const Call& call, int status, Version version, Shows shows,
                const std::function<void(JsonWriter&)>& write) {
    Reply reply = result(status, write);
    std::string tag = std::to_string(version.value);
    if (shows == Shows::others_too) tag += "-" + hex_of_number(crc32c(reply.body));
    const bool read = call.request.method == Method::get && status == 200;
    if (read && is_known(call.request, tag)) {
        reply.status = 304;
        reply.body.clear();
    }
    reply.headers.emplace_back("ETag", '"' + tag + '"');
    return reply;
}

std::optional<Reply> stale(const Call& call, Version current) {
    const std::string& wanted = call.request.if_match;
    const std::string version = std::to_string(current.value);
    const auto is_it = [&](std::string_view one) {
        return one.substr(0, one.find('-')) == version;
    };
    if (wanted.empty() || wanted == "*" || any_tag(wanted, false, is_it)) return std::nullopt;
    const bool quoted = wanted.find('"') != std::string::npos && !wanted.starts_with("W/");
    return problem(call.request, 412, "stale_version",
                   "If-Match is " + wanted.substr(0, 60) + ", and the version is \"" + version +
                       (quoted ? "\": read it again" : "\": send a strong tag, with its quotes"));
}

}  // namespace slipway
