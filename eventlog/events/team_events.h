// The events of a team's stream: its members and their roles.

#pragma once

#include "eventlog/base/id.h"
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

}  // namespace slipway
