// The text form of a signing secret, as Standard Webhooks has it: whsec_ and base64.

#pragma once

#include "eventlog/base/digest.h"

#include <string>
#include <string_view>

namespace slipway {

inline std::string signing_secret_text(std::string_view secret) {
    return "whsec_" + base64_of(secret);
}

}  // namespace slipway
