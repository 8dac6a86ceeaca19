#include "projections/endings.h"

namespace slipway {

void Endings::apply(const Envelope&, const DeploymentCancelled&) {
    ++counts_.cancelled;
}

void Endings::apply(const Envelope&, const DeploymentMissed&) {
    ++counts_.missed;
}

void Endings::apply(const Envelope&, const DeploymentSkipped&) {
    ++counts_.skipped;
}

void Endings::apply(const Envelope&, const DeploymentSucceeded&) {
    ++counts_.succeeded;
}

void Endings::apply(const Envelope&, const DeploymentFailed&) {
    ++counts_.failed;
}

void Endings::apply(const Envelope&, const DeploymentAborted&) {
    ++counts_.aborted;
}

void Endings::apply(const Envelope&, const OutcomeUnknown&) {
    ++counts_.unknown;
}

}  // namespace slipway
