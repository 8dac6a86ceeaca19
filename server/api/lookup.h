// Finding what is asked for where the state has forgotten it: in the log.

#pragma once

#include "projections/attempt_details.h"
#include "projections/finished.h"
#include "server/api/services.h"

#include <functional>
#include <memory>

namespace slipway {

// `answer`'s reply about the finished schedule `id`, or `missing` if the log has none or it is
// another team's: the two must not be told apart. The log is read in turns: `call` outlives the
// reply's rest, and so does all that `answer` refers to.
using AnswerFinished = std::function<Reply(std::shared_ptr<const Finished>)>;
Reply from_log(const Call& call, ScheduleId id, Reply missing, AnswerFinished answer);

// `answer`'s reply, for which the texts of old attempts are read from the log, or the log's error.
Reply with_details(const Call& call, ScheduleView view,
                   const std::function<Reply(const ScheduleView&)>& answer);

// 412 if the change is to be made to another version of `id` (If-Match). Nothing if there is no
// such schedule of the team: whoever decides says so.
std::optional<Reply> stale(const Call& call, ScheduleId id);

}  // namespace slipway
