// The label is the part of a log's store that says which log it is and where it ends. What it says
// is proven by the records only (log_proof.h).

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/result.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/store.h"

#include <string>
#include <string_view>

namespace slipway {

struct LogLabel {
    Uuid log_id;
    Tail tail;
};

// Errors: corruption (a part is missing or damaged), invalid (another format).
Result<LogLabel> read_label(const Store& store);

// The batch that makes an empty store the empty log `log_id`.
WriteBatch first_batch(Uuid log_id);

// Ends the message about a damaged log.
inline constexpr std::string_view kWhatToDo =
    "; restore from a dump, or from a copy of the directory, or see what slipway-replay DATA "
    "--salvage INTO can prove";

// The error of a log that is damaged as `what` says.
Error damaged_log(const std::string& what);

}  // namespace slipway
