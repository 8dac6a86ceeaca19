// Which installation the log belongs to, and whether it dispatches.

#pragma once

#include "eventlog/events/event.h"
#include "projections/fingerprint.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace slipway {

class Installation {
  public:
    void apply(const Envelope& envelope, const InstallationClaimed& event);
    void apply(const Envelope& envelope, const DispatchHeld& event);
    void apply(const Envelope& envelope, const DispatchArmed& event);
    void apply(const Envelope& envelope, const DataExported& event);
    void apply(const Envelope& envelope, const ZoneRulesChanged& event);
    void apply(const Envelope& envelope, const UserTokensRevoked& event);

    // Nothing before the first claim.
    std::optional<InstallationId> id() const { return id_; }
    const std::string& host() const { return host_; }

    // While held nothing is dispatched.
    bool is_held() const { return held_.has_value(); }
    // Requires: is_held().
    DispatchReason held_reason() const { return held_->reason; }
    const std::string& note() const { return note_; }
    Instant changed_at() const { return changed_at_; }
    Version version() const { return version_; }

    // The zone rules that wall clocks are resolved with, by the name that the log has for them (see
    // ZoneRulesChanged); empty before the log says.
    const std::string& zone_rules() const { return zone_rules_; }
    // The digest of the rules of that name. Null if the log knows none; empty if they were recorded
    // by 0.1.0, which kept no digest.
    const std::string* digest_of_rules(const std::string& name) const;

    // Tokens of `user` that were issued before it, or do not say when, are revoked. Nothing: none
    // is.
    std::optional<Instant> tokens_revoked_before(UserId user) const;
    std::size_t users_with_revoked_tokens() const { return tokens_revoked_before_.size(); }
    // Bytes of memory that those take.
    std::size_t revocation_bytes() const;

    void add_to(Fingerprint& fingerprint) const;

  private:
    friend struct StateParts;

    void count(const Envelope& envelope);

    std::optional<InstallationId> id_;
    std::string host_;
    std::optional<DispatchHeld> held_;
    std::string note_;
    Instant changed_at_;
    Version version_;
    std::string zone_rules_;
    std::map<UserId, Instant> tokens_revoked_before_;
    std::map<std::string, std::string> rules_digests_;  // by name: some a year
};

}  // namespace slipway
