// An HttpClient for tests: it keeps what is sent, and answers when the test says so.

#pragma once

#include "eventlog/base/check.h"
#include "eventlog/base/http_client.h"

#include <map>
#include <string>
#include <vector>

namespace slipway {

class ScriptedHttpClient : public HttpClient {
  public:
    std::uint64_t send(HttpRequest request, Done done) override {
        requests.push_back(std::move(request));
        open_[requests.size()] = std::move(done);
        return requests.size();
    }
    void cancel(std::uint64_t call) override {
        cancelled.push_back(call);
        open_.erase(call);
    }

    // Answers the `call`th request, from 1.
    void answer(std::uint64_t call, std::variant<HttpResponse, HttpError> with) {
        const auto at = open_.find(call);
        CHECK(at != open_.end());
        const Done done = std::move(at->second);
        open_.erase(at);
        done(std::move(with));
    }
    std::size_t open() const { return open_.size(); }

    std::vector<HttpRequest> requests;
    std::vector<std::uint64_t> cancelled;

  private:
    std::map<std::uint64_t, Done> open_;
};

}  // namespace slipway
