#include "eventlog/log/log_label.h"

#include "eventlog/log/record.h"

#include <optional>

namespace slipway {

Error damaged_log(const std::string& what) {
    return Error{ErrorCode::corruption, "log: " + what + std::string{kWhatToDo}};
}

Result<LogLabel> read_label(const Store& store) {
    const auto format = store.get(kFormatKey);
    if (!format) return damaged_log("its format is not there: " + format.error().message);
    if (*format != kFormat) {
        return Error{ErrorCode::invalid,
                     "log: format " + *format + "; this version reads " + std::string{kFormat}};
    }
    const auto id = store.get(kLogIdKey);
    const auto log_id = id ? uuid_of_value(*id) : std::nullopt;
    if (!log_id) return damaged_log("its id is not there");
    const auto value = store.get(kTailKey);
    const auto tail = value ? tail_of_value(*value) : std::nullopt;
    if (!tail) return damaged_log("its tail is not there");
    return LogLabel{*log_id, *tail};
}

WriteBatch first_batch(Uuid log_id) {
    WriteBatch batch;
    batch.puts.emplace_back(std::string{kFormatKey}, std::string{kFormat});
    batch.puts.emplace_back(std::string{kLogIdKey}, uuid_value(log_id));
    batch.puts.emplace_back(std::string{kTailKey},
                            tail_value({Position{}, genesis_digest(log_id)}));
    return batch;
}

}  // namespace slipway
