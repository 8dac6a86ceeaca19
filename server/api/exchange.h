// What every handler does: read the body, put a command to the lane, write the result.

#pragma once

#include "eventlog/base/json_writer.h"
#include "server/api/json.h"
#include "server/api/problem.h"
#include "server/api/services.h"

#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace slipway {

inline constexpr std::size_t kPageDefault = 50;
inline constexpr std::size_t kPageMax = 200;

enum class Body : std::uint8_t {
    required,
    optional,  // an empty one is read as {}
};

// Returns the body as JSON, or the reply that says why it cannot be read.
std::variant<Json, Reply> read_body(const Call& call, Body body = Body::required);

// The reply to a body with fields, for what takes none.
std::optional<Reply> refuse_fields(const Call& call);

// The reply to parameters, for what takes none.
std::optional<Reply> refuse_parameters(const Call& call);

// The reply to a body that was read with `errors` into `command`: what the domain finds wrong with
// the rest of it is told, too, so that every bad field is named at once. Requires: !errors.empty().
Reply refused(const Call& call, const Command& command, std::vector<FieldError> errors);

// What the lane decided, or the reply that says why not. A unit of the log is added to the call's
// changes.
std::variant<Receipt, Reply> submit(const Call& call, const Command& command);

// {"result": …}
Reply result(int status, const std::function<void(JsonWriter&)>& write);

// The parameters of a list. An error is added for each that is not known or not valid.
class Filters {
  public:
    Filters(const Request& request, std::vector<FieldError>& errors)
        : request_(request), errors_(errors) {}

    const std::string* text(std::string_view name);
    std::size_t limit();
    // True or false; false if it is not there.
    bool flag(std::string_view name);
    std::optional<Instant> instant(std::string_view name);
    template <class SomeId>
    std::optional<SomeId> id(std::string_view name) {
        const std::string* const found = text(name);
        if (found == nullptr) return std::nullopt;
        const auto parsed = SomeId::parse(*found);
        if (!parsed) fail(name, "is no id that begins with " + std::string{SomeId::kPrefix} + "_");
        return parsed;
    }
    void fail(std::string_view name, std::string detail);
    void finish();

  private:
    const Request& request_;
    std::vector<FieldError>& errors_;
    std::vector<std::string_view> asked_;
};

Role required_role(Fields& fields);
std::string required_text(Fields& fields, std::string_view name, std::string_view accepted);

// 429: at most so many requests, or what `what` says, in a second.
Reply too_many(const Request& request, const RateLimits::Verdict& verdict, std::string_view what);

// Says in Location where a new object is: at `path`, below the server's public path.
void add_location(const Call& call, Reply& reply, const std::string& path);

// What a user does for themselves, a token of a team does not.
Reply not_for_tokens(const Call& call);

// 404: there is no `what`; `name` is how the request calls it.
Reply not_found(const Call& call, ProblemCode code, std::string_view what,
                std::string_view name = {});

}  // namespace slipway
