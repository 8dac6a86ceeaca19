#include "projections/installation.h"

#include "eventlog/base/check.h"
#include "projections/memory.h"

#include <algorithm>

namespace slipway {

void Installation::count(const Envelope& envelope) {
    CHECK(envelope.stream_version.value == version_.value + 1);
    version_ = envelope.stream_version;
}

void Installation::apply(const Envelope& envelope, const InstallationClaimed& event) {
    count(envelope);
    id_ = event.installation;
    host_ = event.host;
}

void Installation::apply(const Envelope& envelope, const DispatchHeld& event) {
    count(envelope);
    held_ = event;
    note_ = event.note;
    changed_at_ = envelope.recorded_at;
}

void Installation::apply(const Envelope& envelope, const DispatchArmed& event) {
    count(envelope);
    held_.reset();
    note_ = event.note;
    changed_at_ = envelope.recorded_at;
}

void Installation::apply(const Envelope& envelope, const DataExported&) {
    count(envelope);
}

void Installation::apply(const Envelope& envelope, const ZoneRulesChanged& event) {
    count(envelope);
    zone_rules_ = event.to;
    rules_digests_[event.to] = event.digest;
}

const std::string* Installation::digest_of_rules(const std::string& name) const {
    const auto digest = rules_digests_.find(name);
    return digest == rules_digests_.end() ? nullptr : &digest->second;
}

void Installation::apply(const Envelope& envelope, const UserTokensRevoked& event) {
    count(envelope);
    Instant& before = tokens_revoked_before_[event.user];
    before = std::max(before, event.issued_before);
}

std::optional<Instant> Installation::tokens_revoked_before(UserId user) const {
    const auto at = tokens_revoked_before_.find(user);
    return at == tokens_revoked_before_.end() ? std::nullopt : std::optional{at->second};
}

std::size_t Installation::revocation_bytes() const {
    return tokens_revoked_before_.size() * (kNodeBytes + sizeof(UserId) + sizeof(Instant));
}

void Installation::add_to(Fingerprint& fingerprint) const {
    fingerprint.add("installation", id_, host_, held_, note_, changed_at_, version_, zone_rules_,
                    rules_digests_);
    for (const auto& [user, before] : tokens_revoked_before_) {
        fingerprint.add("revoked tokens", user, before);
    }
}

}  // namespace slipway
