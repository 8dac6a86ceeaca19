#include "server/process/jobs/snapshotter.h"

#include "eventlog/base/trace.h"
#include "eventlog/log/disk_room.h"
#include "projections/replay.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <stop_token>
#include <utility>

namespace slipway {

namespace {

namespace fs = std::filesystem;

Result<void> replay_up_to(const EventLog& log, Position end, State& state,
                          const std::stop_token& stop) {
    const Position first{state.position().value + 1};
    auto replayed = replay(log, first, end, [&](const RecordedEvent& recorded, const Record&) {
        state.apply(recorded);
        return !stop.stop_requested();
    });
    if (!replayed) return replayed;
    if (state.position() != end) return Error{ErrorCode::unavailable, "the server stops"};
    return {};
}

}  // namespace

// A piece of the live state.
struct Snapshotter::Taken {
    Position position;
    std::string bytes;
    std::optional<PiecePlace> next;
};

// One that is being made; on its own thread.
class Snapshotter::Making {
  public:
    Making(Snapshotter& of, std::stop_token stop) : of_(of), stop_(std::move(stop)) {}

    Outcome make(bool from_nothing) {
        Outcome outcome;
        const auto made = try_to(from_nothing);
        outcome.position = position_;
        if (made) return outcome;
        of_.directory_.discard();
        const bool is_damage = made.error().code == ErrorCode::corruption;
        outcome.verdict = differs_    ? Verdict::differs
                          : is_damage ? Verdict::damaged
                                      : Verdict::given_up;
        outcome.why = made.error().message;
        return outcome;
    }

  private:
    Result<void> try_to(bool from_nothing) try {
        if (auto replayed = replay(from_nothing); !replayed) return replayed;
        if (auto written = write(); !written) return written;
        // What is compared with the live state is what a start would read.
        state_.reset();
        auto read = of_.directory_.read_back();
        if (!read) return Error{ErrorCode::io, read.error().message};
        state_ = std::move(*read);
        if (auto same = compare(); !same) return same;
        return of_.directory_.keep(position_);
    } catch (const std::bad_alloc&) {
        return Error{ErrorCode::unavailable, "there is not enough memory beside the state"};
    } catch (const std::exception& why) {
        return Error{ErrorCode::io, why.what()};
    }

    Result<void> replay(bool from_nothing) {
        if (from_nothing) {
            state_ = std::make_unique<State>();
        } else {
            auto newest = of_.directory_.newest_for(of_.log_);
            if (!newest) return newest.error();
            state_ = std::move(*newest);
        }
        position_ = of_.log_.durable();
        return replay_up_to(of_.log_, position_, *state_, stop_);
    }

    Result<void> write() {
        SnapshotHeader header;
        header.log_id = of_.log_.log_id();
        header.position = position_;
        const auto digest = of_.log_.digest_at(position_);
        if (!digest) return digest.error();
        header.digest = *digest;
        header.fingerprint = state_->fingerprint();
        if (auto room = may_go_on(); !room) return room;
        return of_.directory_.write(header, *state_, [this] { return may_go_on(); });
    }

    Result<void> may_go_on() const {
        if (stop_.stop_requested()) return Error{ErrorCode::unavailable, "the server stops"};
        const auto free_bytes = free_bytes_at(of_.options_.place);
        if (!free_bytes || has_room_for_snapshot(*free_bytes, of_.options_.disk_reserve_bytes,
                                                 kSnapshotBytesPerLook)) {
            return {};
        }
        return Error{ErrorCode::unavailable, "the disk is nearly full"};
    }

    Result<void> compare() {
        std::string bytes;
        for (std::optional<PiecePlace> at = PiecePlace{}; at;) {
            const auto taken = take(*at);
            if (!taken) return Error{ErrorCode::unavailable, "the server stops"};
            if (auto done = replay_up_to(of_.log_, taken->position, *state_, stop_); !done) {
                return done;
            }
            const auto next = write_piece(*state_, *at, bytes);
            differs_ = bytes != taken->bytes || next != taken->next;
            if (differs_) {
                return Error{ErrorCode::corruption,
                             "a replay up to position " + std::to_string(taken->position.value) +
                                 " is not the live state, in section " +
                                 std::to_string(at->section) + " from item " +
                                 std::to_string(at->item) + " on"};
            }
            at = next;
            wait_unless_stopped(stop_, of_.options_.pause);
        }
        return {};
    }

    // A piece of the live state, once the log has all that is in it. Nothing: the server stops.
    std::optional<Taken> take(PiecePlace from) {
        const auto handed = std::make_shared<Handed>();
        of_.post_([&of = of_, from, handed] {
            Taken taken;
            taken.position = of.engine_.state().position();
            taken.next = write_piece(of.engine_.state(), from, taken.bytes);
            of.engine_.when_durable(taken.position, [handed, taken](const Result<void>& durable) {
                const std::lock_guard lock{handed->mutex};
                handed->is_there = true;
                if (durable) handed->taken = taken;
                handed->changed.notify_all();
            });
        });
        std::unique_lock lock{handed->mutex};
        handed->changed.wait(lock, stop_, [&] { return handed->is_there; });
        return std::move(handed->taken);
    }

    struct Handed {
        std::mutex mutex;
        std::condition_variable_any changed;
        bool is_there = false;
        std::optional<Taken> taken;
    };

    Snapshotter& of_;
    std::stop_token stop_;
    Position position_;
    std::unique_ptr<State> state_;
    bool differs_ = false;
};

Snapshotter::Snapshotter(Engine& engine, const Clock& clock, SnapshotDirectory directory,
                         Options options, Post post, Done done)
    : engine_(engine),
      log_(engine.log()),
      clock_(clock),
      directory_(std::move(directory)),
      options_(std::move(options)),
      post_(std::move(post)),
      done_(std::move(done)) {
    CHECK(options_.every > 0);
    directory_.discard();
}

void Snapshotter::started_from(Position snapshot) {
    newest_ = snapshot;
    if (snapshot.value > 0) make();
}

void Snapshotter::durable_up_to(Position position) {
    if (is_making_ || is_over_ || position.value - newest_.value < options_.every) return;
    if (clock_.monotonic() >= rests_until_) make();
}

void Snapshotter::make() {
    is_making_ = true;
    began_ = clock_.monotonic();
    const bool from_nothing = is_first_;
    const bool started = job_.start([this, from_nothing](const std::stop_token& stop) {
        const Outcome outcome = Making{*this, stop}.make(from_nothing);
        return [this, outcome] { post_([this, outcome] { ended(outcome); }); };
    });
    if (!started) is_making_ = false;  // there will be another occasion
}

void Snapshotter::ended(const Outcome& outcome) {
    is_making_ = false;
    const auto now = clock_.monotonic();
    rests_until_ = now + kSnapshotRest * (now - began_);
    const std::string where = "snapshot at position " + std::to_string(outcome.position.value);
    switch (outcome.verdict) {
        case Verdict::kept:
            is_first_ = false;
            newest_ = outcome.position;
            trace(TraceLevel::info, where + ": written, and a replay gives the live state");
            break;
        case Verdict::given_up:
            trace(TraceLevel::warning, where + " is given up: " + outcome.why);
            break;
        case Verdict::damaged:
            trace(TraceLevel::error, where + ": the log on the disk is damaged: " + outcome.why);
            break;
        case Verdict::differs:
            // The next start replays the log, which is what is true.
            is_over_ = true;
            directory_.clear();
            trace(TraceLevel::error, where + ", and all others, are removed: " + outcome.why);
            break;
    }
    done_(outcome);
}

}  // namespace slipway
