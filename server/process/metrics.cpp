#include "server/process/metrics.h"

#include "eventlog/base/overloaded.h"
#include "eventlog/base/version.h"
#include "server/process/process_figures.h"

#include <absl/container/flat_hash_map.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <tuple>
#include <vector>

namespace slipway {

namespace {

namespace prom = prometheus;
using Buckets = prom::Histogram::BucketBoundaries;

// Seconds, from an answer out of memory to one that waited for a slow disk.
const Buckets kAnswerSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                             0.1,    0.25,  0.5,    1,     2.5,  10};
// Seconds, from a disk with a cache that is safe to one that is in trouble.
const Buckets kCommitSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                             0.025,  0.05,    0.1,    0.25,  1,      5};
const Buckets kCommitRecords{1, 2, 5, 10, 25, 50, 100, 250, 500, 1'000, 2'500, 10'000};
// Seconds, from at once to what waited for a person.
const Buckets kLagSeconds{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 3'600};

// Seconds, from a request out of memory to what nobody should have to wait for.
const Buckets kTurnSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.005,
                           0.01,   0.025,   0.05,   0.1,   0.25,  1};

struct GaugeOf {
    const char* name;
    const char* help;
    double (*value)(const Metrics::Levels& levels);
};

template <auto Member>
double level(const Metrics::Levels& levels) {
    return static_cast<double>(levels.*Member);
}

using Levels = Metrics::Levels;

constexpr GaugeOf kGauges[] = {
    {"slipway_schedules_undecided",
     "Schedules whose time has come and of which nothing is decided. Counts to 10000",
     level<&Levels::undecided>},
    {"slipway_schedules_held_past_due",
     "Schedules that are held though their time has come. Counts to 10000",
     level<&Levels::held_past_due>},
    {"slipway_key_files_waiting", "Changes of credentials that wait for the disk",
     level<&Levels::key_files_waiting>},
    {"slipway_commit_waiting_units", "Changes that wait to be written to the log",
     level<&Levels::commit_waiting_units>},
    {"slipway_commit_waiting_bytes", "Bytes that wait to be written to the log",
     level<&Levels::commit_waiting_bytes>},
    {"slipway_dispatcher_pausing", "Deployments that wait for the time of their next attempt",
     level<&Levels::dispatcher_pausing>},
    {"slipway_dispatcher_queued",
     "Deployments that are ready and wait for a connection of their own",
     level<&Levels::dispatcher_queued>},
    {"slipway_dispatcher_oldest_wait_seconds", "How long the first of those has waited",
     [](const Levels& levels) { return levels.dispatcher_oldest_wait.count(); }},
    {"slipway_dispatcher_under_way", "Attempts under way", level<&Levels::dispatcher_under_way>},
    {"slipway_executor_under_way", "Attempts that wait for the answer of a target",
     level<&Levels::executor_under_way>},
    {"slipway_http_connections", "Open connections", level<&Levels::connections>},
    {"slipway_http_stream_readers", "Connections that read a stream",
     level<&Levels::stream_readers>},
    {"slipway_http_held_bytes", "Bytes of large bodies that are being read or written",
     level<&Levels::held_bytes>},
    {"slipway_log_position", "The last position of the log that was handed out",
     level<&Levels::log_position>},
    {"slipway_log_durable_position", "The last position of the log that is on stable storage",
     level<&Levels::log_durable_position>},
    {"slipway_log_damaged", "1 if a scrub found that the log on the disk is damaged",
     level<&Levels::log_damaged>},
    {"slipway_replay_differs", "1 if a replay of the log gave another state than the live one",
     level<&Levels::replay_differs>},
    {"slipway_snapshot_position", "Where in the log the last snapshot is; 0 if there is none",
     level<&Levels::snapshot_position>},
    {"slipway_definitions", "Definitions of apps in memory: the newest, and what is pinned to",
     level<&Levels::definitions>},
    {"slipway_finished_bytes", "Memory of the deployments that ended and are not forgotten yet",
     level<&Levels::finished_bytes>},
    {"slipway_clock_behind_seconds",
     "How far the clock is behind the newest event of the log; 0 if it is not",
     level<&Levels::clock_behind_seconds>},
    {"slipway_dispatch_held", "1 while dispatch is held", level<&Levels::dispatch_held>},
    {"slipway_zone_rules_left", "Schedules to be looked at with the zone rules that are new",
     level<&Levels::zone_rules_left>},
    {"slipway_zone_rules_unreadable", "1 while the zone database cannot be read: the rules stay",
     level<&Levels::zone_rules_unreadable>},
    {"slipway_store_memory_bytes", "What the store of the log has in memory, roughly",
     level<&Levels::store_memory_bytes>},
    {"slipway_store_disk_bytes", "What the store of the log has in tables on the disk, roughly",
     level<&Levels::store_disk_bytes>},
    {"slipway_store_tables", "Tables of the store of the log", level<&Levels::store_tables>},
};

struct EndingOf {
    const char* outcome;
    std::uint64_t EndingCounts::*count;
};

constexpr EndingOf kEndings[] = {
    {"succeeded", &EndingCounts::succeeded}, {"failed", &EndingCounts::failed},
    {"aborted", &EndingCounts::aborted},     {"unknown", &EndingCounts::unknown},
    {"cancelled", &EndingCounts::cancelled}, {"missed", &EndingCounts::missed},
    {"skipped", &EndingCounts::skipped},
};

struct AttemptLimitOf {
    const char* of;
    std::size_t AttemptLimits::*limit;
};

constexpr AttemptLimitOf kAttemptLimits[] = {
    {"server", &AttemptLimits::attempts},
    {"team", &AttemptLimits::per_team},
    {"app", &AttemptLimits::per_app},
    {"target", &AttemptLimits::per_target},
    {"target_and_team", &AttemptLimits::per_target_of_team},
};

double seconds_of(std::chrono::duration<double> duration) {
    return duration.count();
}

}  // namespace

