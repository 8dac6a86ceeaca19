// An ApiConnection sends one request after the other to a server and waits for each answer. What
// changes something carries an Idempotency-Key, so that it may be sent again: without an answer,
// and where the server says that it is not able now (429, 503), a request is sent up to three
// times.
//
// Not thread-safe.

#pragma once

#include "eventlog/base/http_client.h"
#include "eventlog/base/result.h"
#include "tools/client/settings.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace slipway {

struct Question {
    std::string method;
    std::string target;  // path and query
    std::string body;    // JSON, or nothing
    HttpHeaders headers;
};

class ApiConnection {
  public:
    using OnPiece = std::function<bool(const HttpResponse& head, std::string_view piece)>;

    ApiConnection(const Settings& settings, std::string idempotency_key);
    ~ApiConnection();
    ApiConnection(const ApiConnection&) = delete;
    ApiConnection& operator=(const ApiConnection&) = delete;

    // The answer, without the line end of its body. Errors: unavailable.
    Result<HttpResponse> ask(const Question& question);

    // As ask(), for an answer that goes on: `on_piece` is shown a good one as it comes, however
    // long that takes, and says when it has enough (see HttpRequest). It is sent again only while
    // nothing was shown. Errors: unavailable; also for an answer that broke off.
    Result<HttpResponse> follow(const Question& question, const OnPiece& on_piece);

  private:
    struct Wire;

    Result<HttpResponse> send(const Question& question, const OnPiece& on_piece);

    Settings settings_;
    std::string idempotency_key_;
    std::unique_ptr<Wire> wire_;
};

// The type of its content, without parameters; "" if it does not say.
std::string media_of(const HttpResponse& response);

}  // namespace slipway
