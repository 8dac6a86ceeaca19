// How often deployments ended in each way, over the whole log: what a counter shows that does not
// begin anew with each start.
//
// Not thread-safe: its owner is the State.

#pragma once

#include "eventlog/events/event.h"
#include "projections/fingerprint.h"

#include <cstdint>

namespace slipway {

class Endings {
  public:
    void apply(const Envelope& envelope, const DeploymentCancelled& event);
    void apply(const Envelope& envelope, const DeploymentMissed& event);
    void apply(const Envelope& envelope, const DeploymentSkipped& event);
    void apply(const Envelope& envelope, const DeploymentSucceeded& event);
    void apply(const Envelope& envelope, const DeploymentFailed& event);
    void apply(const Envelope& envelope, const DeploymentAborted& event);
    // Its outcome became unknown. If somebody finds out later, it ends in that way, too.
    void apply(const Envelope& envelope, const OutcomeUnknown& event);

    std::uint64_t succeeded() const { return succeeded_; }
    std::uint64_t failed() const { return failed_; }
    std::uint64_t aborted() const { return aborted_; }
    std::uint64_t cancelled() const { return cancelled_; }
    std::uint64_t missed() const { return missed_; }
    std::uint64_t skipped() const { return skipped_; }
    std::uint64_t unknown() const { return unknown_; }

    void add_to(Fingerprint& fingerprint) const;

  private:
    friend struct StateParts;

    std::uint64_t succeeded_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t aborted_ = 0;
    std::uint64_t cancelled_ = 0;
    std::uint64_t missed_ = 0;
    std::uint64_t skipped_ = 0;
    std::uint64_t unknown_ = 0;
};

}  // namespace slipway
