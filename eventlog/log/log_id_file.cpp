// log 1
// 01h455vb4pex5vsknk084sn02q

#include "eventlog/log/log_id_file.h"

#include "eventlog/base/durable_file.h"

#include <string>
#include <string_view>

namespace slipway {

namespace {

constexpr std::string_view kLogIdHead = "log 1\n";

}  // namespace

Result<void> write_log_id(const std::filesystem::path& file, Uuid log_id) {
    return replace_file(file, std::string{kLogIdHead} + base32_of(log_id) + "\n");
}

Result<Uuid> read_log_id(const std::filesystem::path& file) {
    const auto read = read_file(file);
    if (!read) return Error{read.error().code, "log id: " + read.error().message};
    std::string_view text = *read;
    if (text.starts_with(kLogIdHead) && text.ends_with("\n")) {
        text.remove_prefix(kLogIdHead.size());
        text.remove_suffix(1);
        if (const auto log_id = uuid_of_base32(text)) return *log_id;
    }
    return Error{ErrorCode::corruption,
                 "log id: " + file.string() + " does not hold the id of a log"};
}

}  // namespace slipway
