// Problem documents (RFC 9457): what a client reads when the answer is no. Each has a stable `code`
// and names every field that is to blame.

#pragma once

#include "eventlog/base/json_writer.h"
#include "eventlog/base/result.h"
#include "server/domain/rejection.h"
#include "server/http/message.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// Nobody reads more errors at once.
inline constexpr std::size_t kFieldErrorsMax = 100;

// `code` is stable and machine-readable; `detail` is for people. At most kFieldErrorsMax of
// `fields` are shown. `more` writes further members.
Reply problem(const Request& request, int status, std::string_view code, std::string_view detail,
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
