// Which installation the log belongs to, and whether it dispatches.

#pragma once

#include "eventlog/events/event.h"
#include "projections/fingerprint.h"
#include "projections/parts.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace slipway {

struct InstallationFacts {
    std::optional<InstallationId> id;
    std::string host;
    std::optional<DispatchHeld> held;
    std::string note;
    Instant changed_at;
    Version version;
    std::string zone_rules;
    std::map<std::string, std::string> rules_digests;  // by name: some a year
    std::map<UserId, Instant> tokens_revoked_before;
};
BOOST_DESCRIBE_STRUCT(InstallationFacts, (),
                      (id, host, held, note, changed_at, version, zone_rules, rules_digests,
                       tokens_revoked_before))

class Installation {
  public:
    void apply(const Envelope& envelope, const InstallationClaimed& event);
    void apply(const Envelope& envelope, const DispatchHeld& event);
    void apply(const Envelope& envelope, const DispatchArmed& event);
    void apply(const Envelope& envelope, const DataExported& event);
    void apply(const Envelope& envelope, const ZoneRulesChanged& event);
    void apply(const Envelope& envelope, const UserTokensRevoked& event);

    // Nothing before the first claim.
    std::optional<InstallationId> id() const { return facts_.id; }
    const std::string& host() const { return facts_.host; }

    // While held nothing is dispatched.
    bool is_held() const { return facts_.held.has_value(); }
    // Requires: is_held().
    DispatchReason held_reason() const { return facts_.held->reason; }
    const std::string& note() const { return facts_.note; }
    Instant changed_at() const { return facts_.changed_at; }
    Version version() const { return facts_.version; }

    // The zone rules that wall clocks are resolved with, by the name that the log has for them (see
    // ZoneRulesChanged); empty before the log says.
    const std::string& zone_rules() const { return facts_.zone_rules; }
    // The digest of the rules of that name. Null if the log knows none; empty if they were recorded
    // by 0.1.0, which kept no digest.
    const std::string* digest_of_rules(const std::string& name) const;

    // Tokens of `user` that were issued before it, or do not say when, are revoked. Nothing: none
    // is.
    std::optional<Instant> tokens_revoked_before(UserId user) const;
    std::size_t users_with_revoked_tokens() const { return facts_.tokens_revoked_before.size(); }
    // Bytes of memory that those take.
    std::size_t revocation_bytes() const;

    void add_to(Fingerprint& fingerprint) const { fingerprint.add("installation", facts_); }

    // As parts.h says.
    template <class Self, class Visit>
    static void parts(Self& self, const Visit& visit) {
        visit(ValuePart{self.facts_});
    }

  private:
    void count(const Envelope& envelope);

    InstallationFacts facts_;
};

}  // namespace slipway
