#include "server/api/conditional.h"

#include "eventlog/base/digest.h"
#include "eventlog/base/quote.h"
#include "server/api/problem.h"

#include <algorithm>

namespace slipway {

namespace {

std::string hex_of_number(std::uint32_t number) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xFF);
    return hex_of(bytes);
}

// Calls `is_it` with what stands between the quotes of each tag, until it is one of them. A weak
// tag (W/"…") is compared only where that is allowed. What is no tag ends the list.
template <class Compare>
bool any_tag(std::string_view list, bool weak_too, const Compare& is_it) {
    const auto skip = [&list](std::string_view chars) {
        list.remove_prefix(std::min(list.find_first_not_of(chars), list.size()));
    };
    while (true) {
        skip(" \t,");
        const bool weak = list.starts_with("W/");
        if (weak) list.remove_prefix(2);
        const auto end = list.find('"', 1);
        if (!list.starts_with('"') || end == std::string_view::npos) return false;
        const auto tag = list.substr(1, end - 1);
        list.remove_prefix(end + 1);
        skip(" \t");
        if (!list.empty() && list.front() != ',') return false;
        if ((weak_too || !weak) && is_it(tag)) return true;
    }
}

bool is_wanted(const Request& request, const std::function<bool(std::string_view)>& is_it) {
    const std::string& wanted = request.if_match;
    return wanted.empty() || wanted == "*" || any_tag(wanted, false, is_it);
}

bool is_known(const Request& request, const std::function<bool(std::string_view)>& is_it) {
    const std::string& known = request.if_none_match;
    return known == "*" || any_tag(known, true, is_it);
}

Reply stale(const Request& request, std::string_view tag) {
    const std::string& wanted = request.if_match;
    const bool quoted = wanted.find('"') != std::string::npos && !wanted.starts_with("W/");
    return problem(request, 412, "stale_version",
                   "If-Match is " + shortened(wanted) + ", and the version is \"" +
                       std::string{tag} +
                       (quoted ? "\": read it again" : "\": send a strong tag, with its quotes"));
}

}  // namespace

std::optional<Reply> instead(const Request& request, std::string_view tag) {
    const auto is_it = [&](std::string_view one) { return one == tag; };
    // In this order: RFC 9110, 13.2.2.
    if (!is_wanted(request, is_it)) return stale(request, tag);
    if (!is_known(request, is_it)) return std::nullopt;
    Reply reply;
    reply.status = 304;
    return reply;
}

Reply versioned(const Call& call, int status, Version version, Shows shows,
                const std::function<void(JsonWriter&)>& write) {
    return versioned(call, result(status, write), version, shows);
}

Reply versioned(const Call& call, Reply reply, Version version, Shows shows) {
    std::string tag = std::to_string(version.value);
    if (shows == Shows::others_too) tag += "-" + hex_of_number(crc32c(reply.body));
    if (call.request.method == Method::get) {
        if (auto other = instead(call.request, tag)) reply = std::move(*other);
    }
    if (reply.status != 412) reply.headers.emplace_back("ETag", '"' + tag + '"');
    return reply;
}

std::optional<Reply> stale(const Call& call, Version current) {
    const std::string version = std::to_string(current.value);
    const auto is_it = [&](std::string_view one) {
        return one.substr(0, one.find('-')) == version;
    };
    if (!is_wanted(call.request, is_it)) return stale(call.request, version);
    if (!is_known(call.request, is_it)) return std::nullopt;
    return problem(call.request, 412, "stale_version",
                   "If-None-Match is " + shortened(call.request.if_none_match) +
                       ", and the version is \"" + version + '"');
}

}  // namespace slipway
