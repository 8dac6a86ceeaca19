#include "server/api/lookup.h"

#include "server/api/conditional.h"
#include "server/api/problem.h"

namespace slipway {

namespace {

class FinishedRead final : public LongRead {
  public:
    FinishedRead(const Call& call, ScheduleId id, Reply missing, AnswerFinished answer)
        : call_(call),
          missing_(std::move(missing)),
          answer_(std::move(answer)),
          finished_(std::make_shared<Finished>(call.services.engine.log(), call.state(), id)) {}

    std::optional<Reply> go_on(const Turn& turn) override {
        do {
            const auto has_more = finished_->step();
            if (!has_more) return problem(call_.request, has_more.error());
            if (!*has_more) return answer();
        } while (!turn.is_over());
        return std::nullopt;
    }

  private:
    Reply answer() {
        if (finished_->row() == kNoRow) return std::move(missing_);
        const Schedules& schedules = finished_->view().schedules;
        const ScheduleRow& row = schedules.at(finished_->row());
        // One that has not ended is in memory: this is its creation, not yet durable when it was
        // asked for.
        const bool is_shown = schedules.team_of(row) == call_.team() && is_terminal(row.status);
        return is_shown ? answer_(finished_) : std::move(missing_);
    }

    const Call& call_;
    Reply missing_;
    const AnswerFinished answer_;
    const std::shared_ptr<Finished> finished_;
};

}  // namespace

Reply from_log(const Call& call, ScheduleId id, Reply missing, AnswerFinished answer) {
    Reply reply;
    reply.rest = std::make_shared<FinishedRead>(call, id, std::move(missing), std::move(answer));
    return reply;
}

Reply with_details(const Call& call, ScheduleView view,
                   const std::function<Reply(const ScheduleView&)>& answer) {
    AttemptDetails details{call.services.engine.log()};
    view.details = &details;
    Reply reply = answer(view);
    return details.error() ? problem(call.request, *details.error()) : std::move(reply);
}

std::optional<Reply> stale(const Call& call, ScheduleId id) {
    const Schedules& schedules = call.state().schedules();
    const RowIndex row = schedules.find(id);
    if (row == kNoRow || schedules.team_of(schedules.at(row)) != call.team()) return std::nullopt;
    return stale(call, schedules.at(row).version);
}

}  // namespace slipway
