#include "projections/endings.h"

namespace slipway {

void Endings::apply(const Envelope&, const DeploymentCancelled&) {
    ++cancelled_;
}

void Endings::apply(const Envelope&, const DeploymentMissed&) {
    ++missed_;
}

void Endings::apply(const Envelope&, const DeploymentSkipped&) {
    ++skipped_;
}

void Endings::apply(const Envelope&, const DeploymentSucceeded&) {
    ++succeeded_;
}

void Endings::apply(const Envelope&, const DeploymentFailed&) {
    ++failed_;
}

void Endings::apply(const Envelope&, const DeploymentAborted&) {
    ++aborted_;
}

void Endings::apply(const Envelope&, const OutcomeUnknown&) {
    ++unknown_;
}

void Endings::add_to(Fingerprint& fingerprint) const {
    fingerprint.add("endings", succeeded_, failed_, aborted_, cancelled_, missed_, skipped_,
                    unknown_);
}

}  // namespace slipway
