// The port through which decisions ask about the kinds of targets. The domain knows no kind: it
// checks that settings are lines of a bounded length, and leaves the rest to this.
//
// Pure: the same question has the same answer. Thread-safe.

#pragma once

#include "eventlog/events/app_events.h"
#include "server/domain/rejection.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

class TargetRules {
  public:
    virtual ~TargetRules() = default;

    // Adds an error for each setting that the kind of `target` refuses. Pointers begin with
    // /target/.
    virtual void check(const Target& target, std::vector<FieldError>& errors) const = 0;

    // Where requests to `target` go: a credential goes to its own origin only. Empty if the
    // settings do not tell.
    virtual std::string origin(const Target& target) const = 0;

    // `target` in a few words, for AttemptStarted.
    virtual std::string summary(const Target& target) const = 0;

    // Why an attempt that was under way when the server ended may be sent again. Nothing if it may
    // not: the outcome stays unknown until it is reported.
    virtual std::optional<std::string> resend_reason(const Target& target) const = 0;

    // Whether requests to some kind of target carry a header of that name, in lower case: then no
    // credential may take it.
    virtual bool sets_header(std::string_view name) const = 0;
};

}  // namespace slipway
