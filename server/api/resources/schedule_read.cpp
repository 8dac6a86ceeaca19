#include "server/api/resources/schedule_read.h"

#include "server/api/conditional.h"
#include "server/api/lookup.h"
#include "server/api/problem.h"

#include <chrono>
#include <utility>

namespace slipway {

namespace {

using Writing = PageRead::Writing;

ScheduleView with(ScheduleView view, AttemptDetails& details) {
    view.details = &details;
    return view;
}

// The reply about one schedule. Its version is that of its first step.
class ScheduleRead : public LongRead {
  public:
    std::optional<Reply> go_on(const Turn& turn) final {
        if (!version_) version_ = version();
        do {
            const auto written = step();
            if (!written) return problem(call_.request, written.error());
            if (*written == Writing::gone) return instead();
            if (*written == Writing::done) return finished();
        } while (!turn.is_over());
        return std::nullopt;
    }

  protected:
    explicit ScheduleRead(const Call& call) : call_(call) {
        json_.begin_object();
        json_.key("result");
    }

    virtual Version version() const = 0;
    virtual Result<Writing> step() = 0;
    virtual Reply instead() = 0;

    const Call& call_;
    std::string body_;
    JsonWriter json_{body_};

  private:
    Reply finished() {
        json_.end_object();
        body_ += '\n';
        Reply reply;
        reply.body = std::move(body_);
        return versioned(call_, std::move(reply), *version_, Shows::others_too);
    }

    std::optional<Version> version_;
};

class StateScheduleRead final : public ScheduleRead {
  public:
    StateScheduleRead(const Call& call, RowIndex row, std::function<void(JsonWriter&)> more)
        : ScheduleRead(call),
          row_(row),
          id_(call.state().schedules().at(row).id),
          more_(std::move(more)),
          writing_(call.services.engine, json_, row, [this] {
              if (more_) more_(json_);
          }) {}

  protected:
    Version version() const override { return call_.state().schedules().at(row_).version; }
    Result<Writing> step() override { return writing_.step(); }
    Reply instead() override {
        Reply missing = problem(call_.request, 404, "schedule_not_found",
                                "there is no scheduled deployment " + id_.text());
        return from_log(call_, id_, std::move(missing),
                        [&call = call_](std::shared_ptr<const Finished> finished) {
                            return show_schedule(call, std::move(finished));
                        });
    }

  private:
    const RowIndex row_;
    const ScheduleId id_;
    const std::function<void(JsonWriter&)> more_;
    ScheduleWriting writing_;
};

class FinishedScheduleRead final : public ScheduleRead {
  public:
    FinishedScheduleRead(const Call& call, std::shared_ptr<const Finished> finished)
        : ScheduleRead(call),
          finished_(std::move(finished)),
          details_(call.services.engine.log()),
          writer_(json_, with(finished_->view(), details_), finished_->row()) {}

  protected:
    Version version() const override {
        return finished_->view().schedules.at(finished_->row()).version;
    }
    Result<Writing> step() override {
        const bool goes_on = writer_.step();
        if (details_.error()) return *details_.error();
        return goes_on ? Writing::goes_on : Writing::done;
    }
    Reply instead() override { return {}; }

  private:
    const std::shared_ptr<const Finished> finished_;
    AttemptDetails details_;
    ScheduleWriter writer_;
};

// Its rest, made now.
Reply whole(const Call& call, Reply reply) {
    const Turn turn{call.services.clock, std::chrono::hours{1}};
    std::optional<Reply> made;
    while (!made) made = reply.rest->go_on(turn);
    return std::move(*made);
}

}  // namespace

ScheduleWriting::ScheduleWriting(const Engine& engine, JsonWriter& json, RowIndex row,
                                 std::function<void()> more)
    : state_(engine.state()),
      id_(state_.schedules().at(row).id),
      row_(row),
      same_time_(state_.schedules()),
      details_(engine.log()),
      writer_(json, with(view_of(state_, &same_time_), details_), row, std::move(more)) {}

Result<Writing> ScheduleWriting::step() {
    if (state_.schedules().find(id_) != row_) return Writing::gone;
    const bool goes_on = writer_.step();
    if (details_.error()) return *details_.error();
    return goes_on ? Writing::goes_on : Writing::done;
}

Reply show_schedule(const Call& call, RowIndex row, std::function<void(JsonWriter&)> more) {
    Reply reply;
    reply.rest = std::make_shared<StateScheduleRead>(call, row, std::move(more));
    return reply;
}

Reply show_schedule(const Call& call, std::shared_ptr<const Finished> finished) {
    Reply reply;
    reply.rest = std::make_shared<FinishedScheduleRead>(call, std::move(finished));
    return reply;
}

Reply show_changed_schedule(const Call& call, RowIndex row, std::function<void(JsonWriter&)> more) {
    const Schedules& schedules = call.state().schedules();
    Reply reply = show_schedule(call, row, std::move(more));
    if (call.request.idempotency_key.empty()) return reply;
    if (schedules.bytes_of_tree(row) <= kTreeBytesKept) return whole(call, std::move(reply));
    reply.is_shown_anew = true;
    return reply;
}

}  // namespace slipway
