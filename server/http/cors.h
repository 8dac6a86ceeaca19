// Cross-origin resource sharing (the Fetch standard, 3.2): lets the pages of origins that the
// settings name use the API from a browser. Off unless there is such an origin. A page sends its
// token in Authorization; cookies play no part, and no answer allows them.

#pragma once

#include "eventlog/base/result.h"
#include "server/http/message.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

class Cors {
  public:
    Cors() = default;  // off

    // Errors: invalid: one of them is no origin as browsers spell it (https://ui.example.com: no
    // path, no port that the scheme means anyway, no capitals), or is *.
    static Result<Cors> of(std::vector<std::string> origins);

    // Whether the request asks, for a page that is allowed to, what another request may say.
    bool is_preflight(const Request& request) const {
        return request.is_preflight && allows(request.origin);
    }
    // Turns `reply` into the answer to it. `methods` are those of the path, as in Allow.
    static void answer_preflight(Reply& reply, std::string_view methods);

    // Appends the headers that each answer to `request` has, refusals and streams too.
    void append_headers(std::string& out, const Request& request) const;

  private:
    bool allows(std::string_view origin) const;

    std::vector<std::string> origins_;
};

}  // namespace slipway
