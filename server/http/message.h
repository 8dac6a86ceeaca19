// A request and its reply as the handlers see them: no sockets, no Beast. What comes off the wire
// is read in request_reader.h.

#pragma once

#include "eventlog/base/strong.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

enum class Method : std::uint8_t { get, post, put, patch, remove, other };

std::string_view name_of(Method method);

struct Request {
    Method method = Method::get;
    bool head = false;  // answer as a GET, without the body
    std::string target;
    std::string path;                                        // decoded
    std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
    std::string body;
    std::string authorization;  // a token as `Bearer TOKEN`, however that was spelled
    std::string content_type;
    std::string content_encoding;
    std::string origin;         // of the page that sends it, from a browser
    bool is_preflight = false;  // a browser asks whether that page may send another request
    std::string accept;
    std::string accept_encoding;
    std::string team;             // Slipway-Team
    std::string idempotency_key;  // Idempotency-Key
    std::string if_match;
    std::string if_none_match;
    std::string min_position;   // Slipway-Min-Position
    std::string last_event_id;  // Last-Event-ID
    std::string traceparent;    // empty if it is not one
    std::string request_id;     // taken over from the client or made; never empty

    // The first parameter of that name, or null.
    const std::string* parameter(std::string_view name) const;
};

// The body of a reply that goes on, piece by piece: as fast as its reader takes it, and never so
// much at once that others wait. It is asked for the next piece when the one before was sent.
class BodyStream {
  public:
    enum class Next {
        more,    // there may be more at once
        waits,   // nothing until the log grows, or whoever writes it has more
        ends,    // that was all
        breaks,  // what follows cannot be read: the reader must not take it for the end
    };

    virtual ~BodyStream() = default;

    // Appends a piece of about kPieceBytes at most to `out`.
    virtual Next next(std::string& out) = 0;

    // What is sent while there is nothing to send, so that both sides know the other is there.
    // Nothing: the reader may see no more, and the stream ends.
    virtual std::optional<std::string_view> heartbeat() { return std::string_view{}; }

  protected:
    static constexpr std::size_t kPieceBytes = 64 * 1024;
};

// Work that blocks, such as a sync: the disk worker does it, and no other request waits.
class Errand {
  public:
    virtual ~Errand() = default;

    virtual void run() = 0;
    // Takes back what run() made. Called by the disk worker if no handler called use().
    virtual void undo() = 0;

    void use() { is_used_ = true; }
    bool is_used() const { return is_used_; }

  private:
    bool is_used_ = false;
};

class Turn;
struct Reply;

// A reply that takes more than one turn of the io thread to make.
class LongRead {
  public:
    virtual ~LongRead() = default;

    // Goes on until the reply is made, or `turn` is over.
    virtual std::optional<Reply> go_on(const Turn& turn) = 0;
};

struct Reply {
    int status = 200;
    std::string content_type = "application/json";
    std::string_view cache_control = "no-store";  // a literal
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::shared_ptr<BodyStream> stream;  // in place of `body`, if there is one
    std::shared_ptr<LongRead> rest;      // makes the reply, if there is one; this is not sent
    bool is_head_only = false;           // to HEAD: nobody knows how long the body would be
    bool is_shown_anew = false;  // not kept with an Idempotency-Key: see show_changed_schedule()
    // Must be run first; then the handler is called again, with it in Call::errand. This is not
    // sent.
    std::shared_ptr<Errand> errand;
    // Called by the disk worker once the log is durable up to `position`; then this is sent.
    std::function<void()> before_sent;

    // It may be sent once the log is durable up to here.
    Position position;
    // The last change that it shows and that may not be durable; 0 if it shows none. Absent: what
    // the caller's team has changed.
    std::optional<Position> shows = std::nullopt;

    // Refused because a key of the issuer is not known, which is being asked for its keys: another
    // try in a moment may be answered otherwise.
    bool awaits_keys = false;

    std::string_view route = {};  // the pattern of the route that answered, if any
};

// The header Authorization, spelled in one way if it is a token: others compare it. Names of
// schemes are read in any case, and any number of spaces follows them (RFC 9110, 11.1 and 11.4).
std::string read_authorization(std::string_view value);

// Whether each element of the header `list` is `word`, in any case; so, too, if there is none.
bool lists_only(std::string_view list, std::string_view word);

// Splits `target` into path and query, decoding %XX and, in the query, +. It may be a whole URL, as
// proxies are sent (RFC 9112, 3.2.2). False if it is neither that nor a path, if it decodes to a
// control character, or if its path encodes a letter, a digit or one of - . _ ~ / \ % ? # ;
bool parse_target(std::string_view target, Request& request);

}  // namespace slipway
