#include "eventlog/log/anchor.h"

#include "eventlog/base/digest.h"
#include "eventlog/base/durable_file.h"

#include <string>

namespace slipway {

namespace {

// "anchor 1\n", the tail, the CRC-32C of both
constexpr std::string_view kAnchorHead = "anchor 1\n";

}  // namespace

Result<void> write_anchor(const std::filesystem::path& file, const Tail& tail) {
    std::string bytes = std::string{kAnchorHead} + tail_value(tail);
    append_u32(bytes, crc32c(bytes));
    return replace_file(file, bytes);
}

Result<Tail> read_anchor(const std::filesystem::path& file) {
    const auto read = read_file(file);
    if (!read) return Error{read.error().code, "anchor: " + read.error().message};
    const std::string& bytes = *read;
    const auto corrupt = [&](const std::string& what) {
        return Error{ErrorCode::corruption, "anchor: " + file.string() + ": " + what};
    };
    if (bytes.size() < kAnchorHead.size() + 4 || !bytes.starts_with(kAnchorHead)) {
        return corrupt("does not begin with \"anchor 1\"");
    }
    const std::string_view checked = std::string_view{bytes}.substr(0, bytes.size() - 4);
    if (crc32c(checked) != read_u32(std::string_view{bytes}.substr(checked.size()))) {
        return corrupt("the checksum is not that of what it says");
    }
    const auto tail = tail_of_value(checked.substr(kAnchorHead.size()));
    if (!tail) return corrupt("is not of the size of an anchor");
    return *tail;
}

}  // namespace slipway
