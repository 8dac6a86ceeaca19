// Ids as text. Two texts never mean one id, and what an id says is what it was read from.

#include "eventlog/base/check.h"
#include "eventlog/base/id.h"
#include "tests/fuzz/target.h"

namespace slipway {

namespace {

// How many of the types take `text`.
template <class... SomeId>
int readers_of(std::string_view text) {
    int count = 0;
    const auto look = [&](const auto& id) {
        if (!id) return;
        ++count;
        CHECK(id->text() == text);
    };
    (look(SomeId::parse(text)), ...);
    return count;
}

void run(std::string_view bytes) {
    if (const auto uuid = uuid_of_base32(bytes)) CHECK(base32_of(*uuid) == bytes);
    // The prefix says which type it is.
    CHECK((readers_of<AppId, ScheduleId, DeploymentId, TeamId, UserId, TokenId, InvitationId,
                      CredentialId, InstallationId>(bytes) <= 1));
    if (bytes.size() < 16) return;
    Uuid uuid;
    for (std::size_t i = 0; i < 8; ++i) {
        uuid.high = uuid.high << 8 | static_cast<unsigned char>(bytes[i]);
        uuid.low = uuid.low << 8 | static_cast<unsigned char>(bytes[8 + i]);
    }
    CHECK(uuid_of_base32(base32_of(uuid)) == uuid);
    CHECK(CredentialId::parse(CredentialId{uuid}.text()) == CredentialId{uuid});
}

const FuzzTarget kTarget{"ids", run};

}  // namespace

}  // namespace slipway
