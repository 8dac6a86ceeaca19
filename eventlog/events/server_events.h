// The events of the server's own stream: which installation this is, and whether it dispatches.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/time.h"
#include "eventlog/events/vocabulary.h"

#include <string>

namespace slipway {

struct InstallationClaimed {
    InstallationId installation;
    std::string host;
    ClaimReason reason = ClaimReason::first_start;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("installation", self.installation);
        visit("host", self.host);
        visit("reason", self.reason);
    }
    friend bool operator==(const InstallationClaimed&, const InstallationClaimed&) = default;
};

struct DispatchHeld {
    DispatchReason reason = DispatchReason::by_operator;
    std::string note;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("reason", self.reason);
        visit("note", self.note);
    }
    friend bool operator==(const DispatchHeld&, const DispatchHeld&) = default;
};

struct DispatchArmed {
    std::string note;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("note", self.note);
    }
    friend bool operator==(const DispatchArmed&, const DispatchArmed&) = default;
};

// An admin took what all teams have out of the server.
struct DataExported {
    ExportKind what = ExportKind::log;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("what", self.what);
    }
    friend bool operator==(const DataExported&, const DataExported&) = default;
};

// From here on wall clocks are resolved with other zone rules.
struct ZoneRulesChanged {
    // Versions, as 2026f. Rules of the same version that have another digest than those that the
    // log knows by it carry a part of it: 2026f+1a2b3c4d5e6f.
    std::string from;  // empty: they are the first that the log knows of
    std::string to;
    std::string digest;  // SHA-256 of all rules, in hexadecimal; empty in events of 0.1.0

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("from", self.from);
        visit("to", self.to);
        visit("digest", self.digest);
    }
    friend bool operator==(const ZoneRulesChanged&, const ZoneRulesChanged&) = default;
};

// Tokens (JWT) of that user that were issued before that instant, or do not say when, are not good
// any more. API tokens are their team's, and stay.
struct UserTokensRevoked {
    UserId user;
    Instant issued_before;
    std::string note;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("user", self.user);
        visit("issued_before", self.issued_before);
        visit("note", self.note);
    }
    friend bool operator==(const UserTokensRevoked&, const UserTokensRevoked&) = default;
};

}  // namespace slipway
