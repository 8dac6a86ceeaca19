// Reading events for those who may see them.

#pragma once

#include "server/http/services.h"

namespace slipway {

// The events of one stream, newest first.
Reply stream_history(const Call& call, Uuid stream);

}  // namespace slipway
