#include "server/http/request_reader.h"

#include "eventlog/base/quote.h"
#include "server/http/head_scan.h"
#include "server/http/host.h"

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <optional>

namespace slipway {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

constexpr std::size_t kRequestIdMax = 128;

// What is read at once: of a head or a small body, and of a body that has shown to be large. Many
// connections may wait for bytes that never come.
constexpr std::size_t kRoom = 2 * 1024;
constexpr std::size_t kLargeRoom = 16 * 1024;
// A connection that waits for a request keeps no more than this.
constexpr std::size_t kKeptRoom = 4 * 1024;

// As http::string_body, but that it takes memory for what came, not for what was announced.
struct GrowingBody {
    using value_type = std::string;

    class reader {  // NOLINT(readability-identifier-naming): the name that Beast asks for
      public:
        template <bool IsRequest, class Fields>
        reader(http::header<IsRequest, Fields>&, std::string& body) : body_(body) {}

        void init(const boost::optional<std::uint64_t>&, boost::system::error_code& error) {
            error = {};
        }
        template <class Buffers>
        std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
            error = {};
            std::size_t size = 0;
            for (const boost::asio::const_buffer part : beast::buffers_range_ref(buffers)) {
                body_.append(static_cast<const char*>(part.data()), part.size());
                size += part.size();
            }
            return size;
        }
        void finish(boost::system::error_code& error) { error = {}; }

      private:
        std::string& body_;
    };
};

// What stands beside the length of a chunk means nothing here; but where its line ends, all must
// agree, and Beast lets a quoted text have any byte.
constexpr std::size_t kLastChunkBytes = 5;  // 0, and twice the end of a line

struct RefuseControlsOfChunk {
    void operator()(std::uint64_t, beast::string_view extension, boost::system::error_code& error) {
        const bool is_good = std::all_of(extension.begin(), extension.end(), [](char c) {
            return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) || c == '\t';
        });
        if (!is_good) error = http::error::bad_chunk_extension;
    }
};

using Parser = http::request_parser<GrowingBody>;
using Head = Parser::value_type;
using ErrorCodeOf = boost::system::error_code;

Method method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get:
        case http::verb::head:
            return Method::get;
        case http::verb::post:
            return Method::post;
        case http::verb::put:
            return Method::put;
        case http::verb::patch:
            return Method::patch;
        case http::verb::delete_:
            return Method::remove;
        default:
            return Method::other;
    }
}

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

// The value of a header that is a list: its lines are as good as one (RFC 9110, 5.3).
std::string list_of(const Head& head, http::field name) {
    const auto lines = head.equal_range(name);
    std::string list;
    for (auto at = lines.first; at != lines.second; ++at) {
        if (at != lines.first) list += ", ";
        list += view(at->value());
    }
    return list;
}

// What Beast accepts and RFC 9112 does not, or what of two a proxy may have looked at the other of;
// nothing if the head is good.
std::optional<std::string> smuggling(const Head& head) {
    const std::size_t hosts = head.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && head.version() >= 11)) {
        return "there must be one Host header; there are " + std::to_string(hosts);
    }
    if (hosts == 1 && !is_host(view(head[http::field::host]))) {
        return "Host is no host, or a host and a port";
    }
    const auto encodings = head.equal_range(http::field::transfer_encoding);
    for (auto at = encodings.first; at != encodings.second; ++at) {
        if (head.version() < 11) return "HTTP/1.0 has no Transfer-Encoding";
        if (!beast::iequals(at->value(), "chunked")) {
            return "Transfer-Encoding is not supported unless it is chunked";
        }
    }
    const auto length = view(head[http::field::content_length]);
    if (!std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return "Content-Length is not one number";
    }
    for (const std::string_view name :
         {"Authorization", "Content-Length", "Content-Type", "Idempotency-Key", "Slipway-Team"}) {
        if (head.count({name.data(), name.size()}) > 1) {
            return "the header " + std::string{name} + " stands twice";
        }
    }
    return std::nullopt;
}

// What a header says of which there are `lines`. One that is there and says nothing is a mistake
// and no wish: a variable that was not set must not take away what it was to protect. A blank
// stands for it, which is no key and no tag.
std::string or_empty(std::string value, std::size_t lines) {
    return value.empty() && lines > 0 ? " " : std::move(value);
}

