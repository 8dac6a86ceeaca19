// The events of the server's own stream: which installation this is, and whether it dispatches.

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/base/id.h"
#include "eventlog/base/time.h"
#include "eventlog/events/field_rules.h"
#include "eventlog/events/vocabulary.h"

#include <string>

namespace slipway {

struct InstallationClaimed {
    InstallationId installation;
    std::string host;
    ClaimReason reason = ClaimReason::first_start;

    friend bool operator==(const InstallationClaimed&, const InstallationClaimed&) = default;
};
BOOST_DESCRIBE_STRUCT(InstallationClaimed, (), (installation, host, reason))

struct DispatchHeld {
    DispatchReason reason = DispatchReason::by_operator;
    std::string note;

    friend bool operator==(const DispatchHeld&, const DispatchHeld&) = default;
};
BOOST_DESCRIBE_STRUCT(DispatchHeld, (), (reason, note))

struct DispatchArmed {
    std::string note;

    friend bool operator==(const DispatchArmed&, const DispatchArmed&) = default;
};
BOOST_DESCRIBE_STRUCT(DispatchArmed, (), (note))

// An admin took what all teams have out of the server.
struct DataExported {
    ExportKind what = ExportKind::log;

    friend bool operator==(const DataExported&, const DataExported&) = default;
};
BOOST_DESCRIBE_STRUCT(DataExported, (), (what))

// From here on wall clocks are resolved with other zone rules.
struct ZoneRulesChanged {
    // Versions, as 2026f. Rules of the same version that have another digest than those that the
    // log knows by it carry a part of it: 2026f+1a2b3c4d5e6f.
    std::string from;  // empty: they are the first that the log knows of
    std::string to;
    std::string digest;  // SHA-256 of all rules, in hexadecimal; empty in events of 0.1.0

    friend bool operator==(const ZoneRulesChanged&, const ZoneRulesChanged&) = default;
};
BOOST_DESCRIBE_STRUCT(ZoneRulesChanged, (), (from, to, digest))
template <>
inline constexpr bool kIsRequired<&ZoneRulesChanged::to> = true;
template <>
inline constexpr bool kIsAppended<&ZoneRulesChanged::digest> = true;

// Tokens (JWT) of that user that were issued before that instant, or do not say when, are not good
// any more. API tokens are their team's, and stay.
struct UserTokensRevoked {
    UserId user;
    Instant issued_before;
    std::string note;

    friend bool operator==(const UserTokensRevoked&, const UserTokensRevoked&) = default;
};
BOOST_DESCRIBE_STRUCT(UserTokensRevoked, (), (user, issued_before, note))
template <>
inline constexpr bool kHasWideFieldsFirst<UserTokensRevoked> = true;

}  // namespace slipway
