// The events of a team's stream: its members and their roles, invitations, API tokens and
// credentials. Secrets are not in them: only what they can be known by, or their sealed bytes.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/time.h"
#include "eventlog/events/vocabulary.h"

#include <string>

namespace slipway {

// Its creator is its first owner.
struct TeamCreated {
    TeamId team;
    std::string name;
    UserId owner;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("team", self.team);
        visit("name", self.name);
        visit("owner", self.owner);
    }
    friend bool operator==(const TeamCreated&, const TeamCreated&) = default;
};

struct MemberAdded {
    TeamId team;
    UserId user;
    std::string name;
    Role role = Role::viewer;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("team", self.team);
        visit("user", self.user);
        visit("name", self.name);
        visit("role", self.role);
    }
    friend bool operator==(const MemberAdded&, const MemberAdded&) = default;
};

struct MemberRoleChanged {
    TeamId team;
    UserId user;
    Role role = Role::viewer;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("team", self.team);
        visit("user", self.user);
        visit("role", self.role);
    }
    friend bool operator==(const MemberRoleChanged&, const MemberRoleChanged&) = default;
};

struct MemberRemoved {
    TeamId team;
    UserId user;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("team", self.team);
        visit("user", self.user);
    }
    friend bool operator==(const MemberRemoved&, const MemberRemoved&) = default;
};

// Somebody who has the secret may become a member, once.
struct MemberInvited {
    TeamId team;
    InvitationId invitation;
    std::string email;
    Role role = Role::viewer;
    Instant expires_at;
    std::string secret_sha256;  // hexadecimal digits

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("team", self.team);
        visit("invitation", self.invitation);
        visit("email", self.email);
        visit("role", self.role);
        visit("expires_at", self.expires_at);
        visit("secret_sha256", self.secret_sha256);
    }
    friend bool operator==(const MemberInvited&, const MemberInvited&) = default;
};

struct InvitationAccepted {
    TeamId team;
    InvitationId invitation;
    UserId user;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("team", self.team);
        visit("invitation", self.invitation);
        visit("user", self.user);
    }
    friend bool operator==(const InvitationAccepted&, const InvitationAccepted&) = default;
};

struct InvitationRevoked {
    TeamId team;
    InvitationId invitation;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("team", self.team);
        visit("invitation", self.invitation);
    }
    friend bool operator==(const InvitationRevoked&, const InvitationRevoked&) = default;
};

// Whoever has the secret acts for the team, in that role.
struct TokenIssued {
    TeamId team;
    TokenId token;
    std::string name;
    Role role = Role::viewer;
    Instant expires_at;
    std::string secret_sha256;  // hexadecimal digits

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("team", self.team);
        visit("token", self.token);
        visit("name", self.name);
        visit("role", self.role);
        visit("expires_at", self.expires_at);
        visit("secret_sha256", self.secret_sha256);
    }
    friend bool operator==(const TokenIssued&, const TokenIssued&) = default;
};

struct TokenRevoked {
    TeamId team;
    TokenId token;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("team", self.team);
        visit("token", self.token);
    }
    friend bool operator==(const TokenRevoked&, const TokenRevoked&) = default;
};

// A secret that only the server can read, and only for as long as it has the key of that name,
// which is no part of the log.
struct SealedSecret {
    std::string key;         // hexadecimal digits
    std::string ciphertext;  // base64url

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("key", self.key);
        visit("ciphertext", self.ciphertext);
    }
    friend bool operator==(const SealedSecret&, const SealedSecret&) = default;
};

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

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("team", self.team);
        visit("credential", self.credential);
        visit("name", self.name);
        visit("kind", self.kind);
        visit("username", self.username);
        visit("header", self.header);
        visit("origin", self.origin);
        visit("secret", self.secret);
    }
    friend bool operator==(const CredentialStored&, const CredentialStored&) = default;
};

// From here on there is another secret; the key of the one before is destroyed.
struct CredentialRotated {
    TeamId team;
    CredentialId credential;
    SealedSecret secret;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("team", self.team);
        visit("credential", self.credential);
        visit("secret", self.secret);
    }
    friend bool operator==(const CredentialRotated&, const CredentialRotated&) = default;
};

// It is no more, and its key is destroyed: what the log keeps of it nobody can read.
struct CredentialShredded {
    TeamId team;
    CredentialId credential;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("team", self.team);
        visit("credential", self.credential);
    }
    friend bool operator==(const CredentialShredded&, const CredentialShredded&) = default;
};

// An admin who is not a member looked at the team. Recorded at most once an admin, team and hour.
struct TeamReadByAdmin {
    UserId admin;
    TeamId team;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("admin", self.admin);
        visit("team", self.team);
    }
    friend bool operator==(const TeamReadByAdmin&, const TeamReadByAdmin&) = default;
};

}  // namespace slipway
