// How a webhook proves that it is ours: Standard Webhooks 1.0.0, scheme v1 (HMAC-SHA256).
//
// Source:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

#pragma once

#include "eventlog/base/time.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// The value of webhook-signature: one signature a secret, in their order, apart by a space.
// Requires: `id` has no full stop.
std::string webhook_signature(std::string_view id, Seconds timestamp, std::string_view body,
                              const std::vector<std::string>& secrets);

}  // namespace slipway
