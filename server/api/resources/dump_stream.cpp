#include "eventlog/base/trace.h"
#include "projections/replay.h"
#include "projections/state.h"
#include "projections/state_dump.h"
#include "server/api/exchange.h"
#include "server/api/problem.h"
#include "server/api/resources/handlers.h"
#include "server/api/router.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <new>
#include <utility>

namespace slipway {

namespace {

// What is written ahead of the reader.
constexpr std::size_t kAheadBytesMax = 1'024 * 1'024;
// For a reader to take all of it: a whole state waits in memory meanwhile.
constexpr std::chrono::minutes kReadMax{15};

// Between the thread that writes a dump and the io thread, which sends it. A writer that is too far
// ahead waits for the reader.
class Channel {
  public:
    enum class End { open, complete, broken };

    // `wake` tells the reader that there is something again.
    explicit Channel(std::function<void()> wake) : wake_(std::move(wake)) {}

    // Waits until what is to be dumped is durable. False: it may never be, or nobody wants it.
    bool await_start(const std::stop_token& stop) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, stop, [this] { return is_durable_ || is_abandoned_; });
        return is_durable_ && !is_abandoned_;
    }
    void start(bool durable) {
        const std::lock_guard lock{mutex_};
        is_durable_ = durable;
        is_abandoned_ = is_abandoned_ || !durable;
        changed_.notify_all();
    }

    // False: nobody wants it any more.
    bool write(std::string_view line, const std::stop_token& stop) {
        std::unique_lock lock{mutex_};
        const bool has_room = changed_.wait(
            lock, stop, [this] { return text_.size() < kAheadBytesMax || is_abandoned_; });
        if (!has_room || is_abandoned_) return false;
        const bool was_empty = text_.empty();
        text_ += line;
        text_ += '\n';
        lock.unlock();
        if (was_empty) wake_();
        return true;
    }
    bool is_wanted() const {
        const std::lock_guard lock{mutex_};
        return !is_abandoned_;
    }
    void end(End how) {
        {
            const std::lock_guard lock{mutex_};
            end_ = how;
        }
        wake_();
    }

    // Moves at most `bytes_max` to `out`. What it returns holds for what comes after that.
    std::pair<bool, End> read(std::string& out, std::size_t bytes_max) {
        const std::lock_guard lock{mutex_};
        const std::size_t bytes = std::min(bytes_max, text_.size());
        out.append(text_, 0, bytes);
        text_.erase(0, bytes);
        changed_.notify_all();
        return {text_.empty(), end_};
    }
    void abandon() {
        const std::lock_guard lock{mutex_};
        is_abandoned_ = true;
        changed_.notify_all();
    }

  private:
    std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::string text_;
    End end_ = End::open;
    bool is_durable_ = false;
    bool is_abandoned_ = false;
};

// Replays up to `end` into a state of its own: writers go on, and the dump is of one position.
Channel::End write_dump(const EventLog& log, Position end, Channel& channel,
                        const std::stop_token& stop) try {
    if (!channel.await_start(stop)) return Channel::End::broken;
    State state;
    const auto apply = [&](const RecordedEvent& recorded, const Record&) {
        state.apply(recorded);
        return !stop.stop_requested() && channel.is_wanted();
    };
    if (!replay(log, Position{1}, end, apply) || state.position() != end)
        return Channel::End::broken;
    const bool whole =
        dump_state(state, [&](std::string_view line) { return channel.write(line, stop); });
    return whole ? Channel::End::complete : Channel::End::broken;
} catch (const std::bad_alloc&) {
    trace(TraceLevel::error, "there is not enough memory for a dump beside the state");
    return Channel::End::broken;
}

class DumpStream : public BodyStream {
  public:
    DumpStream(std::shared_ptr<Channel> channel, const Call& call)
        : channel_(std::move(channel)),
          services_(call.services),
          request_(call.request),
          until_(call.services.clock.now() + kReadMax) {}
    ~DumpStream() override { channel_->abandon(); }

    Next next(std::string& out) override {
        if (services_.clock.now() > until_) return Next::breaks;
        if (!is_still_allowed(Permission::operate, request_, services_)) return Next::breaks;
        const auto [is_empty, end] = channel_->read(out, kPieceBytes);
        if (!is_empty) return Next::more;
        if (end == Channel::End::broken) return Next::breaks;
        return end == Channel::End::complete ? Next::ends : Next::waits;
    }

  private:
    std::shared_ptr<Channel> channel_;
    Services& services_;
    Request request_;
    Instant until_;
};

}  // namespace

Reply stream_dump(const Call& call) {
    Services& services = call.services;
    if (services.dump_job.is_busy()) {
        return problem(call.request,
                       Error{ErrorCode::unavailable,
                             "another dump is being read; ask again when it has ended"});
    }
    const auto channel = std::make_shared<Channel>(services.wake_streams);
    Reply reply;
    reply.content_type = "application/x-ndjson";
    reply.stream = std::make_shared<DumpStream>(channel, call);
    if (call.request.head) return reply;  // nobody takes anything out
    // Who took everything out is on record, before they have any of it.
    auto submitted = submit(call, RecordExport{ExportKind::state});
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const Position end = std::get<Receipt>(submitted).position;
    services.dump_job.start(
        [&log = services.engine.log(), end, channel](const std::stop_token& stop) {
            const auto how = write_dump(log, end, *channel, stop);
            return [channel, how] { channel->end(how); };
        });
    services.engine.when_durable(
        end, [channel](const Result<void>& durable) { channel->start(durable.has_value()); });
    reply.position = end;
    return reply;
}

}  // namespace slipway
