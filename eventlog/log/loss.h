// What a log lost before it was salvaged, in a small file in its directory. The first server that
// is started over it takes it into the log itself.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/base/strong.h"

#include <filesystem>
#include <optional>

namespace slipway {

// Positions that were there, and are not any more. There may have been more after them.
struct Loss {
    Position first;
    Position last;
    friend bool operator==(const Loss&, const Loss&) = default;
};

inline std::filesystem::path loss_file(const std::filesystem::path& log) {
    return log / "loss";
}

// Errors: io.
Result<void> write_loss(const std::filesystem::path& file, const Loss& loss);

// Nothing if there is no such file. Errors: corruption, io.
Result<std::optional<Loss>> read_loss(const std::filesystem::path& file);

}  // namespace slipway
