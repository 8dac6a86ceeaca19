// The events of a team's stream: its members and their roles, invitations, API tokens and
// credentials. Secrets are not in them: only what they can be known by, or their sealed bytes.

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/base/id.h"
#include "eventlog/base/time.h"
#include "eventlog/events/field_rules.h"
#include "eventlog/events/vocabulary.h"

#include <string>

namespace slipway {

// Its creator is its first owner.
struct TeamCreated {
    TeamId team;
    std::string name;
    UserId owner;

    friend bool operator==(const TeamCreated&, const TeamCreated&) = default;
};
BOOST_DESCRIBE_STRUCT(TeamCreated, (), (team, name, owner))
template <>
inline constexpr bool kIsRequired<&TeamCreated::name> = true;

struct MemberAdded {
    TeamId team;
    UserId user;
    std::string name;
    Role role = Role::viewer;

    friend bool operator==(const MemberAdded&, const MemberAdded&) = default;
};
BOOST_DESCRIBE_STRUCT(MemberAdded, (), (team, user, name, role))

struct MemberRoleChanged {
    TeamId team;
    UserId user;
    Role role = Role::viewer;

    friend bool operator==(const MemberRoleChanged&, const MemberRoleChanged&) = default;
};
BOOST_DESCRIBE_STRUCT(MemberRoleChanged, (), (team, user, role))

struct MemberRemoved {
    TeamId team;
    UserId user;

    friend bool operator==(const MemberRemoved&, const MemberRemoved&) = default;
};
BOOST_DESCRIBE_STRUCT(MemberRemoved, (), (team, user))

// Somebody who has the secret may become a member, once.
struct MemberInvited {
    TeamId team;
    InvitationId invitation;
    std::string email;
    Role role = Role::viewer;
    Instant expires_at;
    std::string secret_sha256;  // hexadecimal digits

    friend bool operator==(const MemberInvited&, const MemberInvited&) = default;
};
BOOST_DESCRIBE_STRUCT(MemberInvited, (), (team, invitation, email, role, expires_at, secret_sha256))

struct InvitationAccepted {
    TeamId team;
    InvitationId invitation;
    UserId user;

    friend bool operator==(const InvitationAccepted&, const InvitationAccepted&) = default;
};
BOOST_DESCRIBE_STRUCT(InvitationAccepted, (), (team, invitation, user))

struct InvitationRevoked {
    TeamId team;
    InvitationId invitation;

    friend bool operator==(const InvitationRevoked&, const InvitationRevoked&) = default;
};
BOOST_DESCRIBE_STRUCT(InvitationRevoked, (), (team, invitation))

// Whoever has the secret acts for the team, in that role.
struct TokenIssued {
    TeamId team;
    TokenId token;
    std::string name;
    Role role = Role::viewer;
    Instant expires_at;
    std::string secret_sha256;  // hexadecimal digits

    friend bool operator==(const TokenIssued&, const TokenIssued&) = default;
};
BOOST_DESCRIBE_STRUCT(TokenIssued, (), (team, token, name, role, expires_at, secret_sha256))

struct TokenRevoked {
    TeamId team;
    TokenId token;

    friend bool operator==(const TokenRevoked&, const TokenRevoked&) = default;
};
BOOST_DESCRIBE_STRUCT(TokenRevoked, (), (team, token))

// A secret that only the server can read, and only for as long as it has the key of that name,
// which is no part of the log.
struct SealedSecret {
    std::string key;         // hexadecimal digits
    std::string ciphertext;  // base64url

    friend bool operator==(const SealedSecret&, const SealedSecret&) = default;
};
BOOST_DESCRIBE_STRUCT(SealedSecret, (), (key, ciphertext))
template <>
inline constexpr bool kIsRequired<&SealedSecret::key> = true;
template <>
inline constexpr bool kIsRequired<&SealedSecret::ciphertext> = true;

// What a target of that origin is to be shown.
struct CredentialStored {
    TeamId team;
    CredentialId credential;
    std::string name;
    CredentialKind kind = CredentialKind::bearer;
    std::string username;  // of basic
    std::string header;    // of header
    std::string origin;    // scheme, host and port, in lower case: https://deploy.example.com
    SealedSecret secret;

    friend bool operator==(const CredentialStored&, const CredentialStored&) = default;
};
BOOST_DESCRIBE_STRUCT(CredentialStored, (),
                      (team, credential, name, kind, username, header, origin, secret))

// From here on there is another secret; the key of the one before is destroyed.
struct CredentialRotated {
    TeamId team;
    CredentialId credential;
    SealedSecret secret;

    friend bool operator==(const CredentialRotated&, const CredentialRotated&) = default;
};
BOOST_DESCRIBE_STRUCT(CredentialRotated, (), (team, credential, secret))

// It is no more, and its key is destroyed: what the log keeps of it nobody can read.
struct CredentialShredded {
    TeamId team;
    CredentialId credential;

    friend bool operator==(const CredentialShredded&, const CredentialShredded&) = default;
};
BOOST_DESCRIBE_STRUCT(CredentialShredded, (), (team, credential))

// An admin who is not a member looked at the team. Recorded at most once an admin, team and hour.
struct TeamReadByAdmin {
    UserId admin;
    TeamId team;

    friend bool operator==(const TeamReadByAdmin&, const TeamReadByAdmin&) = default;
};
BOOST_DESCRIBE_STRUCT(TeamReadByAdmin, (), (admin, team))

}  // namespace slipway
