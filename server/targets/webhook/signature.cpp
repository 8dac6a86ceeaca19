#include "server/targets/webhook/signature.h"

#include "eventlog/base/check.h"
#include "eventlog/base/digest.h"

namespace slipway {

std::string webhook_signature(std::string_view id, Seconds timestamp, std::string_view body,
                              const std::vector<std::string>& secrets) {
    // It separates the parts of what is signed: with one in the id, two messages could look alike.
    CHECK(id.find('.') == std::string_view::npos);
    std::string content;
    content.reserve(id.size() + body.size() + 24);
    content += id;
    content += '.';
    content += std::to_string(timestamp.count());
    content += '.';
    content += body;
    std::string signature;
    for (const auto& secret : secrets) {
        if (!signature.empty()) signature += ' ';
        signature += "v1," + base64_of(bytes_of(hmac_sha256(secret, content)));
    }
    return signature;
}

}  // namespace slipway
