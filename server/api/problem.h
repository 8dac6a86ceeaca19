// Problem documents (RFC 9457): what a client reads when the answer is no. Each has a stable `code`
// and names every field that is to blame.

#pragma once

#include "eventlog/base/json_writer.h"
#include "eventlog/base/result.h"
#include "server/domain/rejection.h"
#include "server/http/handler.h"
#include "server/http/message.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// Nobody reads more errors at once.
inline constexpr std::size_t kFieldErrorsMax = 100;

// The codes that the API and the protocol know beside those of RejectionCode.
inline constexpr std::string_view kProblemCodes[] = {"app_not_found",
                                                     "backup_not_found",
                                                     "backup_under_way",
                                                     "backups_not_set_up",
                                                     "body_too_large",
                                                     "credential_not_found",
                                                     "deployment_not_found",
                                                     "disk_low",
                                                     "draining",
                                                     "expectation_failed",
                                                     "file_not_found",
                                                     "forbidden",
                                                     "headers_too_large",
                                                     "idempotency_key_reused",
                                                     "internal",
                                                     "invalid_idempotency_key",
                                                     "invitation_not_found",
                                                     "key_not_known",
                                                     "malformed_json",
                                                     "malformed_request",
                                                     "method_not_allowed",
                                                     "no_such_route",
                                                     "not_a_member",
                                                     "not_acceptable",
                                                     "not_caught_up",
                                                     "outcome_unknown",
                                                     "overloaded",
                                                     "rate_limited",
                                                     "schedule_not_found",
                                                     "stale_version",
                                                     "target_too_long",
                                                     "team_needed",
                                                     "team_not_found",
                                                     "token_not_found",
                                                     "unauthorized",
                                                     "unavailable",
                                                     "unsupported_media_type",
                                                     "user_not_found"};

// The code of a problem: stable and machine-readable. A literal that is not among kProblemCodes
// does not compile.
class ProblemCode {
  public:
    consteval ProblemCode(const char* literal) : name_(literal) {
        if (std::ranges::find(kProblemCodes, name_) == std::end(kProblemCodes)) throw literal;
    }
    ProblemCode(RejectionCode code) : name_(name_of(code)) {}
    ProblemCode(const Refusal& refusal) : name_(refusal.code) {}

    std::string_view name() const { return name_; }

  private:
    std::string_view name_;
};

// `detail` is for people. At most kFieldErrorsMax of `fields` are shown. `more` writes further
// members.
Reply problem(const Request& request, int status, ProblemCode code, std::string_view detail,
              const std::vector<FieldError>& fields = {},
              const std::function<void(JsonWriter&)>& more = {});

Reply problem(const Request& request, const Rejection& rejection);
Reply problem(const Request& request, const std::vector<FieldError>& fields);

// The world failed: 503 with Retry-After if it may go away, 500 if not. What failed inside is
// traced, not told.
Reply problem(const Request& request, const Error& error);

// The server is stopping.
Reply draining(const Request& request);

// There is too much of what `detail` says.
Reply overloaded(const Request& request, std::string_view detail);

}  // namespace slipway