struct Metrics::Impl {
    // What is counted of a route, a method and a status.
    struct OfRoute {
        prom::Counter* requests = nullptr;
        prom::Histogram* seconds = nullptr;
    };

    prom::Family<prom::Counter>& counters(const char* name, const char* help) {
        return prom::BuildCounter().Name(name).Help(help).Register(registry);
    }
    prom::Family<prom::Gauge>& gauges(const char* name, const char* help) {
        return prom::BuildGauge().Name(name).Help(help).Register(registry);
    }
    prom::Family<prom::Histogram>& histograms(const char* name, const char* help) {
        return prom::BuildHistogram().Name(name).Help(help).Register(registry);
    }

    // The clocks of the kernel, which go on as counters do.
    void show_process() {
        const ProcessFigures now = read_process_figures();
        resident_bytes.Set(static_cast<double>(now.resident_bytes));
        open_fds.Set(static_cast<double>(now.open_descriptors));
        max_fds.Set(static_cast<double>(now.descriptors_max));
        start_time.Set(now.start_seconds);
        if (now.cpu_seconds > cpu_seconds.Value()) {
            cpu_seconds.Increment(now.cpu_seconds - cpu_seconds.Value());
        }
    }

    // Counted by hand and added here: a histogram takes a lock for each value, and there are
    // hundreds of thousands a second.
    void show_turns() {
        turns.ObserveMultiple(turn_counts, turn_sum);
        turn_counts.assign(kTurnSeconds.size() + 1, 0);
        turn_sum = 0;
        longest_turn_gauge.Set(longest_turn);
    }

    void show_zone_rules(const std::string& version) {
        if (zone_rules_info != nullptr && zone_rules_version == version) return;
        if (zone_rules_info != nullptr) zone_rules.Remove(zone_rules_info);
        zone_rules_info = &zone_rules.Add({{"version", version}});
        zone_rules_info->Set(1);
        zone_rules_version = version;
    }

    std::function<Levels()> read;
    const State* state = nullptr;
    prom::Registry registry;
    prom::Family<prom::Counter>& requests =
        counters("slipway_http_requests_total", "Requests that were answered");
    prom::Family<prom::Histogram>& request_seconds =
        histograms("slipway_http_request_duration_seconds",
                   "From the head of a request to the beginning of its answer");
    prom::Counter& handshakes_failed =
        counters("slipway_tls_handshakes_failed_total",
                 "Connections that were to speak TLS, and did not come to it")
            .Add({});
    absl::flat_hash_map<std::tuple<std::string_view, std::string_view, int>, OfRoute> of_routes;

    prom::Histogram& commit_records =
        histograms("slipway_commit_records", "Records that became durable together")
            .Add({}, kCommitRecords);
    prom::Histogram& commit_seconds =
        histograms("slipway_commit_duration_seconds", "To make a group of records durable")
            .Add({}, kCommitSeconds);

