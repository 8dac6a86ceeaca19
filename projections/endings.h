// How often deployments ended in each way, over the whole log: what a counter shows that does not
// begin anew with each start.
//
// Not thread-safe: its owner is the State.

#pragma once

#include "eventlog/events/event.h"
#include "projections/fingerprint.h"
#include "projections/parts.h"

#include <cstdint>

namespace slipway {

struct EndingCounts {
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::uint64_t aborted = 0;
    std::uint64_t cancelled = 0;
    std::uint64_t missed = 0;
    std::uint64_t skipped = 0;
    std::uint64_t unknown = 0;
};
BOOST_DESCRIBE_STRUCT(EndingCounts, (),
                      (succeeded, failed, aborted, cancelled, missed, skipped, unknown))

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

    const EndingCounts& counts() const { return counts_; }

    void add_to(Fingerprint& fingerprint) const { fingerprint.add("endings", counts_); }

    // As parts.h says.
    template <class Self, class Visit>
    static void parts(Self& self, const Visit& visit) {
        visit(ValuePart{self.counts_});
    }

  private:
    EndingCounts counts_;
};

}  // namespace slipway
