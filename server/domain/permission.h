// Who may do what, by the role in a team.

#pragma once

#include "eventlog/events/vocabulary.h"

#include <cstdint>
#include <string_view>

namespace slipway {

enum class Permission : std::uint8_t {
    none,     // anybody with a token
    read,     // a viewer and up
    deploy,   // apps, schedules, deployments: a deployer and up
    manage,   // members, tokens, credentials, signing secrets: an owner
    operate,  // the server: an admin
};

constexpr std::string_view name_of(Permission permission) {
    switch (permission) {
        case Permission::none:
            return "none";
        case Permission::read:
            return "read";
        case Permission::deploy:
            return "deploy";
        case Permission::manage:
            return "manage";
        case Permission::operate:
            return "operate";
    }
    return {};
}

// What a role in the team allows. `operate` is never a role's: it is a claim of the token.
constexpr bool allows(Role role, Permission permission) {
    switch (permission) {
        case Permission::none:
            return true;
        case Permission::read:
            return true;
        case Permission::deploy:
            return role >= Role::deployer;
        case Permission::manage:
            return role == Role::owner;
        case Permission::operate:
            return false;
    }
    return false;
}

}  // namespace slipway
