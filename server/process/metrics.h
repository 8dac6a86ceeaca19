// What the server counts of itself since it started, in the text format of Prometheus: what
// happens is counted as it happens, and what is at a level is read when somebody asks. Nothing is
// decided by it, and nothing of it is kept.
//
// The only door to prometheus-cpp. Not thread-safe: the lane's thread.

#pragma once

#include "eventlog/base/time.h"
#include "eventlog/events/event.h"
#include "projections/state.h"
#include "server/api/figures.h"
#include "server/domain/quotas.h"
#include "server/engine/attempt_shares.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace slipway {

class Metrics : public Figures {
  public:
    // What is at a level. Each is a gauge of its own: see kGauges in metrics.cpp for what it means.
    struct Levels {
        std::array<std::size_t, kScheduleStatuses> schedules{};
        std::size_t held_past_due = 0;
        std::size_t undecided = 0;
        std::size_t key_files_waiting = 0;
        std::size_t commit_waiting_units = 0;
        std::size_t commit_waiting_bytes = 0;
        std::size_t dispatcher_pausing = 0;
        std::size_t dispatcher_queued = 0;
        std::chrono::duration<double> dispatcher_oldest_wait{0};
        AttemptLimits attempt_limits;
        std::size_t dispatcher_under_way = 0;
        std::size_t executor_under_way = 0;
        std::size_t connections = 0;
        std::size_t stream_readers = 0;
        std::size_t held_bytes = 0;
        std::uint64_t log_position = 0;
        std::uint64_t log_durable_position = 0;
        std::uint64_t store_memory_bytes = 0;
        std::uint64_t store_disk_bytes = 0;
        std::uint64_t store_tables = 0;
        std::size_t zone_rules_left = 0;
        std::string zone_rules;  // their version
        bool zone_rules_unreadable = false;
        bool dispatch_held = false;
        bool log_damaged = false;
        bool replay_differs = false;
        std::uint64_t snapshot_position = 0;
        std::size_t definitions = 0;
        std::size_t finished_bytes = 0;
        // In the order of kQuotas: what they are, and the highest use that anybody makes.
        std::array<std::uint64_t, kQuotas.size()> quota_limits{};
        std::array<std::uint64_t, kQuotas.size()> quota_uses{};
        double clock_behind_seconds = 0;
    };

    // `state` outlives this.
    Metrics(const State& state, std::function<Levels()> read);
    ~Metrics() override;
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    void answered(std::string_view route, std::string_view method, int status,
                  std::chrono::nanoseconds took) override;
    void handshake_failed() override;

    // The io thread did one piece of work without a pause.
    void turn_taken(std::chrono::nanoseconds took);

    // As CommandLane::Observer.
    void happened(const RecordedEvent& recorded);

    // The first attempt of a deployment left for its target, so long after it was due.
    void sent(Millis since_due);

    // A group of `records` became durable.
    void committed(std::uint64_t records, std::chrono::nanoseconds took);

    // Asks for the levels.
    std::string text() override;

  private:
    struct Impl;

    std::unique_ptr<Impl> impl_;
};

}  // namespace slipway