bool is_request_id(std::string_view id) {
    return !id.empty() && id.size() <= kRequestIdMax &&
           std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// W3C Trace Context: version-trace-parent-flags. One that is not well-formed is as good as none.
bool is_traceparent(std::string_view text) {
    constexpr std::string_view kForm = "00-00000000000000000000000000000000-0000000000000000-00";
    if (text.size() != kForm.size() || text.starts_with("ff")) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (kForm[i] == '-' ? text[i] != '-' : !hex) return false;
    }
    return true;
}

std::string_view code_of(int status) {
    switch (status) {
        case 413:
            return "body_too_large";
        case 414:
            return "target_too_long";
        case 417:
            return "expectation_failed";
        case 431:
            return "headers_too_large";
        default:
            return "malformed_request";
    }
}

}  // namespace

struct RequestReader::Wire {
    beast::flat_buffer buffer;
    HeadScan scan;
    RefuseControlsOfChunk of_chunk;
    std::optional<Parser> parser;  // once the head is whole
    std::size_t body_wire_bytes = 0;

    std::string_view bytes() const {
        const auto data = buffer.data();
        return {static_cast<const char*>(data.data()), data.size()};
    }
};

RequestReader::RequestReader(IdSource& ids, const Clock& clock)
    : ids_(ids), clock_(clock), wire_(std::make_unique<Wire>()) {}

RequestReader::~RequestReader() = default;

std::span<char> RequestReader::room() {
    const auto area = wire_->buffer.prepare(body_bytes() > kLargeRoom ? kLargeRoom : kRoom);
    return {static_cast<char*>(area.data()), area.size()};
}

void RequestReader::filled(std::size_t bytes) {
    wire_->buffer.commit(bytes);
}

RequestReader::Step RequestReader::read() {
    return wire_->parser ? read_body() : read_head();
}

void RequestReader::next() {
    wire_->parser.reset();
    wire_->scan = {};
    wire_->body_wire_bytes = 0;
    if (wire_->buffer.capacity() > kKeptRoom) wire_->buffer.shrink_to_fit();
    forget_body();
    request_ = Request{};
}

bool RequestReader::keeps_alive() const {
    return wire_->parser && wire_->parser->get().keep_alive();
}

bool RequestReader::is_http_1_0() const {
    return wire_->parser->get().version() < 11;
}

bool RequestReader::waits_to_be_told() const {
    // HTTP/1.0 knows no answer before the answer (RFC 9110, 10.1.1).
    return !is_http_1_0() && wire_->parser->get().count(http::field::expect) > 0;
}

std::size_t RequestReader::announced_bytes() const {
    return static_cast<std::size_t>(wire_->parser->content_length().value_or(0));
}

std::size_t RequestReader::body_bytes() const {
    return wire_->parser ? wire_->parser->get().body().capacity() : 0;
}

void RequestReader::forget_bytes() {
    wire_->buffer.clear();
    wire_->buffer.shrink_to_fit();
}

void RequestReader::forget_body() {
    std::string{}.swap(request_.body);  // whatever is assigned keeps its room
}

void RequestReader::name_request() {
    if (!is_request_id(request_.request_id)) {
        request_.request_id = base32_of(ids_.next(clock_.now()));
    }
}

RequestReader::Step RequestReader::refuse(int status, std::string detail) {
    name_request();
    refusal_ = {status, code_of(status), std::move(detail)};
    return Step::refused;
}

RequestReader::Step RequestReader::read_head() {
    const std::string_view bytes = wire_->bytes();
    // Also what is refused unread is answered without a body, if that was asked for.
    request_.head = bytes.starts_with("HEAD ");
    const std::size_t length = wire_->scan.look(bytes.substr(0, kHeadBytesMax));
    if (!wire_->scan.flaw().empty()) return refuse(400, std::string{wire_->scan.flaw()});
    if (wire_->scan.headers() > kHeadersMax) {
        return refuse(431, "at most " + std::to_string(kHeadersMax) + " headers");
    }
    if (length == 0) {
        if (bytes.size() >= kHeadBytesMax) return refuse(431, "at most 16 KiB");
        return Step::needs_bytes;
    }
    Parser& parser = wire_->parser.emplace();
    parser.header_limit(kHeadBytesMax + 1);
    parser.body_limit(kBodyBytesMax);
    parser.on_chunk_header(wire_->of_chunk);
    wire_->buffer.consume(wire_->scan.skipped());
    ErrorCodeOf error;
    wire_->buffer.consume(parser.put(
        boost::asio::buffer(wire_->buffer.data(), length - wire_->scan.skipped()), error));
    take_head();
    if (error == http::error::body_limit) return refuse(413, "at most 1 MiB");
    if (error) return refuse(400, error.message());
    return check_head();
}

