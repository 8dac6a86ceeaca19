#include "server/api/api.h"

#include "eventlog/base/turn.h"
#include "server/api/problem.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <charconv>
#include <utility>

namespace slipway {

namespace asio = boost::asio;

namespace {

// Slipway-Min-Position is waited for this long.
constexpr std::chrono::seconds kMinPositionWait{5};

// A token that names a new key of the issuer is waited for this often and long: a second and a
// half.
constexpr int kKeysTries = 15;
constexpr std::chrono::milliseconds kKeysPause{100};
// So many requests wait for keys at once; each more is answered 503 without a wait, so that a flood
// of tokens with made-up keys costs neither time nor memory.
constexpr std::size_t kAwaitingKeysMax = 64;

// Returns the position that the request names, 0 if it names none, or nothing if the header is not
// a number.
std::optional<Position> min_position(const Request& request) {
    const std::string& text = request.min_position;
    Position position;
    if (text.empty()) return position;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, position.value);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return position;
}

}  // namespace

// One request on its way to a reply.
struct Api::Pending {
    Pending(asio::io_context& io, std::shared_ptr<Exchange> waits)
        : exchange(std::move(waits)), timer(io) {}

    std::shared_ptr<Exchange> exchange;
    asio::steady_timer timer;  // ends a wait
    std::unique_ptr<Answering> answering;
    std::uint64_t key_sets = 0;  // as of when the request came; see Answering
    int key_tries = 0;
};

Api::Api(asio::io_context& io, Services& services, std::span<const Route> routes)
    : io_(io),
      services_(services),
      routes_(routes),
      turns_(services.clock,
             [&io](std::function<void()> round) { asio::post(io, std::move(round)); }) {}

Api::~Api() = default;

void Api::answer(std::shared_ptr<Exchange> exchange) {
    const auto wanted = min_position(exchange->request());
    if (!wanted) {
        return exchange->reply(problem(exchange->request(), 400, "malformed_request",
                                       "Slipway-Min-Position is no position of the log"));
    }
    const auto pending = std::make_shared<Pending>(io_, std::move(exchange));
    pending->key_sets = services_.tokens.key_sets();
    if (services_.engine.state().position() >= *wanted) return begin(pending);
    wait_for(*wanted, pending);
}

void Api::wait_for(Position position, const PendingRequest& pending) {
    const auto place = waiting_.emplace(position, pending);
    pending->timer.expires_after(kMinPositionWait);
    pending->timer.async_wait([this, place, pending](boost::system::error_code error) {
        if (error) return;  // log_grew() took it out
        waiting_.erase(place);
        Reply late = problem(pending->exchange->request(), 503, "not_caught_up",
                             "the log has not come to Slipway-Min-Position yet");
        late.headers.emplace_back("Retry-After", "1");
        pending->exchange->reply(std::move(late));
    });
}

void Api::log_grew() {
    const auto end = waiting_.upper_bound(services_.engine.state().position());
    std::vector<PendingRequest> reached;
    for (auto it = waiting_.begin(); it != end;) {
        if (it->second->timer.cancel() == 0) {
            ++it;  // its time is over, and its timer is about to answer
            continue;
        }
        reached.push_back(it->second);
        it = waiting_.erase(it);
    }
    for (const PendingRequest& pending : reached) begin(pending);
}

void Api::begin(const PendingRequest& pending) {
    const Request& request = pending->exchange->request();
    pending->answering =
        std::make_unique<Answering>(request, services_, routes_, pending->key_sets);
    if (is_probe(request)) {
        while (take_turn(pending)) {
        }
        return;
    }
    ask_for_turns(pending);
}

void Api::ask_for_turns(const PendingRequest& pending) {
    turns_.ask(client_of(pending->exchange->request(), services_),
               [this, pending] { return take_turn(pending); });
}

// Returns whether there is more to do.
bool Api::take_turn(const PendingRequest& pending) {
    if (!pending->exchange->is_open() && !pending->answering->had_errand()) return false;
    auto reply = pending->answering->go_on(Turn{services_.clock});
    if (auto errand = pending->answering->take_errand()) {
        services_.disk_worker.ask([errand = std::move(errand)] { errand->run(); },
                                  [this, pending] { ask_for_turns(pending); });
        return false;
    }
    if (!reply) return true;
    pending->answering.reset();
    if (reply->awaits_keys && wait_for_keys(pending)) return false;
    pending->exchange->reply(std::move(*reply));
    return false;
}

// Answers once more after a pause, or returns false if it has waited long enough.
bool Api::wait_for_keys(const PendingRequest& pending) {
    if (pending->key_tries == kKeysTries || awaiting_keys_ == kAwaitingKeysMax) return false;
    ++pending->key_tries;
    ++awaiting_keys_;
    pending->timer.expires_after(kKeysPause);
    pending->timer.async_wait([this, pending](boost::system::error_code) {
        --awaiting_keys_;
        begin(pending);
    });
    return true;
}

Reply Api::refuse(const Request& request, const Refusal& refusal) {
    if (refusal.status == 503) return overloaded(request, refusal.detail);
    return problem(request, refusal.status, refusal, refusal.detail);
}

Reply Api::refuse(const Request& request, const Error& error) {
    return problem(request, error);
}

void Api::when_sendable(const Reply& reply, std::function<void(const Result<void>&)> done) {
    if (!reply.before_sent) return services_.engine.when_durable(reply.position, std::move(done));
    services_.engine.when_durable(
        reply.position,
        [this, before = reply.before_sent, done = std::move(done)](const Result<void>& durable) {
            if (!durable) return done(durable);
            services_.disk_worker.ask(before, [done] { done({}); });
        });
}

bool Api::is_draining() const {
    return services_.draining;
}

void Api::answered(std::string_view route, std::string_view method, int status,
                   std::chrono::nanoseconds took) {
    services_.figures.answered(route, method, status, took);
}

void Api::handshake_failed() {
    services_.figures.handshake_failed();
}

}  // namespace slipway