    prom::Histogram& lag =
        histograms("slipway_dispatch_lag_seconds", "From when it was due to when it was decided")
            .Add({}, kLagSeconds);
    prom::Histogram& send_lag =
        histograms("slipway_send_lag_seconds", "From when it was due to when it was first sent")
            .Add({}, kLagSeconds);
    prom::Counter& attempts_started =
        counters("slipway_attempts_started_total", "Attempts that were begun").Add({});
    prom::Family<prom::Counter>& attempts =
        counters("slipway_attempts_total", "Attempts, by what became of them");
    prom::Counter& succeeded = attempts.Add({{"outcome", "succeeded"}});
    prom::Counter& accepted = attempts.Add({{"outcome", "accepted"}});
    prom::Counter& failed = attempts.Add({{"outcome", "failed"}});
    prom::Counter& unknown = attempts.Add({{"outcome", "unknown"}});

    prom::Histogram& turns = histograms("slipway_io_turn_seconds",
                                        "How long the io thread did one thing without a pause")
                                 .Add({}, kTurnSeconds);
    prom::Gauge& longest_turn_gauge =
        gauges("slipway_io_turn_longest_seconds", "The longest of these since the server started")
            .Add({});
    std::vector<double> turn_counts = std::vector<double>(kTurnSeconds.size() + 1, 0);
    double turn_sum = 0;
    double longest_turn = 0;

    prom::Gauge& resident_bytes =
        gauges("process_resident_memory_bytes", "Resident memory of the process in bytes").Add({});
    prom::Gauge& open_fds =
        gauges("process_open_fds", "Open file descriptors of the process").Add({});
    prom::Gauge& max_fds =
        gauges("process_max_fds", "File descriptors that the process may have open").Add({});
    prom::Counter& cpu_seconds =
        counters("process_cpu_seconds_total", "Processor time of the process in seconds").Add({});
    prom::Gauge& start_time =
        gauges("process_start_time_seconds", "When the process started, in seconds since 1970")
            .Add({});

    prom::Counter& moved = counters("slipway_zone_rules_moved_total",
                                    "Schedules that other zone rules made due at another instant")
                               .Add({});
    prom::Family<prom::Gauge>& zone_rules =
        gauges("slipway_zone_rules_info", "1, of the version of the zone rules that are in force");
    std::string zone_rules_version;
    prom::Gauge* zone_rules_info = nullptr;

    std::array<prom::Counter*, std::size(kEndings)> endings{};
    std::array<prom::Gauge*, kScheduleStatuses> schedules{};
    std::array<prom::Gauge*, kQuotas.size()> quota_limits{};
    std::array<prom::Gauge*, kQuotas.size()> quota_uses{};
    std::array<prom::Gauge*, std::size(kGauges)> levels{};
    prom::Family<prom::Gauge>& attempt_limits =
        gauges("slipway_attempts_limit", "The most attempts that may be under way at once");
};

Metrics::Metrics(const State& state, std::function<Levels()> read)
    : impl_(std::make_unique<Impl>()) {
    impl_->read = std::move(read);
    impl_->state = &state;
    auto& endings = impl_->counters("slipway_deployments_ended_total",
                                    "Deployments, by how they ended, over the whole log; of one "
                                    "whose outcome was unknown for a "
                                    "while, that too");
    for (std::size_t i = 0; i < std::size(kEndings); ++i) {
        impl_->endings[i] = &endings.Add({{"outcome", kEndings[i].outcome}});
    }
    auto& schedules = impl_->gauges(
        "slipway_schedules", "Schedules in memory, by status; of those that ended, the recent");
    for (std::size_t i = 0; i < kScheduleStatuses; ++i) {
        const auto status = name_of(static_cast<ScheduleStatus>(i));
        impl_->schedules[i] = &schedules.Add({{"status", std::string{status}}});
    }
    auto& limits = impl_->gauges("slipway_quota_limit", "The most that there may be, by quota");
    auto& uses = impl_->gauges("slipway_quota_use",
                               "The highest use that a team, a user or all make of a quota");
    for (std::size_t i = 0; i < kQuotas.size(); ++i) {
        const prom::Labels labels{{"quota", std::string{kQuotas[i].name}}};
        impl_->quota_limits[i] = &limits.Add(labels);
        impl_->quota_uses[i] = &uses.Add(labels);
    }
    for (std::size_t i = 0; i < std::size(kGauges); ++i) {
        impl_->levels[i] = &impl_->gauges(kGauges[i].name, kGauges[i].help).Add({});
    }
    impl_->gauges("slipway_build_info", "1, of this version")
        .Add({{"version", std::string{version_number()}}})
        .Set(1);
}

