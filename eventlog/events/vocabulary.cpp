#include "eventlog/events/vocabulary.h"

#include <array>

namespace slipway {

namespace {

template <class Enum, std::size_t N>
std::string_view name_in(const std::array<std::string_view, N>& names, Enum value) {
    const auto index = static_cast<std::size_t>(value);
    return index < N ? names[index] : std::string_view{};
}

}  // namespace

std::string_view name_of(ScheduleStatus value) {
    constexpr std::array<std::string_view, kScheduleStatuses> kNames = {
        "scheduled", "held",   "waiting", "due",       "running", "unknown",
        "succeeded", "failed", "aborted", "cancelled", "missed",  "skipped"};
    return name_in(kNames, value);
}

std::string_view name_of(EndReason value) {
    constexpr std::array<std::string_view, 8> kNames = {
        "none",    "by_user",    "parent_cancelled",  "app_archived",
        "misfire", "time_moved", "dependency_failed", "dependency_timed_out"};
    return name_in(kNames, value);
}

std::string_view name_of(Disambiguation value) {
    constexpr std::array<std::string_view, 4> kNames = {"compatible", "earlier", "later", "reject"};
    return name_in(kNames, value);
}

std::string_view name_of(Resolution value) {
    constexpr std::array<std::string_view, 4> kNames = {"exact", "gap_shifted", "overlap_earlier",
                                                        "overlap_later"};
    return name_in(kNames, value);
}

std::string_view name_of(DependencyFailurePolicy value) {
    constexpr std::array<std::string_view, 3> kNames = {"hold", "skip", "proceed"};
    return name_in(kNames, value);
}

std::string_view name_of(MisfireAction value) {
    constexpr std::array<std::string_view, 3> kNames = {"hold", "skip", "run"};
    return name_in(kNames, value);
}

std::string_view name_of(HoldReason value) {
    constexpr std::array<std::string_view, 7> kNames = {
        "by_user",       "misfire",  "dependency_failed", "freeze",
        "dispatch_held", "restored", "parent_held"};
    return name_in(kNames, value);
}

std::string_view name_of(ReleaseReason value) {
    constexpr std::array<std::string_view, 3> kNames = {"by_user", "dispatch_armed", "run_now"};
    return name_in(kNames, value);
}

std::string_view name_of(CancelReason value) {
    constexpr std::array<std::string_view, 3> kNames = {"by_user", "parent_cancelled",
                                                        "app_archived"};
    return name_in(kNames, value);
}

std::string_view name_of(Role value) {
    constexpr std::array<std::string_view, 3> kNames = {"viewer", "deployer", "owner"};
    return name_in(kNames, value);
}

std::string_view name_of(ClaimReason value) {
    constexpr std::array<std::string_view, 4> kNames = {"first_start", "moved", "restored",
                                                        "salvaged"};
    return name_in(kNames, value);
}

std::string_view name_of(DispatchReason value) {
    constexpr std::array<std::string_view, 3> kNames = {"by_operator", "moved", "restored"};
    return name_in(kNames, value);
}

std::string_view name_of(ExportKind value) {
    constexpr std::array<std::string_view, 3> kNames = {"log", "state", "backup"};
    return name_in(kNames, value);
}

std::string_view name_of(AttemptCause value) {
    constexpr std::array<std::string_view, 11> kNames = {
        "answered",        "connect_failed",     "timed_out",         "connection_lost",
        "address_refused", "invalid_target",     "server_restarted",  "completion_timed_out",
        "reported",        "response_too_large", "credential_missing"};
    return name_in(kNames, value);
}

std::string_view name_of(Verdict value) {
    constexpr std::array<std::string_view, 3> kNames = {"succeeded", "failed", "resend"};
    return name_in(kNames, value);
}

std::string_view name_of(Provider value) {
    constexpr std::array<std::string_view, 5> kNames = {"aws-ecs", "kubernetes", "digitalocean",
                                                        "on-premise", "other"};
    return name_in(kNames, value);
}

std::string_view name_of(TargetKind value) {
    constexpr std::array<std::string_view, 1> kNames = {"webhook"};
    return name_in(kNames, value);
}

std::string_view name_of(CredentialKind value) {
    constexpr std::array<std::string_view, 3> kNames = {"bearer", "basic", "header"};
    return name_in(kNames, value);
}

std::string_view name_of(ActorKind value) {
    constexpr std::array<std::string_view, 5> kNames = {"user", "timer", "executor", "server",
                                                        "target"};
    return name_in(kNames, value);
}

}  // namespace slipway
