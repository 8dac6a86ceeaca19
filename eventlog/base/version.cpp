#include "eventlog/base/version.h"

#include "eventlog/base/version_commit.h"

namespace slipway {

std::string_view version_number() {
    return SLIPWAY_VERSION;
}

std::string version_text(std::string_view program) {
    const std::string_view commit = SLIPWAY_COMMIT;
    std::string text = std::string{program} + " " + std::string{version_number()};
    if (!commit.empty()) text += " (commit " + std::string{commit} + ")";
    return text;
}

}  // namespace slipway
