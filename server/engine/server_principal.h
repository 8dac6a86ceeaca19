// Who acts where nobody asked for it: the server itself.

#pragma once

#include "server/domain/decide.h"

namespace slipway {

inline const Principal kServerPrincipal{Actor{ActorKind::server, {}, {}}, {}, false};

}  // namespace slipway
