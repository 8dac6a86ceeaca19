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

#include <memory>
#include <string>

namespace slipway {

struct Question {
    std::string method;
    std::string target;  // path and query
    std::string body;    // JSON, or nothing
    HttpHeaders headers;
};

class ApiConnection {
  public:
    ApiConnection(const Settings& settings, std::string idempotency_key);
    ~ApiConnection();
    ApiConnection(const ApiConnection&) = delete;
    ApiConnection& operator=(const ApiConnection&) = delete;

    // Errors: unavailable.
    Result<HttpResponse> ask(const Question& question);

  private:
    struct Wire;

    Settings settings_;
    std::string idempotency_key_;
    std::unique_ptr<Wire> wire_;
};

}  // namespace slipway