// What can be said of the request before its body is read, or as far as its head could be.
void RequestReader::take_head() {
    const Head& head = wire_->parser->get();
    request_.method = method_of(head.method());
    request_.head = head.method() == http::verb::head;
    request_.authorization = read_authorization(view(head[http::field::authorization]));
    request_.content_type = view(head[http::field::content_type]);
    request_.content_encoding = list_of(head, http::field::content_encoding);
    if (head.count(http::field::origin) == 1) request_.origin = view(head[http::field::origin]);
    request_.is_preflight = head.method() == http::verb::options &&
                            head.count(http::field::access_control_request_method) > 0;
    request_.accept = list_of(head, http::field::accept);
    request_.accept_encoding = list_of(head, http::field::accept_encoding);
    request_.if_match =
        or_empty(list_of(head, http::field::if_match), head.count(http::field::if_match));
    request_.if_none_match = list_of(head, http::field::if_none_match);
    request_.last_event_id = view(head["Last-Event-ID"]);
    request_.team = view(head["Slipway-Team"]);
    request_.idempotency_key =
        or_empty(std::string{view(head["Idempotency-Key"])}, head.count("Idempotency-Key"));
    request_.min_position = view(head["Slipway-Min-Position"]);
    if (const auto parent = view(head["traceparent"]); is_traceparent(parent)) {
        request_.traceparent = parent;
    }
    request_.request_id = view(head["X-Request-Id"]);
    name_request();
}

RequestReader::Step RequestReader::check_head() {
    const Head& head = wire_->parser->get();
    if (const auto why = smuggling(head)) return refuse(400, std::string{*why});
    if (head.target().size() > kTargetBytesMax) {
        return refuse(414, "at most " + std::to_string(kTargetBytesMax) + " bytes");
    }
    const std::string expected = list_of(head, http::field::expect);
    if (!lists_only(expected, "100-continue")) {
        return refuse(
            417, "Expect is " + shortened(expected) + "; 100-continue is all that may be expected");
    }
    return wire_->parser->is_done() ? finish() : Step::has_head;
}

RequestReader::Step RequestReader::read_body() {
    Wire& wire = *wire_;
    Parser& parser = *wire.parser;
    while (!parser.is_done()) {
        // Beast wants to see the last chunk whole, and before it there is never less to come.
        const std::size_t least = parser.chunked() ? kLastChunkBytes : 1;
        if (wire.buffer.size() < least) return Step::needs_bytes;
        ErrorCodeOf error;
        const std::size_t used = parser.put(wire.buffer.data(), error);
        wire.buffer.consume(used);
        wire.body_wire_bytes += used;
        if (error == http::error::body_limit) return refuse(413, "at most 1 MiB");
        if (error && error != http::error::need_more) return refuse(400, error.message());
        if (wire.body_wire_bytes > kChunkedBytesMax) {
            return refuse(413, "there is more around its chunks than in them");
        }
        if (error || used == 0) {
            if (wire.buffer.size() <= kChunkHeadBytesMax) return Step::needs_bytes;
            return refuse(400, "the head of a chunk, or the trailers, have more than 4 KiB");
        }
    }
    return finish();
}

RequestReader::Step RequestReader::finish() {
    request_.body = std::move(wire_->parser->get().body());
    const std::string target{view(wire_->parser->get().target())};
    if (parse_target(target, request_)) return Step::has_request;
    return refuse(400,
                  "the request target is " + shortened(target) +
                      "; a path is accepted, in which no letter, digit or any of - . _ ~ / \\ % "
                      "? # ; is encoded");
}

}  // namespace slipway
