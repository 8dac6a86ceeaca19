#include "eventlog/events/vocabulary.h"

namespace slipway {

// A switch without a default: a value that has no name here does not compile.

std::string_view name_of(ScheduleStatus value) {
    switch (value) {
        case ScheduleStatus::scheduled:
            return "scheduled";
        case ScheduleStatus::held:
            return "held";
        case ScheduleStatus::waiting:
            return "waiting";
        case ScheduleStatus::due:
            return "due";
        case ScheduleStatus::running:
            return "running";
        case ScheduleStatus::unknown:
            return "unknown";
        case ScheduleStatus::succeeded:
            return "succeeded";
        case ScheduleStatus::failed:
            return "failed";
        case ScheduleStatus::aborted:
            return "aborted";
        case ScheduleStatus::cancelled:
            return "cancelled";
        case ScheduleStatus::missed:
            return "missed";
        case ScheduleStatus::skipped:
            return "skipped";
    }
    return {};
}

std::string_view name_of(EndReason value) {
    switch (value) {
        case EndReason::none:
            return "none";
        case EndReason::by_user:
            return "by_user";
        case EndReason::parent_cancelled:
            return "parent_cancelled";
        case EndReason::app_archived:
            return "app_archived";
        case EndReason::misfire:
            return "misfire";
        case EndReason::time_moved:
            return "time_moved";
        case EndReason::dependency_failed:
            return "dependency_failed";
        case EndReason::dependency_timed_out:
            return "dependency_timed_out";
    }
    return {};
}

std::string_view name_of(Disambiguation value) {
    switch (value) {
        case Disambiguation::compatible:
            return "compatible";
        case Disambiguation::earlier:
            return "earlier";
        case Disambiguation::later:
            return "later";
        case Disambiguation::reject:
            return "reject";
    }
    return {};
}

std::string_view name_of(Resolution value) {
    switch (value) {
        case Resolution::exact:
            return "exact";
        case Resolution::gap_shifted:
            return "gap_shifted";
        case Resolution::overlap_earlier:
            return "overlap_earlier";
        case Resolution::overlap_later:
            return "overlap_later";
    }
    return {};
}

std::string_view name_of(DependencyFailurePolicy value) {
    switch (value) {
        case DependencyFailurePolicy::hold:
            return "hold";
        case DependencyFailurePolicy::skip:
            return "skip";
        case DependencyFailurePolicy::proceed:
            return "proceed";
    }
    return {};
}

std::string_view name_of(MisfireAction value) {
    switch (value) {
        case MisfireAction::hold:
            return "hold";
        case MisfireAction::skip:
            return "skip";
        case MisfireAction::run:
            return "run";
    }
    return {};
}

std::string_view name_of(HoldReason value) {
    switch (value) {
        case HoldReason::by_user:
            return "by_user";
        case HoldReason::misfire:
            return "misfire";
        case HoldReason::dependency_failed:
            return "dependency_failed";
        case HoldReason::freeze:
            return "freeze";
        case HoldReason::dispatch_held:
            return "dispatch_held";
        case HoldReason::restored:
            return "restored";
        case HoldReason::parent_held:
            return "parent_held";
    }
    return {};
}

std::string_view name_of(ReleaseReason value) {
    switch (value) {
        case ReleaseReason::by_user:
            return "by_user";
        case ReleaseReason::dispatch_armed:
            return "dispatch_armed";
        case ReleaseReason::run_now:
            return "run_now";
    }
    return {};
}

std::string_view name_of(CancelReason value) {
    switch (value) {
        case CancelReason::by_user:
            return "by_user";
        case CancelReason::parent_cancelled:
            return "parent_cancelled";
        case CancelReason::app_archived:
            return "app_archived";
    }
    return {};
}

std::string_view name_of(Role value) {
    switch (value) {
        case Role::viewer:
            return "viewer";
        case Role::deployer:
            return "deployer";
        case Role::owner:
            return "owner";
    }
    return {};
}

std::string_view name_of(ClaimReason value) {
    switch (value) {
        case ClaimReason::first_start:
            return "first_start";
        case ClaimReason::moved:
            return "moved";
        case ClaimReason::restored:
            return "restored";
        case ClaimReason::salvaged:
            return "salvaged";
    }
    return {};
}

std::string_view name_of(DispatchReason value) {
    switch (value) {
        case DispatchReason::by_operator:
            return "by_operator";
        case DispatchReason::moved:
            return "moved";
        case DispatchReason::restored:
            return "restored";
    }
    return {};
}

std::string_view name_of(ExportKind value) {
    switch (value) {
        case ExportKind::log:
            return "log";
        case ExportKind::state:
            return "state";
        case ExportKind::backup:
            return "backup";
    }
    return {};
}

std::string_view name_of(AttemptCause value) {
    switch (value) {
        case AttemptCause::answered:
            return "answered";
        case AttemptCause::connect_failed:
            return "connect_failed";
        case AttemptCause::timed_out:
            return "timed_out";
        case AttemptCause::connection_lost:
            return "connection_lost";
        case AttemptCause::address_refused:
            return "address_refused";
        case AttemptCause::invalid_target:
            return "invalid_target";
        case AttemptCause::server_restarted:
            return "server_restarted";
        case AttemptCause::completion_timed_out:
            return "completion_timed_out";
        case AttemptCause::reported:
            return "reported";
        case AttemptCause::response_too_large:
            return "response_too_large";
        case AttemptCause::credential_missing:
            return "credential_missing";
    }
    return {};
}

std::string_view name_of(Verdict value) {
    switch (value) {
        case Verdict::succeeded:
            return "succeeded";
        case Verdict::failed:
            return "failed";
        case Verdict::resend:
            return "resend";
    }
    return {};
}

std::string_view name_of(Provider value) {
    switch (value) {
        case Provider::aws_ecs:
            return "aws-ecs";
        case Provider::kubernetes:
            return "kubernetes";
        case Provider::digitalocean:
            return "digitalocean";
        case Provider::on_premise:
            return "on-premise";
        case Provider::other:
            return "other";
    }
    return {};
}

std::string_view name_of(TargetKind value) {
    switch (value) {
        case TargetKind::webhook:
            return "webhook";
    }
    return {};
}

std::string_view name_of(CredentialKind value) {
    switch (value) {
        case CredentialKind::bearer:
            return "bearer";
        case CredentialKind::basic:
            return "basic";
        case CredentialKind::header:
            return "header";
    }
    return {};
}

std::string_view name_of(ActorKind value) {
    switch (value) {
        case ActorKind::user:
            return "user";
        case ActorKind::timer:
            return "timer";
        case ActorKind::executor:
            return "executor";
        case ActorKind::server:
            return "server";
        case ActorKind::target:
            return "target";
    }
    return {};
}

}  // namespace slipway
