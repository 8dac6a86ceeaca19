// The texts of attempts that are no longer in memory (see kAttemptDetailsKept), read from the log
// while a deployment is written, so that it is shown with all of them. A text is one record.
//
// One is made for each answer. Not thread-safe.

#pragma once

#include "eventlog/log/event_log.h"
#include "projections/deployments.h"

#include <optional>
#include <string>

namespace slipway {

class AttemptDetails {
  public:
    // `log` outlives it.
    explicit AttemptDetails(const EventLog& log) : log_(log) {}

    // The text from memory or from the log; empty if the log cannot give it.
    std::string of(const Attempt& attempt);

    // Why the log could not give the first text that is missing: corruption, not_found, io. Whoever
    // writes an answer asks at its end, and answers the error instead.
    const std::optional<Error>& error() const { return error_; }

  private:
    const EventLog& log_;
    std::optional<Error> error_;
};

}  // namespace slipway
