#include "projections/installation.h"

#include "eventlog/base/check.h"
#include "projections/memory.h"

#include <algorithm>

namespace slipway {

void Installation::count(const Envelope& envelope) {
    CHECK(envelope.stream_version.value == facts_.version.value + 1);
    facts_.version = envelope.stream_version;
}

void Installation::apply(const Envelope& envelope, const InstallationClaimed& event) {
    count(envelope);
    facts_.id = event.installation;
    facts_.host = event.host;
}

void Installation::apply(const Envelope& envelope, const DispatchHeld& event) {
    count(envelope);
    facts_.held = event;
    facts_.note = event.note;
    facts_.changed_at = envelope.recorded_at;
}

void Installation::apply(const Envelope& envelope, const DispatchArmed& event) {
    count(envelope);
    facts_.held.reset();
    facts_.note = event.note;
    facts_.changed_at = envelope.recorded_at;
}

void Installation::apply(const Envelope& envelope, const DataExported&) {
    count(envelope);
}

void Installation::apply(const Envelope& envelope, const ZoneRulesChanged& event) {
    count(envelope);
    facts_.zone_rules = event.to;
    facts_.rules_digests[event.to] = event.digest;
}

const std::string* Installation::digest_of_rules(const std::string& name) const {
    const auto digest = facts_.rules_digests.find(name);
    return digest == facts_.rules_digests.end() ? nullptr : &digest->second;
}

void Installation::apply(const Envelope& envelope, const UserTokensRevoked& event) {
    count(envelope);
    Instant& before = facts_.tokens_revoked_before[event.user];
    before = std::max(before, event.issued_before);
}

std::optional<Instant> Installation::tokens_revoked_before(UserId user) const {
    const auto at = facts_.tokens_revoked_before.find(user);
    return at == facts_.tokens_revoked_before.end() ? std::nullopt : std::optional{at->second};
}

std::size_t Installation::revocation_bytes() const {
    return facts_.tokens_revoked_before.size() * (kNodeBytes + sizeof(UserId) + sizeof(Instant));
}

}  // namespace slipway