Metrics::~Metrics() = default;

void Metrics::answered(std::string_view route, std::string_view method, int status,
                       std::chrono::nanoseconds took) {
    auto& found = impl_->of_routes[{route, method, status}];
    if (found.requests == nullptr) {
        prom::Labels labels{{"route", std::string{route.empty() ? "none" : route}},
                            {"method", std::string{method.empty() ? "other" : method}}};
        found.seconds = &impl_->request_seconds.Add(labels, kAnswerSeconds);
        labels.emplace("status", std::to_string(status));
        found.requests = &impl_->requests.Add(labels);
    }
    found.requests->Increment();
    found.seconds->Observe(seconds_of(took));
}

void Metrics::handshake_failed() {
    impl_->handshakes_failed.Increment();
}

void Metrics::turn_taken(std::chrono::nanoseconds took) {
    const double seconds = seconds_of(took);
    const auto bucket = std::lower_bound(kTurnSeconds.begin(), kTurnSeconds.end(), seconds);
    ++impl_->turn_counts[static_cast<std::size_t>(bucket - kTurnSeconds.begin())];
    impl_->turn_sum += seconds;
    impl_->longest_turn = std::max(impl_->longest_turn, seconds);
}

void Metrics::happened(const RecordedEvent& recorded) {
    // A target that was patient says later how it ended; that is no answer to an attempt.
    const bool answer = recorded.envelope.actor.kind == ActorKind::executor;
    std::visit(Overloaded{
                   [&](const DeploymentDue& e) {
                       // The wall clock may have been set back between.
                       impl_->lag.Observe(seconds_of(std::max(e.decided_at - e.due_at, Millis{0})));
                   },
                   [&](const DueTimeReresolved& e) {
                       if (e.due_at != e.old_due_at) impl_->moved.Increment();
                   },
                   [&](const AttemptStarted&) { impl_->attempts_started.Increment(); },
                   [&](const AttemptAccepted&) { impl_->accepted.Increment(); },
                   [&](const AttemptFailed&) { impl_->failed.Increment(); },
                   [&](const OutcomeUnknown&) { impl_->unknown.Increment(); },
                   [&](const DeploymentSucceeded&) {
                       if (answer) impl_->succeeded.Increment();
                   },
                   [](const auto&) {},
               },
               recorded.event);
}

void Metrics::sent(Millis since_due) {
    impl_->send_lag.Observe(seconds_of(since_due));
}

void Metrics::committed(std::uint64_t records, std::chrono::nanoseconds took) {
    impl_->commit_records.Observe(static_cast<double>(records));
    impl_->commit_seconds.Observe(seconds_of(took));
}

std::string Metrics::text() {
    const Levels levels = impl_->read();
    for (std::size_t i = 0; i < kScheduleStatuses; ++i) {
        impl_->schedules[i]->Set(static_cast<double>(levels.schedules[i]));
    }
    for (const AttemptLimitOf& one : kAttemptLimits) {
        impl_->attempt_limits.Add({{"of", one.of}})
            .Set(static_cast<double>(levels.attempt_limits.*one.limit));
    }
    for (std::size_t i = 0; i < std::size(kGauges); ++i) {
        impl_->levels[i]->Set(kGauges[i].value(levels));
    }
    for (std::size_t i = 0; i < std::size(kEndings); ++i) {
        const auto count = static_cast<double>(impl_->state->endings().counts().*kEndings[i].count);
        impl_->endings[i]->Increment(count - impl_->endings[i]->Value());
    }
    for (std::size_t i = 0; i < kQuotas.size(); ++i) {
        impl_->quota_limits[i]->Set(static_cast<double>(levels.quota_limits[i]));
        impl_->quota_uses[i]->Set(static_cast<double>(levels.quota_uses[i]));
    }
    impl_->show_zone_rules(levels.zone_rules);
    impl_->show_turns();
    impl_->show_process();
    return prom::TextSerializer{}.Serialize(impl_->registry.Collect());
}

}  // namespace slipway
