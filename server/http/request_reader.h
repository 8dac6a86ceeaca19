// A RequestReader reads requests off the bytes of a connection, one after another. Beast parses
// them; it does not defend, so what it takes and RFC 9112 forbids is refused here, and so is what
// is too large. It knows no socket and no time-out: bytes go in, and out comes a Request, or a
// Refusal.
//
//     next() ─► needs_bytes ─► has_head ─► needs_bytes ─► has_request ─► next()
//                    │  (without a body: has_request)          │
//                    └──────────────► refused ◄────────────────┘
//
// Not thread-safe.

#pragma once

#include "eventlog/base/clock.h"
#include "server/http/handler.h"
#include "server/http/message.h"

#include <memory>
#include <span>

namespace slipway {

inline constexpr std::size_t kHeadBytesMax = 16 * 1024;
inline constexpr std::size_t kHeadersMax = 100;  // as other servers: more are a flood of tiny ones
inline constexpr std::size_t kBodyBytesMax = 1024 * 1024;
inline constexpr std::size_t kTargetBytesMax = 8 * 1024;

// Of a body in chunks: what stands around them may be longer than they are. A line of it, and the
// trailers together, may be as long as the first; all that is read as the second.
inline constexpr std::size_t kChunkHeadBytesMax = 4 * 1024;
inline constexpr std::size_t kChunkedBytesMax = 4 * kBodyBytesMax;

class RequestReader {
  public:
    enum class Step {
        needs_bytes,
        has_head,     // request() is there but for its body, which is read on from here
        has_request,  // request() is there
        refused,      // refusal() says why; nobody knows where another request would begin
    };

    RequestReader(IdSource& ids, const Clock& clock);
    ~RequestReader();

    // Where bytes go that come next, at least one; filled() says how many came.
    std::span<char> room();
    void filled(std::size_t bytes);

    // Reads on in the bytes there are. Requires: next() was called after has_request.
    Step read();

    // Forgets the request. What has come of the next one stays.
    void next();

    const Request& request() const { return request_; }
    const Refusal& refusal() const { return refusal_; }

    // Of a request whose head was read.
    bool keeps_alive() const;
    bool is_http_1_0() const;
    bool waits_to_be_told() const;        // to send its body (Expect: 100-continue)
    std::size_t announced_bytes() const;  // of its body; 0 if it does not say
    std::size_t body_bytes() const;       // that its body takes, so far

    void forget_body();   // it was looked at
    void forget_bytes();  // those that came and are not read

    // A request that is refused unread has an id, too.
    void name_request();

  private:
    struct Wire;

    Step read_head();
    Step read_body();
    Step finish();
    Step refuse(int status, std::string detail);
    void take_head();
    Step check_head();

    IdSource& ids_;
    const Clock& clock_;
    std::unique_ptr<Wire> wire_;
    Request request_;
    Refusal refusal_;
};

}  // namespace slipway
