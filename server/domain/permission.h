// Who may do what, by the role in a team.

#pragma once

#include "eventlog/events/vocabulary.h"

#include <cstdint>

namespace slipway {

enum class Permission : std::uint8_t {
    none,     // anybody with a token
    read,     // a viewer and up
    deploy,   // apps, schedules, deployments: a deployer and up
    manage,   // members, tokens, credentials, signing secrets: an owner
    operate,  // the server: an admin
};

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
