// The port for calls to other servers. An HttpClient sends requests and answers each once, with a
// response or with the reason why there is none. A request leaves at most once: the client follows
// no redirect and repeats nothing. It knows no policy: the caller decides what an answer means.
//
// Not thread-safe: all calls and all answers belong to one thread.

#pragma once

#include "eventlog/base/time.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace slipway {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpResponse;

struct HttpRequest {
    std::string method;  // in upper case
    std::string url;
    HttpHeaders headers;
    std::string body;
    // For all of it, from the look-up of the name to the last byte. A look-up that takes longer
    // goes on until the system's resolver gives it up; the request is answered then.
    Millis timeout{30'000};
    std::size_t response_bytes_max = 64 << 10;  // headers and body together

    // If it is set, the head of an answer decides: once the head is complete, the request is
    // answered, whatever becomes of the body. The body is read for at most this long, and up to
    // response_bytes_max; a missing rest is no error. Headers that go over response_bytes_max are
    // cut there: the status is known.
    std::optional<Millis> body_timeout = {};

    // For an answer that goes on. If it is set, it is shown the body of a 2xx answer as it comes,
    // piece by piece, with all that came before it; the response then has no body, the body no
    // limit, and `timeout` is for each silence before it and within. The next piece is not read
    // before it returns; false ends the answer there, as if that were all. It may not call the
    // client.
    std::function<bool(const HttpResponse& head, std::string_view piece)> on_piece = {};
};

struct HttpResponse {
    int status = 0;
    HttpHeaders headers;  // names in lower case, in the order they came
    std::string body;

    // The value of the first header of that name (in lower case), or nothing.
    const std::string* header(std::string_view name) const {
        for (const auto& [known, value] : headers) {
            if (known == name) return &value;
        }
        return nullptr;
    }
};

enum class HttpFailure {
    connect_failed,      // no name, no route, no connection, no trusted certificate
    timed_out,           // no complete answer within the limit
    connection_lost,     // ended, or broke the protocol, before the answer was complete
    address_refused,     // by the address filter
    invalid_request,     // the request cannot be sent at all
    response_too_large,  // the answer went over response_bytes_max
};

struct HttpError {
    HttpFailure failure = HttpFailure::connect_failed;
    bool sent = false;  // whether any byte of the request may have reached the target
    std::string message;
};

class HttpClient {
  public:
    using Answer = std::variant<HttpResponse, HttpError>;
    using Done = std::function<void(Answer)>;

    virtual ~HttpClient() = default;

    // Sends `request`, and returns a number for cancel(), never 0 and never used again. `done` is
    // called once, and never before send() has returned. It may call send() and cancel().
    virtual std::uint64_t send(HttpRequest request, Done done) = 0;

    // Gives the request up; its `done` is not called any more. It is not an error if it was already
    // answered.
    virtual void cancel(std::uint64_t request) = 0;
};

}  // namespace slipway
