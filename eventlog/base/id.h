// Ids are UUIDs (version 7, RFC 9562) of a type. As text they are TypeIDs: a prefix that names the
// type, `_`, and the 128 bits in 26 characters of Crockford's base 32 in lower case:
//
//   app_01h455vb4pex5vsknk084sn02q
//
// Source: https://github.com/jetify-com/typeid/tree/main/spec (version 0.3).

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

struct Uuid {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    bool is_nil() const { return high == 0 && low == 0; }
    friend auto operator<=>(const Uuid&, const Uuid&) = default;

    template <class H>
    friend H AbslHashValue(H state, const Uuid& uuid) {
        return H::combine(std::move(state), uuid.high, uuid.low);
    }
};

// The 26 characters of `uuid`.
std::string base32_of(Uuid uuid);
void append_base32(std::string& out, Uuid uuid);

// Nothing unless `text` is 26 characters of the alphabet, in lower case, that fit 128 bits.
std::optional<Uuid> uuid_of_base32(std::string_view text);

template <class Tag>
struct Id {
    static constexpr std::string_view kPrefix = Tag::kPrefix;

    Uuid uuid;

    bool is_nil() const { return uuid.is_nil(); }
    friend auto operator<=>(const Id&, const Id&) = default;

    template <class H>
    friend H AbslHashValue(H state, const Id& id) {
        return H::combine(std::move(state), id.uuid);
    }

    std::string text() const {
        std::string out;
        append_text(out);
        return out;
    }
    void append_text(std::string& out) const {
        out += kPrefix;
        out += '_';
        append_base32(out, uuid);
    }

    // Nothing unless `text` is the prefix of this type, `_` and an id.
    static std::optional<Id> parse(std::string_view text) {
        if (text.size() != kPrefix.size() + 27) return std::nullopt;
        if (!text.starts_with(kPrefix) || text[kPrefix.size()] != '_') return std::nullopt;
        const auto uuid = uuid_of_base32(text.substr(kPrefix.size() + 1));
        if (!uuid) return std::nullopt;
        return Id{*uuid};
    }
};

struct AppTag {
    static constexpr std::string_view kPrefix = "app";
};
struct ScheduleTag {
    static constexpr std::string_view kPrefix = "sched";
};
struct DeploymentTag {
    static constexpr std::string_view kPrefix = "dep";
};
struct TeamTag {
    static constexpr std::string_view kPrefix = "team";
};
struct UserTag {
    static constexpr std::string_view kPrefix = "user";
};
struct TokenTag {
    static constexpr std::string_view kPrefix = "tok";
};
struct InvitationTag {
    static constexpr std::string_view kPrefix = "inv";
};
struct CredentialTag {
    static constexpr std::string_view kPrefix = "cred";
};
struct InstallationTag {
    static constexpr std::string_view kPrefix = "inst";
};

using AppId = Id<AppTag>;
// A scheduled deployment. Its run, once due, is the deployment of the same UUID.
using ScheduleId = Id<ScheduleTag>;
using DeploymentId = Id<DeploymentTag>;
using TeamId = Id<TeamTag>;
using UserId = Id<UserTag>;
using TokenId = Id<TokenTag>;
using InvitationId = Id<InvitationTag>;
using CredentialId = Id<CredentialTag>;
using InstallationId = Id<InstallationTag>;

inline DeploymentId deployment_of(ScheduleId schedule) {
    return DeploymentId{schedule.uuid};
}
inline ScheduleId schedule_of(DeploymentId deployment) {
    return ScheduleId{deployment.uuid};
}

}  // namespace slipway
