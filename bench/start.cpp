// What it costs a start to have the state of a log: by replaying all of it, and from a snapshot a
// little before its end; both with the proof of what they read, and in one run.
//
//     slipway-bench-start EVENTS PENDING_PERCENT

#include "eventlog/base/check.h"
#include "eventlog/events/codec.h"
#include "eventlog/log/log_directory.h"
#include "eventlog/log/log_proof.h"
#include "projections/replay.h"
#include "server/process/jobs/snapshot_directory.h"
#include "server/process/system_ports.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_directory.h"

#include <cstdlib>
#include <ctime>
#include <iostream>
#include <random>

namespace slipway {
namespace {

constexpr std::uint64_t kTail = 1'000;  // events after the snapshot
constexpr std::size_t kUnsyncedBytesMax = 4 << 20;

// Of the processor: what else the machine does meanwhile does not count.
double seconds_of(const std::function<void()>& work) {
    const std::clock_t began = std::clock();
    work();
    return static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
}

class Writer {
  public:
    explicit Writer(EventLog& log) : log_(log) {}

    void add(const RecordedEvent& recorded) {
        const Envelope& envelope = recorded.envelope;
        CHECK(log_.append({{envelope.stream, envelope.stream_version, envelope.team.uuid,
                            encode(envelope, recorded.event)}}));
        if (log_.waiting().bytes > kUnsyncedBytesMax) flush();
    }
    void add(Uuid stream, std::uint32_t version, const Event& event) {
        const Envelope envelope{
            kNoon, stream, Version{version}, kOps, {ActorKind::user, kAlice, {}}, {}, {}, {}};
        add({{}, envelope, event});
    }
    void flush() {
        while (log_.waiting().units > 0) log_.flush();
    }
    std::uint64_t position() const { return log_.tail().value; }

  private:
    EventLog& log_;
};

// One in so many is still to come; the others have run.
void write_log(EventLog& log, std::uint64_t events, unsigned pending_percent) {
    Writer writer{log};
    for (const RecordedEvent& one : world()) writer.add(one);
    std::mt19937_64 random{1};
    for (std::uint64_t i = 1; writer.position() < events; ++i) {
        const ScheduleId id{{random(), i}};
        const Instant at = kNoon + Seconds{random() % 31'000'000};
        writer.add(id.uuid, 1, scheduled(id, kApi, at));
        if (random() % 100 < pending_percent) continue;
        writer.add(id.uuid, 2, due(id, at, at));
        writer.add(id.uuid, 3, AttemptStarted{deployment_of(id), 1, "https://example.com", at});
        writer.add(id.uuid, 4, DeploymentSucceeded{deployment_of(id), 1, 200, {}});
    }
    writer.flush();
}

struct Started {
    std::unique_ptr<EventLog> log;
    double seconds = 0;
};

Started start(const std::filesystem::path& directory, const Clock& clock,
              const SnapshotDirectory* snapshots, std::unique_ptr<State>& state) {
    Started made;
    made.seconds = seconds_of([&] {
        auto proof = LogProof::of(std::move(*lock_place(directory)));
        CHECK(proof.has_value());
        if (snapshots != nullptr) state = std::move(*snapshots->newest_for(proof->log()));
        const auto apply = decoded([&](const RecordedEvent& recorded, const Record&) {
            state->apply(recorded);
            return true;
        });
        CHECK(proof->replay(state->position(), apply));
        auto opened = proof->open(clock, {});
        CHECK(opened.has_value());
        made.log = std::move(*opened);
    });
    return made;
}

void write_snapshot_of(const EventLog& log, const SnapshotDirectory& directory) {
    State state;
    const Position end{log.durable().value - kTail};
    CHECK(replay(log, Position{1}, end, [&](const RecordedEvent& recorded, const Record&) {
        state.apply(recorded);
        return true;
    }));
    SnapshotHeader header;
    header.log_id = log.log_id();
    header.position = end;
    header.digest = *log.digest_at(end);
    const double counted = seconds_of([&] { header.fingerprint = state.fingerprint(); });
    const double written =
        seconds_of([&] { CHECK(directory.write(header, state, [] { return Result<void>{}; })); });
    CHECK(directory.keep(end));
    std::cout << "fingerprint    " << counted << " s\nwriting        " << written << " s\n";
}

int run(std::uint64_t events, unsigned pending_percent) {
    const TemporaryDirectory temporary;
    const auto place = temporary.path() / "log";
    const SnapshotDirectory snapshots{temporary.path() / "snapshots"};
    const SystemClock clock;
    CHECK(create_log(place, Uuid{7, 7}));
    {
        auto state = std::make_unique<State>();
        const auto made = start(place, clock, nullptr, state);
        write_log(*made.log, events, pending_percent);
        CHECK(made.log->close());
    }
    double replayed = 0;
    std::string fingerprint;
    {
        auto state = std::make_unique<State>();
        const auto made = start(place, clock, nullptr, state);
        replayed = made.seconds;
        fingerprint = state->fingerprint();
        std::cout << "events         " << made.log->durable().value << "\n"
                  << "still to come  " << state->schedules().pending() << "\n"
                  << "replay         " << replayed << " s\n";
        state.reset();
        write_snapshot_of(*made.log, snapshots);
        CHECK(made.log->close());
    }
    auto state = std::make_unique<State>();
    const auto made = start(place, clock, &snapshots, state);
    CHECK(state->fingerprint() == fingerprint);
    std::cout << "from snapshot  " << made.seconds << " s\n"
              << "ratio          " << replayed / made.seconds << "\n";
    return 0;
}

}  // namespace
}  // namespace slipway

int main(int argc, char** argv) {
    const auto number = [&](int at, const char* otherwise) {
        return std::strtoull(argc > at ? argv[at] : otherwise, nullptr, 10);
    };
    return slipway::run(number(1, "1000000"), static_cast<unsigned>(number(2, "10")));
}
